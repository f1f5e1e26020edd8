//! What is declared: given whole, in blocks or by one rank, and refused on all ranks alike.

use op2::prelude::*;

use crate::context;
use crate::grid::{Edges, Nodes};

#[test]
fn maps_and_dats_are_given_whole_in_blocks_or_by_one_rank() {
    let table = |i: u32| [i, (i + 3) % 20];
    let expected: Vec<[u32; 2]> = (0..20).map(table).collect();
    let found = op2::ranks(3, |comm| {
        let rank = comm.rank();
        let cx = context(comm)?;
        let edges = cx.set::<Edges>(20)?;
        let nodes = cx.set::<Nodes>(20)?;
        let all: Vec<u32> = (0..20).collect();
        let mine: Vec<u32> = edges.block_range().map(|i| i as u32).collect();
        let on_root = if rank == 1 { all.clone() } else { Vec::new() };
        let mut read = Vec::new();
        // Before elements move and after: blocks are those of the user's numbers.
        for moved in [false, true] {
            if moved {
                let points: Vec<[f64; 1]> = (0..20).map(|i| [f64::from(i * 7 % 20)]).collect();
                cx.partition(&Partition::rcb(&cx.dat("points", &edges, points)?))?;
            }
            for (name, numbers) in [("whole", &all), ("blocks", &mine), ("root", &on_root)] {
                let rows: Vec<[u32; 2]> = numbers.iter().map(|&i| table(i)).collect();
                let map = cx.map(name, &edges, &nodes, rows)?;
                let dat = cx.dat(name, &edges, numbers)?;
                read.push((map.to_vec()?, dat.to_vec()?));
                assert_eq!(dat.gather(2)?, (rank == 2).then(|| all.clone()));
            }
        }
        // Owned parts, together, are all.
        Ok((read, edges.owned()))
    })
    .unwrap();
    for (read, _) in &found {
        for (rows, values) in read {
            assert_eq!((rows, values), (&expected, &(0..20).collect()));
        }
    }
    let mut owned: Vec<u32> = found.into_iter().flat_map(|(_, owned)| owned).collect();
    owned.sort_unstable();
    assert_eq!(owned, (0..20).collect::<Vec<_>>());
}

#[test]
fn what_does_not_fit_is_refused_on_all_ranks() {
    let refused = op2::ranks(2, |comm| {
        let rank = comm.rank() as u32;
        let cx = context(comm)?;
        let nodes = cx.set::<Nodes>(10)?;
        let few = cx.dat("few", &nodes, vec![1.0; 3 + rank as usize]).unwrap_err();
        let bad = vec![[0], [if rank == 1 { 10 } else { 1 }], [2], [3], [4]];
        let map = cx.map("bad", &nodes, &nodes, bad).unwrap_err();
        let subset = cx.subset("some", &nodes, vec![9 + rank]).unwrap_err();
        // Nothing is lost: the context goes on.
        let sum = cx.dat("ones", &nodes, vec![1.0; 10])?.to_vec()?.iter().sum::<f64>();
        assert_eq!(sum, 10.0);
        Ok([few, map, subset].map(|error| error.to_string()))
    })
    .unwrap();
    for [few, map, subset] in refused {
        assert!(
            few.starts_with("dat `few`: [3, 4] rows given by ranks for set `Nodes` of 10"),
            "{few}"
        );
        assert!(map.contains("row 6, entry 0: value 10 is not in set `Nodes` of size 10"), "{map}");
        assert!(subset.contains("value 10 is not in set"), "{subset}");
    }
}
