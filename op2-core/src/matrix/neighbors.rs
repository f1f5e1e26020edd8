//! Vectors of products on several ranks, as questions to whoever knows how rows travel.
//!
//! A rank stores the rows of a matrix that it owns; their columns are elements that it stores, the last
//! of which, the halo, belong to other ranks. A product needs the owners' values of these, and a
//! transposed product has sums for them. This floor does not know how they get there: a context on
//! several ranks says so with [`ask_neighbors`].

use std::sync::{Arc, OnceLock};

use crate::base::comm::Progress;
use crate::base::error::{Error, Result};
use crate::mesh::dat_core::DatCore;
use crate::mesh::home::Home;
use crate::mesh::set::SetCore;

/// Rows of the halo that are always asked for together.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Tells them from others; on every rank those of the same object have one.
    pub key: u64,
    /// The set.
    pub set: &'a SetCore,
    /// Local numbers, rising.
    pub rows: &'a [u32],
}

/// Sums for rows of others, and what others have for rows of this rank.
pub trait Contributions {
    /// Puts the sums for these rows one after the other into a message.
    fn pack(&self, rows: &[u32], message: &mut [u8]);

    /// Adds what was packed for these rows.
    fn add(&mut self, rows: &[u32], message: &[u8]);
}

/// Whoever exchanges rows with other ranks. All methods are collective, and called in the home's turn.
pub trait Neighbors: Send + Sync {
    /// Brings the wanted rows of a vector up to date, and does something else while they travel, which is
    /// given what lets them make progress.
    ///
    /// # Errors
    /// Those of the ranks, of a device, and of `meanwhile`.
    fn bring(
        &self,
        wanted: Wanted<'_>,
        vector: &DatCore,
        meanwhile: &mut dyn FnMut(Progress<'_>) -> Result<()>,
    ) -> Result<()>;

    /// Sends sums for the wanted rows to their owners, where those of rank after rank are added.
    ///
    /// # Errors
    /// Those of the ranks.
    fn send_back(
        &self,
        wanted: Wanted<'_>,
        row_bytes: usize,
        sums: &mut dyn Contributions,
    ) -> Result<()>;

    /// The rank that owns each of some rows of the halo of a set.
    fn owners(&self, set: &SetCore, halo: &[u32]) -> Vec<usize>;
}

/// Products in this home ask `neighbors` from now on. Said once, by who makes the home; what is said later
/// does not count.
pub fn ask_neighbors(home: &Home, neighbors: Arc<dyn Neighbors>) {
    home.keep::<Known>().0.get_or_init(|| neighbors);
}

/// Whom to ask, where there are several ranks.
///
/// # Errors
/// Nobody was named.
pub fn neighbors(home: &Home) -> Result<Option<Arc<dyn Neighbors>>> {
    if home.comm().is_none() {
        return Ok(None);
    }
    let known = home.keep::<Known>().0.get().cloned();
    known.map(Some).ok_or_else(|| Error::other("nobody has said how rows of vectors travel"))
}

#[derive(Default)]
struct Known(OnceLock<Arc<dyn Neighbors>>);
