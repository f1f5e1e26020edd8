//! Random programs on random meshes and partitions: several ranks find what one finds.
//!
//! All numbers are whole, so that there is one answer, however elements are shared and in whatever
//! sequence they run.

use op2::{Backend, Context, SimdLevel};
use proptest::prelude::*;

use program::{Program, programs};
use run::{Answer, run};

mod kernels;
mod program;
mod run;

/// One rank, one element after the other.
fn alone(program: &Program) -> Answer {
    let builder = Context::builder().backend(Backend::Seq).simd(SimdLevel::Scalar);
    run(&builder.build().unwrap(), program).unwrap()
}

fn on_ranks(program: &Program) -> op2::Result<Vec<Answer>> {
    op2::ranks(program.world.ranks, |comm| {
        run(&program.machine.builder().comm(comm).build()?, program)
    })
}

/// Whether each rank has seen what one rank sees.
fn compare(program: &Program) -> Result<(), TestCaseError> {
    let expected = alone(program);
    let found = on_ranks(program).map_err(|error| TestCaseError::fail(error.to_string()))?;
    for (at, expected) in expected.shown.iter().enumerate() {
        let action = &program.actions[expected.action];
        let mut seen = found.iter().filter_map(|found| found.shown[at].values.as_ref()).peekable();
        prop_assert!(seen.peek().is_some(), "nobody has seen {:?}", action);
        for values in seen {
            prop_assert_eq!(Some(values), expected.values.as_ref(), "{:?}", action);
        }
    }
    for (rank, found) in found.iter().enumerate() {
        prop_assert_eq!(&found.sums, &expected.sums, "rank {}", rank);
        prop_assert_eq!(&found.dats, &expected.dats, "rank {}", rank);
    }
    Ok(())
}

proptest! {
    // Shrinking empties the program first, then the mesh.
    #![proptest_config(ProptestConfig {
        cases: 768,
        max_shrink_iters: 8192,
        ..ProptestConfig::default()
    })]

    #[test]
    fn several_ranks_find_what_one_finds(program in programs()) {
        compare(&program)?;
    }
}
