//! Plain values: variables, literals, arrays, fields.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

struct Run {
    dt: f64,
}

#[op2::kernel]
fn advance(dt: &f64, scale: &f64, wind: &[f64; 2], x: &mut f64) {
    *x += *dt * *scale * (wind[0] + wind[1]);
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let x = cx.dat("x", &cells, vec![1.0])?;
    let (run, wind) = (Run { dt: 0.5 }, [1.0, 3.0]);
    par_loop!(advance, cells, run.dt(Read), 2.0(Read), wind(Read), x(Rw))?;
    assert_eq!(x.read()?[0], 5.0);
    Ok(())
}
