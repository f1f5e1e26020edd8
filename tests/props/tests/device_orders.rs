//! Any loop gets an order for a device that is safe, complete, what was asked for where that is possible, and the
//! same for any number of threads.

use std::collections::HashMap;

use op2_core::device::order::{NOWHERE, Order, RaceStrategy, Races, Staging, audit, order};
use op2_props::device_loop::{DeviceLoop, at_once, device_loops};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

fn order_of(the_loop: &DeviceLoop) -> Order {
    order(&the_loop.request(&the_loop.targets()), &the_loop.limits)
}

fn audited(the_loop: &DeviceLoop, order: &Order) -> Result<(), String> {
    audit(&the_loop.request(&the_loop.targets()), order).map_err(|flaw| flaw.to_string())
}

/// How often each row of each target is changed, whoever comes first.
fn counts(the_loop: &DeviceLoop, elements: impl IntoIterator<Item = usize>) -> Counts {
    let mut counts = HashMap::new();
    for row in elements.into_iter().flat_map(|element| the_loop.rows(element)) {
        *counts.entry(row).or_insert(0) += 1;
    }
    counts
}

type Counts = HashMap<(usize, u32), usize>;

/// How often each row is changed by blocks that sum their rows first, and that no two blocks of a launch
/// change one row.
fn staged_counts(the_loop: &DeviceLoop, order: &Order, staging: &Staging) -> Option<Counts> {
    let mut counts = Counts::new();
    for launch in &order.launches {
        let mut changed: HashMap<(usize, u32), u32> = HashMap::new();
        for &block in &staging.blocks[launch.start as usize..launch.end as usize] {
            for (row, count) in block_counts(the_loop, staging, block as usize)? {
                if *changed.entry(row).or_insert(block) != block {
                    return None;
                }
                *counts.entry(row).or_insert(0) += count;
            }
        }
    }
    Some(counts)
}

