//! The refinement study: how fast the errors fall as the mesh becomes finer.
//!
//! P1 elements approximate a smooth solution with an error of order `h^2` in L2 and of order `h` in H1:
//! from each level to the next, where `h` is half as large, the errors should fall to a quarter and a
//! half.

use op2::Context;
use op2::io::Mesh;
use serde_json::{Value, json};

use crate::common::output::Channel;
use crate::common::phases::Phases;
use crate::poisson::{self, Conditioning, Task};
use crate::problem::Problem;
use crate::solution::Solution;
use crate::square::unit_square;

/// The orders in L2 and H1 that theory promises.
const ORDERS: [f64; 2] = [2.0, 1.0];
/// How far an observed order may be off. On coarse meshes it is not yet what it becomes.
const TOLERANCE: f64 = 0.05;

/// One mesh of the study.
#[derive(Debug)]
pub(crate) struct Level {
    /// Squares along a side.
    side: u32,
    pub(crate) mesh: Mesh,
    pub(crate) solution: Solution,
    /// The order at which each error fell since the level before; nothing on the first.
    orders: Option<[f64; 2]>,
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
) -> op2::Result<Vec<Level>> {
    let task = Task { problem: Problem::SINES, conditioning };
    channel.say(HEAD);
    let mut levels: Vec<Level> = Vec::new();
    for &side in sides {
        let mut phases = Phases::default();
        let mesh = phases.time("mesh", || unit_square(side)).map_err(op2::Error::other)?;
        let solution = poisson::solve(cx, &mesh, task, &mut phases)?;
        let mut level = Level { side, mesh, solution, orders: None, phases };
        level.orders = levels.last().map(|coarser| level.orders_since(coarser));
        channel.say(&level.row());
        levels.push(level);
    }
    Ok(levels)
}

const HEAD: &str = "      h      nodes     L2 error  order     H1 error  order  CG its.  seconds";

impl Level {
    fn errors(&self) -> [f64; 2] {
        self.solution.errors.expect("the solution of `sines` is known")
    }

    fn orders_since(&self, coarser: &Self) -> [f64; 2] {
        let finer = (f64::from(self.side) / f64::from(coarser.side)).ln();
        let (now, before) = (self.errors(), coarser.errors());
        [0, 1].map(|norm| (before[norm] / now[norm]).ln() / finer)
    }

    fn row(&self) -> String {
        let [l2, h1] = self.errors();
        let order = |norm: usize| {
            self.orders.map_or_else(String::new, |orders| format!("{:.3}", orders[norm]))
        };
        format!(
            "{:>7} {:>10}   {l2:.4e}  {:>5}   {h1:.4e}  {:>5}  {:>7}  {:>7.3}",
            format!("1/{}", self.side),
            self.solution.nodes,
            order(0),
            order(1),
            self.solution.iterations,
            self.phases.total(),
        )
    }

    /// The level as an object.
    pub(crate) fn to_json(&self) -> Value {
        let mut object = json!({
            "side": self.side,
            "h": 1.0 / f64::from(self.side),
            "l2_order": self.orders.map(|orders| orders[0]),
            "h1_order": self.orders.map(|orders| orders[1]),
            "phases": self.phases.to_json(),
        });
        for (name, value) in self.solution.numbers() {
            object[name] = value;
        }
        object
    }
}

/// Whether the errors fell from the last level but one to the last as theory promises, and that in a
/// sentence; nothing where there is one level only.
pub(crate) fn verdict(levels: &[Level]) -> Option<(bool, String)> {
    let orders = levels.last()?.orders?;
    let passed =
        orders.iter().zip(ORDERS).all(|(order, theory)| (order - theory).abs() < TOLERANCE);
    let word = if passed { "PASSED" } else { "FAILED" };
    let [l2, h1] = orders;
    let sentence = format!(
        "{word}: the errors are of order {l2:.3} in L2 and {h1:.3} in H1 (theory: 2 and 1; allowed: {TOLERANCE})"
    );
    Some((passed, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(sides: &[u32]) -> Vec<Level> {
        let cx = Context::builder().build().unwrap();
        run(&cx, sides, Conditioning::Jacobi, Channel::Stderr).unwrap()
    }

    #[test]
    fn errors_are_of_order_two_and_one() {
        let levels = study(&[8, 16, 32]);
        let (passed, sentence) = verdict(&levels).unwrap();
        assert!(passed, "{sentence}");
        assert!(sentence.starts_with("PASSED: the errors are of order 1.9"), "{sentence}");
        assert_eq!(levels[0].to_json()["l2_order"], Value::Null);
        assert_eq!((levels[2].to_json()["side"].clone(), levels.len()), (json!(32), 3));
    }

    #[test]
    fn a_study_can_fail() {
        let mut levels = study(&[4, 8]);
        let errors = levels[1].solution.errors.as_mut().unwrap();
        errors[0] *= 2.0;
        levels[1].orders = Some(levels[1].orders_since(&levels[0]));
        let (passed, sentence) = verdict(&levels).unwrap();
        assert!(!passed && sentence.starts_with("FAILED"), "{sentence}");
    }

    #[test]
    fn one_level_has_no_order() {
        assert_eq!(verdict(&study(&[4])), None);
    }
}
