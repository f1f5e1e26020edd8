//! Matrices, products and solvers: what one rank gives on the host.

use op2::prelude::*;
use op2::solve::precond::{BlockJacobi, Ilu0, Jacobi};
use op2::solve::{BicgstabOptions, CgOptions, GmresOptions, bicgstab, cg, gmres};
use op2::{ContextBuilder, RaceStrategy, Result};
use op2_core::dist::partition::Partition;

use crate::on_devices::on_devices;

op2::sets! { Nodes; Cells; }

/// Nodes along each side of the square.
const SIDE: u32 = 8;
const NODES: u32 = SIDE * SIDE;

/// Who gets which nodes and cells.
#[derive(Clone, Copy, Debug)]
enum Share {
    /// Equal blocks of both sets, without regard to each other.
    Blocks,
    /// Stripes of neighbors.
    Stripes,
    /// Neighbors are everywhere.
    Scattered,
    /// All on the last rank.
    One,
}

const SHARES: [Share; 4] = [Share::Blocks, Share::Stripes, Share::Scattered, Share::One];

/// A square of nodes, with small squares between them.
struct Square {
    cx: Context,
    nodes: Set<Nodes>,
    cells: Set<Cells>,
    corners: Map<Cells, Nodes, 4>,
    itself: Map<Cells, Cells, 1>,
}

impl Square {
    fn new(cx: Context, share: Share) -> Result<Self> {
        // Numbers that say nothing of the place.
        let number = |i: u32, j: u32| (j * SIDE + i) * 27 % NODES;
        let lattice = (1..SIDE).flat_map(|j| (1..SIDE).map(move |i| (i, j)));
        let corners: Vec<_> = lattice
            .map(|(i, j)| [(i - 1, j - 1), (i, j - 1), (i - 1, j), (i, j)])
            .map(|corners| corners.map(|(i, j)| number(i, j)))
            .collect();
        let itself: Vec<_> = (0..corners.len() as u32).map(|cell| [cell]).collect();
        let nodes = cx.set(NODES as usize)?;
        let cells = cx.set(corners.len())?;
        let corners = cx.map("corners", &cells, &nodes, corners)?;
        let itself = cx.map("itself", &cells, &cells, itself)?;
        let (ranks, size) = (cx.ranks() as u32, cells.size() as u32);
        let rank = |cell: u32| match share {
            Share::Blocks | Share::Stripes => cell * ranks / size,
            Share::Scattered => cell * 7 % 11 % ranks,
            Share::One => ranks - 1,
        };
        if !matches!(share, Share::Blocks) {
            let ranks: Vec<u32> = (0..size).map(rank).collect();
            cx.partition(&Partition::given(&cx.dat("ranks", &cells, ranks)?))?;
        }
        Ok(Self { cx, nodes, cells, corners, itself })
    }

    fn matrix<T>(&self, name: &str) -> Result<Mat<Nodes, Nodes, T>>
    where
        T: op2::matrix::Entry,
    {
        self.cx.mat(name, &Sparsity::new(&(&self.corners, &self.corners))?)
    }

    /// Whole numbers on nodes.
    fn numbers(&self, name: &str) -> Result<Dat<Nodes, f64>> {
        let numbers: Vec<f64> = (0..NODES).map(|i| f64::from(i * 5 % 13) - 6.0).collect();
        self.cx.dat(name, &self.nodes, numbers)
    }

    /// A matrix that is positive definite, by how much `shift` says.
    fn stiffness(&self, shift: f64) -> Result<Mat<Nodes, Nodes, f64>> {
        let Self { cells, corners, .. } = self;
        let a = self.matrix("stiffness")?;
        par_loop!(laplace, cells, shift(Read), a(Inc, corners, corners))?;
        Ok(a)
    }
}

#[op2::kernel]
fn element(cell: &u64, u: &[f64; 4], a: Inc<[[f64; 4]; 4]>) {
    for i in 0..4 {
        for j in 0..4 {
            a[i][j] += u[j] * (i + 1) as f64 + (*cell % 5) as f64;
        }
        a[i][i] += 7.0;
    }
}

#[op2::kernel]
fn couple(cell: &u64, b: Write<[[f64; 4]; 1]>) {
    for j in 0..4 {
        b[0][j] = (j + 2) as f64 - (*cell % 7) as f64;
    }
}

#[op2::kernel]
fn block(cell: &u64, a: Inc<[[[[f32; 3]; 2]; 4]; 4]>) {
    for i in 0..4 {
        for j in 0..4 {
            for k in 0..2 {
                a[i][j][k][0] += (i + k) as f32;
                a[i][j][k][1] -= (*cell % 3) as f32;
                a[i][j][k][2] += 1.0;
            }
        }
    }
}

#[op2::kernel]
fn laplace(shift: &f64, a: Inc<[[f64; 4]; 4]>) {
    for i in 0..4 {
        for j in 0..4 {
            a[i][j] += if i == j { 3.0 + *shift } else { -1.0 };
        }
    }
}

