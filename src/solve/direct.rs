//! Direct solvers: factorize once, solve many times. Feature `direct`.
//!
//! The work is done by the crate `faer`, on one thread, so that results have the same bits for any
//! number of threads. Matrices are taken in single numbers and in the user's numbering (blocks are
//! spread out, the spaces of a mixed matrix put one after the other); the factorization then finds an
//! order of its own, which keeps the factors small.
//!
//! On several ranks all is collective: the whole matrix goes to rank 0, which factorizes it and solves; right-hand
//! sides go there, and solutions come back.

use std::sync::Arc;

use faer::linalg::solvers::{ShapeCore, Solve};
use faer::sparse::linalg::LltError;
use faer::sparse::linalg::LuError;
use faer::sparse::linalg::solvers::{Llt, Lu as FaerLu, SymbolicLlt, SymbolicLu};
use faer::sparse::{FaerError, SparseColMatRef, SymbolicSparseColMatRef};
use faer::traits::ComplexField;
use faer::{MatMut, Side};
use sprs::CsMatI;

use op2_core::base::comm::Comm;
use op2_core::base::wire::agree;
use op2_core::bytemuck;

use super::Vector;
use crate::matrix::{Numbers, Scalar};
use crate::{Error, Number, Real, Result};

/// The numbers of direct solvers: `f64` and `f32`.
pub trait Precision: Scalar + Real + ComplexField {}
impl Precision for f64 {}
impl Precision for f32 {}

/// The Cholesky factorization `A = L L^T` of a symmetric positive definite matrix.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::direct::Cholesky;
///
/// op2::sets! { Nodes; }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let nodes = cx.set::<Nodes>(2)?;
/// let sparsity = Sparsity::from_list(&nodes, &nodes, &[(0, 1), (1, 0)])?;
/// let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &sparsity)?;
/// let b = cx.dat("b", &nodes, vec![1.0, 1.0])?;
/// let mut u: Dat<Nodes, f64> = cx.dat_zeros("u", &nodes)?;
/// a.write()?.add_tensor(&[0, 1], &[0, 1], &[[2.0, -1.0], [-1.0, 2.0]])?;
/// let cholesky = Cholesky::new(&a)?;
/// cholesky.solve(&b, &mut u)?;
/// assert!((u.read()?[1] - 1.0).abs() < 1e-14);
/// # Ok(())
/// # }
/// ```
pub struct Cholesky<S> {
    factor: OnFirst<Llt<u32, S>>,
}

/// The LU factorization with partial pivoting of any regular matrix, such as a mixed one.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::direct::Lu;
///
/// op2::sets! { Nodes; Cells; }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let (nodes, cells) = (cx.set::<Nodes>(2)?, cx.set::<Cells>(1)?);
/// let aa = Sparsity::from_list(&nodes, &nodes, &[])?;
/// let ba = Sparsity::from_list(&cells, &nodes, &[(0, 1)])?;
/// let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &aa)?;
/// let b: Mat<Cells, Nodes, f64> = cx.mat("B", &ba)?;
/// a.set(0, 0, 1.0)?;
/// a.set(1, 1, 1.0)?;
/// b.set(0, 1, 2.0)?;
/// let bt = b.transpose("B^T")?;
/// let f = (cx.dat("f", &nodes, vec![3.0, 5.0])?, cx.dat("g", &cells, vec![2.0])?);
/// let mut u: (Dat<Nodes, f64>, Dat<Cells, f64>) = (cx.dat_zeros("u", &nodes)?, cx.dat_zeros("p", &cells)?);
/// let saddle = ((&a, &bt), (&b, ()));
/// Lu::new(&saddle)?.solve(&f, &mut u)?;
/// assert_eq!(u.0.to_vec()?, [3.0, 1.0]);
/// assert_eq!(u.1.to_vec()?, [2.0]);
/// # Ok(())
/// # }
/// ```
pub struct Lu<S> {
    factor: OnFirst<FaerLu<u32, S>>,
}

/// What rank 0 has, which may be the only one.
struct OnFirst<F> {
    factor: Option<F>,
    ranks: Option<Arc<dyn Comm>>,
}

/// How far apart mirrored entries of a symmetric matrix may be, relative to its largest.
const ASYMMETRY: f64 = 1e-6;

