//! Work in parts: by the threads of the pool that the caller is on, else by the caller alone.
//!
//! How work is cut depends on its size only, never on the number of threads, wherever that could
//! show in a result.

use rayon::prelude::*;

/// Rows that one thread works on at a time.
pub(crate) const ROWS_PER_PART: usize = 4096;

/// Whether other threads help. A program that wants no threads gets none: the global pool is not
/// started for this.
pub(crate) fn in_parallel() -> bool {
    rayon::current_thread_index().is_some() && rayon::current_num_threads() > 1
}

/// `work(part)` for every part, the results in the order of the parts.
pub(crate) fn map<R: Send>(num_parts: usize, work: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    if num_parts > 1 && in_parallel() {
        (0..num_parts).into_par_iter().map(work).collect()
    } else {
        (0..num_parts).map(work).collect()
    }
}

/// Gives each of `items` to `work`, in any order.
pub(crate) fn each<I: Send>(items: Vec<I>, work: impl Fn(I) + Sync + Send) {
    if items.len() > 1 && in_parallel() {
        items.into_par_iter().for_each(work);
    } else {
        items.into_iter().for_each(work);
    }
}

/// Consecutive pieces of `slice`, as long as `lengths` says.
pub(crate) fn split<T>(slice: &mut [T], lengths: impl IntoIterator<Item = usize>) -> Vec<&mut [T]> {
    let mut rest = slice;
    let cut = |length| rest.split_off_mut(..length).expect("the lengths fit the slice");
    lengths.into_iter().map(cut).collect()
}
