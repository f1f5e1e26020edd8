//! Matrices, products and solvers on ranks that are threads, compared with one rank.

use std::fmt::Debug;

use op2::matrix::Numbers;
use op2::prelude::*;
use op2::solve::precond::{BlockJacobi, Ic0, Identity, Ilu0, Jacobi, Ssor};
use op2::solve::{
    BicgstabOptions, CgOptions, GmresOptions, MinresOptions, Preconditioner, bicgstab, cg, gmres,
    minres,
};
use op2::{Backend, Result};
use op2_core::dist::partition::Partition;

op2::sets! { Nodes; Cells; Others; }

/// Squares in each direction, each cut into two triangles.
const SIDE: usize = 7;
const NODES: usize = (SIDE + 1) * (SIDE + 1);

/// How elements are shared.
#[derive(Clone, Copy, Debug)]
enum Parts {
    Blocks,
    Boxes,
    /// Cells and nodes anywhere.
    Scattered,
    /// Everything on the last rank.
    OneRank,
}

struct Mesh {
    cx: Context,
    nodes: Set<Nodes>,
    cells: Set<Cells>,
    corners: Map<Cells, Nodes, 3>,
    itself: Map<Cells, Cells, 1>,
    x: Dat<Nodes, [f64; 2]>,
}

impl Mesh {
    fn new(cx: Context, parts: Parts) -> Result<Self> {
        // Numbers that say nothing of the place.
        let number = |i: usize, j: usize| ((i * (SIDE + 1) + j) * 37 % NODES) as u32;
        let squares = (0..SIDE).flat_map(|i| (0..SIDE).map(move |j| (i, j)));
        let triangles: Vec<[u32; 3]> = squares
            .flat_map(|(i, j)| {
                let [a, b] = [number(i, j), number(i + 1, j)];
                let [c, d] = [number(i, j + 1), number(i + 1, j + 1)];
                [[a, b, d], [a, d, c]]
            })
            .collect();
        let mut points = vec![[0.0; 2]; NODES];
        for (i, j) in (0..=SIDE).flat_map(|i| (0..=SIDE).map(move |j| (i, j))) {
            let (x, y) = (i as f64 / SIDE as f64, j as f64 / SIDE as f64);
            points[number(i, j) as usize] =
                [x + 0.03 * (5.0 * y).sin(), y + 0.02 * (4.0 * x).sin()];
        }
        let (nodes, cells) = (cx.set::<Nodes>(NODES)?, cx.set::<Cells>(triangles.len())?);
        let corners = cx.map("corners", &cells, &nodes, &triangles)?;
        let same: Vec<[u32; 1]> = (0..triangles.len() as u32).map(|cell| [cell]).collect();
        let itself = cx.map("itself", &cells, &cells, same)?;
        let x = cx.dat("x", &nodes, points)?;
        let ranks = cx.ranks();
        let anywhere = |i: usize| match parts {
            Parts::OneRank => ranks - 1,
            _ => (i * i * 7 + i / 3) % ranks,
        };
        let request = match parts {
            Parts::Blocks => Partition::blocks(&cells),
            Parts::Boxes => Partition::rcb_of(&corners, &x),
            Parts::Scattered | Parts::OneRank => {
                let ranks: Vec<u32> = (0..triangles.len()).map(|i| anywhere(i) as u32).collect();
                Partition::given(&cx.dat("ranks", &cells, ranks)?)
            }
        };
        cx.partition(&request)?;
        Ok(Self { cx, nodes, cells, corners, itself, x })
    }

    /// Stiffness, plus `shift` times mass, plus `wind` times the derivative in x.
    fn matrix(&self, name: &str, shift: f64, wind: f64) -> Result<Mat<Nodes, Nodes, f64>> {
        let Self { cells, corners, x, .. } = self;
        let a = self.cx.mat(name, &Sparsity::new(&(corners, corners))?)?;
        let weights = [shift, wind];
        par_loop!(element, cells, a(Inc, corners, corners), x(Read, corners), weights(Read))?;
        Ok(a)
    }

