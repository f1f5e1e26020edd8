//! `&T` is read only; rustc says so.

#[op2::kernel]
fn wrong(x: &f64) {
    *x = 1.0;
}

fn main() {}
