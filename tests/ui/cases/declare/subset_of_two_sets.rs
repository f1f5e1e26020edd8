//! Subsets of different sets have nothing in common.

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(wall: &Subset<Edges>, hot: &Subset<Cells>) -> op2::Result<Subset<Edges>> {
    wall.union(hot)
}

fn main() {}
