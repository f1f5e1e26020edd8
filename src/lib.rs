//! Mesh computation, written once, fast everywhere.
//!
//! A program declares *sets* (nodes, edges, cells), *maps* between them and *dats* on them, and applies
//! *kernels* to all elements of a set by [`par_loop!`]. A kernel is a plain Rust function of one
//! element; its parameters say what it reads and what it changes, the compiler holds it to that,
//! and the library finds a safe order, shares it among threads and uses the vector instructions
//! of the machine. The result is the same to the last bit for any number of threads.
//!
//! This page is a tutorial. What a kernel may contain, and every error, is in
//! [`kernel_language`]; how loops run on GPUs, in [`devices`]; whoever comes from OP2, PyOP2, OPS or PSyclone finds the words of these
//! systems in `docs/glossary.md`.
//!
//! 1. [Sets, maps and dats](#sets-maps-and-dats)
//! 2. [Kernels and loops](#kernels-and-loops)
//! 3. [Reductions](#reductions)
//! 4. [Constants and values](#constants-and-values)
//! 5. [Parts of a set](#parts-of-a-set)
//! 6. [Elements that are structs](#elements-that-are-structs)
//! 7. [Whole dats](#whole-dats)
//! 8. [Matrices](#matrices)
//! 9. [Reading and writing results](#reading-and-writing-results)
//! 10. [Renumbering](#renumbering)
//! 11. [The report](#the-report)
//! 12. [Settings, and several contexts](#settings-and-several-contexts)
//! 13. [Finding mistakes](#finding-mistakes)
//!
//! # Sets, maps and dats
//!
//! The mesh of this page is a square of two triangles, with five edges.
//!
//! ```text
//!     2---3        nodes  0 1 2 3
//!     |\  |        edges  0-1 1-3 3-2 2-0 1-2
//!     | \ |        cells  0 = 0 1 2, 1 = 1 3 2
//!     0---1
//! ```
//!
//! ```
//! use op2::prelude::*;
//!
//! op2::sets! {
//!     /// Corners.
//!     Nodes;
//!     Edges;
//!     Cells;
//! }
//!
//! # fn main() -> op2::Result<()> {
//! let cx = Context::from_env()?;
//! let nodes = cx.set::<Nodes>(4)?;
//! let cells = cx.set::<Cells>(2)?;
//! let cell_nodes: Map<Cells, Nodes, 3> =
//!     cx.map("cell_nodes", &cells, &nodes, vec![[0, 1, 2], [1, 3, 2]])?;
//! let x: Dat<Nodes, [f64; 2]> =
//!     cx.dat("x", &nodes, vec![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])?;
//! let area: Dat<Cells, f64> = cx.dat_zeros("area", &cells)?;
//! assert_eq!(area.size(), 2);
//! # let _ = (cell_nodes, x); Ok(())
//! # }
//! ```
//!
//! - [`sets!`] makes one marker type per kind of element. They are how the compiler knows that
//!   `cell_nodes` starts at cells and leads to nodes.
//! - A [`Context`] owns the threads, the plans and the counters. There are no globals.
//! - A [`Map`] is checked when it is declared: every entry names an element of its target.
//! - A [`Dat`] holds one [`Element`] per element of its set: a number, an array or a struct.
//! - Handles are cheap to clone; a clone is the same set, map or dat. Memory is freed with the last.
//!
//! # Kernels and loops
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; Cells; }
//! /// Area of a triangle, a third of which belongs to each corner.
//! #[op2::kernel]
//! fn measure(x: &[[f64; 2]; 3], area: Write<f64>, share: Inc<[f64; 3]>) {
//!     let (a, b) = (x[1][0] - x[0][0], x[2][0] - x[0][0]);
//!     let (c, d) = (x[1][1] - x[0][1], x[2][1] - x[0][1]);
//!     *area = 0.5 * (a * d - b * c);
//!     for k in 0..3 {
//!         share[k] += *area / 3.0;
//!     }
//! }
//!
//! /// The longest distance between two points.
//! #[op2::kernel]
//! fn reach(from: &[f64; 2], to: &[f64; 2], longest: Max<f64>) {
//!     *longest = (*longest).max((to[0] - from[0]).hypot(to[1] - from[1]));
//! }
//!
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let nodes = cx.set::<Nodes>(4)?;
//! # let cells = cx.set::<Cells>(2)?;
//! # let cell_nodes: Map<Cells, Nodes, 3> = cx.map("cell_nodes", &cells, &nodes, vec![[0, 1, 2], [1, 3, 2]])?;
//! # let x: Dat<Nodes, [f64; 2]> = cx.dat("x", &nodes, vec![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])?;
//! # let area: Dat<Cells, f64> = cx.dat_zeros("area", &cells)?;
//! let share: Dat<Nodes, f64> = cx.dat_zeros("share", &nodes)?;
//! let longest = cx.reduction::<f64>("longest");
//!
//! par_loop!(measure, cells, x(Read, cell_nodes), area(Write), share(Inc, cell_nodes))?;
//! par_loop!(reach, cells, x(Read, cell_nodes[0]), x(Read, cell_nodes[2]), longest(Max))?;
//!
//! assert_eq!(area.to_vec()?, [0.5, 0.5]);
//! assert_eq!(share.read()?[1], 2.0 * (0.5 / 3.0));
//! assert_eq!(longest.value()?, 2.0_f64.sqrt());
//!
//! // A kernel is still a function.
//! let (mut area, mut share) = (0.0, [0.0; 3]);
//! measure(&[[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]], &mut area, &mut share);
//! assert_eq!(area, 1.0);
//! # Ok(())
//! # }
//! ```
//!
//! The first argument of [`par_loop!`] is the kernel, the second the set to run over; then comes one
//! argument per parameter of the kernel:
//!
//! | argument | the kernel gets |
//! |---|---|
//! | `area(Write)` | the element's own value: *direct* |
//! | `x(Read, cell_nodes[0])` | the value of the element named by entry 0 of the map |
//! | `x(Read, cell_nodes)` | an array with the values of all entries |
//! | `index()` | the element's number, a `&u64` |
//! | `a(Inc, cell_nodes, cell_nodes)` | a small matrix to add to a sparse one: see [Matrices](#matrices) |
//!
//! `mesh.x(Read, mesh.cell_nodes[0])` and `self.x(Read)` work too. The mode repeats what the kernel's
//! parameter says:
//!
//! | mode | parameter | meaning |
//! |---|---|---|
//! | `Read` | `&T` | only read |
//! | `Write` | [`Write<T>`](Write) | assigned before it is read |
//! | `Rw` | `&mut T` | read and changed |
//! | `Inc` | [`Inc<T>`](Inc) | added to; contributions of all elements are summed |
//! | `Min`, `Max` | [`Min<T>`](Min), [`Max<T>`](Max) | lowered, raised |
//!
//! Elements run in any order and at the same time, so one loop cannot read a dat that it also adds to.
//! The compiler, or at the latest the loop before it starts, refuses that.
//!
//! # Reductions
//!
//! What belongs to no element is a [`Global`], a value that stays, or a [`Reduction`], which starts anew
//! each time its value is read.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Cells; }
//! #[op2::kernel]
//! fn statistics(q: &f64, sum: Inc<f64>, lowest: Min<f64>) {
//!     *sum += *q;
//!     *lowest = (*lowest).min(*q);
//! }
//!
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let cells = cx.set::<Cells>(3)?;
//! let q: Dat<Cells, f64> = cx.dat("q", &cells, vec![3.0, 1.0, 2.0])?;
//! let sum = cx.reduction::<f64>("sum");
//! let lowest: Global<f64> = cx.global("lowest", 100.0);
//! for _ in 0..2 {
//!     par_loop!(statistics, cells, q(Read), sum(Inc), lowest(Min))?;
//!     assert_eq!(sum.value()?, 6.0);
//! }
//! assert_eq!(lowest.value()?, 1.0);
//! lowest.set(100.0);
//! # Ok(())
//! # }
//! ```
//!
//! # Constants and values
//!
//! [`constants!`] declares what a whole run shares; kernels name it, programs `set` it between loops.
//! What changes with every call, such as a time step, is passed as an argument: a number, an array
//! or an element struct, with `Read`.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Cells; }
//! op2::constants! {
//!     GRAVITY: f64 = 9.81;
//! }
//!
//! #[op2::kernel]
//! fn fall(dt: &f64, v: &mut f64) {
//!     *v -= GRAVITY * dt;
//! }
//!
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let cells = cx.set::<Cells>(3)?;
//! let v: Dat<Cells, f64> = cx.dat_zeros("v", &cells)?;
//! let dt = 0.5;
//! GRAVITY.set(1.6); // the moon
//! par_loop!(fall, cells, dt(Read), v(Rw))?;
//! assert_eq!(v.to_vec()?, [-0.8; 3]);
//! # Ok(())
//! # }
//! ```
//!
//! # Parts of a set
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; }
//! #[op2::kernel]
//! fn number(i: &u64, q: Write<f64>) {
//!     *q = *i as f64;
//! }
//!
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let nodes = cx.set::<Nodes>(5)?;
//! let q: Dat<Nodes, f64> = cx.dat_zeros("q", &nodes)?;
//! let left = cx.subset("left", &nodes, vec![2, 1])?;
//! let right = cx.subset("right", &nodes, vec![2, 3])?;
//! let both = left.union(&right)?;
//! par_loop!(number, both, index(), q(Write))?;
//! assert_eq!(q.to_vec()?, [0.0, 1.0, 2.0, 3.0, 0.0]);
//! assert_eq!(both.complement().indices(), [0, 4]);
//! # Ok(())
//! # }
//! ```
//!
//! # Elements that are structs
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Particles; }
//! #[repr(C)]
//! #[derive(Clone, Copy, op2::Element)]
//! struct Particle {
//!     x: [f64; 2],
//!     v: [f64; 2],
//! }
//!
//! #[op2::kernel]
//! fn drift(dt: &f64, p: &mut Particle) {
//!     for k in 0..2 {
//!         p.x[k] += dt * p.v[k];
//!     }
//! }
//!
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let particles = cx.set::<Particles>(2)?;
//! let start = Particle { x: [0.0; 2], v: [1.0, 2.0] };
//! let p = cx.dat("p", &particles, vec![start; 2])?;
//! let dt = 0.5;
//! par_loop!(drift, particles, dt(Read), p(Rw))?;
//! assert_eq!(p.read()?[1].x, [0.5, 1.0]);
//! # Ok(())
//! # }
//! ```
//!
//! # Whole dats
//!
//! [`builtins`] has the arithmetic that needs no kernel of one's own: fill, copy, sums, norms.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Cells; }
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let cells = cx.set::<Cells>(3)?;
//! let x: Dat<Cells, [f64; 2]> = cx.dat("x", &cells, vec![[1.0, 2.0]; 3])?;
//! let y: Dat<Cells, [f64; 2]> = cx.dat_zeros("y", &cells)?;
//! op2::builtins::axpy(2.0, &x, &y)?;
//! assert_eq!(op2::builtins::sum(&y)?, [6.0, 12.0]);
//! assert_eq!(op2::builtins::dot(&x, &x)?, 15.0);
//! # Ok(())
//! # }
//! ```
//!
//! # Matrices
//!
//! Finite elements: a loop over the cells adds a small matrix for each of them, boundary conditions
//! are set, and a solver does the rest.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; Cells; }
//! use op2::solve::CgOptions;
//!
//! /// The stiffness matrix of a linear triangle, and its part of the load.
//! #[op2::kernel]
//! fn stiffness(x: &[[f64; 2]; 3], a: Inc<[[f64; 3]; 3]>, b: Inc<[f64; 3]>) {
//!     let twice = (x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1]);
//!     for i in 0..3 {
//!         b[i] += twice / 6.0;
//!         for j in 0..3 {
//!             let (p, q) = ((i + 1) % 3, (i + 2) % 3);
//!             let (r, s) = ((j + 1) % 3, (j + 2) % 3);
//!             let product = (x[p][0] - x[q][0]) * (x[r][0] - x[s][0])
//!                 + (x[p][1] - x[q][1]) * (x[r][1] - x[s][1]);
//!             a[i][j] += 0.5 * product / twice;
//!         }
//!     }
//! }
//!
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let nodes = cx.set::<Nodes>(4)?;
//! # let cells = cx.set::<Cells>(2)?;
//! # let cell_nodes: Map<Cells, Nodes, 3> = cx.map("cell_nodes", &cells, &nodes, vec![[0, 1, 2], [1, 3, 2]])?;
//! # let x: Dat<Nodes, [f64; 2]> = cx.dat("x", &nodes, vec![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])?;
//! let pattern = Sparsity::new(&[(&cell_nodes, &cell_nodes)])?;
//! let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &pattern)?;
//! let b: Dat<Nodes, f64> = cx.dat_zeros("b", &nodes)?;
//! par_loop!(stiffness, cells, x(Read, cell_nodes), a(Inc, cell_nodes, cell_nodes), b(Inc, cell_nodes))?;
//!
//! // u = 0 on the left side; the matrix stays symmetric.
//! let left = cx.subset("left", &nodes, vec![0, 2])?;
//! let zero: Dat<Nodes, f64> = cx.dat_zeros("zero", &nodes)?;
//! a.eliminate(&left, &zero, &b, 1.0)?;
//!
//! let mut u: Dat<Nodes, f64> = cx.dat_zeros("u", &nodes)?;
//! let report = op2::solve::cg(&a, &b, &mut u, CgOptions { rtol: 1e-10, ..Default::default() })?;
//! assert!(report.iterations <= 2);
//! let u = u.to_vec()?; // x - x^2 / 2, in the mean of the right side
//! assert!((0.5 * (u[1] + u[3]) - 0.5).abs() < 1e-9);
//! # Ok(())
//! # }
//! ```
//!
//! The module [`matrix`] says what else loops and matrices can do: vector spaces, one entry at a time,
//! masks, views for other crates. [`solve`] has the solvers, [`dense`] small matrices for kernels.
//!
//! # Reading and writing results
//!
//! `q.read()?` and `q.write()?` are guards that deref to `[T]`, in the order of the program's numbering.
//! A loop that would disturb a living guard is an error, so drop it first. `q.to_vec()?` is a copy.
//! The module `io` reads mesh files of many programs, makes sets, maps and dats of them, and writes
//! files for `ParaView` and pictures; its tour is in the module `meshes`.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Cells; }
//! # #[op2::kernel]
//! # fn double(q: &mut f64) { *q *= 2.0; }
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let cells = cx.set::<Cells>(3)?;
//! let q: Dat<Cells, f64> = cx.dat("q", &cells, vec![1.0, 2.0, 3.0])?;
//! q.write()?[0] = 5.0;
//! let guard = q.read()?;
//! assert_eq!(guard.iter().sum::<f64>(), 10.0);
//! let error = par_loop!(double, cells, q(Rw)).unwrap_err();
//! assert!(error.to_string().contains("dat `q` is in use: a guard from `read()` is alive"));
//! drop(guard);
//! par_loop!(double, cells, q(Rw))?;
//! # Ok(())
//! # }
//! ```
//!
//! # Renumbering
//!
//! Loops are fast where the elements that one element names lie close together in memory. For a
//! mesh that a generator numbered without regard to that, one call makes up for it:
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Edges; Cells; }
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let edges = cx.set::<Edges>(3)?;
//! # let cells = cx.set::<Cells>(4)?;
//! let edge_cells: Map<Edges, Cells, 2> =
//!     cx.map("edge_cells", &edges, &cells, vec![[0, 3], [3, 1], [1, 2]])?;
//! let q: Dat<Cells, f64> = cx.dat("q", &cells, vec![0.0, 1.0, 2.0, 3.0])?;
//! println!("{}", cx.reorder(&Reorder::cuthill_mckee(&edge_cells))?);
//! assert_eq!(q.to_vec()?, [0.0, 1.0, 2.0, 3.0]);
//! # Ok(())
//! # }
//! ```
//!
//! Every set, map, dat and subset that hangs together with the map moves along. The program does not
//! notice: guards, `index()`, subsets and messages keep its numbering.
//!
//! # The report
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Cells; }
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let cells = cx.set::<Cells>(3)?;
//! # let q: Dat<Cells, f64> = cx.dat_zeros("q", &cells)?;
//! op2::builtins::fill(1.0, &q)?;
//! let report = cx.report()?;
//! println!("{report}");
//! assert_eq!((&*report.rows[0].name, report.rows[0].calls), ("fill", 1));
//! # Ok(())
//! # }
//! ```
//!
//! A row per loop: calls, time, bytes, bandwidth, and what part that is of the memory bandwidth
//! measured at this moment; below the table, why each plan is as it is. `to_json()` has the same.
//!
//! # Settings, and several contexts
//!
//! [`Context::from_env`] reads `OP2_BACKEND`, `OP2_THREADS`, `OP2_SIMD` and `OP2_CHECKED`, and for [`devices`] what
//! stands there; a builder sets the same in code. Contexts live side by side, each with data of its own.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Cells; }
//! # fn main() -> op2::Result<()> {
//! let one = Context::builder().backend(Backend::Seq).build()?;
//! let two = Context::builder().backend(Backend::Rayon).threads(2).build()?;
//! let mut sums = Vec::new();
//! for cx in [&one, &two] {
//!     let cells = cx.set::<Cells>(100_000)?;
//!     let q: Dat<Cells, f64> = cx.dat_zeros("q", &cells)?;
//!     op2::builtins::fill(0.1, &q)?;
//!     sums.push(op2::builtins::sum(&q)?);
//! }
//! assert_eq!(sums[0], sums[1]); // the same bits
//! # Ok(())
//! # }
//! ```
//!
//! [`Context::run`](op2_core::context::Context::run) around a time loop saves handing each of its loops over to the threads.
//!
//! # Finding mistakes
//!
//! Rules that the compiler cannot check come back as an [`Error`] before anything runs. The checked mode
//! also looks at what fast loops take for granted, and at their results:
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Cells; }
//! #[op2::kernel]
//! fn root(x: &f64, y: Write<f64>) {
//!     *y = x.sqrt();
//! }
//!
//! # fn main() -> op2::Result<()> {
//! let cx = Context::builder().checked(true).build()?; // or OP2_CHECKED=1
//! # let cells = cx.set::<Cells>(3)?;
//! let x: Dat<Cells, f64> = cx.dat("x", &cells, vec![4.0, -1.0, 9.0])?;
//! let y: Dat<Cells, f64> = cx.dat_zeros("y", &cells)?;
//! let error = par_loop!(root, cells, x(Read), y(Write)).unwrap_err();
//! assert!(error.to_string().ends_with("element 1: a NaN or infinity appeared in dat `y`"));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