    /// A row for each cell, a column for each node.
    fn coupling(&self, name: &str) -> Result<Mat<Cells, Nodes, f64>> {
        let Self { cells, corners, itself, x, .. } = self;
        let b = self.cx.mat(name, &Sparsity::new(&(itself, corners))?)?;
        par_loop!(couple, cells, index(), b(Inc, itself, corners), x(Read, corners))?;
        Ok(b)
    }

    fn on_nodes(&self, name: &str, seed: usize) -> Result<Dat<Nodes, f64>> {
        let values: Vec<f64> = (0..NODES).map(|i| ((i * i + seed) as f64).sin()).collect();
        self.cx.dat(name, &self.nodes, values)
    }

    fn on_cells(&self, name: &str) -> Result<Dat<Cells, f64>> {
        let values: Vec<f64> = (0..self.cells.size()).map(|i| ((i * 3) as f64).cos()).collect();
        self.cx.dat(name, &self.cells, values)
    }

    /// Nodes on the left side, and one in the middle.
    fn fixed(&self) -> Result<Vec<u32>> {
        let middle = NODES as u32 / 2;
        let x = self.x.to_vec()?;
        Ok((0..NODES as u32).filter(|&i| x[i as usize][0] < 0.035 || i == middle).collect())
    }
}

#[op2::function]
fn twice_area(x: &[[f64; 2]; 3]) -> f64 {
    (x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1])
}

#[op2::kernel]
fn element(a: Inc<[[f64; 3]; 3]>, x: &[[f64; 2]; 3], weights: &[f64; 2]) {
    let area = 0.5 * twice_area(x);
    let mut grad = [[0.0; 2]; 3];
    for i in 0..3 {
        let j = (i + 1) % 3;
        let k = (i + 2) % 3;
        grad[i][0] = (x[j][1] - x[k][1]) / (2.0 * area);
        grad[i][1] = (x[k][0] - x[j][0]) / (2.0 * area);
    }
    for i in 0..3 {
        for j in 0..3 {
            let mass = if i == j { area / 6.0 } else { area / 12.0 };
            let stiffness = area * (grad[i][0] * grad[j][0] + grad[i][1] * grad[j][1]);
            a[i][j] += stiffness + weights[0] * mass + weights[1] * area / 3.0 * grad[j][0];
        }
    }
}

#[op2::kernel]
fn couple(cell: &u64, b: Inc<[[f64; 3]; 1]>, x: &[[f64; 2]; 3]) {
    for j in 0..3 {
        b[0][j] += twice_area(x) * (1 + j) as f64 + 0.001 * *cell as f64;
    }
}

/// Runs `test` on several ranks in several partitions. All ranks find the same, and `near` what one
/// rank finds.
fn same_on_ranks<R: Debug + PartialEq + Send>(
    test: impl Fn(&Mesh) -> Result<R> + Sync,
    near: impl Fn(&R, &R) -> bool,
) -> R {
    let one =
        test(&Mesh::new(Context::builder().build().unwrap(), Parts::Blocks).unwrap()).unwrap();
    for ranks in [1, 2, 3, 5] {
        for parts in [Parts::Blocks, Parts::Boxes, Parts::Scattered, Parts::OneRank] {
            let on_rank = |comm| {
                let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
                test(&Mesh::new(cx, parts)?)
            };
            let found = op2::ranks(ranks, on_rank)
                .unwrap_or_else(|error| panic!("{ranks} ranks, {parts:?}: {error}"));
            assert_eq!(found.len(), ranks);
            for other in &found {
                assert!(*other == found[0], "{ranks} ranks, {parts:?}: {other:?}, {:?}", found[0]);
                assert!(near(other, &one), "{ranks} ranks, {parts:?}: {other:?}, not {one:?}");
            }
        }
    }
    one
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * (1.0 + b.abs());
    found.len() == expected.len() && found.iter().zip(expected).all(near)
}

fn all_close(found: &[Vec<f64>], expected: &[Vec<f64>], tolerance: f64) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| close(a, b, tolerance))
}

/// Sizes, structure and values of a matrix.
type Whole = ((usize, usize), usize, Vec<u32>, Vec<u32>, Vec<f64>);