#[op2::kernel]
fn add_differences(u: &[f64; 4], v: Inc<[f64; 4]>) {
    for i in 0..4 {
        v[i] += u[3 - i] - u[i];
    }
}

/// Matrices of all shapes, filled and multiplied. All numbers are whole, so that sums are the same in
/// any order.
fn all_kinds(square: &Square) -> Result<Vec<f64>> {
    let Square { cx, cells, corners, itself, .. } = square;
    let (u, v, w) = (square.numbers("u")?, square.numbers("v")?, square.numbers("w")?);
    let a = square.matrix::<f64>("A")?;
    let b: Mat<Cells, Nodes, f64> = cx.mat("B", &Sparsity::new(&(itself, corners))?)?;
    let q: Dat<Cells, f64> = cx.dat_zeros("q", cells)?;
    par_loop!(couple, cells, index(), b(Write, itself, corners))?;
    let mut found = Vec::new();
    for step in 0..3 {
        a.zero()?;
        par_loop!(element, cells, index(), u(Read, corners), a(Inc, corners, corners))?;
        found.extend_from_slice(a.read()?.values());
        a.multiply(&u, &v)?;
        // A loop reads what a product has written, through a map; then the other way round.
        par_loop!(add_differences, cells, v(Read, corners), w(Inc, corners))?;
        a.multiply_add(&w, &v)?;
        b.multiply(&v, &q)?;
        found.extend(v.to_vec()?.into_iter().chain(q.to_vec()?));
        a.multiply_transposed(&u, &w)?;
        found.extend(w.to_vec()?);
        b.multiply_transposed(&q, &w)?;
        par_loop!(add_differences, cells, w(Read, corners), v(Inc, corners))?;
        found.extend(v.to_vec()?);
        // The host changes a matrix in between, and a vector.
        a.zero_rows(&[3, 40], f64::from(step))?;
        a.set(5, 5, 2.0)?;
        a.multiply(&u, &v)?;
        v.write()?[7] = 1.0;
        a.multiply(&v, &w)?;
        found.extend(w.to_vec()?);
        found.push(a.get(40, 40)? + a.get(5, 5)?);
    }
    Ok(found)
}

/// Products with matrices of blocks.
fn blocks(square: &Square) -> Result<Vec<f32>> {
    let Square { cx, nodes, cells, corners, .. } = square;
    let a = square.matrix::<[[f32; 3]; 2]>("A")?;
    par_loop!(block, cells, index(), a(Inc, corners, corners))?;
    let rows: Vec<[f32; 3]> = (0..NODES).map(|i| [i as f32, 1.0, (i % 3) as f32]).collect();
    let u = cx.dat("u", nodes, rows)?;
    let v: Dat<Nodes, [f32; 2]> = cx.dat_zeros("v", nodes)?;
    let mut found = Vec::new();
    a.multiply(&u, &v)?;
    found.extend(v.to_vec()?.into_flattened());
    a.multiply_transposed(&v, &u)?;
    a.multiply_add(&u, &v)?;
    found.extend(u.to_vec()?.into_flattened().into_iter().chain(v.to_vec()?.into_flattened()));
    Ok(found)
}

fn on_host<R>(program: impl Fn(&Square) -> Result<R>) -> Result<R> {
    let cx = Context::builder().backend(Backend::Seq).build()?;
    program(&Square::new(cx, Share::Blocks)?)
}

/// Runs `program` on ranks, each with a context of this builder.
fn on_ranks<R: Send>(
    ranks: usize,
    builder: &ContextBuilder,
    share: Share,
    program: impl Fn(&Square) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    op2::ranks(ranks, |comm| program(&Square::new(builder.clone().comm(comm).build()?, share)?))
}

#[test]
fn all_ranks_have_what_one_has_on_the_host() -> Result<()> {
    let expected = on_host(all_kinds)?;
    assert!(expected.iter().all(|value| value.is_finite() && value.fract() == 0.0));
    assert!(expected.iter().all(|value| value.abs() < 1e15), "sums are exact");
    on_devices(|builder| {
        for ranks in [1, 2, 3, 5] {
            for share in SHARES {
                let found = on_ranks(ranks, &builder, share, all_kinds)?;
                for (rank, found) in found.iter().enumerate() {
                    assert_eq!(found, &expected, "rank {rank} of {ranks}, {share:?}");
                }
            }
        }
        Ok(())
    })
}

#[test]
fn orders_make_no_difference() -> Result<()> {
    let expected = on_host(all_kinds)?;
    on_devices(|builder| {
        for races in RaceStrategy::ALL {
            let found = on_ranks(2, &builder.clone().races(races), Share::Scattered, all_kinds)?;
            assert_eq!(found, [&expected[..]; 2], "{races}");
        }
        Ok(())
    })
}

#[test]
fn blocks_are_multiplied_in_any_layout() -> Result<()> {
    let expected = on_host(blocks)?;
    assert!(expected.iter().all(|value| value.fract() == 0.0 && value.abs() < 1e7), "exact");
    on_devices(|builder| {
        for layout in [Layout::Aos, Layout::Soa] {
            let builder = builder.clone().device_layout(layout).layout(layout);
            for share in SHARES {
                let found = on_ranks(3, &builder, share, blocks)?;
                assert!(found.iter().all(|found| found == &expected), "{layout} {share:?}");
            }
        }
        Ok(())
    })
}

