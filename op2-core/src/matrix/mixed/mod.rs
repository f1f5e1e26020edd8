//! Mixed spaces: matrices of matrices, as tuples of tuples.
//!
//! With spaces `V` and `P`, vectors are pairs of dats and a matrix is `((a_vv, a_vp), (a_pv, a_pp))`: a
//! tuple of rows. Any numbers of rows and columns from 1 to 4 will do, and `()` stands for a block of
//! zeros. Blocks are matrices of their own, filled by loops of their own.

mod merge;
mod operator;
mod sparsity;

pub use merge::{MergeBlock, MergePlace, MergeRow, Numbers};
pub use operator::{Block, BlockRow};
pub use sparsity::{SparsityGrid, SparsityRow};