fn whole<R, C>(a: &Mat<R, C, f64>) -> Result<Whole> {
    let guard = a.read()?;
    let (pattern, values) = (guard.pattern(), guard.values());
    let (offsets, columns) = (pattern.row_offsets().to_vec(), pattern.columns().to_vec());
    Ok((a.size(), a.num_entries(), offsets, columns, values.to_vec()))
}

fn near_matrices(found: &[Whole], expected: &[Whole]) -> bool {
    found
        .iter()
        .zip(expected)
        .all(|(a, b)| (a.0, a.1, &a.2, &a.3) == (b.0, b.1, &b.2, &b.3) && close(&a.4, &b.4, 1e-13))
}

#[test]
fn assembled_matrices_are_those_of_one_rank() {
    let found = same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 2.0, 3.0)?, mesh.coupling("B")?);
            assert_eq!(a.assemble()?.csr().nnz(), a.num_entries());
            assert_eq!(a.sparsity().num_entries(), a.num_entries());
            let bt = b.transpose("B^T")?;
            Ok(vec![whole(&a)?, whole(&b)?, whole(&bt)?, whole(&bt.transpose("B again")?)?])
        },
        |found, expected| near_matrices(found, expected),
    );
    assert_eq!(found[0].0, (NODES, NODES));
    assert_eq!(found[1], found[3]);
}

#[test]
fn the_checked_mode_lets_sound_loops_pass() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).checked(true).comm(comm).build()?;
        whole(&Mesh::new(cx, Parts::Boxes)?.matrix("A", 2.0, 3.0)?)
    };
    let one = op2::ranks(1, on_rank).unwrap();
    assert!(near_matrices(&op2::ranks(3, on_rank).unwrap()[1..2], &one));
}

#[test]
fn norms_are_those_of_one_rank() {
    same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 2.0, 3.0)?, mesh.coupling("B")?);
            let norms = [a.frobenius_norm()?, a.one_norm()?, a.inf_norm()?, b.one_norm()?];
            a.set(3, 3, f64::NAN)?;
            assert!(a.inf_norm()?.is_nan() && a.one_norm()?.is_nan());
            Ok(norms.to_vec())
        },
        |found, expected| close(found, expected, 1e-13),
    );
}

#[test]
fn products_are_those_of_one_rank() {
    same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 2.0, 3.0)?, mesh.coupling("B")?);
            let (u, v, p) = (mesh.on_nodes("u", 1)?, mesh.on_nodes("v", 2)?, mesh.on_cells("p")?);
            let q = p.like("q")?;
            a.multiply(&u, &v)?;
            a.multiply_add(&v, &u)?;
            b.multiply(&u, &q)?;
            let mut found = vec![u.to_vec()?, v.to_vec()?, q.to_vec()?];
            a.multiply_transposed(&u, &v)?;
            b.multiply_transposed(&p, &u)?;
            found.extend([v.to_vec()?, u.to_vec()?]);
            b.transpose("B^T")?.multiply(&p, &u)?;
            found.push(u.to_vec()?);
            // A loop reads what a product has written, through a map.
            let (cells, corners) = (&mesh.cells, &mesh.corners);
            par_loop!(gather_corners, cells, u(Read, corners), q(Write))?;
            found.push(q.to_vec()?);
            Ok(found)
        },
        |found, expected| all_close(found, expected, 1e-12),
    );
}

#[op2::kernel]
fn gather_corners(u: &[f64; 3], q: Write<f64>) {
    *q = u[0] + 2.0 * u[1] + 3.0 * u[2];
}

