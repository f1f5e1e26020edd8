//! Which copies of other ranks' rows are valid.
//!
//! A rank stores copies of rows that others own: the halo. Loops *need* some of them; what a need is,
//! is known to the floors above, which number needs alike on all ranks. Every dat remembers for which
//! needs its copies hold the owners' present values, so that nothing is sent that is fresh. All ranks
//! run the same loops, and so remember the same.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The state of the copies of one dat.
#[derive(Debug, Default)]
pub struct Halo {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// All values, those of owned rows included, are zeros nobody has touched.
    zeros: bool,
    /// Needs whose copies are valid.
    fresh: Vec<u64>,
}

impl Halo {
    /// Copies as a declaration leaves them: of zeros, all are valid.
    pub(super) fn new(zeros: bool) -> Self {
        Self { state: Mutex::new(State { zeros, fresh: Vec::new() }) }
    }

    /// Values have changed: no copy is valid.
    pub fn changed(&self) {
        let mut state = self.state();
        state.zeros = false;
        state.fresh.clear();
    }

    /// Whether all copies are valid, or those of a need that `serves`.
    pub fn is_fresh(&self, serves: impl Fn(u64) -> bool) -> bool {
        let state = self.state();
        state.zeros || state.fresh.iter().any(|&need| serves(need))
    }

    /// The needs whose copies are valid; `None` where all copies are.
    pub fn fresh(&self) -> Option<Vec<u64>> {
        let state = self.state();
        (!state.zeros).then(|| state.fresh.clone())
    }

    /// The copies of a need have arrived.
    pub fn arrived(&self, need: u64) {
        self.state().fresh.push(need);
    }

    /// Rows have moved: needs are others now.
    pub(super) fn moved(&self) {
        self.state().fresh.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_valid_until_values_change() {
        let halo = Halo::new(false);
        assert!(!halo.is_fresh(|_| true));
        halo.arrived(3);
        assert_eq!(halo.fresh(), Some(vec![3]));
        assert!(halo.is_fresh(|need| need == 3) && !halo.is_fresh(|need| need == 4));
        halo.changed();
        assert!(!halo.is_fresh(|_| true));
    }

    #[test]
    fn zeros_are_valid_everywhere() {
        let halo = Halo::new(true);
        assert!(halo.is_fresh(|_| false) && halo.fresh().is_none());
        halo.moved();
        assert!(halo.is_fresh(|_| false));
        halo.changed();
        assert!(!halo.is_fresh(|_| true));
    }
}
