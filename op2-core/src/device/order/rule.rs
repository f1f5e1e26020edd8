//! Which order a loop gets on a device.
//!
//! 1. Nothing is changed through a map: all at once.
//! 2. All changes combine exactly (integers, minima, maxima), and the device makes them in one piece:
//!    [`Races::Atomics`]. The answer is the same whatever the order, and no table is needed.
//! 3. No row is changed by two elements: [`Races::Coloring`] with one color.
//! 4. All changes combine: [`Races::Staging`], if the rows of a block fit into the memory of a group (blocks as
//!    large as a group first, then halves, down to 32 elements), and neither blocks nor the elements of
//!    a block have so many rows in common that they stand in line. Rows cross memory once for
//!    each block, not once for each element, and the order of sums is fixed.
//! 5. Otherwise [`Races::Coloring`], if the colors are worth their launches. The order of sums is fixed.
//! 6. Otherwise [`Races::Staging`] once more, with up to 4096 colors of blocks, however long their elements
//!    stand in line: some work is shared even then.
//! 7. Otherwise [`Races::Serial`]. Atomic sums of floating-point numbers would be faster, but differ in their
//!    last bits from run to run: they are for who asks for them.
//!
//! What a color is worth: to start a program is taken to cost a graphics processor some 8 µs, as long as
//! one work-item takes for 8 elements alone, and as long as all work-items together take for ten
//! thousands (estimates, to be replaced by measurements). So colors of 8 elements on average beat a single
//! work-item. A few colors are always accepted: they cost little, and small meshes have them.
//!
//! A user's wish comes before the rule wherever the answer stays right: atomics if all changes
//! combine and the device makes them in one piece, staging if all changes combine and fit, colors up to
//! 4096. Where it cannot be granted, the rule decides, and the reason begins with why.

use std::time::Instant;

use super::RaceStrategy;
use super::first_fit::MOST_COLORS;
use super::reason::{self, Obstacle};
use super::request::{Limits, Request};
use super::ways::{FEW_COLORS, Worth, atomics, colored, staged, whole};
use super::{Order, Races};

/// Elements that a color must have on average to beat a single work-item.
const ELEMENTS_PER_COLOR: usize = 8;

/// Finds the order of a loop.
///
/// # Panics
/// If the request breaks a rule that sets and maps check at their declaration: see [`Request`].
pub fn order(request: &Request<'_>, limits: &Limits) -> Order {
    let started = Instant::now();
    let order = choose(request, limits);
    Order { seconds: started.elapsed().as_secs_f64(), ..order }
}

fn choose(request: &Request<'_>, limits: &Limits) -> Order {
    if request.targets.is_empty() {
        return whole(request, Races::None, reason::DIRECT);
    }
    if request.positions == 0 {
        return whole(request, Races::None, reason::EMPTY);
    }
    let wished = match limits.wish {
        RaceStrategy::Auto => return rule(request, limits),
        RaceStrategy::Atomics => atomics(request),
        RaceStrategy::Coloring => colored(request, MOST_COLORS),
        RaceStrategy::Staging => staged(request, limits, &Worth::ANY),
    };
    match wished {
        Ok(order) => Order { reason: format!("as asked for, {}", order.reason), ..order },
        Err(obstacle) => {
            let order = rule(request, limits);
            let reason = format!("{} was asked for, but {obstacle}; {}", limits.wish, order.reason);
            Order { reason, ..order }
        }
    }
}

fn rule(request: &Request<'_>, limits: &Limits) -> Order {
    let atomics = atomics(request);
    if let Ok(order) = &atomics
        && request.targets.iter().all(|target| target.exact)
    {
        return order.clone();
    }
    if let Ok(order) = colored(request, 1) {
        return order;
    }
    let not_staged = match staged(request, limits, &Worth::of(request)) {
        Ok(order) => return order,
        Err(obstacle) => obstacle,
    };
    let crowded = match colored(request, max_colors(request.positions)) {
        Ok(order) => {
            let reason = format!("{}; not in blocks, because {not_staged}", order.reason);
            return Order { reason, ..order };
        }
        Err(obstacle) => obstacle,
    };
    if let Ok(order) = staged(request, limits, &Worth::ANY) {
        return Order { reason: format!("{crowded}, so {}", order.reason), ..order };
    }
    let obstacle = atomics.err().unwrap_or(Obstacle::VaryingSums);
    whole(request, Races::Serial, reason::serial(&crowded, &obstacle))
}