#[test]
fn blocks_are_multiplied_in_any_layout() {
    same_on_ranks(
        |mesh| {
            let Mesh { cx, nodes, corners, .. } = mesh;
            let sparsity = Sparsity::new(&(corners, corners))?;
            let a: Mat<Nodes, Nodes, [[f64; 3]; 2]> = cx.mat("A", &sparsity)?;
            {
                let mut entries = a.write()?;
                for [i, j, k] in corners.to_vec()? {
                    let number = |c: u32| f64::from(i * 3 + c);
                    let block = |c| [[number(c), 1.0, 0.5], [2.0, number(c + 1), 3.0]];
                    entries.add_tensor(&[i, j], &[k, i], &[[block(0), block(1)]; 2])?;
                }
            }
            let mut found = vec![a.to_numbers()?.data().to_vec()];
            for layout in [op2::Layout::Aos, op2::Layout::Soa] {
                let rows: Vec<[f64; 3]> = (0..NODES).map(|i| [i as f64, 1.0, -2.0]).collect();
                let u = cx.dat_in(&format!("u {layout:?}"), nodes, rows, layout)?;
                let first = vec![[1.0; 2]; NODES];
                let v = cx.dat_in(&format!("v {layout:?}"), nodes, first, layout)?;
                a.multiply_add(&u, &v)?;
                a.multiply_transposed(&v, &u)?;
                found.extend([v.to_vec()?].map(|rows| rows.concat()));
                found.push(u.to_vec()?.concat());
            }
            assert_eq!(found[1..3], found[3..5]);
            Ok(found)
        },
        |found, expected| all_close(found, expected, 1e-12),
    );
}

#[test]
fn rows_and_diagonals_change_where_they_are_owned() {
    same_on_ranks(
        |mesh| {
            let a = mesh.matrix("A", 2.0, 0.0)?;
            let fixed = mesh.fixed()?;
            let mut found = Vec::new();
            a.zero_rows(&fixed, 4.0)?;
            found.push(whole(&a)?);
            let b = mesh.matrix("B", 1.0, 0.0)?;
            b.axpy(-0.5, &a)?;
            b.scale(3.0)?;
            let d = mesh.on_nodes("d", 5)?;
            b.set_diagonal(&d)?;
            let e = d.like("e")?;
            b.diagonal(&e)?;
            assert_eq!(d.to_vec()?, e.to_vec()?);
            found.push(whole(&b)?);
            let c = mesh.matrix("C", 1.0, 0.0)?;
            let (given, rhs) = (mesh.on_nodes("given", 7)?, mesh.on_nodes("rhs", 8)?);
            c.eliminate(&mesh.cx.subset("fixed", &mesh.nodes, &fixed)?, &given, &rhs, 2.0)?;
            let mut end = whole(&c)?;
            end.4.extend(rhs.to_vec()?);
            found.push(end);
            // Each rank names those of its own.
            let own = mesh.nodes.owned();
            let own: Vec<u32> = fixed.into_iter().filter(|row| own.contains(row)).collect();
            let rhs = mesh.on_nodes("again", 8)?;
            let d = mesh.matrix("D", 1.0, 0.0)?;
            d.eliminate(&own, &given, &rhs, 2.0)?;
            assert_eq!((whole(&d)?.4, rhs.to_vec()?), (whole(&c)?.4, end_of(&found)));
            Ok(found)
        },
        |found, expected| near_matrices(found, expected),
    );
}

fn end_of(found: &[Whole]) -> Vec<f64> {
    let all = &found.last().expect("pushed just now").4;
    all[all.len() - NODES..].to_vec()
}

#[test]
fn single_entries_belong_to_the_owner_of_their_row() {
    same_on_ranks(
        |mesh| {
            let a = mesh.matrix("A", 2.0, 0.0)?;
            a.zero()?;
            let [i, j, _] = mesh.corners.to_vec()?[17];
            a.set(i, j, 3.0)?;
            a.add(i, j, 0.25)?;
            {
                // All ranks make the same calls ..
                let mut guard = a.write()?;
                guard.add(j, i, 1.5)?;
                guard.add(j, i, 1.5)?;
            }
            {
                // .. or each those of its rows.
                let mut guard = a.write()?;
                for row in mesh.nodes.owned() {
                    guard.set(row, row, f64::from(row))?;
                }
            }
            assert_eq!((a.get(i, j)?, a.get(j, i)?, a.get(9, 9)?), (3.25, 3.0, 9.0));
            // The same matrix from a matrix of `sprs`, and from a file.
            let copy = mesh.matrix("copy", 1.0, 0.0)?;
            copy.load(&a.to_csr()?.view())?;
            assert_eq!(whole(&copy)?, whole(&a)?);
            let mut file = Vec::new();
            a.write_matrix_market(&mut file)?;
            assert_eq!(file.is_empty(), mesh.cx.rank() != 0);
            whole(&a)
        },
        |found, expected| found == expected,
    );
}

