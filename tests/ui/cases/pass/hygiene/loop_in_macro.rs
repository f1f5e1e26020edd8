//! A loop and a kernel made by a macro of the program.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

macro_rules! fill {
    ($kernel:ident, $value:expr) => {
        #[op2::kernel]
        fn $kernel(x: op2::Write<f64>) {
            *x = $value;
        }
    };
}

fill!(ones, 1.0);

macro_rules! run {
    ($kernel:path, $set:expr, $dat:ident) => {
        par_loop!($kernel, $set, $dat(Write))
    };
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let x = cx.dat_zeros::<_, f64>("x", &cells)?;
    run!(ones, cells, x)?;
    assert_eq!(x.read()?[0], 1.0);
    Ok(())
}
