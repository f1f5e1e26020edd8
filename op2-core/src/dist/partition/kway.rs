//! K-way graph partitioning: parts of neighboring elements with few connections between them.
//!
//! Two elements of a set are neighbors when one element of another set names both: cells through
//! `edge_cells`, nodes through `cell_nodes`. METIS (feature `metis`) cuts as few of these connections as it
//! can, by bisections of ever coarser graphs:
//!
//! G. Karypis, V. Kumar: A fast and high quality multilevel scheme for partitioning irregular graphs,
//! SIAM Journal on Scientific Computing 20(1), 1998.
//!
//! METIS runs on one processor, so rank 0 holds the whole graph while it does: some `8 + 8 arity` bytes for
//! each element of the map, 4 for each neighbor of each element of the set, and about as much again that
//! METIS takes. Meshes too large for that are partitioned by their coordinates ([`rcb`](super::rcb())).

#[cfg(feature = "metis")]
mod metis;

use crate::base::blocks::block_owner;
use crate::base::comm::Comm;
use crate::base::csr::{Csr, CsrError};
use crate::base::error::{Error, Result};
use crate::base::wire::exchange;
use crate::dist::partition::{OwnedMap, OwnedSet, check_parts};

/// The part of each of this rank's elements of the set that `map` leads to (`[owned]`, values below
/// `parts`). Collective.
///
/// Parts have about as many elements; some in a thousand more or fewer where there are many parts. The
/// answer depends on the set and the map, not on which rank has which rows.
///
/// # Errors
/// The library was built without its feature `metis`; there are no parts; the graph is too large for
/// METIS, or it finds no memory; a rank has ended. All ranks say the same.
pub fn kway(
    comm: &dyn Comm,
    set: &OwnedSet<'_>,
    map: &OwnedMap<'_>,
    parts: usize,
) -> Result<Vec<u32>> {
    let parts = check_parts(parts)?;
    if cfg!(not(feature = "metis")) {
        return Err(Error::Settings(WITHOUT_METIS.into()));
    }
    let numbers = to_root(comm, set.owned)?;
    let rows = to_root(comm, map.targets)?;
    let answers = match comm.rank() {
        0 => answers(set.size, map.arity, parts, &numbers, &rows.concat()),
        _ => Ok(vec![Vec::new(); comm.size()]),
    };
    Ok(exchange(comm, answers)?.swap_remove(0))
}

const WITHOUT_METIS: &str = "k-way partitions need METIS, which this program was built without: \
    build with `--features metis`, or partition by coordinates";

/// The words of all ranks, by rank, on rank 0; nothing on the others.
fn to_root(comm: &dyn Comm, mine: &[u64]) -> Result<Vec<Vec<u64>>> {
    let mut lists = vec![Vec::new(); comm.size()];
    lists[0] = mine.to_vec();
    exchange(comm, Ok(lists))
}

/// The parts of the elements of each rank.
fn answers(
    size: u64,
    arity: usize,
    parts: u32,
    numbers: &[Vec<u64>],
    rows: &[u64],
) -> Result<Vec<Vec<u32>>> {
    let parts = partition(&graph(size, arity, rows)?, parts)?;
    let part = |&element: &u64| parts[element as usize];
    Ok(numbers.iter().map(|numbers| numbers.iter().map(part).collect()).collect())
}

/// The neighbors of each element.
fn graph(size: u64, arity: usize, rows: &[u64]) -> Result<Csr> {
    let size = u32::try_from(size).map_err(|_| too_large())?;
    // All of them are below the size.
    let table: Vec<u32> = rows.iter().map(|&target| target as u32).collect();
    Csr::neighbors(&table, arity, size as usize).map_err(|error| match error {
        CsrError::TooLarge => too_large(),
        other => Error::other(other),
    })
}

fn too_large() -> Error {
    Error::other("the mesh is too large for a k-way partition; partition it by coordinates")
}

/// Cuts a graph, where there is something to choose.
fn partition(graph: &Csr, parts: u32) -> Result<Vec<u32>> {
    let elements = graph.num_rows() as u32;
    if parts >= elements {
        return Ok((0..elements).collect());
    }
    if parts == 1 || graph.num_entries() == 0 {
        return Ok(equal_parts(elements, parts));
    }
    #[cfg(feature = "metis")]
    return metis::partition(graph, parts);
    #[cfg(not(feature = "metis"))]
    Err(Error::Settings(WITHOUT_METIS.into()))
}

/// Parts of consecutive elements, where nothing connects them.
fn equal_parts(elements: u32, parts: u32) -> Vec<u32> {
    let part = |element| block_owner(elements.into(), parts as usize, element) as u32;
    (0..elements.into()).map(part).collect()
}

#[cfg(all(test, not(feature = "metis")))]
mod tests_without_metis {
    use super::kway;
    use crate::dist::partition::testing::on_all;
    use crate::dist::partition::{OwnedMap, OwnedSet};

    #[test]
    fn the_missing_feature_is_named() {
        let error = on_all(4, |comm, _, owned| {
            let map = OwnedMap { from: 1, to: 0, arity: 2, targets: &[] };
            kway(comm, &OwnedSet { size: 4, owned }, &map, 2)
        });
        let error = error.unwrap_err().to_string();
        assert!(error.contains("`--features metis`"), "{error}");
    }
}

