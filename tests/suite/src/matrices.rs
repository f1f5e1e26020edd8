//! Loops that fill matrices: whole tensors, single entries, blocks, masks. On two triangles, with the
//! numbers known.

use op2::prelude::*;
use op2::solve::precond::Jacobi;
use op2::solve::{CgOptions, ResidualNorm, cg};

use crate::meshes::{Cells, Edges, Nodes};
use crate::target::Target;

/// Four nodes and two triangles, as in `PyOP2`'s tests.
const POINTS: [[f64; 2]; 4] = [[0.0, 0.0], [2.0, 0.0], [1.0, 1.0], [0.0, 1.5]];
const TRIANGLES: [[u32; 3]; 2] = [[0, 1, 3], [2, 3, 1]];
const MASS: [[f64; 4]; 4] = [
    [0.25, 0.125, 0.0, 0.125],
    [0.125, 7.0 / 24.0, 1.0 / 48.0, 7.0 / 48.0],
    [0.0, 1.0 / 48.0, 1.0 / 24.0, 1.0 / 48.0],
    [0.125, 7.0 / 48.0, 1.0 / 48.0, 7.0 / 24.0],
];

#[op2::function]
fn twice_area(x: &[[f64; 2]; 3]) -> f64 {
    (x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1])
}

#[op2::kernel]
fn mass(a: Inc<[[f64; 3]; 3]>, x: &[[f64; 2]; 3]) {
    let area = 0.5 * twice_area(x);
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] += if i == j { area / 6.0 } else { area / 12.0 };
        }
    }
}

#[op2::kernel]
fn mass_entry(a: Inc<f64>, i: &u64, j: &u64, x: &[[f64; 2]; 3]) {
    let area = 0.5 * twice_area(x);
    *a += if *i == *j { area / 6.0 } else { area / 12.0 };
}

#[op2::kernel]
fn load(f: &[f64; 3], x: &[[f64; 2]; 3], b: Inc<[f64; 3]>) {
    let area = 0.5 * twice_area(x);
    for i in 0..3 {
        for j in 0..3 {
            b[i] += if i == j { area / 6.0 * f[j] } else { area / 12.0 * f[j] };
        }
    }
}

#[op2::kernel]
fn load_entry(i: &u64, j: &u64, f: &f64, x: &[[f64; 2]; 3], b: Inc<f64>) {
    let area = 0.5 * twice_area(x);
    *b += if *i == *j { area / 6.0 * *f } else { area / 12.0 * *f };
}

#[op2::kernel]
fn add_one(a: Inc<[[f64; 3]; 3]>) {
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] += 1.0;
        }
    }
}

#[op2::kernel]
fn set_one(a: Write<[[f64; 3]; 3]>) {
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] = 1.0;
        }
    }
}

#[op2::kernel]
fn set_entry(a: Write<f64>) {
    *a = 1.0;
}

#[op2::kernel]
fn vector_mass(a: Inc<[[[[f64; 2]; 2]; 3]; 3]>, x: &[[f64; 2]; 3]) {
    let area = 0.5 * twice_area(x);
    for i in 0..3 {
        for j in 0..3 {
            for r in 0..2 {
                a[i][j][r][r] += if i == j { area / 6.0 } else { area / 12.0 };
            }
        }
    }
}

#[op2::kernel]
fn flat_vector_mass(a: Inc<[[f64; 6]; 6]>, x: &[[f64; 2]; 3]) {
    let area = 0.5 * twice_area(x);
    for i in 0..3 {
        for j in 0..3 {
            for r in 0..2 {
                a[2 * i + r][2 * j + r] += if i == j { area / 6.0 } else { area / 12.0 };
            }
        }
    }
}

#[op2::kernel]
fn pair(x: &[f64; 2], a: Inc<[[f64; 2]; 2]>) {
    for i in 0..2 {
        for j in 0..2 {
            a[i][j] += x[i] * x[j];
        }
    }
}

#[op2::kernel]
fn coupled(a: Inc<[[f64; 6]; 6]>, x: &[[f64; 2]; 3]) {
    for i in 0..6 {
        for j in 0..6 {
            a[i][j] += (1 + i * j) as f64 * twice_area(x);
        }
    }
}

