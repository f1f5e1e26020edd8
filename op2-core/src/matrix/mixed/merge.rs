//! One matrix of single numbers, of a matrix or of a mixed one: for direct solvers and for files.

use std::io::Write;
use std::sync::Arc;

use sprs::CsMatI;

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::matrix::entry::{Entry, Scalar};
use crate::matrix::mat::Mat;
use crate::matrix::matrix_market;

/// What can be seen as one matrix of single numbers `S`, in the user's numbering: a [`Mat`], or a
/// tuple of rows of them with the spaces one after the other.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a matrix, or a tuple of rows of matrices, of `{S}`"
)]
pub trait Numbers<S: Scalar> {
    /// A copy for `sprs`, on every rank. Collective. Component `i` of element `e` of a space is row (or column)
    /// `first + e * components + i`, where `first` counts what the spaces before it have.
    ///
    /// # Errors
    /// Blocks whose sizes do not fit together, a space whose blocks are all `()`, more numbers than
    /// 32 bits can count; as [`Mat::read`].
    fn merged(&self) -> Result<CsMatI<S, u32>>;

    /// As [`merged`](Self::merged), on rank 0; `None` on the others.
    ///
    /// # Errors
    /// As [`merged`](Self::merged); on rank 0 alone, unless all ranks agree.
    fn merged_on_first(&self) -> Result<Option<CsMatI<S, u32>>> {
        self.merged().map(Some)
    }

    /// The ranks that share the matrix; `None` where all of it is here.
    fn ranks(&self) -> Option<Arc<dyn Comm>> {
        None
    }

    /// Writes [`merged`](Self::merged) as a Matrix Market file. Collective: of several ranks, rank 0 writes,
    /// and the others leave their `to` alone.
    ///
    /// # Errors
    /// Whatever `to` reports; as [`merged`](Self::merged).
    fn write_merged(&self, to: &mut impl Write) -> Result<()> {
        let write = |whole: CsMatI<S, u32>| matrix_market::write(&whole.view(), to);
        let written = self.merged_on_first().and_then(|whole| whole.map_or(Ok(()), write));
        match self.ranks() {
            None => written,
            Some(comm) => agree(&*comm, written),
        }
    }
}

impl<R, C, T: Entry> Numbers<T::Scalar> for Mat<R, C, T> {
    fn merged(&self) -> Result<CsMatI<T::Scalar, u32>> {
        self.to_numbers()
    }

    fn merged_on_first(&self) -> Result<Option<CsMatI<T::Scalar, u32>>> {
        self.to_numbers_on(0)
    }

    fn ranks(&self) -> Option<Arc<dyn Comm>> {
        self.core().home().comm().cloned()
    }
}

impl<S: Scalar, A: Numbers<S>> Numbers<S> for &A {
    fn merged(&self) -> Result<CsMatI<S, u32>> {
        (**self).merged()
    }

    fn merged_on_first(&self) -> Result<Option<CsMatI<S, u32>>> {
        (**self).merged_on_first()
    }

    fn ranks(&self) -> Option<Arc<dyn Comm>> {
        (**self).ranks()
    }
}

/// Where a whole matrix is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergePlace {
    /// On every rank.
    Everywhere,
    /// On rank 0.
    First,
}

/// A block with numbers of kind `S`, or `()` without any.
pub trait MergeBlock<S> {
    /// A copy for `sprs`; `None` for zeros, and where it is not wanted. Collective.
    ///
    /// # Errors
    /// As [`Numbers::merged`].
    fn numbers(&self, place: MergePlace) -> Result<Option<CsMatI<S, u32>>>;

    /// As [`Numbers::ranks`].
    fn ranks(&self) -> Option<Arc<dyn Comm>>;
}

impl<R, C, T: Entry> MergeBlock<T::Scalar> for Mat<R, C, T> {
    fn numbers(&self, place: MergePlace) -> Result<Option<CsMatI<T::Scalar, u32>>> {
        match place {
            MergePlace::Everywhere => self.to_numbers().map(Some),
            MergePlace::First => self.to_numbers_on(0),
        }
    }

    fn ranks(&self) -> Option<Arc<dyn Comm>> {
        self.core().home().comm().cloned()
    }
}

impl<S, A: MergeBlock<S>> MergeBlock<S> for &A {
    fn numbers(&self, place: MergePlace) -> Result<Option<CsMatI<S, u32>>> {
        (**self).numbers(place)
    }

    fn ranks(&self) -> Option<Arc<dyn Comm>> {
        (**self).ranks()
    }
}

impl<S> MergeBlock<S> for () {
    fn numbers(&self, _: MergePlace) -> Result<Option<CsMatI<S, u32>>> {
        Ok(None)
    }

    fn ranks(&self) -> Option<Arc<dyn Comm>> {
        None
    }
}

/// A row of blocks with numbers of kind `S`.
pub trait MergeRow<S> {
    /// All blocks, as [`MergeBlock::numbers`] gives them.
    ///
    /// # Errors
    /// As [`Numbers::merged`].
    fn blocks(&self, place: MergePlace) -> Result<Vec<Option<CsMatI<S, u32>>>>;

    /// As [`Numbers::ranks`].
    fn ranks(&self) -> Option<Arc<dyn Comm>>;
}

macro_rules! rows {
    ($($($block:ident),+;)*) => {$(
        #[allow(non_snake_case)]
        impl<S, $($block: MergeBlock<S>),+> MergeRow<S> for ($($block,)+) {
            fn blocks(&self, place: MergePlace) -> Result<Vec<Option<CsMatI<S, u32>>>> {
                let ($($block,)+) = self;
                Ok(vec![$($block.numbers(place)?),+])
            }

            fn ranks(&self) -> Option<Arc<dyn Comm>> {
                let ($($block,)+) = self;
                None$(.or_else(|| $block.ranks()))+
            }
        }
    )*};
}

