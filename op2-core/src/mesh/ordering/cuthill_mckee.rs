//! Reverse Cuthill-McKee: numbers rows level by level, so that neighbors get close numbers.
//!
//! From a row at the rim of the mesh, the numbering walks through the graph breadth first, taking
//! neighbors with few neighbors first, and is reversed at the end. Each connected component is
//! numbered on its own, in the sequence of their lowest rows. Nothing is recursive, and each search
//! touches only its own component, so the time is linear in the size of the graph.

use crate::base::csr::{Csr, CsrError};

/// A rim is looked for at most this often; in practice two or three searches settle it.
const MAX_SEARCHES: usize = 5;

/// The reverse Cuthill-McKee order of a symmetric graph: `order[new] = old`.
///
/// Row `i` of `graph` lists the neighbors of `i`; repeated ones and `i` itself do no harm.
///
/// After E. Cuthill and J. `McKee`, "Reducing the bandwidth of sparse symmetric matrices" (1969);
/// start rows after A. George and J. Liu, "An implementation of a pseudoperipheral node finder" (1979).
///
/// # Panics
/// If a neighbor is not a row of the graph.
pub fn reverse_cuthill_mckee(graph: &Csr) -> Vec<u32> {
    number(graph)
}

/// The reverse Cuthill-McKee order of the set that a map leads to, where rows are neighbors if they
/// share an element: `order[new] = old`.
///
/// `table` is `[elements * arity]` with values below `num_rows`. The graph of neighbors, which takes
/// `arity * arity` entries for each element, is not built: an element is a way from any of its rows
/// to all others, and each needs to be walked only once.
///
/// # Errors
/// If an entry is not below `num_rows`, the table is ragged, or there are too many entries.
pub fn reverse_cuthill_mckee_map(
    table: &[u32],
    arity: usize,
    num_rows: usize,
) -> Result<Vec<u32>, CsrError> {
    if arity == 2 {
        return Ok(number(&other_ends(table, num_rows)?));
    }
    let elements = Csr::inverse(table, arity, num_rows)?;
    let walked = vec![false; table.len() / arity.max(1)];
    Ok(number(ThroughMap { elements, table, arity, walked }))
}

/// The graph of a map with two entries: an edge leads from each end to the other. It is as small as
/// the inverse of the map, and faster to walk.
fn other_ends(table: &[u32], num_rows: usize) -> Result<Csr, CsrError> {
    if !table.len().is_multiple_of(2) {
        return Err(CsrError::Ragged { entries: table.len(), arity: 2 });
    }
    // Each entry is the key of a pair whose value is the entry beside it.
    let pairs = table.chunks_exact(2).flat_map(|ends| [(ends[0], ends[1]), (ends[1], ends[0])]);
    Csr::from_pairs(num_rows, &pairs.collect::<Vec<_>>())
}

/// What the walk needs to know of a graph.
trait Graph {
    fn num_rows(&self) -> usize;
    /// How many neighbors a row has, or a measure that grows with it.
    fn degree(&self, row: u32) -> u32;
    /// Calls `visit` with the neighbors of `row`, at least those that this walk has not met yet.
    fn each_neighbor(&mut self, row: u32, visit: impl FnMut(u32));
    /// Forgets a walk over `rows`, so that the next one meets everything again.
    fn forget(&mut self, rows: &[u32]);
}

impl Graph for &Csr {
    fn num_rows(&self) -> usize {
        Csr::num_rows(self)
    }

    fn degree(&self, row: u32) -> u32 {
        Csr::degree(self, row)
    }

    fn each_neighbor(&mut self, row: u32, visit: impl FnMut(u32)) {
        self.row(row).iter().copied().for_each(visit);
    }

    fn forget(&mut self, _rows: &[u32]) {}
}

/// A set seen through a map: from a row to the elements that name it, and on to their rows.
struct ThroughMap<'a> {
    elements: Csr,
    table: &'a [u32],
    arity: usize,
    /// Elements all of whose rows have been met in this walk.
    walked: Vec<bool>,
}

impl Graph for ThroughMap<'_> {
    fn num_rows(&self) -> usize {
        self.elements.num_rows()
    }

    fn degree(&self, row: u32) -> u32 {
        self.elements.degree(row)
    }

    fn each_neighbor(&mut self, row: u32, mut visit: impl FnMut(u32)) {
        for &element in self.elements.row(row) {
            if !std::mem::replace(&mut self.walked[element as usize], true) {
                let begin = element as usize * self.arity;
                self.table[begin..begin + self.arity].iter().copied().for_each(&mut visit);
            }
        }
    }

    fn forget(&mut self, rows: &[u32]) {
        for &row in rows {
            for &element in self.elements.row(row) {
                self.walked[element as usize] = false;
            }
        }
    }
}

/// Numbers all components.
fn number(mut graph: impl Graph) -> Vec<u32> {
    let num_rows = graph.num_rows();
    let mut order = Vec::with_capacity(num_rows);
    let mut met = vec![false; num_rows];
    let mut queue = Vec::new();
    for first in 0..num_rows as u32 {
        if !met[first as usize] {
            let start = rim(&mut graph, first, &mut met, &mut queue);
            let begin = order.len();
            number_component(&mut graph, start, &mut met, &mut order);
            order[begin..].reverse();
        }
    }
    order
}

/// Appends the component of `start` to `order`, level by level.
fn number_component(graph: &mut impl Graph, start: u32, met: &mut [bool], order: &mut Vec<u32>) {
    let mut head = order.len();
    met[start as usize] = true;
    order.push(start);
    while head < order.len() {
        let row = order[head];
        head += 1;
        let children = order.len();
        expand(graph, row, met, order);
        // The sort is stable, so the result does not depend on how it is done.
        order[children..].sort_by_key(|&child| graph.degree(child));
    }
}

