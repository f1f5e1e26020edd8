//! Programs on devices: the answers are the host's, and values stay where they are worked on.
//!
//! Every test runs on the device that finds mistakes, with the feature `opencl` on the first OpenCL
//! device, and with `cuda` on the first NVIDIA GPU, if there is one.

use op2::matrix::Entry;
use op2::prelude::*;
use op2::solve::precond::{BlockJacobi, Jacobi, Ssor};
use op2::solve::{
    BicgstabOptions, CgOptions, GmresOptions, LinearOperator, MinresOptions, Preconditioner,
    SolveReport, bicgstab, cg, gmres, minres,
};
use op2::{Backend, ContextBuilder, Layout, RaceStrategy, Result, Transfers};

#[path = "shared/on_devices.rs"]
mod on_devices;

use on_devices::on_devices;

op2::sets! { Nodes; Cells; }

fn on_host() -> Result<Context> {
    Context::builder().backend(Backend::Seq).build()
}

/// A square of `SIDE` times `SIDE` nodes, cut into triangles.
struct Square {
    cx: Context,
    nodes: Set<Nodes>,
    cells: Set<Cells>,
    corners: Map<Cells, Nodes, 3>,
    points: Dat<Nodes, [f64; 2]>,
}

const SIDE: u32 = 17;

impl Square {
    fn new(cx: Context) -> Result<Self> {
        let step = 1.0 / f64::from(SIDE - 1);
        let number = |i: u32, j: u32| j * SIDE + i;
        let points: Vec<_> = (0..SIDE * SIDE)
            .map(|node| [f64::from(node % SIDE) * step, f64::from(node / SIDE) * step])
            .collect();
        let squares = (0..SIDE - 1).flat_map(|j| (0..SIDE - 1).map(move |i| (i, j)));
        let triangles: Vec<_> = squares
            .flat_map(|(i, j)| {
                let (a, b) = (number(i, j), number(i + 1, j));
                let (c, d) = (number(i, j + 1), number(i + 1, j + 1));
                [[a, b, d], [a, d, c]]
            })
            .collect();
        let nodes = cx.set(points.len())?;
        let cells = cx.set(triangles.len())?;
        let corners = cx.map("corners", &cells, &nodes, triangles)?;
        let points = cx.dat("points", &nodes, points)?;
        Ok(Self { cx, nodes, cells, corners, points })
    }

    /// Stiffness and mass, assembled by a loop: symmetric and positive definite.
    fn matrix(&self) -> Result<Mat<Nodes, Nodes, f64>> {
        let Self { cx, cells, corners, points, .. } = self;
        let a = cx.mat("A", &Sparsity::new(&[(corners, corners)])?)?;
        par_loop!(helmholtz, cells, points(Read, corners), a(Inc, corners, corners))?;
        Ok(a)
    }

    /// The same in two components that are coupled.
    fn blocks(&self) -> Result<Mat<Nodes, Nodes, [[f64; 2]; 2]>> {
        let Self { cx, cells, corners, points, .. } = self;
        let a = cx.mat("A2", &Sparsity::new(&[(corners, corners)])?)?;
        par_loop!(coupled, cells, points(Read, corners), a(Inc, corners, corners))?;
        Ok(a)
    }

    fn rhs(&self) -> Result<Dat<Nodes, f64>> {
        let values: Vec<f64> = (0..self.nodes.size()).map(|i| (i as f64 * 0.37).sin()).collect();
        self.cx.dat("b", &self.nodes, values)
    }

    fn rhs_of_two(&self) -> Result<Dat<Nodes, [f64; 2]>> {
        let values: Vec<_> = (0..self.nodes.size()).map(|i| [(i as f64).sin(), 1.0]).collect();
        self.cx.dat("b2", &self.nodes, values)
    }
}

/// `grad u . grad v + u v` on a triangle, with the mass lumped.
#[op2::kernel]
fn helmholtz(x: &[[f64; 2]; 3], a: Inc<[[f64; 3]; 3]>) {
    let area2 =
        (x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1]);
    for i in 0..3 {
        for j in 0..3 {
            let (i1, i2) = ((i + 1) % 3, (i + 2) % 3);
            let (j1, j2) = ((j + 1) % 3, (j + 2) % 3);
            let dot = (x[i2][0] - x[i1][0]) * (x[j2][0] - x[j1][0])
                + (x[i2][1] - x[i1][1]) * (x[j2][1] - x[j1][1]);
            a[i][j] += dot / (2.0 * area2);
        }
        a[i][i] += area2 / 6.0;
    }
}

