//! A module and its kernel cannot both be `flux` in one scope.

use flux::flux;
use op2::prelude::*;

op2::sets! {
    Cells;
}

mod flux {
    #[op2::kernel]
    pub fn flux(x: op2::Write<f64>) {
        *x = 0.0;
    }
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(flux, cells, x(Write))
}

fn main() {}
