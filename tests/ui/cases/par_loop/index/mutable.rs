//! An element cannot change its number.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn renumber(i: &mut u64, x: &f64) {
    *i += *x as u64;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(renumber, cells, index(), x(Read))
}

fn main() {}
