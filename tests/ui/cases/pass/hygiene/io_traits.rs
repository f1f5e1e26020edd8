//! `std::io::{Read, Write}` beside the modes of the same names.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

use std::io::{Read, Write};

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (a, b) = (cx.dat("a", &cells, vec![1.0])?, cx.dat("b", &cells, vec![0.0])?);
    par_loop!(copy, cells, a(Read), b(Write))?;
    let mut text = Vec::new();
    write!(text, "{}", b.read()?[0]).expect("a Vec takes all");
    let mut back = String::new();
    text.as_slice().read_to_string(&mut back).expect("it is text");
    assert_eq!(back, "1");
    Ok(())
}
