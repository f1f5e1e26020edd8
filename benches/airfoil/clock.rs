//! Times of the loops of one step.

use std::time::Instant;

use op2::Context;
use op2_core::base::profile::LoopCounters;

use crate::flow::Flow;

/// The loops of the airfoil program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loop {
    SaveSoln,
    AdtCalc,
    ResCalc,
    BresCalc,
    Update,
}

impl Loop {
    pub(crate) const COUNT: usize = 5;
    pub(crate) const ALL: [Loop; Loop::COUNT] =
        [Loop::SaveSoln, Loop::AdtCalc, Loop::ResCalc, Loop::BresCalc, Loop::Update];

    /// The name of its kernel.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Loop::SaveSoln => "save_soln",
            Loop::AdtCalc => "adt_calc",
            Loop::ResCalc => "res_calc",
            Loop::BresCalc => "bres_calc",
            Loop::Update => "update",
        }
    }
}

/// Adds up the seconds of each loop.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    pub(crate) seconds: [f64; Loop::COUNT],
    /// The whole step.
    pub(crate) step: f64,
}

impl Clock {
    /// Calls `f` and adds its time to that of the loop, and of the step.
    pub(crate) fn time<R>(&mut self, which: Loop, f: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = f();
        let seconds = start.elapsed().as_secs_f64();
        self.seconds[which as usize] += seconds;
        self.step += seconds;
        result
    }

    /// The times of two steps together.
    pub(crate) fn plus(self, other: Clock) -> Clock {
        let seconds = std::array::from_fn(|which| self.seconds[which] + other.seconds[which]);
        Clock { seconds, step: self.step + other.step }
    }

    /// Half of each time.
    pub(crate) fn halved(self) -> Clock {
        Clock { seconds: self.seconds.map(|seconds| seconds / 2.0), step: self.step / 2.0 }
    }

    /// One step in op2. The loops are as the library times them; the step is from call to return.
    pub(crate) fn of_step(cx: &Context, flow: &Flow<f64>) -> op2::Result<Clock> {
        cx.reset_report();
        let start = Instant::now();
        flow.step()?;
        let step = start.elapsed().as_secs_f64();
        Ok(Clock { seconds: per_loop(cx, |counters| counters.seconds), step })
    }
}

/// What the library has counted since the last step began: bytes that each loop must move.
pub(crate) fn bytes_of_step(cx: &Context) -> [f64; Loop::COUNT] {
    per_loop(cx, |counters| counters.bytes as f64)
}

/// What the library has counted of each loop since the report was reset.
pub(crate) fn per_loop(cx: &Context, count: impl Fn(&LoopCounters) -> f64) -> [f64; Loop::COUNT] {
    let counters = cx.engine().profile.snapshot();
    Loop::ALL.map(|which| {
        counters.iter().filter(|counters| counters.name == which.name()).map(&count).sum()
    })
}