extern crate self as op2;

pub mod builtins;
pub mod dense;
pub mod matrix;
pub mod prelude;
pub mod solve;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

mod context;
mod declare;

// What a program writes.
pub use op2_core::exec::run::PreparedLoop;
pub use op2_macros::{Element, function, kernel, par_loop, prepare};

// Who shares the work.
pub use op2_core::base::comm::Comm;
#[cfg(feature = "mpi")]
#[doc(inline)]
pub use op2_core::dist::mpi;
/// Ranks as threads: a program, run so many times side by side, each with a context of its own that
/// holds its part of the mesh.
///
/// ```
/// use op2::prelude::*;
///
/// op2::sets! { Cells; }
///
/// #[op2::kernel]
/// fn add(q: &f64, total: Inc<f64>) {
///     *total += q;
/// }
///
/// # fn main() -> op2::Result<()> {
/// let totals = op2::ranks(3, |comm| {
///     let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
///     let cells = cx.set::<Cells>(100)?;
///     let q: Dat<Cells, f64> = cx.dat("q", &cells, vec![0.5; 100])?;
///     let total = cx.global("total", 0.0);
///     par_loop!(add, cells, q(Read), total(Inc))?;
///     total.value()
/// })?;
/// assert_eq!(totals, [50.0; 3]); // all ranks have the sum over all cells
/// # Ok(())
/// # }
/// ```
#[doc(inline)]
pub use op2_core::dist::threads::run as ranks;

