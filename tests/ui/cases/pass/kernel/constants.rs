//! `op2::constants!`, `const` outside and inside the body, arrays of them.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

op2::constants! {
    /// Free stream.
    pub QINF: [f64; 2];
}

const SCALE: f64 = 2.0;

#[op2::kernel]
fn far(q: op2::Write<[f64; 2]>) {
    const SHIFT: f64 = 1.0;
    for i in 0..2 {
        q[i] = SCALE * QINF[i] + SHIFT;
    }
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let q = cx.dat_zeros::<_, [f64; 2]>("q", &cells)?;
    QINF.set([1.0, 3.0]);
    par_loop!(far, cells, q(Write))?;
    assert_eq!(q.read()?[0], [3.0, 7.0]);
    Ok(())
}
