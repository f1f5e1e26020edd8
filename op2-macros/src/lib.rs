//! The macros of op2: entry points only. Programs reach them through the package `op2`.
//!
//! `#[kernel]` and `#[function]` go from the user's tokens to a typed form, through its checks, to
//! code; `par_loop!` goes from a call to a description and its checks.

mod derive_element;
mod errors;
#[allow(dead_code, unused_imports, reason = "the typed form holds what the device languages need")]
mod kernel;
mod par_loop;

use kernel::{Compiled, Flavor};
use proc_macro::TokenStream;

/// Makes a function a kernel: something to apply to every element of a mesh.
///
/// The parameters say how the kernel uses its data, and the body is held to it:
///
/// | parameter | mode | the kernel may |
/// |---|---|---|
/// | `&T` | `Read` | read |
/// | `&mut T` | `Rw` | read and change |
/// | `Write<T>` | `Write` | assign, and read what it has assigned |
/// | `Inc<T>` | `Inc` | add to, by `+=` or `-=` |
/// | `Min<T>`, `Max<T>` | `Min`, `Max` | lower, raise: `*m = (*m).min(v)` |
///
/// The body uses numbers, arrays, element structs, branches, loops over ranges, the methods of numbers,
/// constants by their names in capitals, and functions marked `#[op2::function]`. Everything else is an
/// error that says what to write instead. The page `op2::kernel_language` has the whole language.
///
/// The function itself stays, for tests and for use outside of loops.
///
/// ```
/// use op2::prelude::*;
///
/// op2::constants! { GAM: f64 = 1.4; }
///
/// #[op2::kernel]
/// fn pressure(q: &[f64; 4], p: Write<f64>, highest: Max<f64>) {
///     *p = (GAM - 1.0) * (q[3] - 0.5 * (q[1] * q[1] + q[2] * q[2]) / q[0]);
///     *highest = (*highest).max(*p);
/// }
///
/// let (mut p, mut highest) = (0.0, 0.5);
/// pressure(&[1.0, 0.0, 0.0, 5.0], &mut p, &mut highest);
/// assert_eq!(p, (1.4 - 1.0) * 5.0);
/// assert_eq!(highest, p);
/// ```
///
/// Type parameters and const generics are allowed; the bound for numbers is `Real` or `op2::Number`.
///
/// # Options
///
/// - `#[op2::kernel(lanes = 16)]`: how many elements run side by side in vector registers; 1, 2, 4, 8, 16,
///   32 or 64. Unless given, 8, and 1 for kernels that only move values.
/// - `#[op2::kernel(host)]`: any Rust in the body, printing and allocating too. Such a kernel will
///   not run on accelerators. The modes are still checked.
///
/// ```compile_fail
/// use op2::prelude::*;
///
/// #[op2::kernel]
/// fn flux(q: &f64, res: Inc<f64>) {
///     *res = *q; // `res` is an Inc parameter: it can only be changed by `+=` or `-=`
/// }
/// ```
#[proc_macro_attribute]
pub fn kernel(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand(attr, item, Flavor::Kernel)
}

/// Makes a function callable from kernels, and from other such functions.
///
/// It takes values, `&T` and `&mut T`, and returns a value. Its body is written in the language of
/// kernels; it may use constants and be generic. Outside of kernels it is a plain function.
///
/// ```
/// use op2::prelude::*;
///
/// #[op2::function]
/// fn minmod(a: f64, b: f64) -> f64 {
///     if a * b <= 0.0 {
///         0.0
///     } else if a.abs() < b.abs() {
///         a
///     } else {
///         b
///     }
/// }
///
/// #[op2::kernel]
/// fn slope(u: &[f64; 3], s: Write<f64>) {
///     *s = minmod(u[1] - u[0], u[2] - u[1]);
/// }
///
/// assert_eq!(minmod(1.0, 2.0), 1.0);
/// ```
#[proc_macro_attribute]
pub fn function(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand(attr, item, Flavor::Function)
}

