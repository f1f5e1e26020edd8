//! How many elements a vector block takes.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel(lanes = 4)]
fn one(x: op2::Write<f64>) {
    *x = 1.0;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(9)?;
    let x = cx.dat_zeros::<_, f64>("x", &cells)?;
    par_loop!(one, cells, x(Write))?;
    assert_eq!(x.read()?.to_vec(), [1.0; 9]);
    Ok(())
}
