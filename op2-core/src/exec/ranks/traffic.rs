//! How much travels between ranks.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::comm::Ends;
use crate::base::table::{bytes, count, percent, ratio, seconds};
use crate::dist::exchange::Sent;

/// What this rank has sent since the report was last reset, and what it has waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages of halo values. Those straight out of device memory have a short one beside them that says
    /// which they are; these do not count.
    pub messages: u64,
    /// Bytes of halo values. What says which they are, 8 bytes for each message, does not count.
    pub bytes: u64,
    /// Loops and products for which halo values traveled.
    pub exchanges: u64,
    /// Of these, those whose values this rank sent straight out of the memory of its device.
    pub direct: u64,
    /// Results of reductions that were combined over ranks.
    pub reductions: u64,
    /// Nanoseconds spent waiting for halo values, and putting them in their places, after all was done that
    /// needs none. A rank that is ahead of its neighbors waits for those, too.
    pub waited_ns: u64,
    /// Nanoseconds from having sent halo values until all was done that needs none: elements ran, or rows were
    /// multiplied, whether or not messages were still on their way.
    pub hidden_ns: u64,
}

impl Traffic {
    /// Of the time from having sent halo values to having others', the share in which elements ran or rows were
    /// multiplied; `None` where nothing traveled.
    ///
    /// It says how little was waited beside what was done meanwhile, not how much waiting was spared: where
    /// core elements take long it is close to 1, however long messages take. Spared is
    /// what the same exchange costs alone, less [`waited_ns`](Self::waited_ns); `benches/ranks.rs`
    /// measures both.
    pub fn hidden(&self) -> Option<f64> {
        ratio(self.hidden_ns as f64, (self.hidden_ns + self.waited_ns) as f64)
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [messages, exchanges] = [count(self.messages), count(self.exchanges)];
        let bytes = bytes(self.bytes);
        write!(
            f,
            "{messages} messages of halo values, {bytes}, for {exchanges} loops and products"
        )?;
        if self.direct > 0 {
            write!(f, ", {} of them straight out of device memory", count(self.direct))?;
        }
        if let Some(hidden) = self.hidden() {
            let waited = seconds(self.waited_ns as f64 * 1e-9);
            let busy = percent(Some(hidden));
            write!(
                f,
                "; from sending to having them, work was done for {busy} of the time, {waited} were waited"
            )?;
        }
        write!(f, "; {} reductions", count(self.reductions))
    }
}

/// The counters behind [`Traffic`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    messages: AtomicU64,
    bytes: AtomicU64,
    exchanges: AtomicU64,
    direct: AtomicU64,
    reductions: AtomicU64,
    waited_ns: AtomicU64,
    hidden_ns: AtomicU64,
}

impl Counters {
    pub(super) fn sent(&self, sent: Sent, ends: Ends) {
        self.messages.fetch_add(sent.messages, Ordering::Relaxed);
        self.bytes.fetch_add(sent.bytes, Ordering::Relaxed);
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        self.direct.fetch_add(u64::from(ends.out_of_room), Ordering::Relaxed);
    }

    pub(super) fn reduced(&self) {
        self.reductions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn waited(&self, hidden: std::time::Duration, waited: std::time::Duration) {
        self.hidden_ns.fetch_add(hidden.as_nanos() as u64, Ordering::Relaxed);
        self.waited_ns.fetch_add(waited.as_nanos() as u64, Ordering::Relaxed);
    }

    pub(crate) fn reset(&self) {
        for counter in [
            &self.messages,
            &self.bytes,
            &self.exchanges,
            &self.direct,
            &self.reductions,
            &self.waited_ns,
            &self.hidden_ns,
        ] {
            counter.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn now(&self) -> Traffic {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Traffic {
            messages: read(&self.messages),
            bytes: read(&self.bytes),
            exchanges: read(&self.exchanges),
            direct: read(&self.direct),
            reductions: read(&self.reductions),
            waited_ns: read(&self.waited_ns),
            hidden_ns: read(&self.hidden_ns),
        }
    }
}
