//! Messages, counted.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use op2::prelude::*;

use crate::chain::Chain;
use crate::context;
use crate::grid::{Cells, Grid, Way};
use crate::kernels::{flow, own_number, total};

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

#[test]
fn a_sum_is_waited_for_when_its_value_is_needed() {
    let (passed, wait) = channel();
    let (passed, wait) = (Arc::new(passed), Arc::new(Mutex::new(wait)));
    let sums = op2::ranks(2, move |comm| {
        let cx = context(comm)?;
        let Chain { nodes, .. } = Chain::new(&cx)?;
        let x = cx.dat("x", &nodes, vec![1.0; 30])?;
        let sum = cx.global("sum", 0.0);
        let add = || par_loop!(total, nodes, x(Read), sum(Inc));
        add()?;
        sum.value()?;
        // The other rank begins only when this one has passed two loops, of which one adds, and one needs
        // no message.
        if cx.rank() == 1 {
            let wait = wait.lock().expect("one rank waits");
            wait.recv_timeout(Duration::from_mins(1)).expect("a loop waits for the other rank");
        }
        add()?;
        par_loop!(own_number, nodes, index(), x(Write))?;
        if cx.rank() == 0 {
            passed.send(()).expect("the other rank waits");
        }
        sum.value()
    });
    assert_eq!(sums.unwrap(), [60.0; 2]);
}