struct Square {
    cx: Context,
    nodes: Set<Nodes>,
    cells: Set<Cells>,
    cell_nodes: Map<Cells, Nodes, 3>,
    x: Dat<Nodes, [f64; 2]>,
}

fn two_triangles(target: &Target) -> Square {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(4).unwrap();
    let cells = cx.set::<Cells>(2).unwrap();
    let cell_nodes = cx.map("cell_nodes", &cells, &nodes, TRIANGLES).unwrap();
    let x = cx.dat("x", &nodes, POINTS).unwrap();
    Square { cx, nodes, cells, cell_nodes, x }
}

impl Square {
    fn mat<T: op2::matrix::Entry>(&self, name: &str) -> Mat<Nodes, Nodes, T> {
        let pattern = Sparsity::new(&[(&self.cell_nodes, &self.cell_nodes)]).unwrap();
        self.cx.mat(name, &pattern).unwrap()
    }

    fn mass(&self) -> Mat<Nodes, Nodes, f64> {
        let Self { cells, cell_nodes, x, .. } = self;
        let a = self.mat("mass");
        par_loop!(mass, cells, a(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes)).unwrap();
        a
    }
}

fn assert_close<R, C>(a: &Mat<R, C, f64>, expected: &[[f64; 4]; 4]) {
    let guard = a.read().unwrap();
    for (i, row) in (0..).zip(expected) {
        for (j, expected) in (0..).zip(row) {
            let found = guard.get(i, j).copied().unwrap_or(0.0);
            assert!((found - expected).abs() < 1e-14, "({i}, {j}): {found}, not {expected}");
        }
    }
}

/// The mass matrix of two triangles, from whole tensors.
pub fn a_loop_assembles_the_mass_matrix(target: &Target) {
    let a = two_triangles(target).mass();
    assert_eq!(a.num_entries(), 14);
    assert_close(&a, &MASS);
}

/// The same, entry by entry, by a kernel that takes the local indices.
pub fn a_loop_over_points_assembles_the_mass_matrix(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cells, cell_nodes, x, .. } = &mesh;
    let a = mesh.mat::<f64>("mass");
    par_loop!(
        mass_entry,
        cells,
        a(Inc, cell_nodes[i], cell_nodes[j]),
        index(i),
        index(j),
        x(Read, cell_nodes)
    )
    .unwrap();
    assert_close(&a, &MASS);
}

/// `b = M f`, by whole maps and point by point.
pub fn a_right_hand_side_is_assembled_point_by_point(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cx, nodes, cells, cell_nodes, x } = &mesh;
    let f = cx.dat("f", nodes, [1.0, 2.0, 3.0, 4.0]).unwrap();
    let expected = [1.0, 65.0 / 48.0, 0.25, 79.0 / 48.0];
    let b: Dat<Nodes, f64> = cx.dat_zeros("b", nodes).unwrap();
    par_loop!(load, cells, f(Read, cell_nodes), x(Read, cell_nodes), b(Inc, cell_nodes)).unwrap();
    let c: Dat<Nodes, f64> = cx.dat_zeros("c", nodes).unwrap();
    par_loop!(
        load_entry,
        cells,
        index(i),
        index(j),
        f(Read, cell_nodes[j]),
        x(Read, cell_nodes),
        c(Inc, cell_nodes[i])
    )
    .unwrap();
    let product: Dat<Nodes, f64> = cx.dat_zeros("product", nodes).unwrap();
    mesh.mass().multiply(&f, &product).unwrap();
    for result in [b, c, product] {
        for (found, expected) in result.to_vec().unwrap().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{result:?}: {found}, not {expected}");
        }
    }
}