impl<S: Precision> Cholesky<S> {
    /// Factorizes the matrix as it is now.
    ///
    /// # Errors
    /// A matrix that is not symmetric or not positive definite (the row is named by its number in the
    /// matrix of single numbers), or not square; not enough memory.
    pub fn new<A: Numbers<S> + ?Sized>(a: &A) -> Result<Self> {
        let factor = OnFirst::factorize(a, |a| {
            let a = square(a)?;
            check_symmetric(&a)?;
            let symbolic = SymbolicLlt::try_new(pattern(&a), Side::Lower).map_err(failed)?;
            let matrix = SparseColMatRef::new(pattern(&a), a.data());
            let factor = Llt::try_new_with_symbolic(symbolic, matrix, Side::Lower);
            let factor = factor.map_err(|error| match error {
                LltError::Generic(error) => failed(error),
                LltError::Numeric(_) => refuse("it is not positive definite"),
            })?;
            check_regular(&a, &factor)?;
            Ok(factor)
        })?;
        Ok(Self { factor })
    }

    /// `u = A^-1 b`. `u` is overwritten.
    ///
    /// # Errors
    /// Vectors of other lengths or in use.
    pub fn solve<X: Vector>(&self, b: &X, u: &mut X) -> Result<()> {
        self.factor.solve(b, u)
    }
}

impl<S: Precision> Lu<S> {
    /// Factorizes the matrix as it is now.
    ///
    /// # Errors
    /// A matrix that is singular (to working precision), or not square; not enough memory.
    pub fn new<A: Numbers<S> + ?Sized>(a: &A) -> Result<Self> {
        let factor = OnFirst::factorize(a, |a| {
            let a = square(a)?.to_csc();
            let symbolic = SymbolicLu::try_new(pattern(&a)).map_err(failed)?;
            let matrix = SparseColMatRef::new(pattern(&a), a.data());
            let factor =
                FaerLu::try_new_with_symbolic(symbolic, matrix).map_err(|error| match error {
                    LuError::Generic(error) => failed(error),
                    LuError::SymbolicSingular { .. } => refuse("it is singular"),
                })?;
            check_regular(&a, &factor)?;
            Ok(factor)
        })?;
        Ok(Self { factor })
    }

    /// `u = A^-1 b`. `u` is overwritten.
    ///
    /// # Errors
    /// Vectors of other lengths or in use.
    pub fn solve<X: Vector>(&self, b: &X, u: &mut X) -> Result<()> {
        self.factor.solve(b, u)
    }
}

impl<F> OnFirst<F> {
    /// Factorizes on rank 0. Collective.
    fn factorize<S: Scalar, A: Numbers<S> + ?Sized>(
        a: &A,
        factorize: impl FnOnce(CsMatI<S, u32>) -> Result<F>,
    ) -> Result<Self> {
        let whole = a.merged_on_first();
        let mine = whole.and_then(|whole| whole.map(factorize).transpose());
        let ranks = a.ranks();
        let factor = match &ranks {
            None => mine,
            Some(comm) => agree(&**comm, mine),
        }?;
        Ok(Self { factor, ranks })
    }

    /// Solves on rank 0. Collective.
    fn solve<S: Precision>(&self, b: &impl Vector, u: &impl Vector) -> Result<()>
    where
        F: Solve<S> + ShapeCore,
    {
        let mine = b.numbers_on_first().and_then(|numbers| {
            let both = self.factor.as_ref().zip(numbers);
            both.map(|(factor, numbers)| solve(factor, numbers)).transpose()
        });
        let numbers = match &self.ranks {
            None => mine?,
            Some(comm) => {
                let mine = agree(&**comm, mine)?.unwrap_or_default();
                let all = comm.all_gather(bytemuck::cast_slice(&mine))?;
                Some(bytemuck::pod_collect_to_vec(&all[0]))
            }
        };
        u.set_numbers(&numbers.unwrap_or_default())
    }
}

fn solve<S: Precision, F: Solve<S> + ShapeCore>(factor: &F, numbers: Vec<f64>) -> Result<Vec<f64>> {
    let (given, needed) = (numbers.len(), factor.nrows());
    if given != needed {
        return Err(refuse(&format!("it has {needed} rows, the right-hand side {given} numbers")));
    }
    let mut numbers: Vec<S> = numbers.into_iter().map(S::from_f64).collect();
    solve_numbers(factor, &mut numbers);
    Ok(numbers.into_iter().map(Number::to_f64).collect())
}

fn solve_numbers<S: Precision, F: Solve<S>>(factor: &F, numbers: &mut [S]) {
    let rows = numbers.len();
    if rows > 0 {
        factor.solve_in_place(MatMut::from_column_major_slice_mut(numbers, rows, 1));
    }
}