// What a program declares.
pub use context::{Context, ContextBuilder};
#[doc(no_inline)]
pub use matrix::{LinearOperator, Mat, MatrixFree, Sparsity};
pub use op2_core::base::device_settings::RaceStrategy;
pub use op2_core::base::layout::Layout;
pub use op2_core::mesh::constant::Const;
pub use op2_core::mesh::dat::Dat;
pub use op2_core::mesh::dat_guards::{ReadGuard, WriteGuard};
pub use op2_core::mesh::global::{Global, Reduction};
pub use op2_core::mesh::map::Map;
pub use op2_core::mesh::masked::Masked;
pub use op2_core::mesh::set::{Set, SetMarker};
pub use op2_core::mesh::subset::Subset;

// What a dat may hold, and what kernels may be generic over.
pub use op2_core::base::element::{Element, ElementKind};
pub use op2_core::par_loop::number::{Number, Real};

// How a loop uses its arguments.
pub use op2_core::mesh::access::{Access, mode};

// How a program runs, and what it cost.
pub use op2_core::base::config::{Backend, Settings, SimdLevel};
pub use op2_core::base::triad::Triad;
pub use op2_core::device::transfers::Transfers;
pub use op2_core::mesh::ordering::Permutation;
pub use op2_core::mesh::ordering::Spread;
pub use op2_core::mesh::reorder::{Reorder, Reordered};
pub use op2_core::report::{self, Report};

// How ranks share the work.
pub use op2_core::base::comm;
pub use op2_core::base::config::AutoPartition;
pub use op2_core::dist::partition::{Partition, Quality};
pub use op2_core::exec::ranks::Traffic;

// What can go wrong.
pub use op2_core::base::error::{Error, Result, Site, Violation};

// Files.
#[cfg(feature = "io")]
pub use op2_core::io;

/// A kernel parameter that is overwritten: the kernel assigns it before reading it.
pub type Write<'a, T> = &'a mut T;
/// A kernel parameter that is added to with `+=` or `-=`.
pub type Inc<'a, T> = &'a mut T;
/// A kernel parameter that is lowered: `*m = (*m).min(v)`.
pub type Min<'a, T> = &'a mut T;
/// A kernel parameter that is raised: `*m = (*m).max(v)`.
pub type Max<'a, T> = &'a mut T;

// Pages of the documentation, whose programs are compiled and run as tests.
#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/kernel-language.md")]
pub mod kernel_language {}
#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/devices.md")]
pub mod devices {}
#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/ranks.md")]
pub mod many_ranks {}
#[cfg(all(any(doc, doctest), feature = "io"))]
#[doc = include_str!("../docs/meshes.md")]
pub mod meshes {}
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