/// Each of 2 x 9 contributions adds 1; `Write` afterwards leaves 1 in each of the 14 entries.
pub fn increments_add_up_and_writes_replace(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cells, cell_nodes, .. } = &mesh;
    let a = mesh.mat::<f64>("ones");
    let sum = || a.read().unwrap().values().iter().sum::<f64>();
    par_loop!(add_one, cells, a(Inc, cell_nodes, cell_nodes)).unwrap();
    assert_eq!(sum(), 18.0);
    par_loop!(add_one, cells, a(Inc, cell_nodes, cell_nodes)).unwrap();
    assert_eq!(sum(), 36.0);
    let written = par_loop!(set_one, cells, a(Write, cell_nodes, cell_nodes));
    if target.finds_mistakes() {
        let text = written.unwrap_err().to_string();
        // Those of the edge between them; which is named depends on who has the rows.
        let mut shared = [(1, 1), (1, 3), (3, 1), (3, 3)].into_iter();
        let said = |entry| text.contains(&format!("both write entry {entry:?} of mat `ones`"));
        assert!(shared.any(said), "{text}");
        return;
    }
    written.unwrap();
    assert_eq!(sum(), 14.0);
    a.zero().unwrap();
    par_loop!(set_entry, cells, a(Write, cell_nodes[0], cell_nodes[2])).unwrap();
    assert_eq!((sum(), a.get(0, 3).unwrap(), a.get(2, 1).unwrap()), (2.0, 1.0, 1.0));
}

/// Blocks of 2 x 2, from a nested tensor and from a flat one.
pub fn vector_spaces_have_blocks(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cells, cell_nodes, x, .. } = &mesh;
    let nested = mesh.mat::<[[f64; 2]; 2]>("nested");
    let flat = mesh.mat::<[[f64; 2]; 2]>("flat");
    par_loop!(vector_mass, cells, nested(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes))
        .unwrap();
    par_loop!(flat_vector_mass, cells, flat(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes))
        .unwrap();
    for (i, row) in (0..).zip(MASS) {
        for (j, m) in (0..).zip(row).filter(|(_, m)| *m != 0.0) {
            for a in [&nested, &flat] {
                let [[xx, xy], [yx, yy]] = a.get(i, j).unwrap();
                assert!((xx - m).abs() < 1e-14 && (yy - m).abs() < 1e-14, "{a:?} ({i}, {j})");
                assert_eq!((xy, yx), (0.0, 0.0));
            }
        }
    }
}

/// Masked rows and columns stay zero; a diagonal can be set afterwards.
pub fn masked_maps_drop_rows_and_columns(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cx, nodes, cells, cell_nodes, x } = &mesh;
    let fixed = cx.subset("fixed", nodes, [0, 2]).unwrap();
    let free = cell_nodes.without(&fixed).unwrap();
    let (both, rows) = (mesh.mat::<f64>("both"), mesh.mat::<f64>("rows"));
    par_loop!(mass, cells, both(Inc, free, free), x(Read, cell_nodes)).unwrap();
    par_loop!(mass, cells, rows(Inc, free, cell_nodes), x(Read, cell_nodes)).unwrap();
    let (mut expected_both, mut expected_rows) = (MASS, MASS);
    for fixed in [0, 2] {
        expected_rows[fixed] = [0.0; 4];
        expected_both[fixed] = [0.0; 4];
        expected_both.iter_mut().for_each(|row| row[fixed] = 0.0);
    }
    assert_close(&both, &expected_both);
    assert_close(&rows, &expected_rows);
    both.zero_rows(&fixed, 1.0).unwrap();
    assert_eq!((both.get(0, 0).unwrap(), both.get(2, 2).unwrap()), (1.0, 1.0));
    let others = cx.subset("cells", cells, [0]).unwrap();
    let error = cx.map("self", cells, cells, [[0], [1]]).unwrap().without(&others);
    assert!(error.is_ok());
}

/// A subset adds its elements only; several loops add to one matrix before it is used; a kept loop
/// runs again.
pub fn several_loops_fill_one_matrix(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cx, nodes, cells, cell_nodes, x } = &mesh;
    let edges = cx.set::<Edges>(1).unwrap();
    let ends = cx.map("ends", &edges, nodes, [[0, 2]]).unwrap();
    let ones = cx.dat("ones", nodes, [1.0; 4]).unwrap();
    let pattern = Sparsity::new(&((cell_nodes, cell_nodes), (&ends, &ends))).unwrap();
    assert_eq!(pattern.num_entries(), 16);
    let a: Mat<Nodes, Nodes, f64> = cx.mat("a", &pattern).unwrap();
    for one in [0, 1] {
        let part = cx.subset("one", cells, [one]).unwrap();
        par_loop!(mass, part, a(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes)).unwrap();
    }
    let kept = prepare!(pair, edges, ones(Read, ends), a(Inc, ends, ends));
    kept.run().unwrap();
    kept.run().unwrap();
    let mut expected = MASS;
    for i in [0, 2] {
        for j in [0, 2] {
            expected[i][j] += 2.0;
        }
    }
    assert_close(&a, &expected);
}