/// More colors than this are not worth their launches.
fn max_colors(positions: usize) -> usize {
    (positions / ELEMENTS_PER_COLOR).clamp(FEW_COLORS, MOST_COLORS)
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "some orders have one launch")]
mod tests {
    use super::super::audit;
    use super::super::request::RequestTarget;
    use super::super::tests::{increments, path, request, writes};
    use super::*;

    const LIMITS: Limits = Limits { local_bytes: 48 << 10, group: 256, wish: RaceStrategy::Auto };

    /// The order of a loop over a table of two columns, audited.
    fn ordered(target: RequestTarget<'_>, wish: RaceStrategy) -> Order {
        let positions = target.reaches[0].table.len() / 2;
        audited(&request(positions, &[target]), &Limits { wish, ..LIMITS })
    }

    fn audited(request: &Request<'_>, limits: &Limits) -> Order {
        let order = order(request, limits);
        assert_eq!(audit(request, &order), Ok(()), "{}", order.reason);
        order
    }

    fn hub(positions: usize) -> Vec<u32> {
        vec![0; 2 * positions]
    }

    #[test]
    fn direct_loops_run_at_once() {
        let order = audited(&request(7, &[]), &LIMITS);
        assert_eq!((order.races, &order.launches[..]), (Races::None, &[0..7][..]));
        assert_eq!(
            order.reason,
            "nothing is changed through a map, so all elements may run at once"
        );
        assert!(order.seconds >= 0.0);
    }

    #[test]
    fn empty_loops_have_no_launches() {
        for wish in RaceStrategy::ALL {
            let order = ordered(increments(&[], 2, 3), wish);
            assert_eq!((order.races, order.launches.len()), (Races::None, 0));
        }
        assert!(audited(&request(0, &[]), &LIMITS).launches.is_empty());
    }

    #[test]
    fn sums_through_a_map_are_staged() {
        let path = path(1000);
        let order = ordered(increments(&path, 2, 1001), RaceStrategy::Auto);
        assert_eq!(order.races, Races::Staging);
        assert_eq!(order.launches, [0..2, 2..4]);
        assert_eq!(
            order.reason,
            "4 blocks of up to 256 elements in 2 colors: blocks of one color change no row in \
             common, and each combines its changes in the memory of its group (2.0 KiB), its \
             elements in up to 2 turns"
        );
    }

    #[test]
    fn exact_changes_are_made_in_one_piece() {
        let path = path(1000);
        let exact = RequestTarget { exact: true, ..increments(&path, 2, 1001) };
        let order = ordered(exact.clone(), RaceStrategy::Auto);
        assert_eq!((order.races, &order.launches[..]), (Races::Atomics, &[0..1000][..]));
        assert!(order.reason.contains("the same in any order"), "{}", order.reason);
        let slow = RequestTarget { atomic: false, ..exact };
        assert_eq!(ordered(slow, RaceStrategy::Auto).races, Races::Staging);
    }

    #[test]
    fn overwritten_rows_are_colored() {
        let path = path(1000);
        let order = ordered(writes(&path, 2, 1001), RaceStrategy::Auto);
        assert_eq!((order.races, order.launches.len()), (Races::Coloring, 2));
        assert_eq!(
            order.reason,
            "1000 elements in 2 colors: elements of one color change no row in common; not in \
             blocks, because rows that are overwritten (Write, Rw) cannot be combined"
        );
    }

    #[test]
    fn elements_without_common_rows_have_one_color() {
        let apart: Vec<u32> = (0..100).collect();
        for target in [increments(&apart, 2, 100), writes(&apart, 2, 100)] {
            let order = ordered(target, RaceStrategy::Auto);
            assert_eq!((order.races, order.launches.len()), (Races::Coloring, 1));
            assert_eq!(order.reason, "no row is changed by two of 50 elements: one color");
        }
        assert_eq!(ordered(writes(&[3, 4], 2, 5), RaceStrategy::Auto).elements, [0]);
    }

    #[test]
    fn loops_over_points_are_colored() {
        let path = path(1000);
        let targets = [increments(&path, 2, 1001)];
        let order = audited(&Request { points: 9, ..request(1000, &targets) }, &LIMITS);
        assert_eq!(order.races, Races::Coloring);
        assert!(order.reason.contains("several times for each element"), "{}", order.reason);
    }

    #[test]
    fn blocks_are_halved_until_their_rows_fit() {
        let path = path(1000);
        let block = |row_bytes| {
            let wide = RequestTarget { row_bytes, ..increments(&path, 2, 1001) };
            let order = ordered(wide, RaceStrategy::Auto);
            order.staging.map(|staging| staging.block).ok_or(order.reason)
        };
        assert_eq!((block(8), block(256), block(1024)), (Ok(256), Ok(128), Ok(32)));
        let reason = block(2048).unwrap_err();
        let why =
            "because the rows of 32 elements do not fit into the memory of a group (48.0 KiB)";
        assert!(
            reason.starts_with("1000 elements in 2 colors") && reason.ends_with(why),
            "{reason}"
        );
    }

