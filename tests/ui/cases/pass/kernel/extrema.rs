//! Minima and maxima of numbers and of components.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn bounds(x: &[f64; 2], lo: Min<[f64; 2]>, hi: Max<f64>) {
    for i in 0..2 {
        lo[i] = lo[i].min(x[i]);
        *hi = (*hi).max(x[i]);
    }
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(2)?;
    let x = cx.dat("x", &cells, vec![[0.5, 2.0], [1.5, 1.0]])?;
    let (lo, hi) = (cx.reduction::<[f64; 2]>("lo"), cx.reduction::<f64>("hi"));
    par_loop!(bounds, cells, x(Read), lo(Min), hi(Max))?;
    assert_eq!((lo.value()?, hi.value()?), ([0.5, 1.0], 2.0));
    Ok(())
}