/// What the compiler cannot see is refused before anything is changed.
pub fn what_does_not_fit_is_refused(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cx, nodes, cells, cell_nodes, x } = &mesh;
    // All maps first: on ranks they decide which elements each stores.
    let far = cx.map("far", cells, nodes, [[0, 1, 2], [0, 1, 2]]).unwrap();
    let others = cx.set::<Nodes>(4).unwrap();
    let elsewhere = cx.map("elsewhere", cells, &others, TRIANGLES).unwrap();
    let a = mesh.mat::<f64>("a");
    let refused = |done: op2::Result<()>, words: &str| {
        let text = done.unwrap_err().to_string();
        assert!(text.contains("loop `mass`") && text.contains(words), "{text}");
        assert_eq!(a.frobenius_norm().unwrap(), 0.0);
    };
    // A map that couples what the sparsity lacks; a rank names what it finds first.
    let missing = if target.ranks() > 1 {
        "has no entry in column"
    } else {
        "row 0 has no entry in column 2"
    };
    refused(par_loop!(mass, cells, a(Inc, far, far), x(Read, cell_nodes)), missing);
    // Another set with the same marker.
    refused(
        par_loop!(mass, cells, a(Inc, elsewhere, cell_nodes), x(Read, cell_nodes)),
        "the rows of mat `a` are",
    );
    // A guard.
    let guard = a.read().unwrap();
    let text = par_loop!(mass, cells, a(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes))
        .unwrap_err()
        .to_string();
    assert!(text.contains("mat `a` is in use: a guard from `read()` is alive"), "{text}");
    drop(guard);
    // Another context.
    let other = two_triangles(target);
    let b = other.mat::<f64>("b");
    refused(
        par_loop!(mass, cells, b(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes)),
        "mat `b` belongs to another context",
    );
    // A taken name.
    let pattern = Sparsity::new(&[(cell_nodes, cell_nodes)]).unwrap();
    let text = cx.mat::<_, _, f64>("a", &pattern).unwrap_err().to_string();
    assert!(text.contains("another matrix of this context has that name"), "{text}");
}

/// The same maps, in any order, are the same sparsity; the diagonal is always there.
pub fn sparsities_are_shared(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cx, nodes, cell_nodes, .. } = &mesh;
    let edges = cx.set::<Edges>(1).unwrap();
    let one = cx.map("one", &edges, nodes, [[1, 3]]).unwrap();
    let (cells, edge) = ((cell_nodes, cell_nodes), (&one, &one));
    let first = Sparsity::new(&(cells, edge)).unwrap();
    assert!(first.is_same(&Sparsity::new(&(edge, cells)).unwrap()));
    let diagonal: Mat<Nodes, Nodes, f64> = cx.mat("d", &Sparsity::new(&[edge]).unwrap()).unwrap();
    let rows = diagonal.read().unwrap();
    let counts: Vec<usize> = (0..4).map(|row| rows.pattern().row(row).len()).collect();
    assert_eq!(counts, [1, 2, 1, 2]);
}

/// Prescribing one component of a block row: as in the matrix of single numbers.
pub fn one_component_of_some_rows_is_eliminated(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cx, nodes, cells, cell_nodes, x } = &mesh;
    let a = mesh.mat::<[[f64; 2]; 2]>("a");
    par_loop!(coupled, cells, a(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes)).unwrap();
    let given = cx.dat("given", nodes, [[2.0, 3.0], [0.0; 2], [0.0; 2], [5.0, 7.0]]).unwrap();
    let rhs = cx.dat("rhs", nodes, [[1.0, -1.0]; 4]).unwrap();
    let (mut dense, mut expected) = ([[0.0; 8]; 8], [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
    for (value, (row, col)) in &a.to_numbers().unwrap() {
        dense[row as usize][col as usize] = *value;
    }
    // Component 1 of nodes 0 and 3.
    for (fixed, value) in [(1, 3.0), (7, 7.0)] {
        for row in 0..8 {
            expected[row] -= std::mem::take(&mut dense[row][fixed]) * value;
        }
        dense[fixed] = [0.0; 8];
        dense[fixed][fixed] = 4.0;
    }
    for (fixed, value) in [(1, 3.0), (7, 7.0)] {
        expected[fixed] = 4.0 * value;
    }
    let some = cx.subset("some", nodes, [3, 0]).unwrap();
    a.eliminate(&op2::matrix::OneComponent(&some, 1), &given, &rhs, 4.0).unwrap();
    for (value, (row, col)) in &a.to_numbers().unwrap() {
        assert!((value - dense[row as usize][col as usize]).abs() < 1e-13, "({row}, {col})");
    }
    for (found, expected) in rhs.to_vec().unwrap().as_flattened().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-13, "{found}, not {expected}");
    }
    let error = a.zero_rows(&op2::matrix::OneComponent(&some, 2), 1.0).unwrap_err();
    assert!(error.to_string().contains("have no component 2: there are 2"), "{error}");
}

