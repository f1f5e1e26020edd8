//! A marker has no content.

op2::sets! {
    Cells { volume: f64 }
}

fn main() {}
