//! Matrices on declared meshes: by hand, renumbered, shared, with vectors and with `sprs`.

use op2_core::base::config::Settings;
use op2_core::base::error::Result;
use op2_core::base::layout::Layout;
use op2_core::context::Context;
use op2_core::matrix::algebra::read_matrix_market;
use op2_core::matrix::mat::Mat;
use op2_core::matrix::operator::{LinearOperator, MatrixFree};
use op2_core::matrix::sparsity::Sparsity;
use op2_core::mesh::dat::Dat;
use op2_core::mesh::map::Map;
use op2_core::mesh::reorder::Reorder;
use op2_core::mesh::set::{Set, SetMarker};

struct Nodes;
struct Cells;
impl SetMarker for Nodes {
    const NAME: &'static str = "nodes";
}
impl SetMarker for Cells {
    const NAME: &'static str = "cells";
}

/// The two triangles of `PyOP2`'s tests.
const POINTS: [[f64; 2]; 4] = [[0.0, 0.0], [2.0, 0.0], [1.0, 1.0], [0.0, 1.5]];
const TRIANGLES: [[u32; 3]; 2] = [[0, 1, 3], [2, 3, 1]];
const MASS: [[f64; 4]; 4] = [
    [0.25, 0.125, 0.0, 0.125],
    [0.125, 7.0 / 24.0, 1.0 / 48.0, 7.0 / 48.0],
    [0.0, 1.0 / 48.0, 1.0 / 24.0, 1.0 / 48.0],
    [0.125, 7.0 / 48.0, 1.0 / 48.0, 7.0 / 24.0],
];

struct Mesh {
    cx: Context,
    nodes: Set<Nodes>,
    cell_nodes: Map<Cells, Nodes, 3>,
}

fn mesh() -> Result<Mesh> {
    let cx = Context::new(Settings { threads: Some(2), ..Settings::default() }, None)?;
    let nodes = cx.set::<Nodes>(4)?;
    let cells = cx.set::<Cells>(2)?;
    let cell_nodes = cx.map("cell_nodes", &cells, &nodes, TRIANGLES)?;
    Ok(Mesh { cx, nodes, cell_nodes })
}

impl Mesh {
    fn sparsity(&self) -> Result<Sparsity<Nodes, Nodes>> {
        Sparsity::new(&[(&self.cell_nodes, &self.cell_nodes)])
    }

    /// The mass matrix, added triangle by triangle in the user's numbering.
    fn mass(&self) -> Result<Mat<Nodes, Nodes, f64>> {
        self.mass_as("mass")
    }

    fn mass_as(&self, name: &str) -> Result<Mat<Nodes, Nodes, f64>> {
        let mass = Mat::declare(name, &self.sparsity()?)?;
        let mut guard = mass.write()?;
        for nodes in TRIANGLES {
            guard.add_tensor(&nodes, &nodes, &local_mass(nodes))?;
        }
        drop(guard);
        Ok(mass)
    }
}

fn local_mass(nodes: [u32; 3]) -> [[f64; 3]; 3] {
    let [a, b, c] = nodes.map(|node| POINTS[node as usize]);
    let area = 0.5 * ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]));
    std::array::from_fn(|i| std::array::from_fn(|j| area / if i == j { 6.0 } else { 12.0 }))
}

fn assert_dense(mat: &Mat<Nodes, Nodes, f64>, expected: &[[f64; 4]; 4]) -> Result<()> {
    let guard = mat.read()?;
    for (row, expected) in (0..).zip(expected) {
        for (col, expected) in (0..).zip(expected) {
            let found = guard.get(row, col).copied().unwrap_or(0.0);
            assert!((found - expected).abs() < 1e-14, "({row}, {col}): {found}, not {expected}");
        }
    }
    Ok(())
}

#[test]
fn the_mass_matrix_is_that_of_the_textbook() -> Result<()> {
    let mass = mesh()?.mass()?;
    assert_eq!(mass.num_entries(), 14);
    assert_dense(&mass, &MASS)
}

#[test]
fn rows_are_zeroed_by_number_and_by_subset() -> Result<()> {
    let mesh = mesh()?;
    let mass = mesh.mass()?;
    mass.zero_rows(&[0], 12.0)?;
    let mut expected = MASS;
    expected[0] = [12.0, 0.0, 0.0, 0.0];
    assert_dense(&mass, &expected)?;
    let rest = mesh.cx.subset("rest", &mesh.nodes, vec![3, 1, 2])?;
    mass.zero_rows(&rest, 0.0)?;
    expected[1..].fill([0.0; 4]);
    assert_dense(&mass, &expected)?;
    let error = mass.zero_rows(&vec![1, 4], 1.0).unwrap_err().to_string();
    assert!(error.contains("row `4`: it is not in set `nodes` of 4"), "{error}");
    Ok(())
}

