//! The refinement study: how fast the errors fall as the mesh becomes finer.
//!
//! P1 elements approximate a smooth solution with an error of order `h^2` in L2 and of order `h` in H1:
//! from each level to the next, where `h` is half as large, the errors should fall to a quarter and a
//! half.

use op2::Context;
use op2::io::Mesh;
use serde_json::{Value, json};

use crate::common::convergence::{Convergence, Row};
use crate::common::output::Channel;
use crate::common::phases::Phases;
use crate::common::unit_square::unit_square;
use crate::poisson::{self, Conditioning, Task};
use crate::problem::Problem;
use crate::solution::Solution;

/// The norms of the error, and the orders that theory promises.
const NORMS: [(&str, f64); 2] = [("L2", 2.0), ("H1", 1.0)];
/// How far below these an observed order may be.
const SLACK: f64 = 0.05;

/// What came of the meshes, from coarse to fine.
#[derive(Debug)]
pub(crate) struct Study {
    pub(crate) levels: Vec<Level>,
    pub(crate) convergence: Convergence,
}

/// One mesh of the study.
#[derive(Debug)]
pub(crate) struct Level {
    /// Squares along a side.
    side: u32,
    pub(crate) mesh: Mesh,
    pub(crate) solution: Solution,
    /// The order at which each error fell since the level before; nothing on the first.
    orders: Option<Vec<f64>>,
    phases: Phases,
}

/// Solves problem `sines` on each mesh of the unit square; prints a row for each.
///
/// # Errors
/// As any loop.
pub(crate) fn run(
    cx: &Context,
    sides: &[u32],
    conditioning: Conditioning,
    channel: Channel,
) -> op2::Result<Study> {
    let task = Task { problem: Problem::SINES, conditioning };
    let mut study = Study { levels: Vec::new(), convergence: Convergence::new(&NORMS, SLACK) };
    channel.say(&Row::head("CG", Some(&study.convergence)));
    for &side in sides {
        let mut phases = Phases::default();
        let mesh = phases.time("mesh", || unit_square(side as usize, side as usize))?;
        let solution = poisson::solve(cx, &mesh, task, &mut phases)?;
        let errors = solution.errors.expect("the solution of `sines` is known");
        study.convergence.add(1.0 / f64::from(side), &errors);
        let orders = study.convergence.orders();
        let level = Level { side, mesh, solution, orders, phases };
        channel.say(&level.row(&study.convergence).to_string());
        study.levels.push(level);
    }
    Ok(study)
}

impl Level {
    fn row<'a>(&self, convergence: &'a Convergence) -> Row<'a> {
        Row {
            cells: self.solution.cells,
            unknowns: self.solution.nodes,
            iterations: Some(self.solution.iterations),
            convergence: Some(convergence),
            seconds: self.phases.total(),
        }
    }

    /// The level as an object.
    pub(crate) fn to_json(&self) -> Value {
        let mut object = json!({
            "side": self.side,
            "h": 1.0 / f64::from(self.side),
            "l2_order": self.orders.as_ref().map(|orders| orders[0]),
            "h1_order": self.orders.as_ref().map(|orders| orders[1]),
            "phases": self.phases.to_json(),
        });
        for (name, value) in self.solution.numbers() {
            object[name] = value;
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(sides: &[u32]) -> Study {
        let cx = Context::builder().build().unwrap();
        run(&cx, sides, Conditioning::Jacobi, Channel::Stderr).unwrap()
    }

    #[test]
    fn errors_are_of_order_two_and_one() {
        let Study { levels, convergence } = study(&[8, 16, 32]);
        let (passed, sentence) = convergence.verdict().unwrap();
        assert!(passed, "{sentence}");
        assert!(sentence.starts_with("PASSED: L2 error falls with order 1.9"), "{sentence}");
        assert_eq!(levels[0].to_json()["l2_order"], Value::Null);
        let orders = convergence.orders().unwrap();
        let last = levels[2].to_json();
        assert_eq!([&last["l2_order"], &last["h1_order"]], [&json!(orders[0]), &json!(orders[1])]);
        assert_eq!((&last["side"], levels.len()), (&json!(32), 3));
    }

    #[test]
    fn a_study_can_fail() {
        let Study { levels, mut convergence } = study(&[4, 8]);
        let [l2, h1] = levels[1].solution.errors.unwrap();
        convergence.add(1.0 / 16.0, &[l2 / 2.0, h1 / 2.0]);
        let (passed, sentence) = convergence.verdict().unwrap();
        assert!(!passed && sentence.starts_with("FAILED"), "{sentence}");
    }

    #[test]
    fn one_level_has_no_order() {
        assert_eq!(study(&[4]).convergence.verdict(), None);
    }
}
