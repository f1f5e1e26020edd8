//! Where ranks that are threads meet: all state that they share, under one lock.
//!
//! A rank that waits says what for; from that follows, without asking anybody, for which ranks. A rank
//! that waits gives nothing to others, and it waits for *all* that it misses. So it waits for ever if
//! one of those has ended, or if whom they wait for, and so on, leads back to it. Whoever starts
//! to wait or is woken looks at that. What a rank misses only gets less while it waits, so no case
//! is overlooked.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::channel::{LaneId, LaneQueue, Route};
use super::meet::{Call, Meet, MeetId, Message};
use crate::base::error::{Error, Result};

/// The state of all ranks, and what wakes each.
#[derive(Debug)]
pub(super) struct Hub {
    state: Mutex<State>,
    wake: Vec<Condvar>,
}

/// What the ranks share.
#[derive(Debug)]
pub(super) struct State {
    ranks: Vec<Phase>,
    /// The first failure; after that everything fails with it.
    failure: Option<Error>,
    meets: HashMap<MeetId, Meet>,
    pub(super) lanes: HashMap<LaneId, LaneQueue>,
    /// How many meetings there were, with the world as the first.
    numbers: u64,
}

/// What a rank does.
#[derive(Debug)]
enum Phase {
    Runs,
    Waits(Wait),
    Ended,
}

/// What a rank waits for.
#[derive(Clone, Debug)]
pub(super) enum Wait {
    /// Everybody's part in a collective call.
    Meet(MeetId, Call),
    /// The messages of one round, and that those sent a round before are taken.
    Round(Arc<Route>),
}

/// The number of the communicator of all ranks.
pub(super) const WORLD: u64 = 0;

impl Hub {
    pub(super) fn new(ranks: usize) -> Arc<Self> {
        let state = State {
            ranks: (0..ranks).map(|_| Phase::Runs).collect(),
            failure: None,
            meets: HashMap::new(),
            lanes: HashMap::new(),
            numbers: WORLD,
        };
        let wake = (0..ranks).map(|_| Condvar::new()).collect();
        Arc::new(Self { state: Mutex::new(state), wake })
    }

    pub(super) fn ranks(&self) -> usize {
        self.wake.len()
    }

    /// The first failure.
    pub(super) fn failure(&self) -> Option<Error> {
        self.locked().failure.clone()
    }

    /// The state, for a call of this rank.
    pub(super) fn enter(&self, rank: usize) -> Result<MutexGuard<'_, State>> {
        let mut state = self.locked();
        if state.failure.is_none() && matches!(state.ranks[rank], Phase::Waits(_)) {
            let reason = "calls from two threads at once; the calls of a rank come one at a time";
            self.fail_in(&mut state, rank, reason.into());
        }
        match (&state.failure, &state.ranks[rank]) {
            (Some(failure), _) => Err(failure.clone()),
            // Somebody kept its communicator.
            (None, Phase::Ended) => Err(Error::Rank { rank, reason: "has ended".into() }),
            _ => Ok(state),
        }
    }

    /// Sleeps until nothing is missing any more.
    pub(super) fn wait<'hub>(
        &'hub self,
        mut state: MutexGuard<'hub, State>,
        rank: usize,
        wait: Wait,
    ) -> Result<MutexGuard<'hub, State>> {
        state.ranks[rank] = Phase::Waits(wait);
        while state.failure.is_none() && !state.missing(rank).is_empty() {
            if let Some((culprit, reason)) = state.waits_for_ever(rank) {
                self.fail_in(&mut state, culprit, reason);
                break;
            }
            state = self.wake[rank].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        // It may have been ended meanwhile, if this is not the thread that the rank began on.
        if matches!(state.ranks[rank], Phase::Waits(_)) {
            state.ranks[rank] = Phase::Runs;
        }
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(state),
        }
    }

    /// Looks again at what this rank waits for.
    pub(super) fn wake(&self, rank: usize) {
        self.wake[rank].notify_all();
    }

    /// The rank gives its part in a collective call. Gives the meeting's number.
    pub(super) fn arrive(
        &self,
        rank: usize,
        id: MeetId,
        call: Call,
        messages: Vec<Message>,
    ) -> Result<u64> {
        let mut state = self.enter(rank)?;
        let meet = state.meet(id, call, rank);
        if meet.call != call {
            let reason = format!("calls {call} where rank {} calls {}", meet.first, meet.call);
            return Err(self.fail_in(&mut state, rank, reason));
        }
        meet.arrive(rank, messages);
        let (number, complete) = (meet.number, meet.missing().next().is_none());
        if complete {
            self.wake_all();
        }
        Ok(number)
    }

    /// Waits for everybody's part. Gives the messages to this rank, by sender.
    pub(super) fn collect(&self, rank: usize, id: MeetId, call: Call) -> Result<Vec<Message>> {
        let state = self.enter(rank)?;
        let mut state = self.wait(state, rank, Wait::Meet(id, call))?;
        let messages = state.meets.get_mut(&id).map(|meet| meet.take(rank));
        state.leave(id);
        Ok(messages.expect("a meeting lasts until all have left"))
    }

    /// The rank will not ask for what the others gave.
    pub(super) fn leave(&self, id: MeetId) {
        self.locked().leave(id);
    }

    /// A rank fails, or is found at fault, and that ends all. Gives what ended them: this, or what
    /// came before.
    pub(super) fn fail(&self, rank: usize, reason: String) -> Error {
        self.fail_in(&mut self.locked(), rank, reason)
    }

    /// A rank's program has ended.
    pub(super) fn end(&self, rank: usize) {
        self.locked().ranks[rank] = Phase::Ended;
        self.wake_all();
    }

    /// Whatever happens to somebody's program, no lock is held meanwhile: the state is whole.
    pub(super) fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail_in(&self, state: &mut State, rank: usize, reason: String) -> Error {
        self.wake_all();
        state.failure.get_or_insert(Error::Rank { rank, reason }).clone()
    }

    fn wake_all(&self) {
        self.wake.iter().for_each(Condvar::notify_all);
    }
}

