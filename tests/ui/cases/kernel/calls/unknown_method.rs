//! A method outside the table.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += (*x).next_up();
}

fn main() {}