#[test]
fn an_exchange_for_a_product_and_none_for_fresh_values() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
        let mesh = Mesh::new(cx, Parts::Boxes)?;
        let a = mesh.matrix("A", 2.0, 3.0)?;
        let (u, v, w) = (mesh.on_nodes("u", 1)?, mesh.on_nodes("v", 2)?, mesh.on_nodes("w", 3)?);
        let exchanges = |work: &dyn Fn() -> Result<()>| {
            let before = mesh.cx.traffic();
            work()?;
            let after = mesh.cx.traffic();
            Ok::<_, op2::Error>(after.exchanges - before.exchanges)
        };
        assert_eq!(exchanges(&|| a.multiply(&u, &v))?, 1);
        assert_eq!(exchanges(&|| a.multiply(&u, &w))?, 0, "u has not changed");
        assert_eq!(exchanges(&|| a.multiply(&v, &w))?, 1, "v was a result");
        assert_eq!(exchanges(&|| op2::builtins::scale(2.0, &u))?, 0);
        assert_eq!(exchanges(&|| a.multiply(&u, &v))?, 1);
        // What a loop over cells has brought is more than the product needs.
        let (cells, corners, q) = (&mesh.cells, &mesh.corners, mesh.on_cells("q")?);
        op2::builtins::scale(2.0, &u)?;
        assert_eq!(exchanges(&|| par_loop!(spread, cells, u(Read, corners), v(Inc, corners)))?, 1);
        assert_eq!(exchanges(&|| a.multiply(&u, &w))?, 0);
        assert_eq!(exchanges(&|| a.multiply_transposed(&u, &w))?, 1);
        assert_eq!(exchanges(&|| par_loop!(gather_corners, cells, w(Read, corners), q(Write)))?, 1);
        let zeros: Dat<Nodes, f64> = mesh.cx.dat_zeros("zeros", &mesh.nodes)?;
        assert_eq!(exchanges(&|| a.multiply(&zeros, &w))?, 0, "all know zeros");
        Ok(())
    };
    op2::ranks(3, on_rank).unwrap();
}

#[op2::kernel]
fn spread(u: &[f64; 3], v: Inc<[f64; 3]>) {
    for i in 0..3 {
        v[i] += u[i];
    }
}

#[test]
fn threads_change_no_bit_of_a_product() {
    let products = |backend: Backend, threads: usize| {
        let on_rank = |comm| {
            let settings = Context::builder().backend(backend).threads(threads).comm(comm);
            let mesh = Mesh::new(settings.build()?, Parts::Boxes)?;
            let a = mesh.matrix("A", 2.0, 3.0)?;
            let (u, v) = (mesh.on_nodes("u", 1)?, mesh.on_nodes("v", 2)?);
            mesh.cx.run(|| a.multiply(&u, &v).and_then(|()| a.multiply_transposed(&v, &u)))?;
            u.to_vec()
        };
        op2::ranks(3, on_rank).unwrap()
    };
    assert_eq!(products(Backend::Seq, 1), products(Backend::Rayon, 2));
}

type Preconditioners = Vec<Box<dyn Preconditioner<Dat<Nodes, f64>>>>;

fn symmetric(a: &Mat<Nodes, Nodes, f64>) -> Result<Preconditioners> {
    Ok(vec![
        Box::new(Identity),
        Box::new(Jacobi::new(a)?),
        Box::new(BlockJacobi::new(a)?),
        Box::new(Ssor::new(a, 1.2)?),
        Box::new(Ic0::new(a)?),
    ])
}

