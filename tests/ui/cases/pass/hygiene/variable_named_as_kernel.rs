//! Variables, dats and macros named like kernels, and like what expansions use.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

macro_rules! add {
    () => {
        1.0
    };
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (add, sum) = (cx.dat("add", &cells, vec![add!()])?, cx.reduction::<f64>("sum"));
    par_loop!(add, cells, add(Read), sum(Inc))?;
    let (__space, __kernel, __d0) = (cells, 1, 2);
    par_loop!(add, __space, add(Read), sum(Inc))?;
    assert_eq!((sum.value()?, __kernel + __d0), (2.0, 3));
    Ok(())
}