/// The solutions of several systems, by several solvers.
fn solutions(square: &Square) -> Result<Vec<f64>> {
    let (a, b) = (square.stiffness(0.5)?, square.numbers("b")?);
    let mut found = Vec::new();
    let given = square.numbers("given")?;
    a.eliminate(&[0, 9, 63], &given, &b, 1.0)?;
    let (jacobi, blocks, ilu0) = (Jacobi::new(&a)?, BlockJacobi::new(&a)?, Ilu0::new(&a)?);
    let mut u = b.like("u")?;
    let options = CgOptions { rtol: 1e-12, preconditioner: &jacobi, ..Default::default() };
    cg(&a, &b, &mut u, options)?;
    found.extend(u.to_vec()?);
    let mut u = b.like("u")?;
    let options = BicgstabOptions { rtol: 1e-12, preconditioner: &blocks, ..Default::default() };
    bicgstab(&a, &b, &mut u, options)?;
    found.extend(u.to_vec()?);
    let mut u = b.like("u")?;
    let options = GmresOptions { rtol: 1e-12, preconditioner: &ilu0, ..Default::default() };
    gmres(&a, &b, &mut u, options)?;
    found.extend(u.to_vec()?);
    Ok(found)
}

#[test]
fn solvers_find_the_solution_of_the_host() -> Result<()> {
    let expected = on_host(solutions)?;
    on_devices(|builder| {
        for ranks in [1, 2, 3, 5] {
            for share in [Share::Blocks, Share::Scattered] {
                for found in on_ranks(ranks, &builder, share, solutions)? {
                    assert_eq!(found.len(), expected.len());
                    for (found, expected) in found.iter().zip(&expected) {
                        let near = (found - expected).abs() <= 1e-9 * (1.0 + expected.abs());
                        assert!(near, "{ranks} ranks, {share:?}: {found}, not {expected}");
                    }
                }
            }
        }
        Ok(())
    })
}

/// Bytes copied to the host and to the device, and sent to other ranks.
fn moved(cx: &Context, work: impl FnOnce() -> Result<()>) -> Result<[u64; 3]> {
    let now = || {
        let transfers = cx.transfers().expect("a device");
        [transfers.bytes_to_host, transfers.bytes_to_device, cx.traffic().bytes]
    };
    let before = now();
    work()?;
    let after = now();
    Ok(std::array::from_fn(|i| after[i] - before[i]))
}

#[test]
fn only_what_travels_is_copied() -> Result<()> {
    on_devices(|builder| {
        let found = on_ranks(2, &builder, Share::Stripes, |square| {
            let Square { cx, .. } = square;
            let (a, u, v) = (square.stiffness(1.0)?, square.numbers("u")?, square.numbers("v")?);
            a.multiply(&u, &v)?;
            let product = moved(cx, || a.multiply(&v, &u))?;
            assert_eq!(moved(cx, || a.multiply(&v, &u))?, [0; 3], "v has not changed");
            a.multiply_transposed(&v, &u)?;
            let transposed = moved(cx, || a.multiply_transposed(&u, &v))?;
            assert_eq!(moved(cx, || a.multiply_transposed(&u, &v))?, transposed);
            Ok((product, transposed))
        })?;
        for (rank, (product, transposed)) in found.iter().enumerate() {
            let (other_product, other_transposed) = &found[1 - rank];
            let [to_host, to_device, sent] = *product;
            assert!(sent > 0);
            assert_eq!(to_host, sent, "rank {rank}: what it sends");
            assert_eq!(to_device, other_product[2], "rank {rank}: what the other sends");
            let [to_host, to_device, sent] = *transposed;
            assert_eq!(to_device, other_transposed[2], "rank {rank}: rows to which is added");
            assert_eq!(to_host, sent + to_device, "rank {rank}: these, and its sums for the other");
        }
        Ok(())
    })
}

#[test]
fn a_product_of_stale_copies_is_found() -> Result<()> {
    let program = |square: &Square| {
        let (a, u, v) = (square.stiffness(1.0)?, square.numbers("u")?, square.numbers("v")?);
        a.multiply(&u, &v)?;
        a.multiply(&v, &u)?;
        let Some(known) = v.core().halo.fresh() else { panic!("copies have arrived") };
        a.multiply(&u, &v)?;
        // As if it were forgotten that values have changed.
        known.into_iter().for_each(|need| v.core().halo.arrived(need));
        Ok(a.multiply(&v, &u).expect_err("copies are stale").to_string())
    };
    let builder = Context::builder().backend(Backend::Memcheck);
    for said in on_ranks(2, &builder, Share::Stripes, program)? {
        assert!(said.contains("product of mat `stiffness` and dat `v`"), "{said}");
        assert!(
            said.contains(
                "of dat `v`, which belongs to another rank and was not brought here before"
            ),
            "{said}"
        );
    }
    Ok(())
}
