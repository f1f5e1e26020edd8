//! Nothing says which set this is.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(cx: &Context) -> op2::Result<()> {
    let cells = cx.set(10)?;
    println!("{}", cells.size());
    Ok(())
}

fn main() {}
