//! How much has been copied between host and device.

use std::sync::atomic::{AtomicU64, Ordering};

/// Copies between the memories of host and device, so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transfers {
    /// Values of dats and matrices that went to the device: how often.
    pub to_device: u64,
    /// Bytes of these.
    pub bytes_to_device: u64,
    /// Values of dats and matrices that came from the device: how often.
    pub to_host: u64,
    /// Bytes of these.
    pub bytes_to_host: u64,
}

/// Counts them.
#[derive(Debug, Default)]
pub(super) struct Counters {
    sent: [AtomicU64; 2],
    fetched: [AtomicU64; 2],
}

impl Counters {
    pub(super) fn sent(&self, bytes: usize) {
        add(&self.sent, bytes);
    }

    pub(super) fn fetched(&self, bytes: usize) {
        add(&self.fetched, bytes);
    }

    pub(super) fn now(&self) -> Transfers {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Transfers {
            to_device: get(&self.sent[0]),
            bytes_to_device: get(&self.sent[1]),
            to_host: get(&self.fetched[0]),
            bytes_to_host: get(&self.fetched[1]),
        }
    }
}

fn add(counters: &[AtomicU64; 2], bytes: usize) {
    counters[0].fetch_add(1, Ordering::Relaxed);
    counters[1].fetch_add(bytes as u64, Ordering::Relaxed);
}
