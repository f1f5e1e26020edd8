//! A private kernel stays in its module.

use op2::prelude::*;

op2::sets! {
    Cells;
}

mod kernels {
    #[op2::kernel]
    fn clear(x: op2::Write<f64>) {
        *x = 0.0;
    }
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(kernels::clear, cells, x(Write))
}

fn main() {}