#[op2::kernel]
fn coupled(x: &[[f64; 2]; 3], a: Inc<[[[[f64; 2]; 2]; 3]; 3]>) {
    let area2 =
        (x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1]);
    for i in 0..3 {
        for j in 0..3 {
            let (i1, i2) = ((i + 1) % 3, (i + 2) % 3);
            let (j1, j2) = ((j + 1) % 3, (j + 2) % 3);
            let dot = (x[i2][0] - x[i1][0]) * (x[j2][0] - x[j1][0])
                + (x[i2][1] - x[i1][1]) * (x[j2][1] - x[j1][1]);
            a[i][j][0][0] += dot / (2.0 * area2);
            a[i][j][1][1] += dot / area2;
        }
        a[i][i][0][0] += area2 / 6.0;
        a[i][i][1][1] += area2 / 6.0;
        a[i][i][0][1] += area2 / 30.0;
        a[i][i][1][0] += area2 / 30.0;
    }
}

/// Equal to rounding, as sums in another order are.
fn assert_near(found: &[f64], wanted: &[f64], tolerance: f64) {
    let largest = wanted.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    assert_eq!(found.len(), wanted.len());
    for (i, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let error = (found - wanted).abs() / largest;
        assert!(error < tolerance, "number {i}: {found} instead of {wanted}");
    }
}

#[test]
fn assembly_and_solution_are_those_of_the_host() -> Result<()> {
    let solve = |cx: Context| -> Result<(Vec<f64>, Vec<f64>)> {
        let square = Square::new(cx)?;
        let (a, b) = (square.matrix()?, square.rhs()?);
        let mut u = b.like("u")?;
        let jacobi = Jacobi::new(&a)?;
        let options = CgOptions { rtol: 1e-13, preconditioner: &jacobi, ..Default::default() };
        cg(&a, &b, &mut u, options)?;
        Ok((a.to_numbers()?.into_raw_storage().2, u.to_vec()?))
    };
    let (entries, solution) = solve(on_host()?)?;
    on_devices(|device| {
        for races in RaceStrategy::ALL {
            let (found_entries, found) = solve(device.clone().races(races).build()?)?;
            assert_near(&found_entries, &entries, 1e-13);
            assert_near(&found, &solution, 1e-11);
        }
        Ok(())
    })
}

#[test]
fn the_order_of_one_kernel_may_be_wished_for() -> Result<()> {
    let entries = |square: &Square| -> Result<[Vec<f64>; 2]> {
        let (a, c) = (square.matrix()?, square.blocks()?);
        Ok([a.to_numbers()?.into_raw_storage().2, c.to_numbers()?.into_raw_storage().2])
    };
    let host = entries(&Square::new(on_host()?)?)?;
    on_devices(|device| {
        let mut notes = Vec::new();
        for races in [RaceStrategy::Staging, RaceStrategy::Coloring, RaceStrategy::Atomics] {
            let square = Square::new(device.clone().races_of("helmholtz", races).build()?)?;
            for (found, wanted) in entries(&square)?.iter().zip(&host) {
                assert_near(found, wanted, 1e-13);
            }
            let report = square.cx.report()?;
            let note = |kernel: &str| report.notes.iter().find(|note| note.starts_with(kernel));
            let wished = note("helmholtz: ").expect("a note on the order").clone();
            assert!(wished.contains("as asked for"), "{wished}");
            let other = note("coupled: ").expect("a note on the order");
            assert!(!other.contains("asked for"), "{other}");
            notes.push(wished);
        }
        for (note, word) in notes.iter().zip(["blocks", "color", "one piece"]) {
            assert!(note.contains(word), "{note}");
        }
        assert!(!notes[1].contains("blocks") && !notes[2].contains("color"), "{notes:?}");
        Ok(())
    })
}

/// What moved during a solution that is ended after so many iterations.
fn moves(
    cx: &Context,
    solve: &dyn Fn(usize) -> Result<SolveReport>,
    iterations: usize,
) -> Transfers {
    let before = cx.transfers().expect("a device");
    match solve(iterations) {
        Err(op2::Error::NotConverged(report)) => assert_eq!(report.iterations, iterations),
        other => panic!("{iterations} iterations are to be too few: {other:?}"),
    }
    let after = cx.transfers().expect("a device");
    Transfers {
        to_device: after.to_device - before.to_device,
        bytes_to_device: after.bytes_to_device - before.bytes_to_device,
        to_host: after.to_host - before.to_host,
        bytes_to_host: after.bytes_to_host - before.bytes_to_host,
    }
}

/// The number of iterations changes nothing in what moves, and nothing comes back.
fn nothing_moves(cx: &Context, solve: &dyn Fn(usize) -> Result<SolveReport>) {
    // Now all is where it is needed.
    moves(cx, solve, 2);
    let (few, many) = (moves(cx, solve, 2), moves(cx, solve, 9));
    assert_eq!(few, many, "{cx:?}");
    assert_eq!(many.to_host, 0, "{cx:?}");
}

