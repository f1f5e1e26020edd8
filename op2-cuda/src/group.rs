//! The size of groups with which a GPU is busiest.

/// Work-items that run in step: a smaller group leaves some of them idle.
const WARP: u32 = 32;

/// Work-items of each group of a program that runs with any number of them, up to `most`: as many as keep
/// the most work-items on a multiprocessor at once. The usual number is kept where no other is better, and so is
/// the nearest to it of those that are equally good.
///
/// `resident` says how many groups of a size a multiprocessor holds at once, if that can be known.
pub(crate) fn best(usual: u32, most: u32, resident: impl Fn(u32) -> Option<u32>) -> u32 {
    let busy = |group: u32| resident(group).map_or(0, |groups| groups * group);
    let usual = usual.min(most).max(1);
    let sizes = (0..u32::BITS).map(|power| 1 << power).filter(|&size| size >= WARP && size <= most);
    let mut others: Vec<u32> = sizes.filter(|&size| size != usual).collect();
    others.sort_by_key(|&size| size.ilog2().abs_diff(usual.ilog2()));
    let (mut best, mut most_busy) = (usual, busy(usual));
    for size in others {
        let so_busy = busy(size);
        if so_busy > most_busy {
            (best, most_busy) = (size, so_busy);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A multiprocessor of 64 K registers that holds so many work-items, in so many groups.
    fn multiprocessor(items: u32, groups: u32, registers: u32) -> impl Fn(u32) -> Option<u32> {
        move |group| Some(groups.min(items / group).min(65_536 / (registers * group)))
    }

    #[test]
    fn the_usual_size_is_kept_where_no_other_is_better() {
        for registers in [16, 32, 64, 128, 255] {
            assert_eq!(best(128, 256, multiprocessor(2048, 32, registers)), 128, "{registers}");
        }
    }

    #[test]
    fn many_small_groups_do_not_fit() {
        let few_groups = || multiprocessor(2048, 8, 32);
        assert_eq!(best(128, 256, few_groups()), 256);
        assert_eq!(best(128, 128, few_groups()), 128);
        assert_eq!(best(64, 1024, few_groups()), 256);
    }

    #[test]
    fn small_groups_use_registers_that_large_ones_leave() {
        // 600 work-items have registers: four groups of 128, nine of 64, eighteen of 32.
        assert_eq!(best(128, 256, multiprocessor(2048, 32, 109)), 64);
    }

    #[test]
    fn a_program_that_needs_much_gets_what_it_can() {
        assert_eq!(best(128, 64, multiprocessor(1024, 16, 255)), 64);
        assert_eq!(best(128, 16, |_| Some(1)), 16);
    }

    #[test]
    fn a_driver_that_does_not_answer_changes_nothing() {
        assert_eq!(best(128, 256, |_| None), 128);
        assert_eq!(best(128, 256, |group| (group < 128).then_some(0)), 128);
    }
}