/// A row at the rim of the component of `first`: one from which the farthest row is about as far as
/// rows of this component can be.
fn rim(graph: &mut impl Graph, first: u32, met: &mut [bool], queue: &mut Vec<u32>) -> u32 {
    let mut start = first;
    let mut depth = 0;
    for _ in 0..MAX_SEARCHES {
        let (farthest, levels) = search(graph, start, met, queue);
        if levels <= depth {
            break;
        }
        (start, depth) = (farthest, levels);
    }
    start
}

/// Walks the component of `start` and forgets the walk again. Returns the farthest row (the one with
/// the fewest neighbors) and how many steps away it is.
fn search(
    graph: &mut impl Graph,
    start: u32,
    met: &mut [bool],
    queue: &mut Vec<u32>,
) -> (u32, usize) {
    queue.clear();
    queue.push(start);
    met[start as usize] = true;
    let (mut level, mut steps) = (0..1, 0);
    loop {
        for head in level.clone() {
            expand(graph, queue[head], met, queue);
        }
        if queue.len() == level.end {
            break;
        }
        level = level.end..queue.len();
        steps += 1;
    }
    for &row in queue.iter() {
        met[row as usize] = false;
    }
    graph.forget(queue);
    let farthest = queue[level].iter().copied().min_by_key(|&row| graph.degree(row));
    (farthest.unwrap_or(start), steps)
}

/// Appends the neighbors of `row` that have not been met.
fn expand(graph: &mut impl Graph, row: u32, met: &mut [bool], queue: &mut Vec<u32>) {
    graph.each_neighbor(row, |neighbor| {
        if !std::mem::replace(&mut met[neighbor as usize], true) {
            queue.push(neighbor);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::ordering::{Permutation, Spread};

    /// A path whose rows are numbered by multiples of 7 modulo its length.
    fn scattered_path(len: u32) -> Vec<u32> {
        (1..len).flat_map(|i| [(i - 1) * 7 % len, i * 7 % len]).collect()
    }

    /// Spread of the map after its target set is put in this order.
    fn spread_after(order: Vec<u32>, table: &[u32], arity: usize) -> Spread {
        let mut table = table.to_vec();
        Permutation::new(order).unwrap().renumber(&mut table).unwrap();
        Spread::of(&table, arity)
    }

    #[test]
    fn a_scattered_path_is_straightened() {
        let path = scattered_path(100);
        let graph = Csr::neighbors(&path, 2, 100).unwrap();
        assert_eq!(spread_after(reverse_cuthill_mckee(&graph), &path, 2).max, 1);
        let order = reverse_cuthill_mckee_map(&path, 2, 100).unwrap();
        assert_eq!(spread_after(order, &path, 2).max, 1);
    }

    #[test]
    fn a_strip_of_triangles_is_straightened() {
        let len = 101;
        let strip: Vec<u32> =
            (2..len).flat_map(|i| [i - 2, i - 1, i].map(|r| r * 7 % len)).collect();
        let order = reverse_cuthill_mckee_map(&strip, 3, len as usize).unwrap();
        assert_eq!(spread_after(order, &strip, 3).max, 2);
    }

    #[test]
    fn components_and_lone_rows_keep_their_sequence() {
        // Rows 1-4 and 3-5 are two edges; 0, 2 and 6 are on their own.
        let order = reverse_cuthill_mckee_map(&[1, 4, 5, 3], 2, 7).unwrap();
        let component = |row| [0, 1, 2, 3, 1, 3, 6][row as usize];
        assert_eq!(
            order.iter().map(|&row| component(row)).collect::<Vec<_>>(),
            [0, 1, 1, 2, 3, 3, 6]
        );
        assert!(Permutation::new(order).is_ok());
    }

    #[test]
    fn loops_and_repeated_edges_do_no_harm() {
        let order = reverse_cuthill_mckee_map(&[0, 0, 0, 2, 2, 0, 1, 1], 2, 3).unwrap();
        assert!(Permutation::new(order).is_ok());
        let graph = Csr::from_pairs(2, &[(0, 0), (0, 1), (0, 1), (1, 0)]).unwrap();
        assert!(Permutation::new(reverse_cuthill_mckee(&graph)).is_ok());
    }

    #[test]
    fn the_walk_is_reversed() {
        // From leaf 2 to the hub 0 and on to the other leaves, backwards: a matrix with this
        // numbering fills in nothing when it is factored.
        let star = [0, 1, 0, 2, 0, 3, 0, 4];
        assert_eq!(reverse_cuthill_mckee_map(&star, 2, 5).unwrap(), [4, 3, 1, 0, 2]);
    }

    #[test]
    fn the_start_lies_at_the_rim() {
        // A path of 9 rows, entered in its middle.
        let path: Vec<u32> = (1..9).flat_map(|i| [i - 1, i]).collect();
        let graph = Csr::neighbors(&path, 2, 9).unwrap();
        let start = rim(&mut &graph, 4, &mut [false; 9], &mut Vec::new());
        assert!(start == 0 || start == 8);
    }

    #[test]
    fn empty_sets_have_an_empty_order() {
        assert!(reverse_cuthill_mckee_map(&[], 2, 0).unwrap().is_empty());
        assert_eq!(reverse_cuthill_mckee_map(&[], 3, 2).unwrap(), [0, 1]);
        assert!(reverse_cuthill_mckee_map(&[0, 1, 2], 2, 3).is_err());
    }
}
