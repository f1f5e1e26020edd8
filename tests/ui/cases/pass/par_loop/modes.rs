//! Every mode, as the kernel has it.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn all(r: &f64, w: op2::Write<f64>, rw: &mut f64, i: Inc<f64>, lo: Min<f64>, hi: Max<f64>) {
    *w = *r;
    *rw += *w;
    *i -= *r;
    *lo = (*lo).min(*r);
    *hi = (*hi).max(*r);
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(2)?;
    let r = cx.dat("r", &cells, vec![1.0, 2.0])?;
    let (w, rw) = (cx.dat_zeros::<_, f64>("w", &cells)?, cx.dat("rw", &cells, vec![1.0, 1.0])?);
    let (i, lo, hi) =
        (cx.reduction::<f64>("i"), cx.reduction::<f64>("lo"), cx.reduction::<f64>("hi"));
    par_loop!(all, cells, r(Read), w(Write), rw(Rw), i(Inc), lo(Min), hi(Max))?;
    assert_eq!((i.value()?, lo.value()?, hi.value()?), (-3.0, 1.0, 2.0));
    assert_eq!(rw.read()?.to_vec(), [2.0, 3.0]);
    Ok(())
}