#[cfg(all(test, feature = "metis"))]
mod tests {
    use super::kway;
    use crate::base::blocks::block_owner;
    use crate::base::error::Result;
    use crate::dist::partition::testing::{Spread, Triangles, hash, on, on_all, rows, sizes};
    use crate::dist::partition::{OwnedMap, OwnedSet};

    /// Elements of a set through a map, on all numbers of ranks and spreads.
    fn parts_of<const N: usize>(size: u64, table: &[[u64; N]], parts: usize) -> Result<Vec<u32>> {
        on_all(size, |comm, spread, owned| {
            let targets = rows(table, &spread.owned(table.len() as u64, comm));
            let map = OwnedMap { from: 1, to: 0, arity: N, targets: &targets };
            kway(comm, &OwnedSet { size, owned }, &map, parts)
        })
    }

    #[track_caller]
    fn assert_balanced(parts: &[u32], num_parts: usize) {
        let sizes = sizes(parts, num_parts);
        let most = 1 + parts.len() * 103 / 100 / num_parts;
        assert!(sizes.iter().all(|&size| size <= most), "{sizes:?}");
    }

    #[test]
    fn triangles_are_cut_along_short_lines() {
        let annulus = Triangles::annulus(120, 16);
        let num_cells = annulus.cell_nodes.len() as u64;
        for num_parts in [2, 3, 6] {
            let parts = parts_of(num_cells, &annulus.edge_cells, num_parts).unwrap();
            assert_balanced(&parts, num_parts);
            // From the inner to the outer circle, a line along the sides of squares cuts 16 edges.
            let cut = annulus.cut(&parts);
            assert!((16 * num_parts..24 * num_parts).contains(&cut), "{num_parts}: {cut}");
        }
    }

    #[test]
    fn nodes_are_neighbors_through_cells() {
        let square = Triangles::square(40, 10);
        let num_nodes = square.points.len() as u64;
        let parts = parts_of(num_nodes, &square.cell_nodes, 2).unwrap();
        assert_balanced(&parts, 2);
        let is_cut = |nodes: &&[u64; 3]| {
            nodes.iter().any(|&n| parts[n as usize] != parts[nodes[0] as usize])
        };
        let cut = square.cell_nodes.iter().filter(is_cut).count();
        assert!((20..40).contains(&cut), "{cut}");
    }

    #[test]
    fn meshes_of_several_pieces_are_cut() {
        // Two rings, and elements that nothing connects.
        let ring = |first: u64| (0..50).map(move |i| [first + i, first + (i + 1) % 50]);
        let table: Vec<_> = ring(0).chain(ring(50)).collect();
        let parts = parts_of(120, &table, 2).unwrap();
        assert_balanced(&parts, 2);
        let cut = table.iter().filter(|[a, b]| parts[*a as usize] != parts[*b as usize]).count();
        assert!(cut <= 2, "{cut}");
    }

    #[test]
    fn without_connections_parts_are_equal_blocks() {
        let blocks: Vec<_> = (0..20).map(|element| block_owner(20, 3, element) as u32).collect();
        assert_eq!(parts_of::<2>(20, &[], 3).unwrap(), blocks);
        assert_eq!(parts_of(20, &[[4, 4], [7, 7]], 3).unwrap(), blocks);
    }

    #[test]
    fn more_parts_than_elements_leave_parts_empty() {
        assert_eq!(parts_of(3, &[[0, 1], [1, 2]], 5).unwrap(), [0, 1, 2]);
        assert_eq!(parts_of(3, &[[0, 1], [1, 2]], 1).unwrap(), [0, 0, 0]);
        assert_eq!(parts_of::<2>(0, &[], 4).unwrap(), [0; 0]);
        let line: Vec<_> = (0..8).map(|i| [i, i + 1]).collect();
        assert!(parts_of(9, &line, 8).unwrap().iter().all(|&part| part < 8));
    }

    #[test]
    fn small_graphs_of_any_kind_are_cut() {
        for size in 1..30 {
            for num_parts in 1..=size as usize {
                // From none to many connections; some name an element twice.
                let rows = hash(size << 8 | num_parts as u64) % (3 * size);
                let entry = |number| hash(number ^ size << 16) % size;
                let table: Vec<_> =
                    (0..rows).map(|row| [entry(2 * row), entry(2 * row + 1)]).collect();
                let parts = on(1, Spread::Blocks, size, |comm, _, owned| {
                    let targets = table.as_flattened();
                    let map = OwnedMap { from: 1, to: 0, arity: 2, targets };
                    kway(comm, &OwnedSet { size, owned }, &map, num_parts)
                });
                let sizes = sizes(&parts.unwrap(), num_parts);
                let most = size.div_ceil(num_parts as u64) as usize + 2;
                assert!(sizes.iter().all(|&size| size <= most), "{num_parts} parts: {sizes:?}");
            }
        }
    }

    #[test]
    fn no_parts_are_refused() {
        let error = parts_of(3, &[[0, 1]], 0).unwrap_err().to_string();
        assert!(error.contains("cannot be partitioned into 0 parts"), "{error}");
    }
}