rows! {
    A;
    A, B;
    A, B, C;
    A, B, C, D;
}

macro_rules! grids {
    ($($($row:ident),+;)*) => {$(
        #[allow(non_snake_case)]
        impl<S: Scalar, $($row: MergeRow<S>),+> Numbers<S> for ($($row,)+) {
            fn merged(&self) -> Result<CsMatI<S, u32>> {
                let ($($row,)+) = self;
                merge(&[$($row.blocks(MergePlace::Everywhere)?),+])
            }

            fn merged_on_first(&self) -> Result<Option<CsMatI<S, u32>>> {
                let ($($row,)+) = self;
                let rows = [$($row.blocks(MergePlace::First)?),+];
                match self.ranks() {
                    Some(comm) if comm.rank() != 0 => Ok(None),
                    _ => merge(&rows).map(Some),
                }
            }

            fn ranks(&self) -> Option<Arc<dyn Comm>> {
                let ($($row,)+) = self;
                None$(.or_else(|| $row.ranks()))+
            }
        }
    )*};
}

grids! {
    R1;
    R1, R2;
    R1, R2, R3;
    R1, R2, R3, R4;
}

type Row<S> = Vec<Option<CsMatI<S, u32>>>;

/// One matrix of all blocks.
fn merge<S: Scalar>(rows: &[Row<S>]) -> Result<CsMatI<S, u32>> {
    let num_cols = rows[0].len();
    if let Some(row) = rows.iter().find(|row| row.len() != num_cols) {
        return Err(refuse(format!("its rows have {num_cols} and {} blocks", row.len())));
    }
    let column = |j: usize| rows.iter().map(move |row| &row[j]);
    let heights = rows
        .iter()
        .map(|row| common(row.iter(), "row", CsMatI::rows))
        .collect::<Result<Vec<_>>>()?;
    let widths = (0..num_cols)
        .map(|j| common(column(j), "column", CsMatI::cols))
        .collect::<Result<Vec<_>>>()?;
    let shape: (usize, usize) = (heights.iter().sum(), widths.iter().sum());
    let num_entries: usize = rows.iter().flatten().flatten().map(CsMatI::nnz).sum();
    if shape.0.max(shape.1).max(num_entries) >= u32::MAX as usize {
        return Err(refuse("it has more numbers than 32 bits can count".to_owned()));
    }
    let mut offsets = Vec::with_capacity(shape.0 + 1);
    offsets.push(0);
    let (mut columns, mut values) =
        (Vec::with_capacity(num_entries), Vec::with_capacity(num_entries));
    for (blocks, &height) in rows.iter().zip(&heights) {
        for row in 0..height {
            let mut first = 0;
            for (block, &width) in blocks.iter().zip(&widths) {
                if let Some(entries) = block.as_ref().and_then(|block| block.outer_view(row)) {
                    columns.extend(entries.indices().iter().map(|col| col + first));
                    values.extend_from_slice(entries.data());
                }
                first += width as u32;
            }
            offsets.push(columns.len() as u32);
        }
    }
    Ok(CsMatI::new(shape, offsets, columns, values))
}

/// The size that all blocks of a row or a column share.
fn common<'b, S: 'b>(
    blocks: impl Iterator<Item = &'b Option<CsMatI<S, u32>>>,
    what: &str,
    size: impl Fn(&CsMatI<S, u32>) -> usize,
) -> Result<usize> {
    let mut sizes = blocks.flatten().map(size);
    let Some(first) = sizes.next() else {
        return Err(refuse(format!("a {what} has no block that says how long it is")));
    };
    match sizes.find(|&size| size != first) {
        None => Ok(first),
        Some(other) => Err(refuse(format!("blocks of {first} and {other} stand in one {what}"))),
    }
}

fn refuse(reason: String) -> Error {
    Error::declaration("mat", "mixed", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(shape: (usize, usize), entries: &[(usize, usize, f64)]) -> CsMatI<f64, u32> {
        let mut triplets = sprs::TriMatI::<f64, u32>::new(shape);
        entries.iter().for_each(|&(row, col, value)| triplets.add_triplet(row, col, value));
        triplets.to_csr()
    }

    #[test]
    fn blocks_stand_beside_and_below_each_other() {
        let (a, b) = (block((1, 2), &[(0, 1, 1.0)]), block((1, 1), &[(0, 0, 2.0)]));
        let c = block((2, 2), &[(0, 0, 3.0), (1, 1, 4.0)]);
        let merged = merge(&[vec![Some(a), Some(b)], vec![Some(c), None]]).unwrap();
        assert_eq!(merged.shape(), (3, 3));
        let entries: Vec<_> = merged.iter().map(|(&value, place)| (place, value)).collect();
        assert_eq!(entries, [((0, 1), 1.0), ((0, 2), 2.0), ((1, 0), 3.0), ((2, 1), 4.0)]);
    }

    #[test]
    fn blocks_that_do_not_fit_are_refused() {
        let text = |rows: &[Row<f64>]| merge(rows).unwrap_err().to_string();
        let (a, b) = (Some(block((1, 2), &[])), Some(block((2, 2), &[])));
        assert_eq!(text(&[vec![a.clone(), b]]), "mat `mixed`: blocks of 1 and 2 stand in one row");
        assert_eq!(
            text(&[vec![a.clone(), None]]),
            "mat `mixed`: a column has no block that says how long it is"
        );
        assert_eq!(
            text(&[vec![a.clone()], vec![a.clone(), a]]),
            "mat `mixed`: its rows have 1 and 2 blocks"
        );
    }
}