#[test]
fn an_entry_outside_the_pattern_is_named_with_its_row_and_column() -> Result<()> {
    let mass = mesh()?.mass()?;
    let expected = "mat `mass`: row 0 (of `nodes`) has no entry in column 2 (of `nodes`)";
    for error in [mass.get(0, 2).unwrap_err(), mass.set(0, 2, 1.0).unwrap_err()] {
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let tensor = [[1.0; 2]; 2];
    let error = mass.write()?.add_tensor(&[3, 0], &[3, 2], &tensor).unwrap_err();
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_dense(&mass, &MASS)?;
    let error = mass.add(7, 0, 1.0).unwrap_err().to_string();
    assert!(error.contains("7 is not in set `nodes` of 4"), "{error}");
    Ok(())
}

#[test]
fn guards_keep_readers_and_writers_apart() -> Result<()> {
    let mass = mesh()?.mass()?;
    let reading = mass.read()?;
    let again = mass.read()?;
    assert!(mass.scale(2.0).unwrap_err().to_string().contains("a guard from `read()` is alive"));
    assert!(mass.core().blocked().is_some());
    drop((reading, again));
    let writing = mass.write()?;
    assert!(mass.read().is_err() && mass.assemble().is_err() && mass.get(0, 0).is_err());
    drop(writing);
    assert!(mass.core().blocked().is_none());
    mass.scale(2.0)
}

#[test]
fn what_was_assembled_stays_as_it_was() -> Result<()> {
    let mass = mesh()?.mass()?;
    let before: sprs::CsMatViewI<'_, f64, u32> = mass.assemble()?.csr();
    let same = mass.assemble()?.csr();
    assert!(std::ptr::eq(before.data(), same.data()), "no copy while nothing changes");
    mass.set(0, 0, 100.0)?;
    let after = mass.clone().assemble()?.csr().get(0, 0).copied();
    assert_eq!((before.get(0, 0), after), (Some(&0.25), Some(100.0)));
    assert_eq!(mass.assemble()?.csr().get(0, 0), Some(&100.0));
    Ok(())
}

#[test]
fn boundary_values_are_eliminated_and_the_solution_stays() -> Result<()> {
    let mesh = mesh()?;
    let mass = mesh.mass()?;
    let solution = mesh.cx.dat("solution", &mesh.nodes, [1.0, 2.0, 3.0, 4.0])?;
    let rhs: Dat<Nodes, f64> = mesh.cx.dat_zeros("rhs", &mesh.nodes)?;
    mass.multiply(&solution, &rhs)?;
    let expected = [1.0, 65.0 / 48.0, 0.25, 79.0 / 48.0];
    assert!(rhs.read()?.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14));

    mass.eliminate(&[1, 3], &solution, &rhs, 1.0)?;
    let residual: Dat<Nodes, f64> = mesh.cx.dat_zeros("residual", &mesh.nodes)?;
    mass.multiply(&solution, &residual)?;
    assert!(residual.read()?.iter().zip(rhs.read()?.iter()).all(|(a, b)| (a - b).abs() < 1e-14));
    assert_eq!((mass.get(1, 1)?, mass.get(1, 0)?, mass.get(0, 1)?), (1.0, 0.0, 0.0));
    assert_eq!((rhs.read()?[1], rhs.read()?[3]), (2.0, 4.0));
    assert!(mass.eliminate(&[1], &rhs, &rhs, 1.0).is_err());
    Ok(())
}

/// Users see their numbering whatever the storage, before and after a renumbering.
#[test]
fn a_renumbered_mesh_gives_the_same_matrix() -> Result<()> {
    let (plain, renumbered) = (mesh()?, mesh()?);
    let stale = renumbered.mass_as("stale")?;
    renumbered.cx.reorder(&Reorder::cuthill_mckee(&renumbered.cell_nodes))?;
    assert!(renumbered.nodes.permutation().is_some());
    let error = stale.scale(2.0).unwrap_err().to_string();
    assert!(error.contains("renumbered"), "{error}");

    let (a, b) = (plain.mass()?, renumbered.mass_as("again")?);
    assert_dense(&b, &MASS)?;
    assert_eq!(a.assemble()?.pattern(), b.assemble()?.pattern());
    let csr = a.to_csr()?;
    b.zero()?;
    b.load(&csr.view())?;
    assert_dense(&b, &MASS)?;
    b.zero_rows(&[0], 1.0)?;
    assert_eq!((b.get(0, 0)?, b.get(0, 1)?, b.get(1, 1)?), (1.0, 0.0, 7.0 / 24.0));

    let x = renumbered.cx.dat("x", &renumbered.nodes, [1.0, 2.0, 3.0, 4.0])?;
    let y: Dat<Nodes, f64> = renumbered.cx.dat_zeros("y", &renumbered.nodes)?;
    b.load(&csr.view())?;
    b.multiply(&x, &y)?;
    assert!((y.read()?[2] - 0.25).abs() < 1e-14, "{:?}", y.to_vec()?);
    Ok(())
}

