//! Matrices of meshes: which entries there are, their values, products, and views for other crates.
//!
//! A [`Sparsity`] is made from pairs of maps, a [`Mat`] from a sparsity, and loops fill it:
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; Cells; }
//! /// Adds 1 for each pair of nodes of a cell.
//! #[op2::kernel]
//! fn couple(a: Inc<[[f64; 2]; 2]>) {
//!     for i in 0..2 {
//!         for j in 0..2 {
//!             a[i][j] += 1.0;
//!         }
//!     }
//! }
//!
//! # fn main() -> op2::Result<()> {
//! let cx = Context::from_env()?;
//! let nodes = cx.set::<Nodes>(3)?;
//! let cells = cx.set::<Cells>(2)?;
//! let ends: Map<Cells, Nodes, 2> = cx.map("ends", &cells, &nodes, vec![[0, 1], [1, 2]])?;
//! let pattern = Sparsity::new(&[(&ends, &ends)])?;
//! let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &pattern)?;
//! par_loop!(couple, cells, a(Inc, ends, ends))?;
//! assert_eq!(a.get(1, 1)?, 2.0);
//! let csr: sprs::CsMatViewI<f64, u32> = a.assemble()?.csr();
//! assert_eq!((csr.nnz(), csr.get(0, 2)), (7, None));
//! # Ok(())
//! # }
//! ```
//!
//! # On several ranks
//!
//! Each rank has the rows of the elements that it owns; loops fill them without messages. A product waits for
//! nothing but the values of others that it needs, and only where these have changed. What looks at a matrix
//! as a whole ([`Mat::read`], [`Mat::assemble`], [`Mat::get`], norms) is collective, and shows the whole matrix on
//! every rank; [`Mat::write_matrix_market`] writes on rank 0. What changes entries ([`Mat::write`],
//! [`Mat::zero_rows`], [`Mat::load`]) may be asked for by all ranks alike: the owner of a row does it.
//!
//! Declare all sets and maps, and call [`Context::partition`](op2_core::context::Context::partition), before making
//! sparsities and matrices: they do not follow elements that move or get other numbers. A matrix says so when
//! it is used.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; Edges; }
//! # #[op2::kernel]
//! # fn couple(a: Inc<[[f64; 2]; 2]>) {
//! #     for i in 0..2 {
//! #         for j in 0..2 {
//! #             a[i][j] += 1.0;
//! #         }
//! #     }
//! # }
//! op2::ranks(2, |comm| {
//!     let cx = Context::builder().comm(comm).build()?;
//!     let (nodes, edges) = (cx.set::<Nodes>(5)?, cx.set::<Edges>(4)?);
//!     let ends = cx.map("ends", &edges, &nodes, [[0, 1], [1, 2], [2, 3], [3, 4]])?;
//!     let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &Sparsity::new(&(&ends, &ends))?)?;
//!     par_loop!(couple, edges, a(Inc, ends, ends))?;
//!     let (x, y) = (cx.dat("x", &nodes, [1.0; 5])?, cx.dat_zeros("y", &nodes)?);
//!     a.multiply(&x, &y)?;
//!     assert_eq!(a.num_entries(), 13);
//!     assert_eq!(y.to_vec()?, [2.0, 4.0, 4.0, 4.0, 2.0]);
//!     Ok(())
//! })?;
//! # Ok::<(), op2::Error>(())
//! ```
//!
//! # What a kernel sees
//!
//! With entries `f64` and maps of arities `A` (to the rows) and `B` (to the columns), the parameter
//! is `Inc<[[f64; B]; A]>`, or `Write<..>`: element `[i][j]` goes to the row that the first map's
//! entry `i` names and the column that the second map's entry `j` names.
//!
//! For vector spaces the entries are blocks `[[f64; C]; R]`, which couple the `R` components of a row
//! to the `C` components of a column. The kernel's parameter is then either nested, `[[[[f64; C]; R];
//! B]; A]`, where `a[i][j][r][c]` couples component `r` of row `i` with component `c` of column `j`, or
//! flat, `[[f64; B * C]; A * R]`, where the same number is `a[i * R + r][j * C + c]`.
//!
//! A tensor of another shape does not compile:
//!
//! ```compile_fail
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; Cells; }
//! #[op2::kernel]
//! fn couple(a: Inc<[[f64; 5]; 4]>) { // 2 entries of 2 components: [[f64; 4]; 4]
//!     a[0][0] += 1.0;
//! }
//!
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let nodes = cx.set::<Nodes>(3)?;
//! # let cells = cx.set::<Cells>(2)?;
//! # let ends: Map<Cells, Nodes, 2> = cx.map("ends", &cells, &nodes, vec![[0, 1], [1, 2]])?;
//! let pattern = Sparsity::new(&[(&ends, &ends)])?;
//! let a: Mat<Nodes, Nodes, [[f64; 2]; 2]> = cx.mat("A", &pattern)?;
//! par_loop!(couple, cells, a(Inc, ends, ends))?;
//! # Ok(())
//! # }
//! ```
//!
//! `a(Inc, rows[i], columns[j])` runs the kernel once for each pair of entries, with a parameter
//! `Inc<f64>` (one entry); `i` and `j` may then be used in other arguments, `x(Read, rows[i])`, and
//! `index(i)` passes the number itself. `a(Inc, rows[0], columns[1])` is one fixed entry.
//!
//! # Mixed spaces
//!
//! A matrix of several spaces is a tuple of rows of matrices. It is a [`LinearOperator`] on tuples of dats,
//! which solvers take as any other; `()` is a block of zeros.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; Cells; }
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let nodes = cx.set::<Nodes>(3)?;
//! # let cells = cx.set::<Cells>(2)?;
//! # let ends: Map<Cells, Nodes, 2> = cx.map("ends", &cells, &nodes, vec![[0, 1], [1, 2]])?;
//! # let itself: Map<Cells, Cells, 1> = cx.map("itself", &cells, &cells, vec![[0], [1]])?;
//! use op2::matrix::Numbers;
//!
//! let maps = (&ends, &itself);
//! let ((nn, nc), (cn, _)) = Sparsity::mixed(&maps, &maps)?;
//! let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &nn)?;
//! let b: Mat<Nodes, Cells, f64> = cx.mat("B", &nc)?;
//! let c: Mat<Cells, Nodes, f64> = cx.mat("C", &cn)?;
//! c.set(1, 2, 5.0)?;
//! let x = (cx.dat("x", &nodes, vec![1.0; 3])?, cx.dat("p", &cells, vec![1.0; 2])?);
//! let y = (x.0.like("y")?, x.1.like("q")?);
//! let mixed = ((&a, &b), (&c, ()));
//! mixed.apply(&x, &y)?;
//! assert_eq!(y.1.to_vec()?, [0.0, 5.0]);
//! assert_eq!(mixed.merged()?.get(4, 2), Some(&5.0)); // one matrix, space after space
//! # Ok(())
//! # }
//! ```
//!
//! # Boundary conditions
//!
//! Rows can be replaced afterwards ([`Mat::zero_rows`], [`Mat::eliminate`]), or left out while adding:
//! through [`Map::without`](crate::Map::without) a map leads nowhere for some of its targets, and what
//! would go there is dropped.
//!
//! # On devices
//!
//! In a context with a device, a matrix is filled there by loops, and products with vectors
//! ([`Mat::multiply`], [`Mat::multiply_add`], [`Mat::multiply_transposed`], those of mixed matrices) are
//! computed there, a row by one work-item, in the order of the row's entries: the bits are those of the
//! host for the same values (without `OP2_CONTRACT`). The pattern goes to the device once; values that loops and products have
//! made there stay there, and so do zeros ([`Mat::zero`]), so that assembling anew copies nothing. All
//! else that looks at a matrix (guards, views, norms, `diagonal`) brings its values to the host, and what
//! changes it there ([`Mat::zero_rows`], [`Mat::eliminate`], [`Mat::set_diagonal`], [`Mat::scale`],
//! [`Mat::axpy`], single entries) has them sent again when a loop or a product needs them.
//! [`Context::transfers`](op2_core::context::Context::transfers) counts such copies.
//!
//! ```
//! # use op2::prelude::*;
//! # op2::sets! { Nodes; }
//! # fn main() -> op2::Result<()> {
//! let cx = Context::builder().backend(op2::Backend::Memcheck).build()?; // or `OpenCl`, `Cuda`
//! let nodes = cx.set::<Nodes>(2)?;
//! let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &Sparsity::from_list(&nodes, &nodes, &[])?)?;
//! (0..2).try_for_each(|i| a.set(i, i, 2.0))?;
//! let x = cx.dat("x", &nodes, vec![1.0, 3.0])?;
//! let y = x.like("y")?;
//! for _ in 0..10 {
//!     a.multiply(&x, &y)?;
//! }
//! assert_eq!(cx.transfers().map(|copies| copies.to_device), Some(2)); // `A` and `x`, once
//! assert_eq!(y.to_vec()?, [2.0, 6.0]);
//! # Ok(())
//! # }
//! ```

pub use op2_core::matrix::entry::{Entry, Scalar};
pub use op2_core::matrix::mat::Mat;
pub use op2_core::matrix::mat_guards::{Assembled, MatRead, MatWrite};
pub use op2_core::matrix::mixed::{
    Block, BlockRow, MergeBlock, MergePlace, MergeRow, Numbers, SparsityGrid, SparsityRow,
};
pub use op2_core::matrix::operator::{LinearOperator, MatrixFree};
pub use op2_core::matrix::pairs::MapPairs;
pub use op2_core::matrix::pattern::Pattern;
pub use op2_core::matrix::rows::{OneComponent, Rows};
pub use op2_core::matrix::sparsity::Sparsity;
pub use op2_core::matrix::values::Component;
