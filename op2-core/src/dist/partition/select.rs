//! The smallest of keys that lie on many ranks, found without gathering the keys.
//!
//! Each round cuts the range of a search into bins, counts the keys in them on all ranks, and goes on
//! in the bin where the searched key must be. Many searches go through the rounds together, so that a
//! round costs two collective calls however many there are. What the keys mean is left to the caller.

use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::dist::partition::combine::{combine, share};

/// One search: which key has exactly `below` of all ranks' keys below it?
///
/// All fields but the keys are the same on all ranks.
pub(super) struct Search {
    /// This rank's keys; the keys of all ranks are distinct.
    pub(super) keys: Vec<u128>,
    /// The first and the last key that may occur.
    pub(super) range: [u128; 2],
    /// The least and the greatest lower half of a key. Saves the rounds that would narrow it down
    /// where many keys have the upper half in common.
    pub(super) lower_halves: [u64; 2],
    /// How many keys all ranks have together.
    pub(super) total: u64,
    /// How many of them are to be below, up to all.
    pub(super) below: u64,
}

/// For each search a threshold: as many keys as asked for are below it, no more. Collective.
///
/// # Errors
/// A rank has ended.
pub(super) fn thresholds(comm: &dyn Comm, mut searches: Vec<Search>) -> Result<Vec<u128>> {
    loop {
        let mut active: Vec<_> = searches.iter_mut().filter(|search| !search.is_done()).collect();
        if active.is_empty() {
            return Ok(searches.iter().map(Search::threshold).collect());
        }
        round(comm, &mut active)?;
    }
}

/// Words of counts that one rank sends in a round, unless there are very many searches.
const ROUND_WORDS: usize = 1 << 16;

/// Narrows every search to one of its bins.
fn round(comm: &dyn Comm, active: &mut [&mut Search]) -> Result<()> {
    let bins = (ROUND_WORDS / active.len()).clamp(16, 1024).next_power_of_two();
    let mut counts = vec![0; active.len() * bins];
    for (search, counts) in active.iter_mut().zip(counts.chunks_exact_mut(bins)) {
        search.tighten();
        search.count(counts);
    }
    // Each rank decides for some of the searches and tells the others.
    let combined = combine(comm, bins, &counts, |a, b| a + b)?;
    let mine = &active[combined.records.clone()];
    let decided = mine.iter().zip(combined.words.chunks_exact(bins));
    let choices: Vec<u64> = decided.flat_map(|(search, counts)| search.choose(counts)).collect();
    let choices = share(comm, &choices)?;
    for (search, choice) in active.iter_mut().zip(choices.chunks_exact(3)) {
        search.narrow(bins, [choice[0], choice[1], choice[2]]);
    }
    Ok(())
}

impl Search {
    /// One key is left at the most, or the threshold lies at an end of the range.
    fn is_done(&self) -> bool {
        self.below == 0 || self.below >= self.total || self.range[0] >= self.range[1]
    }

    fn threshold(&self) -> u128 {
        if self.below == 0 { self.range[0] } else { self.range[1] + 1 }
    }

    /// Leaves out what lies before the least and after the greatest lower half.
    fn tighten(&mut self) {
        let [first, last] = self.range;
        let halves = self.lower_halves.map(u128::from);
        let upper = |key: u128| key >> 64 << 64;
        let first = first.max(upper(first) | halves[0]);
        let last = last.min(upper(last) | halves[1]);
        self.range = [first, last];
    }

    /// How far keys are shifted to get the number of their bin.
    fn shift(&self, bins: usize) -> u32 {
        let width = u128::BITS - (self.range[1] - self.range[0]).leading_zeros();
        width.saturating_sub(bins.ilog2())
    }

    /// Counts this rank's keys in each bin.
    fn count(&self, counts: &mut [u64]) {
        let shift = self.shift(counts.len());
        for key in &self.keys {
            counts[((key - self.range[0]) >> shift) as usize] += 1;
        }
    }

    /// The bin that has the searched key, how many keys are in the bins before it, and in it.
    fn choose(&self, counts: &[u64]) -> [u64; 3] {
        let mut before = 0;
        for (bin, &count) in (0..).zip(counts) {
            if self.below < before + count {
                return [bin, before, count];
            }
            before += count;
        }
        unreachable!("fewer keys are to be below than there are keys")
    }

    /// Goes on with one bin.
    fn narrow(&mut self, bins: usize, [bin, before, count]: [u64; 3]) {
        let shift = self.shift(bins);
        let first = self.range[0] + (u128::from(bin) << shift);
        let last = self.range[1].min(first.saturating_add((1 << shift) - 1));
        self.range = [first, last];
        (self.below, self.total) = (self.below - before, count);
        self.keys.retain(|key| (first..=last).contains(key));
    }
}

#[cfg(test)]
mod tests {
    use super::{Search, thresholds};
    use crate::base::comm::Comm;
    use crate::dist::partition::testing::{Spread, hash};
    use crate::dist::threads;

    /// Finds all thresholds of `keys` on three ranks, with bounds as callers know them, and compares them
    /// with sorted keys.
    #[track_caller]
    fn check(keys: &[u128]) {
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        let lower = || keys.iter().map(|&key| key as u64);
        let lower_halves = [lower().min().unwrap(), lower().max().unwrap()];
        let search = |below, comm: &dyn Comm| {
            let owned = Spread::Scattered.owned(keys.len() as u64, comm);
            Search {
                keys: owned.iter().map(|&place| keys[place as usize]).collect(),
                range: [sorted[0], sorted[sorted.len() - 1]],
                lower_halves,
                total: keys.len() as u64,
                below,
            }
        };
        let all = threads::run(3, |comm| {
            let searches = (0..=keys.len() as u64).map(|below| search(below, &*comm));
            thresholds(&*comm, searches.collect())
        });
        let all = all.unwrap();
        assert!(all.iter().all(|found| *found == all[0]));
        for (below, threshold) in all[0].iter().enumerate() {
            assert_eq!(sorted.partition_point(|key| key < threshold), below);
        }
    }

    #[test]
    fn as_many_keys_as_asked_for_are_below() {
        let random = |i| u128::from(hash(i)) << 64 | u128::from(hash(i + 1000));
        check(&(0..300).map(random).collect::<Vec<_>>());
        check(&(0..300).collect::<Vec<_>>());
        check(&[5]);
    }

    #[test]
    fn clusters_and_extremes_are_told_apart() {
        let top = u128::MAX - 1;
        check(&[0, 1, 2, 1 << 64, 1 << 127, (1 << 127) + 1, top - 1, top]);
        check(&[(7 << 64) | 3, (7 << 64) | 4, (7 << 64) | 5, 8 << 64, (8 << 64) | 9]);
        check(&(0..200).map(|i| (3 << 100) | (i << 20)).collect::<Vec<_>>());
    }
}