#[test]
fn blocks_multiply_vectors_in_either_layout() -> Result<()> {
    let mesh = mesh()?;
    let blocks: Mat<Nodes, Nodes, [[f64; 2]; 2]> = Mat::declare("blocks", &mesh.sparsity()?)?;
    blocks.set(0, 1, [[1.0, 2.0], [3.0, 4.0]])?;
    blocks.set(3, 3, [[0.0, 1.0], [0.0, 0.0]])?;
    let rows = [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]];
    for layout in [Layout::Aos, Layout::Soa] {
        let x = Dat::declare(&format!("x {layout}"), &mesh.nodes, Some(&rows), layout)?;
        let y: Dat<Nodes, [f64; 2]> =
            Dat::declare(&format!("y {layout}"), &mesh.nodes, None, layout)?;
        blocks.multiply(&x, &y)?;
        assert_eq!(y.to_vec()?, [[42.0, 86.0], [0.0; 2], [0.0; 2], [40.0, 0.0]]);
        blocks.multiply_transposed(&x, &y)?;
        assert_eq!(y.to_vec()?, [[0.0; 2], [31.0, 42.0], [0.0; 2], [0.0, 4.0]]);
    }
    let numbers = blocks.to_numbers()?;
    assert_eq!((numbers.shape(), numbers.get(1, 3)), ((8, 8), Some(&4.0)));
    let transposed = blocks.transpose("transposed")?;
    assert_eq!(transposed.get(1, 0)?, [[1.0, 3.0], [2.0, 4.0]]);
    Ok(())
}

#[test]
fn matrices_of_one_pattern_add_and_diagonals_move() -> Result<()> {
    let mesh = mesh()?;
    let (a, b) = (mesh.mass()?, mesh.mass_as("b")?);
    a.axpy(-1.0, &b)?;
    assert_eq!(a.frobenius_norm()?, 0.0);
    b.axpy(1.0, &b)?;
    assert!((b.get(0, 0)? - 0.5).abs() < 1e-15);
    let diagonal = mesh.cx.dat("diagonal", &mesh.nodes, [1.0, 2.0, 3.0, 4.0])?;
    a.set_diagonal(&diagonal)?;
    assert_eq!((a.one_norm()?, a.inf_norm()?), (4.0, 4.0));
    b.diagonal(&diagonal)?;
    assert!((diagonal.read()?[2] - 1.0 / 12.0).abs() < 1e-15);
    let other = Mat::declare("other", &Sparsity::from_list(&mesh.nodes, &mesh.nodes, &[])?)?;
    let error = a.axpy(1.0, &other).unwrap_err().to_string();
    assert!(error.contains("another pattern"), "{error}");
    Ok(())
}

#[test]
fn matrix_market_files_come_back() -> Result<()> {
    let mesh = mesh()?;
    let mass = mesh.mass()?;
    let mut file = Vec::new();
    mass.write_matrix_market(&mut file)?;
    let read = read_matrix_market::<f64>(&mut file.as_slice())?;
    assert_eq!(read, mass.to_csr()?);
    mass.zero()?;
    mass.load(&read.view())?;
    assert_dense(&mass, &MASS)
}

#[test]
fn operators_are_matrices_or_functions() -> Result<()> {
    fn twice<S>(
        a: &impl LinearOperator<Dat<S, f64>>,
        x: &Dat<S, f64>,
        y: &Dat<S, f64>,
    ) -> Result<()> {
        a.apply(x, y)?;
        a.apply(y, x)
    }
    let mesh = mesh()?;
    let mass = mesh.mass()?;
    let x = mesh.cx.dat("x", &mesh.nodes, [1.0; 4])?;
    let y: Dat<Nodes, f64> = mesh.cx.dat_zeros("y", &mesh.nodes)?;
    twice(&mass, &x, &y)?;
    let by_matrix = x.to_vec()?;
    x.write()?.fill(1.0);
    let size = LinearOperator::<Dat<Nodes, f64>>::size(&mass);
    let free =
        MatrixFree::new(size, |x: &Dat<Nodes, f64>, y: &Dat<Nodes, f64>| mass.multiply(x, y));
    twice(&free, &x, &y)?;
    assert_eq!(x.to_vec()?, by_matrix);
    let elsewhere = mesh.cx.set::<Nodes>(4)?;
    let foreign = mesh.cx.dat("foreign", &elsewhere, [0.0; 4])?;
    let error = mass.multiply(&foreign, &y).unwrap_err().to_string();
    assert!(error.contains("dat `foreign`: it lives on set `nodes#2` of 4"), "{error}");
    assert!(mass.multiply(&x, &x).is_err());
    let guard = x.write()?;
    assert!(mass.multiply(&x, &y).is_err());
    drop(guard);
    Ok(())
}
