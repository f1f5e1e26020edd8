//! Under `forbid(unsafe_code)` and the strictest lints.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    rust_2018_idioms,
    unused,
    unreachable_pub,
    trivial_casts,
    trivial_numeric_casts,
    single_use_lifetimes,
    clippy::all,
    clippy::pedantic
)]
#![allow(unreachable_pub, reason = "a program has nobody to be public for")]

use op2::prelude::*;

op2::sets! {
    /// Mesh cells.
    pub Cells;
    /// Between two cells.
    pub Edges;
}

op2::constants! {
    /// Ratio of specific heats.
    pub GAM: f64 = 1.4;
}

/// What a cell holds.
#[repr(C)]
#[derive(Clone, Copy, Debug, op2::Element)]
pub struct State {
    /// Density.
    pub rho: f64,
    /// Energy.
    pub e: f64,
}

/// Half of it.
#[op2::function]
#[must_use]
pub fn half(x: f64) -> f64 {
    0.5 * x
}

/// Spreads the pressure.
#[op2::kernel]
pub fn flux(q: &State, a: Inc<f64>, b: Inc<f64>) {
    let p = (GAM - 1.0) * half(q.e) * q.rho;
    *a += p;
    *b -= p;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let (cells, edges) = (cx.set::<Cells>(2)?, cx.set::<Edges>(1)?);
    let edge_cells = cx.map("edge_cells", &edges, &cells, vec![[0, 1]])?;
    let q = cx.dat("q", &edges, vec![State { rho: 1.0, e: 5.0 }])?;
    let res = cx.dat_zeros::<_, f64>("res", &cells)?;
    par_loop!(flux, edges, q(Read), res(Inc, edge_cells[0]), res(Inc, edge_cells[1]))?;
    assert!((res.read()?[0] - 1.0).abs() < 1e-12);
    Ok(())
}
