//! The parts of a set that one rank stores.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the parts of a rank's elements end, in local numbers:
///
/// ```text
/// 0 .. core .. owned .. exec .. rows
///  |      |        |       '-- non-exec halo: copies that elements before them name
///  |      |        '-- exec halo: copies of elements that name an owned row
///  |      '-- owned, and naming a row of another rank
///  '-- owned, and naming owned rows only
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Elements that can run while messages travel.
    pub core: usize,
    /// Elements that belong to this rank.
    pub owned: usize,
    /// Those, and copies of elements that change rows of this rank through a map.
    pub exec: usize,
    /// All that is stored.
    pub rows: usize,
}

impl Parts {
    /// No copies of anything.
    pub fn owned_only(size: usize) -> Self {
        Self { core: size, owned: size, exec: size, rows: size }
    }
}

/// Parts that change when a set is partitioned.
#[derive(Debug)]
pub(super) struct PartsCell {
    core: AtomicUsize,
    owned: AtomicUsize,
    exec: AtomicUsize,
    rows: AtomicUsize,
}

impl PartsCell {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            core: parts.core.into(),
            owned: parts.owned.into(),
            exec: parts.exec.into(),
            rows: parts.rows.into(),
        }
    }

    /// They change in the home's turn only, so that what is read in it fits together.
    pub(super) fn set(&self, parts: Parts) {
        self.core.store(parts.core, Ordering::Release);
        self.owned.store(parts.owned, Ordering::Release);
        self.exec.store(parts.exec, Ordering::Release);
        self.rows.store(parts.rows, Ordering::Release);
    }

    pub(super) fn get(&self) -> Parts {
        Parts {
            core: self.core.load(Ordering::Acquire),
            owned: self.owned(),
            exec: self.exec(),
            rows: self.rows(),
        }
    }

    pub(super) fn owned(&self) -> usize {
        self.owned.load(Ordering::Acquire)
    }

    pub(super) fn exec(&self) -> usize {
        self.exec.load(Ordering::Acquire)
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.load(Ordering::Acquire)
    }
}
