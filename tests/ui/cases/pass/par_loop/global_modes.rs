//! What a global and a reduction allow.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(3)?;
    let (step, sum) = (cx.global("step", 0.5), cx.reduction::<f64>("sum"));
    par_loop!(add, cells, step(Read), sum(Inc))?;
    assert_eq!(sum.value()?, 1.5);
    Ok(())
}
