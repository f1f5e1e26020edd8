//! A subset of the set on which the dat lives.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn one(x: op2::Write<f64>) {
    *x = 1.0;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(3)?;
    let (wall, x) = (cx.subset("wall", &cells, vec![0, 2])?, cx.dat_zeros::<_, f64>("x", &cells)?);
    par_loop!(one, wall, x(Write))?;
    assert_eq!(x.read()?.to_vec(), [1.0, 0.0, 1.0]);
    Ok(())
}
