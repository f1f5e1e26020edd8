//! Products whose sums do not depend on where elements are stored: those of the reproducible mode.
//!
//! Rows are usually summed by rising columns, and these are numbered anew by every partition and renumbering.
//! A context that says so with [`sum_by_users`] has them summed in the sequence of the user's numbers.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::mesh::home::Home;
use crate::mesh::numbering::Numbering;

use super::pattern::Pattern;

/// Products in this home sum by users' numbers from now on. Said by who makes the home.
pub fn sum_by_users(home: &Home) {
    home.keep::<ByUsers>().0.store(true, Ordering::Relaxed);
}

/// Whether they do.
pub(super) fn sums_by_users(home: &Home) -> bool {
    home.keep::<ByUsers>().0.load(Ordering::Relaxed)
}

#[derive(Default)]
struct ByUsers(AtomicBool);

/// The entries of each row in the sequence of the user's numbers of their columns (`[num_entries]`).
pub(super) fn entries(pattern: &Pattern, cols: &Numbering) -> Vec<u32> {
    let user = |entry: &u32| cols.to_user()[pattern.columns()[*entry as usize] as usize];
    let mut entries: Vec<u32> = (0..pattern.num_entries() as u32).collect();
    for row in 0..pattern.num_rows() as u32 {
        entries[pattern.row_range(row)].sort_unstable_by_key(user);
    }
    entries
}

/// Rows in the sequence of the user's numbers (`[num_rows]`).
pub(super) fn rows(pattern: &Pattern, rows: &Numbering) -> Vec<u32> {
    let mut sequence: Vec<u32> = (0..pattern.num_rows() as u32).collect();
    sequence.sort_unstable_by_key(|&row| rows.to_user()[row as usize]);
    sequence
}