    #[test]
    fn crowded_blocks_give_way_to_colors_of_elements() {
        // Each row is shared by two edges 5000 apart, and all blocks share some row with others.
        let mut table: Vec<u32> = Vec::new();
        let mut state = 1_u64;
        for _ in 0..20_000 {
            for _ in 0..2 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                table.push((state >> 33) as u32 % 40_000);
            }
        }
        let order = ordered(increments(&table, 2, 40_000), RaceStrategy::Auto);
        assert_eq!(order.races, Races::Coloring);
        assert!(order.reason.contains("79 blocks need more than 16 colors"), "{}", order.reason);
    }

    #[test]
    fn a_hub_keeps_the_bits_of_its_sums() {
        for (positions, blocks) in [(200, 1), (5000, 20), (100_000, 391)] {
            let hub = hub(positions);
            let order = ordered(increments(&hub, 2, 1), RaceStrategy::Auto);
            assert_eq!((order.races, order.launches.len()), (Races::Staging, blocks));
            assert!(order.reason.contains("too many elements"), "{}", order.reason);
            let order = ordered(writes(&hub, 2, 1), RaceStrategy::Auto);
            assert_eq!((order.races, order.launches.len()), (Races::Serial, 1));
            assert!(order.reason.contains("overwritten (Write, Rw)"), "{}", order.reason);
        }
        let wide = [RequestTarget { row_bytes: 1 << 20, ..increments(&[0; 400], 2, 1) }];
        let order = audited(&request(200, &wide), &LIMITS);
        assert_eq!(order.races, Races::Serial);
        assert!(order.reason.contains("OP2_RACES=atomics"), "{}", order.reason);
        let slow = [RequestTarget { atomic: false, ..wide[0].clone() }];
        let order = audited(&request(200, &slow), &LIMITS);
        assert_eq!(order.races, Races::Serial);
        assert!(order.reason.contains("the device cannot combine"), "{}", order.reason);
    }

    #[test]
    fn one_hub_among_many_rows_is_staged() {
        let mut table = path(100_000);
        (0..100).for_each(|edge| table[2 * edge] = 0);
        assert_eq!(
            ordered(increments(&table, 2, 100_001), RaceStrategy::Auto).races,
            Races::Staging
        );
    }

    #[test]
    fn colors_must_be_worth_their_launches() {
        assert_eq!([10, 400, 100_000].map(max_colors), [FEW_COLORS, 50, MOST_COLORS]);
    }

    #[test]
    fn wishes_are_granted_where_the_answer_stays_right() {
        let path = path(1000);
        let sums = increments(&path, 2, 1001);
        for (wish, races) in [
            (RaceStrategy::Atomics, Races::Atomics),
            (RaceStrategy::Coloring, Races::Coloring),
            (RaceStrategy::Staging, Races::Staging),
        ] {
            let order = ordered(sums.clone(), wish);
            assert_eq!(order.races, races);
            assert!(order.reason.starts_with("as asked for, "), "{}", order.reason);
        }
        let order = ordered(writes(&path, 2, 1001), RaceStrategy::Atomics);
        assert_eq!(order.races, Races::Coloring);
        assert!(
            order.reason.starts_with("atomics was asked for, but rows that"),
            "{}",
            order.reason
        );
        assert_eq!(ordered(writes(&path, 2, 1001), RaceStrategy::Staging).races, Races::Coloring);
        let wide = RequestTarget { row_bytes: 1 << 20, ..sums };
        let order = ordered(wide, RaceStrategy::Staging);
        assert_eq!(order.races, Races::Coloring);
        assert!(order.reason.contains("do not fit"), "{}", order.reason);
    }

    #[test]
    fn a_wish_for_an_order_is_granted_to_a_small_hub() {
        let small = hub(300);
        let order = ordered(increments(&small, 2, 1), RaceStrategy::Coloring);
        assert_eq!((order.races, order.launches.len()), (Races::Coloring, 300));
        let order = ordered(increments(&small, 2, 1), RaceStrategy::Staging);
        assert_eq!((order.races, order.launches.len()), (Races::Staging, 2));
        let large = hub(5000);
        let order = ordered(increments(&large, 2, 1), RaceStrategy::Coloring);
        assert_eq!(order.races, Races::Staging);
        assert!(order.reason.contains("5000 elements need more than 4096"), "{}", order.reason);
    }
}