/// The matrix by columns; one by rows is its transpose.
fn pattern<S>(a: &CsMatI<S, u32>) -> SymbolicSparseColMatRef<'_, u32> {
    let offsets = a.indptr().into_raw_storage();
    SymbolicSparseColMatRef::new_checked(a.rows(), a.cols(), offsets, None, a.indices())
}

fn square<S>(a: CsMatI<S, u32>) -> Result<CsMatI<S, u32>> {
    if a.rows() == a.cols() {
        return Ok(a);
    }
    Err(refuse(&format!("it has {} rows and {} columns", a.rows(), a.cols())))
}

fn check_symmetric<S: Precision>(a: &CsMatI<S, u32>) -> Result<()> {
    let largest = largest(a.data());
    for (&value, (row, col)) in a {
        let value = value.to_f64();
        let mirrored = a.get(col as usize, row as usize).map_or(0.0, |value| value.to_f64());
        if (value - mirrored).abs() > ASYMMETRY * largest {
            return Err(refuse(&format!(
                "it is not symmetric: row {row}, column {col} has {value}, row {col}, column {row} has {mirrored}"
            )));
        }
    }
    Ok(())
}

/// That the factors make no numbers so large that no digit of a solution would be right.
fn check_regular<S: Precision, F: Solve<S>>(a: &CsMatI<S, u32>, factor: &F) -> Result<()> {
    // Numbers between 1 and 2 without any regularity.
    let number = |i: usize| 1.0 + (i as f64 * 0.618_033_988_749_895).fract();
    let mut numbers: Vec<S> = (0..a.rows()).map(|i| S::from_f64(number(i))).collect();
    solve_numbers(factor, &mut numbers);
    let growth = largest(&numbers) * largest(a.data());
    if growth <= 1.0 / S::EPSILON.to_f64() {
        return Ok(());
    }
    Err(refuse("it is singular to working precision"))
}

/// The largest magnitude; NaN if there is one.
fn largest<S: Number>(numbers: &[S]) -> f64 {
    let larger = |a: f64, b: f64| if b > a || b.is_nan() { b } else { a };
    numbers.iter().map(|&number| number.to_f64().abs()).fold(0.0, larger)
}

fn failed(error: FaerError) -> Error {
    match error {
        FaerError::IndexOverflow => refuse("its factors have more numbers than 31 bits can count"),
        _ => refuse("there is not enough memory for its factors"),
    }
}

fn refuse(reason: &str) -> Error {
    Error::Declaration { what: "matrix", name: "to be factorized".into(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(size: usize, entries: &[(usize, usize, f64)]) -> Whole {
        let mut triplets = sprs::TriMatI::<f64, u32>::new((size, size));
        entries.iter().for_each(|&(row, col, value)| triplets.add_triplet(row, col, value));
        Whole(triplets.to_csr())
    }

    struct Whole(CsMatI<f64, u32>);

    impl Numbers<f64> for Whole {
        fn merged(&self) -> Result<CsMatI<f64, u32>> {
            Ok(self.0.clone())
        }
    }

    fn text<T>(result: Result<T>) -> String {
        result.err().expect("refused").to_string()
    }

    #[test]
    fn matrices_that_cannot_be_factorized_are_refused() {
        let indefinite = matrix(2, &[(0, 0, 1.0), (0, 1, 2.0), (1, 0, 2.0), (1, 1, 1.0)]);
        assert!(text(Cholesky::new(&indefinite)).ends_with("it is not positive definite"));
        assert!(Lu::new(&indefinite).is_ok());
        let lopsided = matrix(2, &[(0, 0, 1.0), (0, 1, 0.5), (1, 1, 1.0)]);
        let message = text(Cholesky::new(&lopsided));
        assert!(message.contains("row 0, column 1 has 0.5, row 1, column 0 has 0"), "{message}");
        let singular = matrix(2, &[(0, 0, 1.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.0)]);
        assert!(text(Lu::new(&singular)).contains("singular"));
        assert!(Cholesky::new(&singular).is_err());
        let hollow = matrix(2, &[(0, 0, 1.0), (1, 0, 1.0)]);
        assert!(text(Lu::new(&hollow)).contains("singular"));
        assert!(text(Lu::new(&matrix(1, &[(0, 0, f64::NAN)]))).contains("singular"));
    }

    #[test]
    fn nothing_can_be_factorized() {
        let nothing = matrix(0, &[]);
        assert!(Cholesky::new(&nothing).is_ok());
        assert!(Lu::new(&nothing).is_ok());
    }
}
