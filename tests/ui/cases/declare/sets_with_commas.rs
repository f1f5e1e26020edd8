//! Markers end with a semicolon.

use op2::prelude::*;

op2::sets! {
    Edges,
    Nodes,
}

fn main() {}
