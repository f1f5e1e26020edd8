//! Times of the loops of one step.

use std::time::Instant;

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
}

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock::default()
    }

    /// Calls `f` and adds its time to that of the loop.
    pub(crate) fn time<R>(&mut self, which: Loop, f: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = f();
        self.seconds[which as usize] += start.elapsed().as_secs_f64();
        result
    }

    /// All loops together.
    pub(crate) fn step(&self) -> f64 {
        self.seconds.iter().sum()
    }
}
