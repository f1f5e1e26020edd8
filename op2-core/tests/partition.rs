//! Partitions of the airfoil's mesh: cells by coordinates and by the graph, edges and nodes behind them.
//!
//! The meshes are looked for in the folder that the environment variable `SHARED_MESHES` names. Without
//! it the tests say so and pass.
#![cfg(feature = "io")]

use std::sync::Arc;

use op2_core::base::blocks::block_range;
use op2_core::base::comm::Comm;
use op2_core::base::error::{Error, Result};
use op2_core::dist::partition::quality::{MapCounts, SetCounts, num_cut};
use op2_core::dist::partition::{OwnedMap, OwnedSet, Points, Quality, follow, kway, rcb};
use op2_core::dist::threads;
use op2_core::io::Op2Text;

#[path = "mesh_files/folder.rs"]
mod folder;

const CELLS: usize = 0;
const EDGES: usize = 1;
const NODES: usize = 2;
const SETS: [&str; 3] = ["cells", "edges", "nodes"];

/// What a partition needs of the mesh.
struct Airfoil {
    sizes: [u64; 3],
    centers: Vec<[f64; 2]>,
    edge_cells: Vec<[u64; 2]>,
    edge_nodes: Vec<[u64; 2]>,
}

fn load(name: &str) -> Option<Airfoil> {
    let path = folder::find(name)?;
    let mut text = Op2Text::open(path).unwrap();
    let header = text.counts(["nodes", "cells", "edges", "boundary edges"]).unwrap();
    let [nodes, cells, edges, _] = header;
    let x = text.rows::<f64, 2>(nodes, "coordinates").unwrap();
    let cell_nodes = text.indices::<4>(cells, nodes, "cell -> nodes").unwrap();
    let rows = text.table(edges, 4, "edge -> nodes, cells", |row| {
        Ok((row.indices::<2>(nodes)?.map(u64::from), row.indices::<2>(cells)?.map(u64::from)))
    });
    let (edge_nodes, edge_cells) = rows.unwrap().into_iter().unzip();
    let mean = |corners: &[u32; 4], axis: usize| {
        corners.iter().map(|&node| x[node as usize][axis]).sum::<f64>() / 4.0
    };
    let centers = cell_nodes.iter().map(|corners| [mean(corners, 0), mean(corners, 1)]).collect();
    let sizes = [cells, edges, nodes].map(|size| size as u64);
    Some(Airfoil { sizes, centers, edge_cells, edge_nodes })
}

/// Who decides about the cells.
#[derive(Clone, Copy, Debug)]
enum By {
    Coordinates,
    #[cfg_attr(not(feature = "metis"), expect(dead_code))]
    Graph,
}

/// Partitions blocks of all sets for as many ranks as there are.
fn partition(comm: &dyn Comm, mesh: &Airfoil, by: By) -> Result<Quality> {
    let block = |size| block_range(size, comm.size(), comm.rank());
    let owned = mesh.sizes.map(|size| block(size).collect::<Vec<u64>>());
    let set = |set: usize| OwnedSet { size: mesh.sizes[set], owned: &owned[set] };
    let sets = [CELLS, EDGES, NODES].map(set);
    let rows = |table: &[[u64; 2]]| -> Vec<u64> {
        sets[EDGES].owned.iter().flat_map(|&edge| table[edge as usize]).collect()
    };
    let (edge_nodes, edge_cells) = (rows(&mesh.edge_nodes), rows(&mesh.edge_cells));
    let maps = [(NODES, &edge_nodes), (CELLS, &edge_cells)];
    let maps = maps.map(|(to, targets)| OwnedMap { from: EDGES, to, arity: 2, targets });
    let cells = match by {
        By::Coordinates => {
            let numbers = sets[CELLS].owned;
            let own: Vec<_> = numbers.iter().map(|&cell| mesh.centers[cell as usize]).collect();
            rcb(comm, &Points { name: "centers", numbers, coordinates: &own }, comm.size())?
        }
        By::Graph => kway(comm, &sets[CELLS], &maps[1], comm.size())?,
    };
    let mut ranks = [Some(cells), None, None];
    follow(comm, &sets, &maps, &mut ranks)?;
    let ranks = ranks.map(|ranks| ranks.expect("all sets follow"));
    measure(comm, &sets, &maps, &ranks)
}

