//! The inverses of the diagonal blocks.

use super::{Preconditioner, Square};
use crate::{Dat, Element, Inc, Mat, Real, Result, Write, kernel, par_loop};

/// Solves with the diagonal blocks of a matrix whose entries are blocks `[[f64; N]; N]`; with entries
/// that are numbers, it is [`Jacobi`](super::Jacobi).
///
/// ```
/// # use op2::prelude::*;
/// # use op2::solve::{Preconditioner, precond::BlockJacobi};
/// # op2::sets! { Nodes; }
/// # fn main() -> op2::Result<()> {
/// # let cx = Context::from_env()?;
/// # let nodes = cx.set::<Nodes>(1)?;
/// let sparsity = Sparsity::from_list(&nodes, &nodes, &[])?;
/// let a: Mat<Nodes, Nodes, [[f64; 2]; 2]> = cx.mat("A", &sparsity)?;
/// # let r = cx.dat("r", &nodes, vec![[1.0, 4.0]])?;
/// # let z: Dat<Nodes, [f64; 2]> = cx.dat_zeros("z", &nodes)?;
/// a.set(0, 0, [[0.0, 2.0], [1.0, 0.0]])?;
/// BlockJacobi::new(&a)?.apply(&r, &z)?;
/// assert_eq!(z.to_vec()?, [[4.0, 0.5]]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BlockJacobi<S, T> {
    inverse: Dat<S, T>,
}

impl<S, T: Square> BlockJacobi<S, T> {
    /// Takes the diagonal as it is now. Collective.
    ///
    /// # Errors
    /// A block without an inverse, or none at all; rows and columns of different sets; a matrix in use;
    /// not enough memory.
    pub fn new(a: &Mat<S, S, T>) -> Result<Self> {
        let local = a.local()?;
        local.check_square()?;
        let (pattern, values) = (local.pattern(), local.values());
        let invert = |row: u32| {
            let block = pattern.find(row, row).map_or(T::zeroed(), |place| values[place]);
            block.inverse().ok_or_else(|| {
                let row = local.row_set().user_number(row as usize);
                local.refuse(format!(
                    "row {row} has {block:?} on the diagonal, which has no inverse"
                ))
            })
        };
        let inverses = (0..pattern.num_rows() as u32).map(invert).collect::<Result<Vec<T>>>();
        let inverses = local.agree(inverses)?;
        Ok(Self { inverse: local.row_dat("block_jacobi", &inverses)? })
    }
}

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl<S> Preconditioner<Dat<S, $number>> for BlockJacobi<S, $number> {
            fn apply(&self, r: &Dat<S, $number>, z: &Dat<S, $number>) -> Result<()> {
                crate::builtins::mul(&self.inverse, r, z)
            }

            fn apply_dots(
                &self,
                r: &Dat<S, $number>,
                z: &Dat<S, $number>,
            ) -> Result<(f64, f64)> {
                crate::solve::Components::mul_dots(&self.inverse, r, z)
            }
        }
    )*};
}

numbers! { f64 f32 }

impl<S, T, const N: usize> Preconditioner<Dat<S, [T; N]>> for BlockJacobi<S, [[T; N]; N]>
where
    T: Real,
    [T; N]: crate::solve::Components,
    [[T; N]; N]: Element,
{
    fn apply(&self, r: &Dat<S, [T; N]>, z: &Dat<S, [T; N]>) -> Result<()> {
        let (set, d) = (z.set(), &self.inverse);
        par_loop!(times_block, set, d(Read), r(Read), z(Write))
    }

    fn apply_dots(&self, r: &Dat<S, [T; N]>, z: &Dat<S, [T; N]>) -> Result<(f64, f64)> {
        let (set, d) = (z.set(), &self.inverse);
        let sums = z.reduction::<[f64; 2]>("dots");
        par_loop!(times_block_dots, set, d(Read), r(Read), z(Write), sums(Inc))?;
        sums.value().map(Into::into)
    }
}

#[kernel]
fn times_block<T: Real, const N: usize>(d: &[[T; N]; N], r: &[T; N], z: Write<[T; N]>) {
    for i in 0..N {
        let mut sum = T::ZERO;
        for j in 0..N {
            sum += d[i][j] * r[j];
        }
        z[i] = sum;
    }
}

#[kernel]
fn times_block_dots<T: Real, const N: usize>(
    d: &[[T; N]; N],
    r: &[T; N],
    z: Write<[T; N]>,
    sums: Inc<[f64; 2]>,
) {
    for i in 0..N {
        let mut sum = T::ZERO;
        for j in 0..N {
            sum += d[i][j] * r[j];
        }
        z[i] = sum;
        sums[0] += r[i].to_f64() * sum.to_f64();
        sums[1] += sum.to_f64() * sum.to_f64();
    }
}
