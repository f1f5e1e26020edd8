//! A kernel is a free function.

use op2::prelude::*;

struct Flow;

impl Flow {
    #[op2::kernel]
    fn wrong(&self, y: Inc<f64>) {
        *y += 1.0;
    }
}

fn main() {}