/// A sparsity from a list of entries, filled by a loop whose map couples no more than these.
pub fn a_listed_sparsity_is_filled_by_loops(target: &Target) {
    let mesh = two_triangles(target);
    let Square { cx, nodes, cells, cell_nodes, x } = &mesh;
    // On ranks, the owner of a row stores the columns that maps name beside it.
    let one = cx.set::<Edges>(1).unwrap();
    let _all = cx.map("all", &one, nodes, [[0, 1, 2, 3]]).unwrap();
    let every: Vec<(u32, u32)> = (0..4).flat_map(|i| (0..4).map(move |j| (i, j))).collect();
    let pattern = Sparsity::from_list(nodes, nodes, &every).unwrap();
    let a: Mat<Nodes, Nodes, f64> = cx.mat("a", &pattern).unwrap();
    par_loop!(mass, cells, a(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes)).unwrap();
    assert_close(&a, &MASS);
    let few = Sparsity::from_list(nodes, nodes, &every[..8]).unwrap();
    let b: Mat<Nodes, Nodes, f64> = cx.mat("b", &few).unwrap();
    let error = par_loop!(mass, cells, b(Inc, cell_nodes, cell_nodes), x(Read, cell_nodes));
    let text = error.unwrap_err().to_string();
    assert!(text.contains("`b(Inc, cell_nodes, cell_nodes)`"), "{text}");
    assert!(text.contains("has no entry in column"), "{text}");
}

/// Products with a matrix are lines of the report, as loops are.
pub fn the_report_counts_products(target: &Target) {
    let mesh = two_triangles(target);
    let y = mesh.cx.dat_zeros("y", &mesh.nodes).unwrap();
    let x = mesh.cx.dat("ones", &mesh.nodes, [1.0; 4]).unwrap();
    let a = mesh.mass();
    mesh.cx.reset_report();
    (0..3).for_each(|_| a.multiply(&x, &y).unwrap());
    let report = mesh.cx.report().unwrap();
    let row = report.rows.iter().find(|row| row.name == "multiply `mass`").unwrap();
    assert_eq!(row.calls, 3);
    // 14 values and columns, 5 offsets, two vectors; of ranks, each counts what it has.
    let bytes = 3 * (14 * 12 + 5 * 4 + 2 * 4 * 8);
    assert!(row.bytes == bytes || (target.ranks() > 1 && row.bytes < bytes));
}

/// The mass system of the two triangles gives back the values that its right-hand side was made of.
pub fn the_mass_system_is_solved(target: &Target) {
    let mesh = two_triangles(target);
    let mass = mesh.mass();
    let right = [1.0, 65.0 / 48.0, 0.25, 79.0 / 48.0];
    let b = mesh.cx.dat("b", &mesh.nodes, right).unwrap();
    let jacobi = Jacobi::new(&mass).unwrap();
    for norm in [ResidualNorm::Preconditioned, ResidualNorm::True, ResidualNorm::Natural] {
        let mut u = b.like("u").unwrap();
        let options =
            CgOptions { rtol: 1e-10, norm, preconditioner: &jacobi, ..Default::default() };
        let report = cg(&mass, &b, &mut u, options).unwrap();
        assert!(report.iterations <= 4, "{report}");
        for (found, exact) in u.to_vec().unwrap().iter().zip([1.0, 2.0, 3.0, 4.0]) {
            assert!((found - exact).abs() < 1e-8, "{found}, not {exact}");
        }
    }
}
