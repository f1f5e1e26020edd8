//! The sparsities of all blocks of a mixed matrix, in one call.

use crate::base::error::Result;
use crate::matrix::sparsity::Sparsity;
use crate::mesh::map::Map;

/// Maps to the row spaces, as a tuple; `C` is the tuple of maps to the column spaces.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{C}` are not tuples of maps that make a mixed sparsity",
    note = "write `Sparsity::mixed(&(&v_map, &p_map), &(&v_map, &p_map))`: one map to each space, all from the same set"
)]
pub trait SparsityGrid<C> {
    /// A tuple of rows, each a tuple of sparsities.
    type Grid;
    /// The sparsities of all blocks.
    ///
    /// # Errors
    /// As [`Sparsity::new`].
    fn grid(&self, cols: &C) -> Result<Self::Grid>;
}

/// The map to one row space, against the maps to all column spaces.
pub trait SparsityRow<C> {
    /// A tuple of sparsities.
    type Row;
    /// The sparsities of one row of blocks.
    ///
    /// # Errors
    /// As [`Sparsity::new`].
    fn row(&self, cols: &C) -> Result<Self::Row>;
}

/// The types stand for no sets: this is where `mixed` lives.
impl Sparsity<(), ()> {
    /// The sparsities of all pairs of a row space and a column space, in the shape of the mixed
    /// matrix: each element couples all rows and all columns that it names through any of the maps.
    ///
    /// # Errors
    /// As [`Sparsity::new`].
    pub fn mixed<R: SparsityGrid<C>, C>(rows: &R, cols: &C) -> Result<R::Grid> {
        rows.grid(cols)
    }
}

macro_rules! rows {
    ($($($set:ident $arity:ident),+;)*) => {$(
        #[allow(non_snake_case)]
        impl<F, R, const A: usize, $($set, const $arity: usize),+>
            SparsityRow<($(&Map<F, $set, $arity>,)+)> for &Map<F, R, A>
        {
            type Row = ($(Sparsity<R, $set>,)+);

            fn row(&self, cols: &($(&Map<F, $set, $arity>,)+)) -> Result<Self::Row> {
                let ($($set,)+) = cols;
                Ok(($(Sparsity::new(&(*self, *$set))?,)+))
            }
        }
    )*};
}

rows! {
    S1 B1;
    S1 B1, S2 B2;
    S1 B1, S2 B2, S3 B3;
    S1 B1, S2 B2, S3 B3, S4 B4;
}

macro_rules! grids {
    ($($($map:ident),+;)*) => {$(
        #[allow(non_snake_case)]
        impl<C, $($map: SparsityRow<C>),+> SparsityGrid<C> for ($($map,)+) {
            type Grid = ($($map::Row,)+);

            fn grid(&self, cols: &C) -> Result<Self::Grid> {
                let ($($map,)+) = self;
                Ok(($($map.row(cols)?,)+))
            }
        }
    )*};
}

grids! {
    M1;
    M1, M2;
    M1, M2, M3;
    M1, M2, M3, M4;
}