/// All methods, on one operator.
fn methods<A, X>(cx: &Context, a: &A, b: &X, m: &dyn Preconditioner<X>)
where
    A: LinearOperator<X>,
    X: op2::solve::Vector,
{
    let start = || -> Result<X> {
        let u = b.like("u")?;
        u.clear()?;
        Ok(u)
    };
    nothing_moves(cx, &|max_iterations| {
        let options =
            CgOptions { rtol: 0.0, max_iterations, preconditioner: m, ..Default::default() };
        cg(a, b, &mut start()?, options)
    });
    nothing_moves(cx, &|max_iterations| {
        let options =
            BicgstabOptions { rtol: 0.0, max_iterations, preconditioner: m, ..Default::default() };
        bicgstab(a, b, &mut start()?, options)
    });
    nothing_moves(cx, &|max_iterations| {
        let options =
            MinresOptions { rtol: 0.0, max_iterations, preconditioner: m, ..Default::default() };
        minres(a, b, &mut start()?, options)
    });
    for restart in [4, 30] {
        nothing_moves(cx, &|max_iterations| {
            let options = GmresOptions {
                rtol: 0.0,
                max_iterations,
                restart,
                preconditioner: m,
                ..Default::default()
            };
            gmres(a, b, &mut start()?, options)
        });
    }
}

#[test]
fn only_scalars_come_back_while_numbers_are_solved_for() -> Result<()> {
    on_devices(|device| {
        let square = Square::new(device.build()?)?;
        let a = square.matrix()?;
        methods(&square.cx, &a, &square.rhs()?, &Jacobi::new(&a)?);
        Ok(())
    })
}

#[test]
fn only_scalars_come_back_while_vectors_are_solved_for() -> Result<()> {
    on_devices(|device| {
        for layout in [Layout::Aos, Layout::Soa] {
            let square = Square::new(device.clone().device_layout(layout).build()?)?;
            let a = square.blocks()?;
            methods(&square.cx, &a, &square.rhs_of_two()?, &BlockJacobi::new(&a)?);
        }
        Ok(())
    })
}

#[test]
fn only_scalars_come_back_while_mixed_systems_are_solved() -> Result<()> {
    on_devices(|device| {
        let square = Square::new(device.build()?)?;
        let (a, c) = (square.matrix()?, square.blocks()?);
        let b = (square.rhs()?, square.rhs_of_two()?);
        let mixed = ((&a, ()), ((), &c));
        methods(&square.cx, &mixed, &b, &(Jacobi::new(&a)?, Jacobi::new(&c)?));
        Ok(())
    })
}

#[test]
fn a_new_assembly_moves_nothing() -> Result<()> {
    on_devices(|device| {
        let square = Square::new(device.build()?)?;
        let Square { cx, cells, corners, points, .. } = &square;
        let (a, b) = (square.matrix()?, square.rhs()?);
        let y = b.like("y")?;
        a.multiply(&b, &y)?;
        let before = cx.transfers();
        for _ in 0..3 {
            a.zero()?;
            par_loop!(helmholtz, cells, points(Read, corners), a(Inc, corners, corners))?;
            a.multiply(&b, &y)?;
        }
        assert_eq!(cx.transfers(), before);
        Ok(())
    })
}

#[test]
fn preconditioners_of_the_host_say_so_in_the_report() -> Result<()> {
    on_devices(|device| {
        let square = Square::new(device.build()?)?;
        let (a, b) = (square.matrix()?, square.rhs()?);
        let mut u = b.like("u")?;
        let ssor = Ssor::gauss_seidel(&a)?;
        let solved = cg(&a, &b, &mut u, CgOptions { preconditioner: &ssor, ..Default::default() })?;
        let report = square.cx.report()?;
        let row = |name: &str| report.rows.iter().find(|row| row.name == name);
        let sweeps = row("sweeps through `A`").expect("a row of the report");
        assert_eq!(sweeps.calls as usize, solved.iterations + 2);
        assert!(report.notes.iter().any(|note| note.contains("on the host")), "{:?}", report.notes);
        let products = row("multiply `A`").expect("a row of the report");
        assert_eq!(products.calls as usize, solved.iterations + 1);
        Ok(())
    })
}

