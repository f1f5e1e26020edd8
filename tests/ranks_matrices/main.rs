//! Matrices, products and solvers on ranks that are threads, compared with one rank.

mod agreement;
mod entries;
mod mesh;
mod products;
mod refusals;
mod reproducible;
mod solvers;
