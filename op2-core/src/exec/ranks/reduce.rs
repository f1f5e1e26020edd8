//! Reductions over ranks: each rank's result is gathered while the program goes on, and combined, rank
//! after rank, when the value is needed.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::comm::{Comm, Gathering};
use crate::base::error::Result;
use crate::exec::reproducible::{Sums, add_all, unify_selected};
use crate::mesh::access::Access;
use crate::mesh::global::GlobalCore;
use crate::par_loop::descriptor::LoopRef;

/// The globals into which a loop reduces, with the values that they have meanwhile.
pub(super) struct Reductions {
    all: Vec<One>,
}

struct One {
    global: Arc<GlobalCore>,
    access: Access,
    old: Vec<u8>,
}

impl Reductions {
    /// Puts aside the old values, so that the loop leaves this rank's result in the globals.
    ///
    /// # Safety
    /// Hold the home's turn.
    pub(super) unsafe fn start(the_loop: &LoopRef<'_>) -> Result<Self> {
        let mut all: Vec<One> = Vec::new();
        for arg in the_loop.args {
            let Some(global) = arg.global() else { continue };
            // SAFETY: the turn is held.
            unsafe { global.settle()? };
            if arg.access.writes() && !all.iter().any(|one| one.global.id == global.id) {
                let mut one = One { global: global.clone(), access: arg.access, old: Vec::new() };
                // SAFETY: as above.
                unsafe {
                    one.old = one.value();
                    // Sums start from zero; minima and maxima may well start from the old value.
                    if arg.access == Access::Inc {
                        global.fill_identity(Access::Inc);
                    }
                }
                all.push(one);
            }
        }
        Ok(Self { all })
    }

    /// Runs what is not to count.
    ///
    /// # Safety
    /// As [`start`](Self::start).
    pub(super) unsafe fn aside<R>(&self, run: impl FnOnce() -> R) -> R {
        // SAFETY: the turn is held.
        let results: Vec<Vec<u8>> = self.all.iter().map(|one| unsafe { one.value() }).collect();
        let done = run();
        for (one, result) in self.all.iter().zip(results) {
            // SAFETY: as above; these bytes were the value.
            unsafe { one.global.put_value(&result) };
        }
        done
    }

    /// Puts back the old values.
    ///
    /// # Safety
    /// As [`start`](Self::start).
    pub(super) unsafe fn withdraw(&self) {
        for one in &self.all {
            // SAFETY: the turn is held; these bytes were the value.
            unsafe { one.global.put_value(&one.old) };
        }
    }

    /// Sends this rank's results on their way, and says whether there are any. In the reproducible mode
    /// sums travel as they were counted, without rounding. Collective.
    ///
    /// # Safety
    /// As [`start`](Self::start).
    pub(super) unsafe fn finish(self, comm: &dyn Comm, sums: Option<&Sums>) -> Result<bool> {
        if self.all.is_empty() {
            return Ok(false);
        }
        let exact = |one: &One| sums.and_then(|sums| sums.to_bytes(&one.global));
        // SAFETY: the turn is held.
        let result = |one: &One| exact(one).unwrap_or_else(|| unsafe { one.value() });
        let results: Vec<Vec<u8>> = self.all.iter().map(result).collect();
        let mine = results.concat();
        let sent: Vec<usize> = results.iter().map(Vec::len).collect();
        // SAFETY: as above.
        unsafe { self.withdraw() };
        // Values may have no numbers at all.
        let stride = mine.len().max(1);
        let results = Arc::new(Mutex::new(Results::Traveling(Some(comm.start_gather(&mine)?))));
        let mut place = 0;
        let reproducible = sums.is_some();
        for (One { global, access, .. }, bytes) in self.all.into_iter().zip(sent) {
            let range = place..place + bytes;
            place = range.end;
            let results = results.clone();
            global.arrive_later(Box::new(move |global| {
                let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                let ranks = results.arrived()?.chunks_exact(stride);
                let ranks = ranks.map(|theirs| &theirs[range.clone()]);
                // SAFETY: whoever settles the global holds the turn; every rank runs this loop, and
                // sends values of this type, or their sums, at this place.
                unsafe {
                    if reproducible && access == Access::Inc {
                        add_all(global, ranks);
                    } else {
                        ranks.for_each(|theirs| global.combine(access, theirs));
                    }
                    if reproducible && access != Access::Inc {
                        unify_selected(global);
                    }
                }
                Ok(())
            }));
        }
        Ok(true)
    }
}

impl One {
    /// The bytes of the present value.
    ///
    /// # Safety
    /// Hold the home's turn.
    unsafe fn value(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.global.bytes];
        // SAFETY: the caller's promise.
        unsafe { self.global.copy_value(&mut bytes) };
        bytes
    }
}

/// The results of all ranks, for all globals of a loop.
enum Results {
    Traveling(Option<Box<dyn Gathering>>),
    Arrived(Vec<u8>),
}

impl Results {
    fn arrived(&mut self) -> Result<&[u8]> {
        if let Self::Traveling(gathering) = self {
            let all = match gathering.take() {
                Some(gathering) => gathering.finish()?,
                // They were waited for, and did not come.
                None => {
                    return Err(crate::base::error::Error::other(
                        "results of a reduction were lost",
                    ));
                }
            };
            *self = Self::Arrived(all);
        }
        match self {
            Self::Arrived(all) => Ok(all),
            Self::Traveling(_) => unreachable!("replaced just now"),
        }
    }
}
