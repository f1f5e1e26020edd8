//! Sets, maps, dats, subsets, globals and constants, with and without documentation.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { /// Between two cells.
pub Edges; Cells; }

op2::constants! {
    pub GAM: f64 = 1.4;
    STEPS: [u32; 2];
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    STEPS.set([1, 2]);
    let (edges, cells) = (cx.set::<Edges>(2)?, cx.set::<Cells>(1)?);
    let table: &[[u32; 2]] = &[[0, 0], [0, 0]];
    let edge_cells: Map<Edges, Cells, 2> = cx.map("edge_cells", &edges, &cells, table)?;
    let flags: Dat<Cells, [u8; 3]> = cx.dat("flags", &cells, vec![[1, 2, 3]])?;
    let first: Subset<Edges> = cx.subset("first", &edges, vec![0])?;
    let both: Global<[f32; 2]> = cx.global("both", [1.0, 2.0]);
    assert_eq!((edge_cells.name(), flags.read()?[0][2], first.size()), ("edge_cells", 3, 1));
    assert_eq!((both.value()?[1], STEPS.get()[1], GAM.get()), (2.0, 2, 1.4));
    Ok(())
}
