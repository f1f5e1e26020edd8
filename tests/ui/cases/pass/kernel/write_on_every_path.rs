//! Read after it was assigned on every path.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn clip(x: &f64, q: op2::Write<[f64; 2]>, sum: Inc<f64>) {
    if *x > 1.0 {
        q[0] = 1.0;
    } else {
        q[0] = *x;
    }
    q[1] = 2.0 * q[0];
    *sum += q[0] + q[1];
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(2)?;
    let (x, sum) = (cx.dat("x", &cells, vec![0.5, 3.0])?, cx.reduction::<f64>("sum"));
    let q = cx.dat_zeros::<_, [f64; 2]>("q", &cells)?;
    par_loop!(clip, cells, x(Read), q(Write), sum(Inc))?;
    assert_eq!(sum.value()?, 4.5);
    Ok(())
}
