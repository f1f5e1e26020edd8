//! Markers end with a semicolon.

op2::sets! {
    Edges,
    Nodes,
}

fn main() {}
