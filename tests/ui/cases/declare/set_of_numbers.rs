//! A set is declared with its marker, not with a type of numbers.

use op2::prelude::*;

fn run(cx: &Context) -> op2::Result<()> {
    let cells = cx.set::<f64>(10)?;
    println!("{}", cells.size());
    Ok(())
}

fn main() {}
