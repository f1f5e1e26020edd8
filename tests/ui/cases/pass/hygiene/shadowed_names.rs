//! Names of the standard library may mean anything in a program.

#![deny(warnings)]
#![allow(dead_code, unused_macros)]

op2::sets! { Cells; }

op2::constants! { GAM: f64 = 2.0; }

type Result = ();
type Option = ();
type Vec = ();
type String = ();
struct Box;
struct Ok;
struct Err;
struct Some;
struct None;
trait Copy {}
trait Clone {}
trait Fn {}
trait Iterator {}
trait Kernel {}
trait Element {}
mod std {}
mod core {}
mod check {}
mod mode {}

macro_rules! stringify {
    ($($any:tt)*) => {
        compile_error!("the program's own macro was used")
    };
}
macro_rules! assert {
    ($($any:tt)*) => {
        compile_error!("the program's own macro was used")
    };
}
macro_rules! concat {
    ($($any:tt)*) => {
        compile_error!("the program's own macro was used")
    };
}
macro_rules! file {
    ($($any:tt)*) => {
        compile_error!("the program's own macro was used")
    };
}

#[repr(C)]
#[derive(::core::clone::Clone, ::core::marker::Copy, op2::Element)]
struct State {
    rho: f64,
}

#[op2::function]
fn twice(x: f64) -> f64 {
    GAM * x
}

#[op2::kernel]
fn work(q: &State, y: op2::Write<f64>, sum: op2::Inc<f64>) {
    *y = twice(q.rho);
    *sum += *y;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let q = cx.dat("q", &cells, [State { rho: 2.0 }])?;
    let (y, sum) = (cx.dat_zeros::<_, f64>("y", &cells)?, cx.reduction::<f64>("sum"));
    op2::par_loop!(work, cells, q(Read), y(Write), sum(Inc))?;
    assert_eq!(sum.value()?, 4.0);
    ::core::result::Result::Ok(())
}
