//! Products on several ranks: each computes the rows that it owns.

use crate::base::comm::Progress;
use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::mesh::dat::Dat;
use crate::mesh::home::Turn;

use super::by_users::sums_by_users;
use super::entry::Entry;
use super::neighbors::{Contributions, Neighbors};
use super::sparsity_core::SparsityCore;
use super::{spmv, vectors};

/// `y = A x`, or `y += A x`, of the rows of this rank; those without columns in the halo while values of
/// `x` travel. Collective.
///
/// # Errors
/// Dats of other sets or in use; those of the ranks.
pub(super) fn multiply<R, C, T: Entry, const ADD: bool>(
    neighbors: &dyn Neighbors,
    (sparsity, values): (&SparsityCore, &[T]),
    x: &Dat<C, T::X>,
    y: &Dat<R, T::Y>,
    turn: &Turn<'_>,
) -> Result<()> {
    let (pattern, split) = (sparsity.pattern(), sparsity.split());
    let matrix = sparsity.with(values);
    vectors::check(x.core(), &sparsity.cols, false)?;
    vectors::change_rows(y, &sparsity.rows, turn, |y| {
        let y = &mut y[..pattern.num_rows()];
        let mut multiply = |runs, progress: Progress<'_>| {
            // Asked for anew each time: between the two, copies of others' rows arrive.
            let x = vectors::rows(x, &sparsity.cols, turn)?;
            spmv::multiply_runs::<T, ADD>(matrix, runs, (&x, y), progress);
            Ok(())
        };
        neighbors
            .bring(sparsity.wanted(), x.core(), &mut |progress| multiply(&split.inner, progress))?;
        multiply(&split.border, None)
    })?
}

/// `y = A^T x`: what the rows of this rank give, and then what other ranks have for its columns, rank after
/// rank. Collective.
///
/// # Errors
/// As [`multiply`]; the reproducible mode, because such sums depend on who owns which rows.
pub(super) fn multiply_transposed<R, C, T: Entry>(
    neighbors: &dyn Neighbors,
    (sparsity, values): (&SparsityCore, &[T]),
    x: &Dat<R, T::Y>,
    y: &Dat<C, T::X>,
    turn: &Turn<'_>,
) -> Result<()> {
    let pattern = sparsity.pattern();
    if sums_by_users(&sparsity.rows.home) {
        return Err(Error::other(
            "the reproducible mode has no products with a transposed matrix on several ranks: make it with `transpose`, and multiply that",
        ));
    }
    let x = vectors::rows(x, &sparsity.rows, turn)?;
    let x = &x[..pattern.num_rows()];
    vectors::change_rows(y, &sparsity.cols, turn, |y| {
        spmv::multiply_transposed(pattern, values, || sparsity.transposed(), None, x, y);
        neighbors.send_back(sparsity.wanted(), size_of::<T::X>(), &mut Sums(y))
    })?
}

/// Rows of a vector, in local numbering, some of them sums for other ranks.
pub(super) struct Sums<'v, V>(pub(super) &'v mut [V]);

impl<V: Element + bytemuck::Pod> Contributions for Sums<'_, V> {
    fn pack(&self, rows: &[u32], message: &mut [u8]) {
        for (&row, part) in rows.iter().zip(message.chunks_exact_mut(size_of::<V>().max(1))) {
            part.copy_from_slice(bytemuck::bytes_of(&self.0[row as usize]));
        }
    }

    fn add(&mut self, rows: &[u32], message: &[u8]) {
        for (&row, part) in rows.iter().zip(message.chunks_exact(size_of::<V>().max(1))) {
            self.0[row as usize].accumulate(&bytemuck::pod_read_unaligned(part));
        }
    }
}
