//! The same field of the same struct.

use op2::prelude::*;

op2::sets! { Cells; }

struct Flow {
    cells: Set<Cells>,
    q: Dat<Cells, f64>,
}

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(flow: &Flow) -> op2::Result<()> {
    par_loop!(add, flow.cells, flow.q(Read), flow.q(Inc))
}

fn main() {}
