//! Floor 2: sparse matrices: their patterns, their values, products with vectors.
//!
//! A [`pattern`] says which entries there can be, [`positions`] where the contributions of a mesh
//! element go, [`values`] and [`spmv`] compute with pattern and values as plain data. Loops that fill
//! matrices belong to the floors above.
//!
//! On several ranks, each has the rows that it owns; the columns are numbered as the rank stores their
//! set, halo included. What is shown to users is the whole matrix, gathered.

#[forbid(unsafe_code)]
pub mod algebra;
#[forbid(unsafe_code)]
mod build;
#[forbid(unsafe_code)]
pub mod by_users;
#[forbid(unsafe_code)]
pub mod entry;
pub mod exchange;
#[forbid(unsafe_code)]
mod gather;
#[forbid(unsafe_code)]
pub mod local;
pub mod mat;
pub mod mat_core;
pub mod mat_guards;
#[forbid(unsafe_code)]
pub mod matrix_market;
#[forbid(unsafe_code)]
pub mod mixed;
#[forbid(unsafe_code)]
pub mod neighbors;
#[forbid(unsafe_code)]
pub mod operator;
#[forbid(unsafe_code)]
pub mod pairs;
#[forbid(unsafe_code)]
mod parts;
#[forbid(unsafe_code)]
pub mod pattern;
#[forbid(unsafe_code)]
pub mod positions;
#[forbid(unsafe_code)]
pub mod product;
#[forbid(unsafe_code)]
mod rank_product;
#[forbid(unsafe_code)]
mod rank_transpose;
#[forbid(unsafe_code)]
mod row_set;
#[forbid(unsafe_code)]
pub mod row_split;
#[forbid(unsafe_code)]
pub mod rows;
pub mod side;
pub mod sparsity;
pub mod sparsity_core;
pub mod spmv;
mod storage;
#[forbid(unsafe_code)]
pub mod table;
#[forbid(unsafe_code)]
pub mod transpose;
#[forbid(unsafe_code)]
pub mod values;
mod vectors;
pub mod words;
