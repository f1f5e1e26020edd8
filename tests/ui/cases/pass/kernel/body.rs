//! What a body may hold: `let`, `if`, `for`, `while`, `match` over literals, casts, arrays.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn all(kind: &u32, x: &[f64; 3], y: op2::Write<f64>) {
    let mut sum = 0.0;
    let squares = [x[0] * x[0], x[1] * x[1], x[2].powi(2)];
    for i in 0..3 {
        sum += if squares[i] > 4.0 { 4.0 } else { squares[i] };
    }
    let mut n = *kind as i32;
    while n > 0 {
        sum += 1.0;
        n -= 1;
    }
    *y = match *kind {
        0 => 0.0,
        1 | 2 => sum,
        _ => -sum.sqrt(),
    };
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(2)?;
    let kind = cx.dat("kind", &cells, vec![2_u32, 0])?;
    let x = cx.dat("x", &cells, vec![[1.0, 2.0, 3.0]; 2])?;
    let y = cx.dat_zeros::<_, f64>("y", &cells)?;
    par_loop!(all, cells, kind(Read), x(Read), y(Write))?;
    assert_eq!(y.read()?.to_vec(), [11.0, 0.0]);
    Ok(())
}
