//! `host` allows any Rust, on the CPU.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel(host)]
fn sorted(x: &[u32; 3], y: op2::Write<u32>) {
    let mut all = x.to_vec();
    all.sort_unstable();
    *y = all[1];
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (x, y) = (cx.dat("x", &cells, vec![[3, 1, 2]])?, cx.dat_zeros::<_, u32>("y", &cells)?);
    par_loop!(sorted, cells, x(Read), y(Write))?;
    assert_eq!(y.read()?[0], 2);
    Ok(())
}
