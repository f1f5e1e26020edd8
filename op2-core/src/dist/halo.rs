//! The rows of a set that a rank has copies of, and whose they are.

use std::ops::Range;

use crate::mesh::set::SetCore;

/// What is asked of a set's numbers where halo values are to travel.
pub trait Halo {
    /// Where the halo is, in local numbers; before it are the owned rows.
    fn rows(&self) -> Range<usize>;

    /// The ranks that own the rows of the halo, one after the other.
    fn owners(&self) -> &[u32];

    /// The user's number of a row.
    fn user(&self, row: u32) -> u64;

    /// The local number of an element, if it has one here.
    fn local(&self, user: u64) -> Option<u32>;

    /// The rank that owns a row of the halo.
    ///
    /// # Panics
    /// The row is not in the halo.
    fn owner(&self, row: u32) -> usize {
        self.owners()[row as usize - self.rows().start] as usize
    }
}

/// A set as it is numbered at present.
#[derive(Clone, Copy, Debug)]
pub struct HaloOf<'a> {
    /// The set.
    pub set: &'a SetCore,
    /// The owners of its halo (`[rows - owned]`).
    pub owners: &'a [u32],
}

impl Halo for HaloOf<'_> {
    fn rows(&self) -> Range<usize> {
        self.set.owned()..self.set.rows()
    }

    fn owners(&self) -> &[u32] {
        self.owners
    }

    fn user(&self, row: u32) -> u64 {
        self.set.user_number(row as usize) as u64
    }

    fn local(&self, user: u64) -> Option<u32> {
        self.set.local_number(u32::try_from(user).ok()?)
    }
}
