//! Any loop gets a plan that is safe, complete and the same for any number of threads.

use op2_core::plan::{Clash, Plan, Strategy, audit, plan_with};
use op2_props::meshes::{complete, star};
use op2_props::problem::{Problem, Write, problems};
use op2_props::run::{run_in_order, run_plan};
use proptest::prelude::*;

/// The plan of a problem.
fn plan_of(problem: &Problem) -> Plan {
    plan_with(&problem.request(&problem.targets()), &problem.settings())
}

/// All pairs of a block and a lower color than its own.
fn moves_down(colors: &[Vec<u32>]) -> Vec<(usize, usize, u32)> {
    let of_color = |from: usize| {
        (0..from).flat_map(move |to| colors[from].iter().map(move |&block| (from, to, block)))
    };
    (0..colors.len()).flat_map(of_color).collect()
}

/// The same colors with one block moved.
fn moved(colors: &[Vec<u32>], (from, to, block): (usize, usize, u32)) -> Vec<Vec<u32>> {
    let mut colors = colors.to_vec();
    colors[from].retain(|&other| other != block);
    colors[to].push(block);
    colors
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn plans_pass_the_audit(problem in problems()) {
        prop_assert_eq!(audit(&problem.request(&problem.targets()), &plan_of(&problem)), Ok(()));
    }

    #[test]
    fn threads_count_what_one_thread_counts(problem in problems()) {
        let targets = problem.targets();
        let request = problem.request(&targets);
        let plan = plan_of(&problem);
        let expected = run_in_order(&request);
        let one = run_plan(&request, &plan, 1);
        prop_assert_eq!(&one.counts, &expected.counts);
        for threads in [2, 3] {
            let several = run_plan(&request, &plan, threads);
            prop_assert_eq!(several.meetings, 0);
            prop_assert_eq!(&several, &one, "{} threads, {}", threads, plan.reason);
        }
    }

    #[test]
    fn overwritten_rows_are_never_copied(problem in problems()) {
        let overwrites = problem.writes.iter().any(|write| !write.combines);
        let replicated = matches!(plan_of(&problem).strategy, Strategy::Replicated { .. });
        prop_assert!(!(overwrites && replicated));
    }

    // First fit gave a block its color because each lower one held a conflict.
    #[test]
    fn a_block_moved_to_a_lower_color_is_caught(problem in problems(), pick: prop::sample::Index) {
        let plan = plan_of(&problem);
        let Strategy::Colored { colors } = &plan.strategy else { return Ok(()) };
        let moves = moves_down(colors);
        if moves.is_empty() {
            return Ok(());
        }
        let planted @ (_, to, block) = moves[pick.index(moves.len())];
        let bad = Plan { strategy: Strategy::Colored { colors: moved(colors, planted) }, ..plan.clone() };
        let targets = problem.targets();
        let request = problem.request(&targets);
        let clash = audit(&request, &bad);
        let Err(Clash::SharedRow { color, first, second, .. }) = clash else {
            return Err(TestCaseError::fail(format!("{clash:?}")));
        };
        prop_assert_eq!(color, to);
        prop_assert!(first.block == block || second.block == block);
        prop_assert!(run_plan(&request, &bad, 1).meetings > 0);
    }

    #[test]
    fn a_lost_or_repeated_block_is_caught(problem in problems(), pick: prop::sample::Index) {
        let plan = plan_of(&problem);
        let Strategy::Colored { colors } = &plan.strategy else { return Ok(()) };
        if colors.is_empty() {
            return Ok(());
        }
        let block = pick.index(plan.blocks.len());
        let mut lost = colors.clone();
        for blocks in &mut lost {
            blocks.retain(|&other| other as usize != block);
        }
        let mut repeated = colors.clone();
        repeated.push(vec![block as u32]);
        for (colors, times) in [(lost, 0), (repeated, 2)] {
            let bad = Plan { strategy: Strategy::Colored { colors }, ..plan.clone() };
            let clash = audit(&problem.request(&problem.targets()), &bad);
            prop_assert_eq!(clash, Err(Clash::Times { block, times }));
        }
    }
}

/// A loop that changes one dat through both entries of a map.
fn both_ends(map: op2_props::meshes::Edges, combines: bool, block_size: usize) -> Problem {
    let columns = op2_core::plan::ColumnSet::All;
    let writes = vec![Write { map: 0, columns, dat: 0, combines }];
    Problem { maps: vec![map], subset: None, writes, block_size }
}

#[test]
fn a_hub_of_5000_edges_goes_to_copies_or_runs_in_order() {
    let plan = plan_of(&both_ends(star(5000), true, 1));
    assert!(matches!(plan.strategy, Strategy::Replicated { .. }), "{}", plan.reason);
    assert_eq!(plan_of(&both_ends(star(5000), false, 1)).strategy, Strategy::Serial);
}

#[test]
fn a_complete_graph_has_a_color_for_each_perfect_matching_or_more() {
    // 1770 edges; at most 30 of them share no row, so 59 colors at least.
    let problem = both_ends(complete(60), true, 1);
    let plan = plan_of(&problem);
    let Strategy::Colored { colors } = &plan.strategy else { panic!("{}", plan.reason) };
    assert!((59..=118).contains(&colors.len()), "{} colors", colors.len());
    assert_eq!(audit(&problem.request(&problem.targets()), &plan), Ok(()));
}
