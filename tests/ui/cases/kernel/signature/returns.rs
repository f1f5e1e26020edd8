//! Results leave a kernel through its parameters.

#[op2::kernel]
fn wrong(x: &f64) -> f64 {
    2.0 * *x
}

fn main() {}
