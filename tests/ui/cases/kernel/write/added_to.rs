//! `+=` reads the old value.

#[op2::kernel]
fn wrong(x: &f64, q: op2::Write<f64>) {
    *q += *x;
}

fn main() {}
