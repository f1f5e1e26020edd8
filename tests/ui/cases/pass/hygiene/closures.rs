//! Loops in closures, methods, generic functions, `async` blocks.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn total<S: SetMarker>(set: &Set<S>, x: &Dat<S, f64>, sum: &Reduction<f64>) -> op2::Result<()> {
    par_loop!(add, set, x(Read), sum(Inc))
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (x, sum) = (cx.dat("x", &cells, vec![1.0])?, cx.reduction::<f64>("sum"));
    let again = || par_loop!(add, cells, x(Read), sum(Inc));
    again()?;
    total(&cells, &x, &sum)?;
    drop(async { par_loop!(add, cells, x(Read), sum(Inc)) });
    assert_eq!(sum.value()?, 2.0);
    Ok(())
}
