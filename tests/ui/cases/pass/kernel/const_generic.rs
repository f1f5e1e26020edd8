//! An array length as a parameter.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn total<const N: usize>(x: &[f64; N], sum: Inc<f64>) {
    for i in 0..N {
        *sum += x[i];
    }
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (x, sum) = (cx.dat("x", &cells, vec![[1.0, 2.0, 3.0]])?, cx.reduction::<f64>("sum"));
    par_loop!(total::<3>, cells, x(Read), sum(Inc))?;
    par_loop!(total, cells, x(Read), sum(Inc))?;
    assert_eq!(sum.value()?, 12.0);
    Ok(())
}
