//! A struct is not a marker: `op2::sets!` makes them.

use op2::prelude::*;

struct Cells;

fn run(cx: &Context) -> op2::Result<Set<Cells>> {
    cx.set::<Cells>(10)
}

fn main() {}