/// Applies a kernel to every element of a set: `par_loop!(kernel, set, arguments..)?`.
///
/// One argument for each parameter of the kernel:
///
/// | argument | the kernel gets |
/// |---|---|
/// | `q(Read)` | the element's own value; also a global, a reduction, or a plain value such as a time step |
/// | `q(Read, map[k])` | the value of the element that entry `k` of the map names; `k` is a literal or a const generic |
/// | `q(Read, map)` | an array with the values of all entries |
/// | `index()` | the number of the element in the program's numbering, a `&u64` |
///
/// Modes are `Read`, `Write`, `Rw`, `Inc`, `Min` and `Max`, that of the kernel's parameter. The data can be a
/// field, `mesh.q(Read, mesh.edge_cells[0])`; the set can be a subset, and the kernel a path, with its types
/// if they cannot be inferred: `kernels::scale::<f64>`. Nothing is moved: the macro borrows what it
/// names.
///
/// The value is an `op2::Result<()>`. The compiler has then proved that modes, types, sets and maps fit;
/// what is left, such as a guard that is still alive, or two names of one dat, is found before anything
/// runs. When the macro returns, the loop is done.
///
/// Elements run in any order and side by side. Increments are summed in an order that depends on
/// the mesh alone, so that the result has the same bits on any number of threads.
///
/// ```
/// use op2::prelude::*;
///
/// op2::sets! { Nodes; Edges; }
///
/// #[op2::kernel]
/// fn spread(w: &f64, x: &[f64; 2], a: Inc<f64>, b: Inc<f64>, total: Inc<f64>) {
///     *a += w * x[0];
///     *b += w * x[1];
///     *total += *w;
/// }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let nodes = cx.set::<Nodes>(3)?;
/// let edges = cx.set::<Edges>(2)?;
/// let ends: Map<Edges, Nodes, 2> = cx.map("ends", &edges, &nodes, vec![[0, 1], [1, 2]])?;
/// let x: Dat<Nodes, f64> = cx.dat("x", &nodes, vec![1.0, 2.0, 3.0])?;
/// let sum: Dat<Nodes, f64> = cx.dat_zeros("sum", &nodes)?;
/// let total = cx.reduction::<f64>("total");
/// let w = 0.5;
/// par_loop!(
///     spread,
///     edges,
///     w(Read),
///     x(Read, ends),
///     sum(Inc, ends[0]),
///     sum(Inc, ends[1]),
///     total(Inc)
/// )?;
/// assert_eq!(sum.to_vec()?, [0.5, 2.0, 1.5]);
/// assert_eq!(total.value()?, 1.0);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// A guard that is alive, data of another context or of another set with the same marker, one dat in
/// two modes, a constant that was never set, a kernel that panics. All broken rules are listed.
#[proc_macro]
pub fn par_loop(input: TokenStream) -> TokenStream {
    par_loop::par_loop(input.into()).into()
}

/// Lets dats hold a struct, and loops take one as a plain value.
///
/// The struct is `#[repr(C)]` and `Copy`, its fields are numbers (`f64`, `f32`, `i32`, `i64`, `u32`, `u64`, `u8`), arrays of
/// these and other such structs, and there are no unused bytes between or after them: order the fields
/// by size, largest first. Const generics are allowed, type parameters are not.
///
/// In a kernel, `Inc` adds field by field, `Min` and `Max` take the smaller and larger of each field.
///
/// ```
/// use op2::prelude::*;
///
/// op2::sets! { Cells; }
///
/// #[repr(C)]
/// #[derive(Clone, Copy, Debug, PartialEq, op2::Element)]
/// struct State {
///     density: f64,
///     velocity: [f64; 2],
/// }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let cells = cx.set::<Cells>(10)?;
/// let still = State { density: 1.0, velocity: [0.0; 2] };
/// let q: Dat<Cells, State> = cx.dat("q", &cells, vec![still; 10])?;
/// assert_eq!(q.read()?[3], still);
/// # Ok(())
/// # }
/// ```
#[proc_macro_derive(Element)]
pub fn derive_element(input: TokenStream) -> TokenStream {
    derive_element::derive(input.into()).into()
}

fn expand(attr: TokenStream, item: TokenStream, flavor: Flavor) -> TokenStream {
    let Compiled { item, kernel, errors } = kernel::compile(attr.into(), item.into(), flavor);
    match (kernel, item) {
        (Some(kernel), Some(item)) => kernel::expand::expand(&kernel, &item),
        // The user's function stays, so that editors and other errors keep their sense.
        (_, item) => quote::quote!(#errors #item),
    }
    .into()
}
