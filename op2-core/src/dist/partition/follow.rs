//! Sets that follow others through maps, so that what belongs together is on one rank.
//!
//! ```text
//!   edge_cells: edges -> cells        cells are decided: an edge goes where most of its cells are
//!   edge_nodes: edges -> nodes        edges are decided: a node goes where most of its edges are
//! ```
//!
//! Sets are decided breadth-first from those that already are, so each set follows the nearest of
//! them; through which map is told by the sequence in which maps were declared.

use crate::base::blocks::{block_owner, block_range};
use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::base::wire::{by_rank, exchange};
use crate::dist::directory::{Directory, fetch};
use crate::dist::partition::{OwnedMap, OwnedSet};

/// Decides for all sets that are not decided: fills each `None` of `ranks` with the new rank of each
/// element owned here (`[owned]`), in the sequence of `sets[i].owned`. Collective; the same sets are decided
/// on all ranks.
///
/// - An element whose entries are decided goes to the rank that most of them are on, of several to that of the
///   first entry.
/// - An element that decided elements name goes to the rank that most of those are on, the lowest of
///   several.
/// - Elements that nothing names and sets that no map connects are spread in equal blocks, by users'
///   numbers.
///
/// The answer does not depend on which rank has which elements at present.
///
/// # Errors
/// A set of which not each element has one owner, or a rank has ended. All ranks say the same.
///
/// # Panics
/// There are not as many `ranks` as sets.
pub fn follow(
    comm: &dyn Comm,
    sets: &[OwnedSet<'_>],
    maps: &[OwnedMap<'_>],
    ranks: &mut [Option<Vec<u32>>],
) -> Result<()> {
    assert_eq!(sets.len(), ranks.len(), "one list of ranks for each set");
    let decided: Vec<bool> = ranks.iter().map(Option::is_some).collect();
    for step in sequence(maps, decided) {
        let decided = |set: usize| ranks[set].as_deref().expect("steps start at decided sets");
        let (set, new) = match step {
            Step::ByEntries(map) => {
                let map = &maps[map];
                (map.from, by_entries(comm, &sets[map.to], map, decided(map.to))?)
            }
            Step::ByNames(map) => {
                let map = &maps[map];
                (map.to, by_names(comm, &sets[map.to], map, decided(map.from))?)
            }
        };
        ranks[set] = Some(new);
    }
    for (set, ranks) in sets.iter().zip(ranks) {
        ranks.get_or_insert_with(|| equal_blocks(comm, set));
    }
    Ok(())
}

/// A set that follows another, by the place of the map that connects them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// The set that the map starts at.
    ByEntries(usize),
    /// The set that the map leads to.
    ByNames(usize),
}

/// Breadth-first: of each decided set first those that name it, then those that it names, each
/// through the first map.
fn sequence(maps: &[OwnedMap<'_>], mut decided: Vec<bool>) -> Vec<Step> {
    let mut queue: Vec<usize> = (0..decided.len()).filter(|&set| decided[set]).collect();
    let mut steps = Vec::new();
    let mut next = 0;
    while let Some(&set) = queue.get(next) {
        next += 1;
        // Maps without entries connect nothing.
        let maps = || maps.iter().enumerate().filter(|(_, map)| map.arity > 0);
        let naming = maps().filter(|(_, map)| map.to == set);
        let naming = naming.map(|(place, map)| (Step::ByEntries(place), map.from));
        let named = maps().filter(|(_, map)| map.from == set);
        let named = named.map(|(place, map)| (Step::ByNames(place), map.to));
        for (step, set) in naming.chain(named) {
            if !std::mem::replace(&mut decided[set], true) {
                queue.push(set);
                steps.push(step);
            }
        }
    }
    steps
}

/// The rank of each row: where most of its entries are.
fn by_entries(
    comm: &dyn Comm,
    to: &OwnedSet<'_>,
    map: &OwnedMap<'_>,
    ranks: &[u32],
) -> Result<Vec<u32>> {
    let directory = Directory::new(comm, to.size, to.owned)?;
    let entries = fetch(comm, &directory, to.owned, ranks, map.targets)?;
    Ok(entries.chunks_exact(map.arity).map(most_frequent).collect())
}

/// The number that is there most often, of several the one that comes first.
fn most_frequent(numbers: &[u32]) -> u32 {
    let count = |number: &u32| numbers.iter().filter(|other| *other == number).count();
    let [first, others @ ..] = numbers else { unreachable!("a row has entries") };
    let pick = |(best, most), number| match count(number) {
        times if times > most => (number, times),
        _ => (best, most),
    };
    *others.iter().fold((first, count(first)), pick).0
}

/// The rank of each element of the set: where most of the elements are that name it.
fn by_names(
    comm: &dyn Comm,
    to: &OwnedSet<'_>,
    map: &OwnedMap<'_>,
    ranks: &[u32],
) -> Result<Vec<u32>> {
    let block_of = |element| block_owner(to.size, comm.size(), element);
    let votes = votes(map, ranks).into_iter().map(|vote| (block_of(vote[0]), vote));
    let received = exchange(comm, Ok(by_rank(comm.size(), votes)))?;
    let block = block_range(to.size, comm.size(), comm.rank());
    let mut block_ranks = vec![comm.rank() as u32; (block.end - block.start) as usize];
    for (element, rank) in elected(received.concat()) {
        block_ranks[(element - block.start) as usize] = rank;
    }

    // The owners ask for the answers.
    let blocks = || to.owned.iter().map(|&element| (block_of(element), element));
    let asked = exchange(comm, Ok(by_rank(comm.size(), blocks())))?;
    let answer = |element: &u64| block_ranks[(element - block.start) as usize];
    let answers = asked.iter().map(|elements| elements.iter().map(answer).collect()).collect();
    let answers = exchange(comm, Ok(answers))?;
    let mut answers: Vec<_> = answers.into_iter().map(Vec::into_iter).collect();
    let next = |(rank, _): (usize, u64)| answers[rank].next().expect("an answer to each question");
    Ok(blocks().map(next).collect())
}

/// For an element and a rank how many elements there name it: `[element, rank, count]`.
type Vote = [u64; 3];

/// The votes of this rank's rows. A row that names an element twice counts once.
fn votes(map: &OwnedMap<'_>, ranks: &[u32]) -> Vec<Vote> {
    let mut named = Vec::with_capacity(map.targets.len());
    for (row, &rank) in map.targets.chunks_exact(map.arity).zip(ranks) {
        for (place, target) in row.iter().enumerate() {
            if !row[..place].contains(target) {
                named.push((*target, rank));
            }
        }
    }
    named.sort_unstable();
    let same = named.chunk_by(|a, b| a == b);
    same.map(|same| [same[0].0, same[0].1.into(), same.len() as u64]).collect()
}

/// For each element that has votes the rank with most of them, the lowest of several.
fn elected(mut votes: Vec<Vote>) -> Vec<(u64, u32)> {
    votes.sort_unstable();
    let mut elected: Vec<(u64, u32)> = Vec::new();
    let mut most = 0;
    for same in votes.chunk_by(|a, b| a[..2] == b[..2]) {
        let ([element, rank, _], count) = (same[0], same.iter().map(|vote| vote[2]).sum::<u64>());
        match elected.last_mut() {
            Some((last, winner)) if *last == element => {
                if count > most {
                    (*winner, most) = (rank as u32, count);
                }
            }
            _ => {
                elected.push((element, rank as u32));
                most = count;
            }
        }
    }
    elected
}

fn equal_blocks(comm: &dyn Comm, set: &OwnedSet<'_>) -> Vec<u32> {
    let rank = |&element: &u64| block_owner(set.size, comm.size(), element) as u32;
    set.owned.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::{Step, elected, follow, most_frequent, sequence};
    use crate::base::blocks::block_owner;
    use crate::base::error::Result;
    use crate::dist::partition::testing::{Spread, Triangles, hash, on, on_all, rows};
    use crate::dist::partition::{OwnedMap, OwnedSet};

    const CELLS: usize = 0;
    const EDGES: usize = 1;
    const NODES: usize = 2;

    /// The ranks of one set of a mesh, where cells lead.
    struct Case {
        mesh: Triangles,
        cell_ranks: Vec<u32>,
        set: usize,
    }

    impl Case {
        fn sizes(&self) -> [u64; 3] {
            let Triangles { cell_nodes, edge_nodes, points, .. } = &self.mesh;
            [cell_nodes.len(), edge_nodes.len(), points.len()].map(|size| size as u64)
        }

        /// By `edge_cells` and `edge_nodes`, on all numbers of ranks and spreads.
        fn run(&self) -> Vec<u32> {
            let sizes = self.sizes();
            let ranks = on_all(sizes[self.set], |comm, spread, _| {
                let owned = sizes.map(|size| spread.owned(size, comm));
                let sets = [0, 1, 2].map(|set| OwnedSet { size: sizes[set], owned: &owned[set] });
                let edge_cells = rows(&self.mesh.edge_cells, &owned[EDGES]);
                let edge_nodes = rows(&self.mesh.edge_nodes, &owned[EDGES]);
                let maps = [
                    OwnedMap { from: EDGES, to: NODES, arity: 2, targets: &edge_nodes },
                    OwnedMap { from: EDGES, to: CELLS, arity: 2, targets: &edge_cells },
                ];
                let lead = owned[CELLS].iter().map(|&cell| self.cell_ranks[cell as usize]);
                let mut ranks = [Some(lead.collect()), None, None];
                follow(comm, &sets, &maps, &mut ranks)?;
                Ok(ranks[self.set].take().unwrap())
            });
            ranks.unwrap()
        }
    }

    fn case(set: usize) -> Case {
        let mesh = Triangles::annulus(20, 5);
        let cell_ranks = (0..mesh.cell_nodes.len() as u64).map(|cell| (hash(cell) % 5) as u32);
        Case { cell_ranks: cell_ranks.collect(), mesh, set }
    }

    #[test]
    fn edges_go_with_their_first_cell() {
        let case = case(EDGES);
        let first = case.mesh.edge_cells.iter().map(|cells| case.cell_ranks[cells[0] as usize]);
        assert_eq!(case.run(), first.collect::<Vec<_>>());
    }

    #[test]
    fn nodes_go_with_most_of_their_edges() {
        let case = case(NODES);
        let mut votes = vec![[0; 5]; case.mesh.points.len()];
        for (nodes, cells) in case.mesh.edge_nodes.iter().zip(&case.mesh.edge_cells) {
            let rank = case.cell_ranks[cells[0] as usize];
            nodes.iter().for_each(|&node| votes[node as usize][rank as usize] += 1);
        }
        let winner =
            |votes: &[u32; 5]| (0..5).rev().max_by_key(|&rank| votes[rank]).unwrap() as u32;
        assert_eq!(case.run(), votes.iter().map(winner).collect::<Vec<_>>());
    }

    #[test]
    fn neighbors_of_one_part_stay_together() {
        let mut case = case(NODES);
        case.cell_ranks.fill(3);
        assert!(case.run().iter().all(|&rank| rank == 3));
        case.set = EDGES;
        assert!(case.run().iter().all(|&rank| rank == 3));
    }

    /// Four elements are named by none of the other set; a third set has no maps.
    fn partly_named(ranks: usize, spread: Spread, set: usize) -> Vec<u32> {
        let sizes = [3, 10, 8];
        let all = on(ranks, spread, sizes[set], |comm, spread, _| {
            let owned = sizes.map(|size| spread.owned(size, comm));
            let sets = [0, 1, 2].map(|set| OwnedSet { size: sizes[set], owned: &owned[set] });
            let table = [[4, 9], [9, 9], [5, 2]];
            let targets = rows(&table, &owned[0]);
            let maps = [OwnedMap { from: 0, to: 1, arity: 2, targets: &targets }];
            let lead = owned[0].iter().map(|&element| [7, 6, 5][element as usize]).collect();
            let mut ranks = [Some(lead), None, None];
            follow(comm, &sets, &maps, &mut ranks)?;
            Ok(ranks[set].take().unwrap())
        });
        all.unwrap()
    }

    #[test]
    fn what_nothing_names_stays_in_equal_blocks() {
        for ranks in 1..=6 {
            for spread in [Spread::Blocks, Spread::Cyclic, Spread::OnLast, Spread::Scattered] {
                let mut expected: Vec<_> =
                    (0..10).map(|element| block_owner(10, ranks, element) as u32).collect();
                // Element 9 is named by one element on 7 and one on 6, which names it twice.
                [expected[2], expected[4], expected[5], expected[9]] = [5, 7, 5, 6];
                assert_eq!(partly_named(ranks, spread, 1), expected);
                let blocks: Vec<_> = (0..8).map(|e| block_owner(8, ranks, e) as u32).collect();
                assert_eq!(partly_named(ranks, spread, 2), blocks);
            }
        }
    }

    #[test]
    fn the_first_of_equally_frequent_ranks_wins() {
        assert_eq!(most_frequent(&[4]), 4);
        assert_eq!(most_frequent(&[4, 2]), 4);
        assert_eq!(most_frequent(&[9, 2, 3, 2]), 2);
        assert_eq!(most_frequent(&[9, 3, 3, 9]), 9);
    }

    #[test]
    fn votes_of_many_ranks_are_added() {
        let votes = vec![[8, 2, 3], [7, 1, 1], [8, 5, 2], [7, 0, 1], [8, 5, 2], [9, 4, 1]];
        assert_eq!(elected(votes), [(7, 0), (8, 5), (9, 4)]);
        assert_eq!(elected(Vec::new()), []);
    }

    fn map(from: usize, to: usize) -> OwnedMap<'static> {
        OwnedMap { from, to, arity: 1, targets: &[] }
    }

    #[test]
    fn sets_are_decided_breadth_first() {
        use Step::{ByEntries, ByNames};
        let only = |set: usize| (0..5).map(|other| other == set).collect();
        // 1 -> 0, 1 -> 2, 0 -> 3, 2 -> 4, 3 -> 4
        let maps = [map(3, 4), map(2, 4), map(0, 3), map(1, 2), map(1, 0)];
        let steps = sequence(&maps, only(0));
        assert_eq!(steps, [ByEntries(4), ByNames(2), ByNames(3), ByNames(0)]);
        assert_eq!(
            sequence(&maps, only(4)),
            [ByEntries(0), ByEntries(1), ByEntries(2), ByEntries(3)]
        );
        assert_eq!(sequence(&[map(0, 0), map(2, 3)], only(0)), []);
        // Of two maps that connect the same sets, the first one counts; two leads are possible.
        let empty = OwnedMap { arity: 0, ..map(0, 4) };
        assert_eq!(sequence(&[empty], only(0)), []);
        let maps = [map(1, 0), map(1, 0), map(2, 3), map(2, 4)];
        let leads = vec![true, false, false, true, false];
        assert_eq!(sequence(&maps, leads), [ByEntries(0), ByEntries(2), ByNames(3)]);
    }

    #[test]
    fn a_set_with_an_element_that_nobody_owns_is_refused_on_all_ranks() {
        let refused = on(3, Spread::Blocks, 6, |comm, spread, _| -> Result<Vec<u32>> {
            let owned = spread.owned(6, comm);
            let lost: Vec<u64> = owned.iter().copied().filter(|&element| element != 3).collect();
            let targets = rows(&[[0], [1], [2], [3], [4], [5]], &owned);
            let sets = [OwnedSet { size: 6, owned: &lost }, OwnedSet { size: 6, owned: &owned }];
            let maps = [OwnedMap { from: 1, to: 0, arity: 1, targets: &targets }];
            let mut ranks = [Some(vec![0; lost.len()]), None];
            let error = follow(comm, &sets, &maps, &mut ranks).unwrap_err().to_string();
            assert!(error.contains("element 3 is owned by no rank"), "{error}");
            Ok(vec![0; owned.len()])
        });
        refused.unwrap();
    }
}