/// The same of one block: its elements take turns, and those of one turn change no row in common.
fn block_counts(the_loop: &DeviceLoop, staging: &Staging, block: usize) -> Option<Counts> {
    let positions = the_loop.positions();
    let end = positions.min((block + 1) * staging.block);
    let mut counts = Counts::new();
    for turn in 0..staging.num_colors[block] {
        let mut changed: HashMap<(usize, u32), usize> = HashMap::new();
        for position in block * staging.block..end {
            if u32::from(staging.colors[position]) != turn {
                continue;
            }
            for (target, staged) in staging.targets.iter().enumerate() {
                let entries = staged.places.len() / positions;
                for entry in 0..entries {
                    let place = staged.places[entry * positions + position];
                    if place == NOWHERE {
                        continue;
                    }
                    let row = (target, staged.rows_of(block)[place as usize]);
                    match changed.insert(row, position) {
                        None => *counts.entry(row).or_insert(0) += 1,
                        Some(other) if other != position => return None,
                        Some(_) => {}
                    }
                }
            }
        }
    }
    Some(counts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn orders_pass_the_audit(the_loop in device_loops()) {
        let order = order_of(&the_loop);
        prop_assert_eq!(audited(&the_loop, &order), Ok(()), "{:?}", order);
    }

    #[test]
    fn every_element_changes_its_rows_once(the_loop in device_loops()) {
        let order = order_of(&the_loop);
        let all: Vec<usize> = match &the_loop.subset {
            Some(subset) => subset.iter().map(|&element| element as usize).collect(),
            None => (0..the_loop.num_elements).collect(),
        };
        let expected = counts(&the_loop, all);
        let found = match &order.staging {
            Some(staging) => staged_counts(&the_loop, &order, staging),
            None => Some(counts(&the_loop, at_once(&the_loop, &order).concat())),
        };
        prop_assert_eq!(found, Some(expected), "{}", order.reason);
    }

    #[test]
    fn elements_of_a_color_change_rows_of_their_own(the_loop in device_loops()) {
        let order = order_of(&the_loop);
        if order.races != Races::Coloring {
            return Ok(());
        }
        for elements in at_once(&the_loop, &order) {
            prop_assert!(counts(&the_loop, elements).values().all(|&times| times == 1));
        }
    }

    #[test]
    fn threads_find_what_one_finds(the_loop in device_loops()) {
        let alone = Order { seconds: 0.0, ..order_of(&the_loop) };
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| order_of(&the_loop));
            prop_assert_eq!(&Order { seconds: 0.0, ..found }, &alone);
        }
    }

    #[test]
    fn wishes_are_granted_where_they_can_be(the_loop in device_loops()) {
        let order = order_of(&the_loop);
        let combine = the_loop.changes.iter().all(|change| change.abilities[0]);
        let atomic = the_loop.changes.iter().all(|change| change.abilities[1]);
        if the_loop.changes.is_empty() || the_loop.positions() == 0 {
            prop_assert_eq!(order.races, Races::None);
            return Ok(());
        }
        match the_loop.limits.wish {
            RaceStrategy::Auto => {}
            RaceStrategy::Atomics => prop_assert_eq!(order.races == Races::Atomics, combine && atomic),
            RaceStrategy::Coloring => prop_assert_eq!(order.races, Races::Coloring),
            RaceStrategy::Staging if combine && the_loop.points == 1 => {
                prop_assert!(order.races == Races::Staging || order.reason.contains("do not fit"));
            }
            RaceStrategy::Staging => prop_assert!(order.reason.starts_with("staging was asked for, but")),
        }
    }

    #[test]
    fn blocks_fit(the_loop in device_loops()) {
        let order = order_of(&the_loop);
        if let Some(staging) = &order.staging {
            prop_assert!(staging.local_bytes(&the_loop.targets()) <= the_loop.limits.local_bytes);
            prop_assert!(staging.block <= the_loop.limits.group);
        }
    }

    // First fit gave an element its color because each lower one held a conflict.
    #[test]
    fn an_element_moved_to_a_lower_color_is_caught(the_loop in device_loops()) {
        let mut order = order_of(&the_loop);
        if order.races != Races::Coloring || order.launches.len() < 2 {
            return Ok(());
        }
        order.launches[0].end += 1;
        order.launches[1].start += 1;
        if order.launches[1].is_empty() {
            order.launches.remove(1);
        }
        let said = audited(&the_loop, &order).unwrap_err();
        prop_assert!(said.contains("launch 0: elements"), "{}", said);
    }

    #[test]
    fn a_block_moved_to_a_lower_color_is_caught(the_loop in device_loops()) {
        let mut order = order_of(&the_loop);
        if order.races != Races::Staging || order.launches.len() < 2 {
            return Ok(());
        }
        order.launches[0].end += 1;
        order.launches[1].start += 1;
        if order.launches[1].is_empty() {
            order.launches.remove(1);
        }
        let said = audited(&the_loop, &order).unwrap_err();
        prop_assert!(said.contains("launch 0: blocks"), "{}", said);
    }

    #[test]
    fn a_turn_taken_too_early_is_caught(the_loop in device_loops(), pick: prop::sample::Index) {
        let mut order = order_of(&the_loop);
        let Some(staging) = &mut order.staging else { return Ok(()) };
        let later: Vec<usize> =
            (0..staging.colors.len()).filter(|&position| staging.colors[position] > 0).collect();
        if later.is_empty() {
            return Ok(());
        }
        staging.colors[later[pick.index(later.len())]] -= 1;
        let said = audited(&the_loop, &order).unwrap_err();
        prop_assert!(said.contains("at the same time"), "{}", said);
    }

    #[test]
    fn a_wrong_place_is_caught(the_loop in device_loops(), pick: prop::sample::Index) {
        let mut order = order_of(&the_loop);
        let Some(staging) = &mut order.staging else { return Ok(()) };
        let places = &mut staging.targets[0].places;
        let picked = pick.index(places.len());
        places[picked] = places[picked].wrapping_add(1);
        let said = audited(&the_loop, &order).unwrap_err();
        prop_assert!(said.starts_with("target 0: entry"), "{}", said);
    }
}

#[test]
fn all_ways_are_met() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut met = HashMap::new();
    for _ in 0..500 {
        let tree = device_loops().new_tree(&mut runner).unwrap();
        *met.entry(order_of(&tree.current()).races).or_insert(0) += 1;
    }
    for races in [Races::None, Races::Atomics, Races::Coloring, Races::Staging, Races::Serial] {
        assert!(met.contains_key(&races), "no loop is {races:?}: {met:?}");
    }
}