/// What the ranks will own, and the rows that will be cut.
fn measure(
    comm: &dyn Comm,
    sets: &[OwnedSet<'_>; 3],
    maps: &[OwnedMap<'_>; 2],
    ranks: &[Vec<u32>; 3],
) -> Result<Quality> {
    let mut counts = Vec::new();
    for (name, new) in SETS.into_iter().zip(ranks) {
        let to = |rank: usize| new.iter().filter(|&&new| new as usize == rank).count() as u64;
        let messages = (0..comm.size()).map(|rank| to(rank).to_ne_bytes().to_vec()).collect();
        let received = comm.all_to_all(messages)?;
        let owned = received.iter().map(|bytes| u64::from_ne_bytes(bytes[..].try_into().unwrap()));
        counts.push((name, SetCounts { owned: owned.sum(), ..SetCounts::default() }));
    }
    let cut = |map: &OwnedMap<'_>| -> Result<MapCounts> {
        let rows = sets[map.from].owned.len() as u64;
        Ok(MapCounts { rows, cut: num_cut(comm, &sets[map.to], map, &ranks[map.to])? })
    };
    let cuts = [("edge_nodes", cut(&maps[0])?), ("edge_cells", cut(&maps[1])?)];
    Quality::gather(comm, &counts, &cuts, 0)
}

/// Partitions, checks what must hold of any good partition, and gives the cut edges.
fn cut_edges(mesh: &Airfoil, ranks: usize, by: By, most: f64) -> u64 {
    let all = threads::run(ranks, |comm: Arc<dyn Comm>| partition(&*comm, mesh, by)).unwrap();
    assert!(all.iter().all(|quality| *quality == all[0]));
    let quality = &all[0];
    println!("{by:?}\n{quality}");
    for (set, size) in quality.sets.iter().zip(mesh.sizes) {
        assert_eq!(set.elements(), size, "{}", set.name);
        let most = if set.name == "cells" { most } else { most + 0.05 };
        assert!(set.imbalance().unwrap() <= most, "{}", set.name);
    }
    let [_, edge_cells] = &quality.maps[..] else { panic!("two maps") };
    edge_cells.counts.cut
}

/// A part of a good partition is about as long as it is wide, so few of its edges are cut.
fn check(mesh: &Airfoil, ranks: usize) {
    let by_coordinates = cut_edges(mesh, ranks, By::Coordinates, 1.001);
    let side = (mesh.sizes[CELLS] as f64 / ranks as f64).sqrt();
    let per_part = by_coordinates as f64 / ranks as f64;
    assert!(per_part < 4.0 * side, "{per_part} cut edges per part of side {side}");
    #[cfg(feature = "metis")]
    {
        // In two, the profile's chord is cut best by a straight line.
        let most = if ranks < 4 { 1.1 } else { 1.0 } * by_coordinates as f64;
        let by_graph = cut_edges(mesh, ranks, By::Graph, 1.001);
        assert!(by_graph as f64 <= most, "{by_graph} against {by_coordinates}");
    }
}

#[test]
fn airfoil_of_16_thousand_cells() {
    let Some(mesh) = load("airfoil_small.dat.zst") else { return };
    [2, 3, 4, 7].into_iter().for_each(|ranks| check(&mesh, ranks));
}

#[test]
fn airfoil_of_720_thousand_cells() {
    let Some(mesh) = load("airfoil_new_grid.dat.zst") else { return };
    check(&mesh, 8);
}

#[test]
fn a_graph_without_metis_is_a_setting_that_names_the_feature() {
    if cfg!(feature = "metis") {
        return;
    }
    let refused = threads::run(1, |comm: Arc<dyn Comm>| {
        let map = OwnedMap { from: 1, to: 0, arity: 2, targets: &[] };
        Ok(kway(&*comm, &OwnedSet { size: 0, owned: &[] }, &map, 2).unwrap_err())
    });
    let [error] = &refused.unwrap()[..] else { panic!("one rank") };
    assert!(matches!(error, Error::Settings(text) if text.contains("`--features metis`")));
}
