//! A mesh in one dimension, and the comparison of what ranks find on it with what one rank finds.

use op2::prelude::*;

use crate::context;
use crate::grid::{Edges, Nodes};

/// 30 nodes, joined to those seven numbers further: neighbors are on different ranks.
pub(crate) struct Chain {
    pub(crate) nodes: Set<Nodes>,
    pub(crate) edges: Set<Edges>,
    pub(crate) ends: Map<Edges, Nodes, 2>,
}

impl Chain {
    pub(crate) fn new(cx: &Context) -> op2::Result<Self> {
        let (nodes, edges) = (cx.set::<Nodes>(30)?, cx.set::<Edges>(29)?);
        let table: Vec<[u32; 2]> = (0..29).map(|i| [(7 * i) % 30, (7 * i + 7) % 30]).collect();
        let ends = cx.map("ends", &edges, &nodes, table)?;
        Ok(Self { nodes, edges, ends })
    }
}

/// Runs a test on several ranks, which own blocks of numbers; all find what one rank finds.
pub(crate) fn everywhere(test: impl Fn(&Context, &Chain) -> op2::Result<Vec<f64>> + Sync) {
    let one = {
        let cx = Context::builder().backend(Backend::Seq).build().unwrap();
        test(&cx, &Chain::new(&cx).unwrap()).unwrap()
    };
    for ranks in [2, 3, 5] {
        let all = op2::ranks(ranks, |comm| {
            let cx = context(comm)?;
            test(&cx, &Chain::new(&cx)?)
        });
        for found in all.unwrap() {
            assert_eq!(found, one, "{ranks} ranks");
        }
    }
}