#[test]
fn solvers_find_the_solution_of_one_rank() {
    same_on_ranks(
        |mesh| {
            let b = mesh.on_nodes("b", 3)?;
            let spd = mesh.matrix("spd", 1.0, 0.0)?;
            let mut found = Vec::new();
            for preconditioner in &symmetric(&spd)? {
                let preconditioner = &**preconditioner;
                let mut u = b.like("u")?;
                let options = CgOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                cg(&spd, &b, &mut u, options)?;
                found.push(u.to_vec()?);
                let mut u = b.like("u")?;
                let options = MinresOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                minres(&spd, &b, &mut u, options)?;
                found.push(u.to_vec()?);
            }
            let a = mesh.matrix("any", 1.0, 8.0)?;
            let mut all: Preconditioners = vec![Box::new(Ilu0::new(&a)?)];
            all.extend(symmetric(&spd)?);
            for preconditioner in &all {
                let preconditioner = &**preconditioner;
                let mut u = b.like("u")?;
                let options = GmresOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                gmres(&a, &b, &mut u, options)?;
                found.push(u.to_vec()?);
                let mut u = b.like("u")?;
                let options = BicgstabOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                bicgstab(&a, &b, &mut u, options)?;
                found.push(u.to_vec()?);
            }
            Ok(found)
        },
        |found, expected| all_close(found, expected, 1e-8),
    );
}

#[test]
fn without_a_preconditioner_that_knows_ranks_iterations_are_as_many() {
    let found = same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 1.0, 0.0)?, mesh.on_nodes("b", 3)?);
            let mut u = b.like("u")?;
            let jacobi = Jacobi::new(&a)?;
            let report =
                cg(&a, &b, &mut u, CgOptions { preconditioner: &jacobi, ..Default::default() })?;
            Ok(report.iterations)
        },
        |found, expected| found == expected,
    );
    assert!(found > 5);
}

#[test]
fn mixed_systems_are_multiplied_and_merged() {
    same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 1.0, 2.0)?, mesh.coupling("B")?);
            let bt = b.transpose("B^T")?;
            let saddle = ((&a, &bt), (&b, ()));
            let x = (mesh.on_nodes("u", 1)?, mesh.on_cells("p")?);
            let y = (x.0.like("v")?, x.1.like("q")?);
            op2::solve::LinearOperator::apply(&saddle, &x, &y)?;
            let merged = saddle.merged()?;
            assert_eq!(merged.rows(), NODES + mesh.cells.size());
            let mut file = Vec::new();
            saddle.write_merged(&mut file)?;
            assert_eq!(file.is_empty(), mesh.cx.rank() != 0);
            Ok(vec![y.0.to_vec()?, y.1.to_vec()?, merged.data().to_vec()])
        },
        |found, expected| all_close(found, expected, 1e-12),
    );
}

#[cfg(feature = "direct")]
#[test]
fn direct_solvers_work_on_the_first_rank() {
    use op2::solve::direct::{Cholesky, Lu};
    same_on_ranks(
        |mesh| {
            let b = mesh.on_nodes("b", 3)?;
            let (spd, any) = (mesh.matrix("spd", 1.0, 0.0)?, mesh.matrix("any", 1.0, 8.0)?);
            let (mut u, mut v) = (b.like("u")?, b.like("v")?);
            Cholesky::new(&spd)?.solve(&b, &mut u)?;
            Lu::new(&any)?.solve(&b, &mut v)?;
            let text = Cholesky::new(&any).err().expect("refused").to_string();
            assert!(text.contains("it is not symmetric"), "{text}");
            Ok(vec![u.to_vec()?, v.to_vec()?])
        },
        |found, expected| all_close(found, expected, 1e-9),
    );
}

