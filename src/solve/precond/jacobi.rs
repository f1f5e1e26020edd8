//! The inverse of the diagonal.

use op2_core::matrix::local::LocalMat;

use super::{Preconditioner, Square};
use crate::solve::Components;
use crate::{Dat, Mat, Number, Result, builtins};

/// Divides by the diagonal of a matrix; by the diagonals of its diagonal blocks, if it has blocks.
///
/// ```
/// # use op2::prelude::*;
/// # use op2::solve::{Preconditioner, precond::Jacobi};
/// # op2::sets! { Nodes; }
/// # fn main() -> op2::Result<()> {
/// # let cx = Context::from_env()?;
/// # let nodes = cx.set::<Nodes>(2)?;
/// let sparsity = Sparsity::from_list(&nodes, &nodes, &[])?;
/// let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &sparsity)?;
/// # let r = cx.dat("r", &nodes, vec![1.0, 1.0])?;
/// # let z: Dat<Nodes, f64> = cx.dat_zeros("z", &nodes)?;
/// a.set(0, 0, 2.0)?;
/// let error = Jacobi::new(&a).unwrap_err().to_string();
/// assert_eq!(error, "mat `A`: row 1 has 0 on the diagonal, which has no inverse");
/// a.set(1, 1, 4.0)?;
/// Jacobi::new(&a)?.apply(&r, &z)?;
/// assert_eq!(z.to_vec()?, [0.5, 0.25]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Jacobi<S, V> {
    inverse: Dat<S, V>,
}

impl<S, V: Components> Jacobi<S, V> {
    /// Takes the diagonal as it is now. Collective.
    ///
    /// # Errors
    /// A zero or a NaN on the diagonal, or none at all; rows and columns of different sets; a matrix in
    /// use; not enough memory.
    pub fn new<T: Square<Row = V>>(a: &Mat<S, S, T>) -> Result<Self> {
        let local = a.local()?;
        local.check_square()?;
        let inverses = local.agree(Self::inverses(&local))?;
        Ok(Self { inverse: local.row_dat("jacobi", &inverses)? })
    }

    fn inverses<T: Square<Row = V>>(local: &LocalMat<S, S, T>) -> Result<Vec<V>> {
        let (pattern, values) = (local.pattern(), local.values());
        let mut inverses = Vec::with_capacity(pattern.num_rows());
        let mut numbers = vec![0.0; T::ROWS];
        for row in 0..pattern.num_rows() as u32 {
            let entry = pattern.find(row, row).map_or(T::zeroed(), |place| values[place]);
            for (i, number) in numbers.iter_mut().enumerate() {
                let value = entry.at(i, i).to_f64();
                *number = 1.0 / value;
                if !number.is_finite() {
                    let row = local.row_set().user_number(row as usize);
                    let part = if T::ROWS == 1 { "" } else { &format!(", component {i},") };
                    return Err(local.refuse(format!(
                        "row {row}{part} has {value} on the diagonal, which has no inverse"
                    )));
                }
            }
            inverses.push(V::of_numbers(&numbers));
        }
        Ok(inverses)
    }
}

impl<S, V: Components> Preconditioner<Dat<S, V>> for Jacobi<S, V> {
    fn apply(&self, r: &Dat<S, V>, z: &Dat<S, V>) -> Result<()> {
        builtins::mul(&self.inverse, r, z)
    }

    fn apply_dots(&self, r: &Dat<S, V>, z: &Dat<S, V>) -> Result<(f64, f64)> {
        V::mul_dots(&self.inverse, r, z)
    }
}