impl State {
    /// The meeting, which the first to arrive opens.
    fn meet(&mut self, id: MeetId, call: Call, first: usize) -> &mut Meet {
        let (ranks, numbers) = (self.ranks.len(), &mut self.numbers);
        self.meets.entry(id).or_insert_with(|| {
            *numbers += 1;
            Meet::new(call, first, *numbers, ranks)
        })
    }

    fn leave(&mut self, id: MeetId) {
        if self.meets.get_mut(&id).is_some_and(Meet::leave) {
            self.meets.remove(&id);
        }
    }

    /// The ranks without which this one cannot go on.
    fn missing(&self, rank: usize) -> Vec<usize> {
        match &self.ranks[rank] {
            Phase::Waits(Wait::Meet(id, _)) => self.meets[id].missing().collect(),
            Phase::Waits(Wait::Round(route)) => route.missing(&self.lanes),
            Phase::Runs | Phase::Ended => Vec::new(),
        }
    }

    /// Who is to blame, and why, if this rank waits for what will not come.
    fn waits_for_ever(&self, rank: usize) -> Option<(usize, String)> {
        let missing = self.missing(rank);
        let ended = missing.iter().find(|other| matches!(self.ranks[**other], Phase::Ended));
        if let Some(ended) = ended {
            return Some((*ended, format!("has ended, but {}", self.wait_text(rank))));
        }
        let mut circle = Vec::new();
        if !self.leads_back(rank, rank, &mut vec![false; self.ranks.len()], &mut circle) {
            return None;
        }
        circle.sort_unstable();
        let waits: Vec<_> = circle.iter().map(|rank| self.wait_text(*rank)).collect();
        Some((circle[0], format!("waits for ever: {}", waits.join("; "))))
    }

    /// Whether `start` is among those that `rank` waits for, directly or not; then also by what way.
    fn leads_back(
        &self,
        rank: usize,
        start: usize,
        seen: &mut [bool],
        way: &mut Vec<usize>,
    ) -> bool {
        way.push(rank);
        for other in self.missing(rank) {
            let new = !std::mem::replace(&mut seen[other], true);
            if other == start || (new && self.leads_back(other, start, seen, way)) {
                return true;
            }
        }
        way.pop();
        false
    }

    /// Rank 1 waits for ranks 0, 2 in `all_gather`.
    fn wait_text(&self, rank: usize) -> String {
        let missing = self.missing(rank);
        let names: Vec<_> = missing.iter().map(ToString::to_string).collect();
        let ranks = if missing.len() == 1 { "rank" } else { "ranks" };
        let place = match &self.ranks[rank] {
            Phase::Waits(Wait::Meet(_, call)) => call.to_string(),
            _ => "a round of a channel".into(),
        };
        format!("rank {rank} waits for {ranks} {} in {place}", names.join(", "))
    }
}
