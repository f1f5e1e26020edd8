//! The number of the element.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn number(i: &u64, x: op2::Write<u64>) {
    *x = 10 * *i;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(3)?;
    let x = cx.dat_zeros::<_, u64>("x", &cells)?;
    par_loop!(number, cells, index(), x(Write))?;
    assert_eq!(x.read()?.to_vec(), [0, 10, 20]);
    Ok(())
}
