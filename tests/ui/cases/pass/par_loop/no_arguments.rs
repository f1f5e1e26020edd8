//! A kernel without parameters is odd, but sound.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn nothing() {}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(3)?;
    par_loop!(nothing, cells)?;
    Ok(())
}
