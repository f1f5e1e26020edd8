//! Local numbers, halos, lists and moves on several ranks, against what the whole mesh says.

use std::collections::{BTreeSet, HashMap};

use op2_core::base::blocks::block_range;
use op2_core::base::comm::Comm;
use op2_core::base::error::Result;
use op2_core::dist::directory::{Directory, fetch};
use op2_core::dist::migrate::Move;
use op2_core::dist::needs::{Lists, Reach, cover, exec_elements, halo_rows};
use op2_core::dist::owned::OwnedMap;
use op2_core::dist::regions::{Region, build};
use op2_core::dist::threads;
use op2_props::world::{Parts, World, worlds};
use proptest::prelude::*;
use proptest::sample::Index;

/// What a rank has after numbering.
struct Local {
    regions: Vec<Region>,
    tables: Vec<Vec<u32>>,
}

fn local(comm: &dyn Comm, world: &World) -> Result<Local> {
    let owned = world.owned_lists(comm.rank());
    let sets = world.owned_sets(&owned);
    let targets = world.owned_targets(comm.rank());
    let maps = world.maps.iter().zip(&targets);
    let maps: Vec<OwnedMap> = maps
        .map(|(map, targets)| OwnedMap { from: map.from, to: map.to, arity: map.arity, targets })
        .collect();
    let (regions, tables) = build(comm, &sets, &maps)?;
    Ok(Local { regions, tables })
}

/// Runs on as many ranks as the world has.
fn on_ranks<R: Send>(world: &World, run: impl Fn(&dyn Comm) -> Result<R> + Sync) -> Vec<R> {
    threads::run(world.ranks, |comm| run(&*comm)).unwrap()
}

fn users(region: &Region, rows: &[u32]) -> Vec<u64> {
    rows.iter().map(|&row| region.to_user[row as usize]).collect()
}

fn parts(region: &Region) -> Parts {
    let part = |range: std::ops::Range<usize>| region.to_user[range].to_vec();
    Parts {
        core: part(0..region.core),
        border: part(region.core..region.owned),
        exec: part(region.owned..region.exec),
        non_exec: part(region.exec..region.rows),
    }
}

/// Columns of maps: which entries a loop uses.
#[derive(Debug, Clone)]
struct Use {
    map: Index,
    first: Index,
    last: Index,
}

fn uses() -> impl Strategy<Value = Vec<Use>> {
    let a_use = (any::<Index>(), any::<Index>(), any::<Index>());
    prop::collection::vec(a_use.prop_map(|(map, first, last)| Use { map, first, last }), 0..4)
}

/// The uses of maps from and to the same sets as the first: a map and its columns.
fn matching(
    world: &World,
    uses: &[Use],
    same_target: bool,
) -> Vec<(usize, std::ops::Range<usize>)> {
    if world.maps.is_empty() {
        return Vec::new();
    }
    let resolved = uses.iter().map(|a_use| {
        let map = a_use.map.index(world.maps.len());
        let (a, b) =
            (a_use.first.index(world.maps[map].arity), a_use.last.index(world.maps[map].arity));
        (map, a.min(b)..a.max(b) + 1)
    });
    let mut resolved: Vec<_> = resolved.collect();
    if let Some(&(first, _)) = resolved.first() {
        let (from, to) = (world.maps[first].from, world.maps[first].to);
        resolved.retain(|(map, _)| {
            world.maps[*map].from == from && (!same_target || world.maps[*map].to == to)
        });
    }
    resolved
}

fn reaches<'a>(
    world: &World,
    local: &'a Local,
    uses: &[(usize, std::ops::Range<usize>)],
) -> Vec<Reach<'a>> {
    let reach = |(map, columns): &(usize, std::ops::Range<usize>)| {
        let region = &local.regions[world.maps[*map].to];
        Reach {
            table: &local.tables[*map],
            arity: world.maps[*map].arity,
            columns: columns.clone(),
            owned: region.owned,
            rows: region.rows,
        }
    };
    uses.iter().map(reach).collect()
}

