//! Parameters and variables named like what expansions use.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn odd(elements: &f64, position: &f64, lane: &f64, work: Inc<f64>) {
    let wide = *elements;
    let (a0, buffer) = (*position, *lane);
    *work += wide + a0 + buffer;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let sum = cx.reduction::<f64>("sum");
    par_loop!(odd, cells, 1.0(Read), 2.0(Read), 3.0(Read), sum(Inc))?;
    assert_eq!(sum.value()?, 6.0);
    Ok(())
}