#[test]
fn all_ranks_hear_of_what_one_rank_lacks() {
    let text = |done: Result<()>| done.expect_err("refused").to_string();
    same_on_ranks(
        |mesh| {
            let a = mesh.matrix("A", 1.0, 0.0)?;
            let (i, j) = (0, (0..NODES as u32).find(|&j| a.get(0, j).is_err()).expect("sparse"));
            let mut found = vec![
                text(a.set(i, j, 1.0)),
                text(a.add(i, j, 1.0)),
                text(a.get(i, j).map(drop)),
                text(a.zero_rows(&[NODES as u32], 1.0)),
            ];
            // After what one rank found in a guard, all go on.
            let mut guard = a.write()?;
            let _ = guard.set(i, j, 1.0);
            drop(guard);
            let _ = a.read();
            a.set(3, 3, -1.0)?;
            found.push(text(Ic0::new(&a).map(drop)));
            a.set(5, 5, 0.0)?;
            found.push(text(Jacobi::new(&a).map(drop)));
            // A loop whose map couples what the sparsity lacks.
            let Mesh { cells, itself, .. } = mesh;
            let diagonal = Sparsity::new(&(itself, itself))?;
            let few: Mat<Cells, Cells, f64> = mesh.cx.mat("few", &diagonal)?;
            found.push(text(few.set(0, 9, 1.0)));
            let sum = |cells: &Set<Cells>| par_loop!(one, cells, few(Inc, itself, itself));
            sum(cells)?;
            assert_eq!(few.get(4, 4)?, 1.0);
            Ok(found.into_iter().map(|text| without_rank(&text)).collect::<Vec<_>>())
        },
        |found, expected| found == expected,
    );
}

#[op2::kernel]
fn one(a: Inc<[[f64; 1]; 1]>) {
    a[0][0] += 1.0;
}

/// An error of another rank says whose it is.
fn without_rank(text: &str) -> String {
    match text.split_once(": ") {
        Some((rank, rest)) if rank.starts_with("rank ") => rest.to_owned(),
        _ => text.to_owned(),
    }
}

#[test]
fn a_listed_entry_needs_a_map() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
        let nodes = cx.set::<Nodes>(6)?;
        let links = cx.set::<Others>(2)?;
        let _ends = cx.map("ends", &links, &nodes, [[0, 5], [1, 2]])?;
        let error = Sparsity::from_list(&nodes, &nodes, &[(0, 1), (1, 4)]).unwrap_err().to_string();
        assert!(
            error.contains("entry (1, 4): the rank that owns row 1 stores no column 4"),
            "{error}"
        );
        // Given by parts.
        let part = [[(0, 5), (5, 0)], [(0, 0), (0, 1)]][cx.rank()];
        let a: Mat<Nodes, Nodes, f64> =
            cx.mat("A", &Sparsity::from_list(&nodes, &nodes, &part)?)?;
        assert_eq!(a.num_entries(), 6 + 3);
        a.set(0, 5, 2.0)?;
        let (x, y) =
            (cx.dat("x", &nodes, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?, cx.dat_zeros("y", &nodes)?);
        a.multiply(&x, &y)?;
        assert_eq!(y.to_vec()?, [12.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        a.transpose("A^T")?.multiply_transposed(&x, &y)?;
        assert_eq!(y.to_vec()?, [12.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        Ok(())
    };
    op2::ranks(2, on_rank).unwrap();
}

#[test]
fn matrices_outlive_declarations_that_leave_their_sets_alone() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
        let mesh = Mesh::new(cx, Parts::Boxes)?;
        let (a, u) = (mesh.matrix("A", 1.0, 0.0)?, mesh.on_nodes("u", 1)?);
        let v = u.like("v")?;
        a.multiply(&u, &v)?;
        let others = mesh.cx.set::<Others>(10)?;
        let number: Dat<Others, u64> = mesh.cx.dat_zeros("number", &others)?;
        par_loop!(count, others, index(), number(Write))?;
        let before = v.to_vec()?;
        a.multiply(&u, &v)?;
        assert_eq!(v.to_vec()?, before);
        // Copies of other cells' nodes: a new halo.
        let far: Vec<[u32; 1]> = (0..10).map(|i| [NODES as u32 - 1 - 6 * i]).collect();
        let far = mesh.cx.map("far", &others, &mesh.nodes, far)?;
        par_loop!(count, others, index(), number(Write))?;
        drop(far);
        if let Err(error) = a.multiply(&u, &v) {
            let text = error.to_string();
            assert!(text.contains("its sets were renumbered after it was made"), "{text}");
            return Ok(true);
        }
        Ok(false)
    };
    let found = op2::ranks(3, on_rank).unwrap();
    assert!(found.iter().all(|refused| *refused), "on all ranks alike: {found:?}");
}

#[op2::kernel]
fn count(i: &u64, number: Write<u64>) {
    *number = *i;
}