/// Any halo rows of a set, about one of `every`.
fn some_halo(region: &Region, seed: u64, every: u64) -> Vec<u32> {
    let mixed = |row: &u32| (u64::from(*row) ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    (region.owned as u32..region.rows as u32).filter(|row| mixed(row) % every == 0).collect()
}

/// Sends owned rows by the lists, and gives the halo rows that arrive.
fn send(comm: &dyn Comm, lists: &Lists, values: &[u64]) -> Result<HashMap<u32, u64>> {
    let mut messages = vec![Vec::new(); comm.size()];
    for (rank, rows) in &lists.export {
        for &row in rows {
            messages[*rank].extend(values[row as usize].to_ne_bytes());
        }
    }
    let received = comm.all_to_all(messages)?;
    let mut found = HashMap::new();
    let mut bytes = 0;
    for (rank, rows) in &lists.import {
        let values = received[*rank].chunks_exact(8);
        assert_eq!(values.len(), rows.len());
        bytes += received[*rank].len();
        let values = values.map(|value| u64::from_ne_bytes(value.try_into().unwrap()));
        found.extend(rows.iter().copied().zip(values));
    }
    assert_eq!(received.iter().map(Vec::len).sum::<usize>(), bytes);
    Ok(found)
}

fn value(set: usize, element: u64) -> u64 {
    element * 7 + set as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn each_rank_has_just_what_the_definitions_say(world in worlds()) {
        let locals = on_ranks(&world, |comm| local(comm, &world));
        for (rank, Local { regions, tables }) in locals.iter().enumerate() {
            for (set, region) in regions.iter().enumerate() {
                prop_assert_eq!(parts(region), world.parts(set, rank));
                prop_assert_eq!(region.to_user.len(), region.rows);
                let halo = &region.to_user[region.owned..];
                let owners: Vec<u32> =
                    halo.iter().map(|&element| world.owner(set, element) as u32).collect();
                prop_assert_eq!(&region.halo_owner, &owners);
                for element in 0..world.size(set) {
                    let row = region.to_user.iter().position(|&user| user == element);
                    prop_assert_eq!(region.local(element), row.map(|row| row as u32));
                }
            }
            for (map, table) in world.maps.iter().zip(tables) {
                let (from, to) = (&regions[map.from], &regions[map.to]);
                let executed = &from.to_user[..from.exec];
                let named: Vec<u64> =
                    executed.iter().flat_map(|&element| map.row(element)).copied().collect();
                prop_assert_eq!(users(to, table), named);
            }
        }
    }

    #[test]
    fn lists_bring_values_of_owners(world in worlds(), seed in any::<u64>(), every in 1_u64..4) {
        let found = on_ranks(&world, |comm| {
            let Local { regions, .. } = local(comm, &world)?;
            let seed = seed ^ comm.rank() as u64;
            let mut all = Vec::new();
            for (set, region) in regions.iter().enumerate() {
                let wanted = some_halo(region, seed, every);
                let lists = Lists::new(comm, region, &wanted)?;
                let mut values = vec![u64::MAX; region.rows];
                for (row, value_of) in values[..region.owned].iter_mut().enumerate() {
                    *value_of = value(set, region.to_user[row]);
                }
                let arrived = send(comm, &lists, &values)?;
                assert_eq!(arrived.len(), wanted.len());
                for row in &wanted {
                    assert_eq!(arrived[row], value(set, region.to_user[*row as usize]));
                }
                let users_of = |list: &[(usize, Vec<u32>)]| -> Vec<(usize, Vec<u64>)> {
                    list.iter().map(|(rank, rows)| (*rank, users(region, rows))).collect()
                };
                assert!(lists.import.iter().all(|(_, rows)| rows.is_sorted_by(|a, b| a < b)));
                assert!(lists.export.iter().flat_map(|(_, rows)| rows).all(|&row| (row as usize) < region.owned));
                all.push((users_of(&lists.import), users_of(&lists.export)));
            }
            Ok(all)
        });
        for set in 0..world.sets.len() {
            for (rank, lists) in found.iter().enumerate() {
                let (import, export) = &lists[set];
                for list in [import, export] {
                    prop_assert!(list.is_sorted_by(|a, b| a.0 < b.0));
                    prop_assert!(list.iter().all(|(other, rows)| *other != rank && !rows.is_empty()));
                }
                // The other side of each list is the same list.
                for (other, elements) in import {
                    let (_, export) = &found[*other][set];
                    prop_assert!(export.contains(&(rank, elements.clone())));
                }
                for (other, elements) in export {
                    let (import, _) = &found[*other][set];
                    prop_assert!(import.contains(&(rank, elements.clone())));
                }
            }
        }
    }

    #[test]
    fn lists_cover_what_they_bring_on_all_ranks(
        world in worlds(), seeds in any::<[u64; 2]>(), every in any::<[bool; 2]>()
    ) {
        let found = on_ranks(&world, |comm| {
            let Local { regions, .. } = local(comm, &world)?;
            let wanted = |which: usize| {
                let every = if every[which] { 1 } else { 2 };
                some_halo(&regions[0], seeds[which] ^ comm.rank() as u64, every)
            };
            let (a, b) = (wanted(0), wanted(1));
            let both = a.iter().chain(&b).copied().collect::<BTreeSet<u32>>();
            let both: Vec<u32> = both.into_iter().collect();
            let lists = |wanted: &[u32]| Lists::new(comm, &regions[0], wanted);
            let (list_a, list_b, list_both) = (lists(&a)?, lists(&b)?, lists(&both)?);
            let none = Lists::default();
            let pairs = [(&list_both, &list_a), (&list_both, &list_b), (&list_a, &none), (&list_a, &list_b)];
            let [true, true, true, all] = cover(comm, &pairs)?[..] else {
                panic!("lists of more rows bring all that those of fewer bring");
            };
            Ok((all, b.iter().all(|row| a.contains(row))))
        });
        let expected = found.iter().all(|(_, here)| *here);
        prop_assert!(found.iter().all(|(covered, _)| *covered == expected));
    }

    #[test]
    fn loops_run_over_what_they_must_and_read_what_they_name(
        world in worlds(), writes in uses(), reads in uses()
    ) {
        let writes = matching(&world, &writes, false);
        let reads = matching(&world, &reads, true);
        let locals = on_ranks(&world, |comm| local(comm, &world));
        for (rank, local) in locals.iter().enumerate() {
            if let Some(&(map, _)) = writes.first() {
                let region = &local.regions[world.maps[map].from];
                let changes = |element: u64| {
                    let changed = |(map, columns): &(usize, std::ops::Range<usize>)| {
                        let map = &world.maps[*map];
                        let row = &map.row(element)[columns.clone()];
                        row.iter().any(|&target| world.owner(map.to, target) == rank)
                    };
                    writes.iter().any(changed)
                };
                let all = (0..world.size(world.maps[map].from)).filter(|&element| changes(element));
                let expected: BTreeSet<u64> =
                    all.filter(|&e| world.owner(world.maps[map].from, e) != rank).collect();
                let found = exec_elements(region.owned, region.exec, &reaches(&world, local, &writes));
                prop_assert!(found.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(users(region, &found).into_iter().collect::<BTreeSet<_>>(), expected);
            }
            if let Some(&(map, _)) = reads.first() {
                let (from, to) = (world.maps[map].from, world.maps[map].to);
                let (elements, region) = (&local.regions[from], &local.regions[to]);
                let executed: Vec<u32> = (elements.owned..elements.exec).map(|e| e as u32).step_by(2).collect();
                let run = elements.to_user[..elements.owned].iter().copied();
                let run = run.chain(users(elements, &executed));
                let entries = run.flat_map(|element| {
                    let entries = |(map, columns): &(usize, std::ops::Range<usize>)| {
                        world.maps[*map].row(element)[columns.clone()].to_vec()
                    };
                    reads.iter().flat_map(entries).collect::<Vec<u64>>()
                });
                let expected: BTreeSet<u64> =
                    entries.filter(|&target| world.owner(to, target) != rank).collect();
                let reaches = reaches(&world, local, &reads);
                let found = halo_rows(0..elements.owned, &executed, &reaches);
                prop_assert!(found.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(users(region, &found).into_iter().collect::<BTreeSet<_>>(), expected);
                // Core elements name no halo.
                prop_assert_eq!(&halo_rows(0..elements.core, &[], &reaches), &[0_u32; 0]);
                prop_assert_eq!(found, halo_rows(elements.core..elements.owned, &executed, &reaches));
            }
        }
    }

    #[test]
    fn increments_over_owned_and_exec_halo_are_complete(world in worlds()) {
        let locals = on_ranks(&world, |comm| local(comm, &world));
        for (map, whole) in world.maps.iter().enumerate() {
            let mut expected = vec![0; world.size(whole.to) as usize];
            for element in 0..world.size(whole.from) {
                whole.row(element).iter().for_each(|&target| expected[target as usize] += value(0, element));
            }
            for local in &locals {
                let (from, to) = (&local.regions[whole.from], &local.regions[whole.to]);
                let mut sums = vec![0; to.rows];
                for (element, row) in local.tables[map].chunks_exact(whole.arity).enumerate() {
                    row.iter().for_each(|&target| sums[target as usize] += value(0, from.to_user[element]));
                }
                for (row, &sum) in sums[..to.owned].iter().enumerate() {
                    prop_assert_eq!(sum, expected[to.to_user[row] as usize]);
                }
            }
        }
    }

    #[test]
    fn owners_and_their_values_are_found(world in worlds(), asked in prop::collection::vec(any::<Index>(), 0..30)) {
        let found = on_ranks(&world, |comm| {
            let asked = &asked[asked.len().min(comm.rank())..];
            let (size, owned) = (world.size(0), world.owned(0, comm.rank()));
            let elements = asked.iter().filter(|_| size > 0).map(|asked| asked.index(size as usize) as u64);
            let elements: Vec<u64> = elements.collect();
            let directory = Directory::new(comm, size, &owned)?;
            let values: Vec<u64> = owned.iter().map(|&element| value(0, element)).collect();
            let owners = directory.owners(comm, &elements)?;
            let values = fetch(comm, &directory, &owned, &values, &elements)?;
            Ok((elements, owners, values))
        });
        for (elements, owners, values) in found {
            let expected: Vec<u32> = elements.iter().map(|&e| world.owner(0, e) as u32).collect();
            prop_assert_eq!(owners, expected);
            let expected: Vec<u64> = elements.iter().map(|&e| value(0, e)).collect();
            prop_assert_eq!(values, expected);
        }
    }

    #[test]
    fn rows_move_from_blocks_to_owners_and_back(world in worlds()) {
        on_ranks(&world, |comm| {
            let rank = comm.rank();
            for (number, set) in world.sets.iter().enumerate() {
                let size = world.size(number);
                let block: Vec<u64> = block_range(size, comm.size(), rank).collect();
                let owners: Vec<u32> = block.iter().map(|&e| set.owner[e as usize] as u32).collect();
                let rows = |elements: &[u64]| -> Vec<u8> {
                    elements.iter().flat_map(|&e| [e as u8, number as u8, 3 * e as u8]).collect()
                };
                let there = Move::new(comm, &block, &owners)?;
                let mut expected = world.owned(number, rank);
                expected.sort_unstable();
                assert_eq!(there.new_owned, expected);
                let moved = there.rows(comm, 3, &rows(&block))?;
                assert_eq!(moved, rows(&expected));

                let blocks: Vec<u32> = expected
                    .iter()
                    .map(|&e| (0..comm.size()).find(|&r| block_range(size, comm.size(), r).contains(&e)))
                    .map(|rank| rank.unwrap() as u32)
                    .collect();
                let back = Move::new(comm, &expected, &blocks)?;
                assert_eq!(back.new_owned, block);
                assert_eq!(back.rows(comm, 3, &moved)?, rows(&block));
            }
            Ok(())
        });
    }
}
