//! A loop needs a kernel.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run() -> op2::Result<()> {
    par_loop!()
}

fn main() {}
