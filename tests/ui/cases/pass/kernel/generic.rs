//! A type parameter, named or inferred.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn axpy<T: Real>(a: &T, x: &T, y: &mut T) {
    *y += *a * *x;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (x, y) = (cx.dat("x", &cells, vec![2.0_f32])?, cx.dat("y", &cells, vec![1.0_f32])?);
    par_loop!(axpy::<f32>, cells, 0.5_f32(Read), x(Read), y(Rw))?;
    par_loop!(axpy, cells, 0.5_f32(Read), x(Read), y(Rw))?;
    assert_eq!(y.read()?[0], 3.0);
    Ok(())
}
