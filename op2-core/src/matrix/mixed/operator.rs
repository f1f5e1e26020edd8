//! Tuples of tuples of matrices as linear operators on tuples of dats.

use crate::base::element::Element;
use crate::base::error::Result;
use crate::matrix::entry::Entry;
use crate::matrix::mat::Mat;
use crate::matrix::operator::LinearOperator;
use crate::matrix::product::{Zeros, elsewhere};
use crate::matrix::vectors;
use crate::mesh::dat::Dat;

/// One block of a mixed operator: a [`Mat`], a reference to one, or `()` for zeros.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a block that takes `{X}` to `{Y}`",
    note = "a mixed operator is a tuple of rows, `((a, b), (c, d))`; a block is a `Mat` (or a reference to one) whose sets and entries fit the vectors, or `()` for zeros"
)]
pub trait Block<X, Y> {
    /// `y = A x`.
    ///
    /// # Errors
    /// Vectors that do not fit or are in use.
    fn apply_block(&self, x: &X, y: &Y) -> Result<()>;

    /// `y += A x`.
    ///
    /// # Errors
    /// As [`apply_block`](Self::apply_block).
    fn add_block(&self, x: &X, y: &Y) -> Result<()>;

    /// How many rows and columns, where that is known.
    fn block_size(&self) -> (usize, usize);
}

impl<R, C, T, X, Y> Block<Dat<C, X>, Dat<R, Y>> for Mat<R, C, T>
where
    T: Entry<X = X, Y = Y>,
    X: Element,
    Y: Element,
{
    fn apply_block(&self, x: &Dat<C, X>, y: &Dat<R, Y>) -> Result<()> {
        self.multiply(x, y)
    }

    fn add_block(&self, x: &Dat<C, X>, y: &Dat<R, Y>) -> Result<()> {
        self.multiply_add(x, y)
    }

    fn block_size(&self) -> (usize, usize) {
        self.size()
    }
}

impl<X, Y, A: Block<X, Y>> Block<X, Y> for &A {
    fn apply_block(&self, x: &X, y: &Y) -> Result<()> {
        (**self).apply_block(x, y)
    }

    fn add_block(&self, x: &X, y: &Y) -> Result<()> {
        (**self).add_block(x, y)
    }

    fn block_size(&self) -> (usize, usize) {
        (**self).block_size()
    }
}

/// Zeros.
impl<X, S, Y: Element> Block<X, Dat<S, Y>> for () {
    fn apply_block(&self, _: &X, y: &Dat<S, Y>) -> Result<()> {
        let set = &y.core().set;
        let turn = set.home.turn()?;
        if let Some(place) = elsewhere(&set.home) {
            return place.clear(&Zeros::of_dat(y.core(), &turn)?);
        }
        vectors::change_rows(y, set, &turn, |y| y.fill(Y::zeroed()))
    }

    fn add_block(&self, _: &X, _: &Dat<S, Y>) -> Result<()> {
        Ok(())
    }

    fn block_size(&self) -> (usize, usize) {
        (0, 0)
    }
}

/// One row of a mixed operator: a tuple of blocks, which takes a tuple of vectors to one vector.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row of blocks that takes `{X}` to `{Y}`",
    note = "a row has one block for each vector of the tuple: a `Mat` whose sets and entries fit, or `()` for zeros"
)]
pub trait BlockRow<X, Y> {
    /// `y = A x`.
    ///
    /// # Errors
    /// As [`Block::apply_block`].
    fn apply_row(&self, x: &X, y: &Y) -> Result<()>;

    /// How many rows, and how many columns each of the blocks has, where that is known.
    fn row_size(&self) -> (usize, [usize; 4]);
}

macro_rules! rows_of_blocks {
    ($($first:ident $first_x:ident $(, $rest:ident $rest_x:ident)*;)*) => {$(
        #[allow(non_snake_case)]
        impl<Y, $first, $first_x $(, $rest, $rest_x)*> BlockRow<($first_x, $($rest_x,)*), Y>
            for ($first, $($rest,)*)
        where
            $first: Block<$first_x, Y>,
            $($rest: Block<$rest_x, Y>,)*
        {
            fn apply_row(&self, x: &($first_x, $($rest_x,)*), y: &Y) -> Result<()> {
                let ($first, $($rest,)*) = self;
                let ($first_x, $($rest_x,)*) = x;
                $first.apply_block($first_x, y)?;
                $($rest.add_block($rest_x, y)?;)*
                Ok(())
            }

            fn row_size(&self) -> (usize, [usize; 4]) {
                let ($first, $($rest,)*) = self;
                let sizes = [$first.block_size() $(, $rest.block_size())*];
                let mut cols = [0; 4];
                cols.iter_mut().zip(sizes).for_each(|(cols, size)| *cols = size.1);
                (sizes.iter().map(|size| size.0).max().unwrap_or(0), cols)
            }
        }
    )*};
}

rows_of_blocks! {
    A X1;
    A X1, B X2;
    A X1, B X2, C X3;
    A X1, B X2, C X3, D X4;
}

macro_rules! grids_of_blocks {
    ($($($row:ident $y:ident),+;)*) => {$(
        #[allow(non_snake_case)]
        impl<X, $($row, $y),+> LinearOperator<X, ($($y,)+)> for ($($row,)+)
        where
            $($row: BlockRow<X, $y>),+
        {
            fn apply(&self, x: &X, y: &($($y,)+)) -> Result<()> {
                let ($($row,)+) = self;
                let ($($y,)+) = y;
                $($row.apply_row(x, $y)?;)+
                Ok(())
            }

            fn size(&self) -> (usize, usize) {
                let ($($row,)+) = self;
                let rows = [$($row.row_size()),+];
                let widest = |j: usize| rows.iter().map(|row| row.1[j]).max().unwrap_or(0);
                (rows.iter().map(|row| row.0).sum(), (0..4).map(widest).sum())
            }
        }
    )*};
}

grids_of_blocks! {
    R1 Y1;
    R1 Y1, R2 Y2;
    R1 Y1, R2 Y2, R3 Y3;
    R1 Y1, R2 Y2, R3 Y3, R4 Y4;
}
