//! Functions called from kernels, with references and constants of their own.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

op2::constants! {
    GAM: f64 = 1.4;
}

#[op2::function]
fn pressure(q: &[f64; 2]) -> f64 {
    (GAM - 1.0) * half(q[0] * q[1])
}

#[op2::function]
fn half(x: f64) -> f64 {
    0.5 * x
}

#[op2::kernel]
fn step(q: &[f64; 2], p: op2::Write<f64>) {
    *p = pressure(q);
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (q, p) = (cx.dat("q", &cells, vec![[2.0, 5.0]])?, cx.dat_zeros::<_, f64>("p", &cells)?);
    GAM.set(2.0);
    par_loop!(step, cells, q(Read), p(Write))?;
    assert_eq!(p.read()?[0], 5.0);
    Ok(())
}
