//! Nobody could tell what the function assigns.

#[op2::function]
fn clear(x: &mut f64) {
    *x = 0.0;
}

#[op2::kernel]
fn wrong(q: op2::Write<f64>) {
    clear(q);
}

fn main() {}
