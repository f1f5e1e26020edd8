//! Messages, counted.

use op2::prelude::*;

use crate::context;
use crate::grid::{Cells, Grid, Way};
use crate::kernels::{flow, own_number};

#[test]
fn nothing_travels_that_is_fresh() {
    op2::ranks(2, |comm| {
        let cx = context(comm)?;
        let grid = Grid::new(&cx, 10)?;
        grid.share(&cx, Way::CellBoxes)?;
        let u = cx.dat("u", &grid.cells, vec![1.0; 100])?;
        let change = cx.dat_zeros::<Cells, f64>("change", &grid.cells)?;
        let weight = cx.dat("weight", &grid.edges, vec![1.0; 180])?;
        let step = || flow(&grid, &u, &weight, &change);
        step()?;
        // Ten sides lie between the halves: ten cells of u, and the weights of sides of the other rank.
        let first = cx.traffic();
        assert_eq!(first.messages, 1);
        assert!(first.bytes >= 80 && first.bytes <= 160, "{first:?}");
        step()?;
        assert_eq!(cx.traffic().messages, 1, "all is fresh");
        par_loop!(own_number, grid.cells, index(), u(Write))?;
        step()?;
        let now = cx.traffic();
        assert_eq!((now.messages, now.bytes - first.bytes), (2, 80), "u alone is stale");
        u.read()?;
        step()?;
        assert_eq!(cx.traffic().messages, 2, "reading changes nothing");
        u.write()?;
        step()?;
        assert_eq!(cx.traffic().messages, 3, "a guard that writes may have changed all");
        Ok(())
    })
    .unwrap();
}