/// Products with entries T in the layouts of host and device, against those of the host.
fn products<T: Entry>(
    device: &ContextBuilder,
    value: impl Fn(usize) -> T,
    x: impl Fn(usize) -> T::X,
    y: impl Fn(usize) -> T::Y,
) -> Result<()> {
    type Results<T> = (Vec<<T as Entry>::Y>, Vec<<T as Entry>::X>);
    let compute = |cx: Context, layout: Layout| -> Result<Results<T>> {
        let Square { cx, nodes, cells, corners, .. } = Square::new(cx)?;
        let a: Mat<Cells, Nodes, T> = {
            let itself: Map<Cells, Cells, 1> = cx.map(
                "itself",
                &cells,
                &cells,
                (0..cells.size() as u32).map(|i| [i]).collect::<Vec<_>>(),
            )?;
            cx.mat("A", &Sparsity::new(&[(&itself, &corners)])?)?
        };
        for cell in 0..cells.size() {
            for (k, &node) in corners.to_vec()?[cell].iter().enumerate() {
                a.set(cell as u32, node, value(3 * cell + k))?;
            }
        }
        let x: Vec<T::X> = (0..nodes.size()).map(&x).collect();
        let y: Vec<T::Y> = (0..cells.size()).map(&y).collect();
        let x = cx.dat_in("x", &nodes, x, layout)?;
        let y = cx.dat_in("y", &cells, y, layout)?;
        a.multiply_add(&x, &y)?;
        a.multiply_transposed(&y, &x)?;
        let sum = y.to_vec()?;
        a.multiply(&x, &y)?;
        Ok((sum.into_iter().chain(y.to_vec()?).collect(), x.to_vec()?))
    };
    let wanted = compute(on_host()?, Layout::Aos)?;
    for there in [Layout::Aos, Layout::Soa] {
        for here in [Layout::Aos, Layout::Soa] {
            let cx = device.clone().device_layout(there).build()?;
            assert_eq!(compute(cx, here)?, wanted, "{here} {there}");
        }
    }
    Ok(())
}

#[test]
fn products_have_the_bits_of_the_host() -> Result<()> {
    let f = |i: usize| (i as f64 * 0.731).sin();
    let g = |i: usize| (i as f32 * 0.377).cos();
    on_devices(|device| {
        products::<f64>(&device, f, f, f)?;
        products::<f32>(&device, g, g, g)?;
        products::<[[f64; 3]; 2]>(
            &device,
            |i| [[f(i), f(i + 1), 0.3], [f(i + 2), -0.1, f(i + 3)]],
            |i| [f(i), f(i + 5), 0.7],
            |i| [f(i), 0.9],
        )?;
        products::<[[f32; 1]; 3]>(
            &device,
            |i| [[g(i)], [g(i + 1)], [g(i + 2)]],
            |i| [g(i)],
            |i| [g(i), 0.5, g(i + 3)],
        )
    })
}

#[test]
fn the_program_of_a_product_can_be_read() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("op2-products-{}", std::process::id()));
    on_devices(|device| {
        std::fs::remove_dir_all(&folder).ok();
        let square = Square::new(device.dump_source(&folder).build()?)?;
        let (a, b) = (square.matrix()?, square.rhs()?);
        a.multiply(&b, &b.like("y")?)?;
        let texts = std::fs::read_dir(&folder).map_err(op2::Error::other)?;
        let found = texts.filter_map(std::result::Result::ok).any(|file| {
            let text = std::fs::read_to_string(file.path()).unwrap_or_default();
            text.starts_with("// y = A x, entries of 1 x 1 f64")
        });
        assert!(found, "no program of a product in {}", folder.display());
        Ok(())
    })?;
    std::fs::remove_dir_all(&folder).ok();
    Ok(())
}

#[op2::kernel]
fn add_and_weigh(i: &u64, ends: Inc<[f64; 2]>, weight: Inc<f64>, last: Max<u64>) {
    ends[0] += 1.0;
    ends[1] += 2.0;
    *weight += (*i % 7) as f64;
    *last = (*last).max(*i);
}

#[test]
fn results_of_more_blocks_than_groups_are_combined() -> Result<()> {
    const EDGES: usize = 300_007;
    on_devices(|builder| {
        let cx = builder.races(RaceStrategy::Staging).build()?;
        let (nodes, edges) = (cx.set::<Nodes>(EDGES + 1)?, cx.set::<Cells>(EDGES)?);
        let table: Vec<[u32; 2]> = (0..EDGES as u32).map(|edge| [edge, edge + 1]).collect();
        let ends = cx.map("ends", &edges, &nodes, table)?;
        let count = cx.dat_zeros::<_, f64>("count", &nodes)?;
        let (weight, last) = (cx.global("weight", 0.5), cx.global("last", 5_u64));
        par_loop!(add_and_weigh, edges, index(), count(Inc, ends), weight(Inc), last(Max))?;
        let expected: u64 = (0..EDGES as u64).map(|i| i % 7).sum();
        assert_eq!((weight.value()?, last.value()?), (expected as f64 + 0.5, EDGES as u64 - 1));
        let count = count.to_vec()?;
        assert_eq!((count[0], count[EDGES]), (1.0, 2.0));
        assert!(count[1..EDGES].iter().all(|&count| count == 3.0));
        Ok(())
    })
}
