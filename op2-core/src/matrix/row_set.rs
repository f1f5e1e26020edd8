//! The columns of one row while a pattern is built: each once, in the end sorted.

/// Slots of the hash table: 8 KiB, which stay in the first cache.
const SLOTS: usize = 1024;

/// Up to as many candidates the hash table stays at most half full.
const MOST_HASHED: usize = SLOTS / 2;

/// Collects columns, dropping those beyond the matrix and those already there.
///
/// Slots hold the row beside the column, so that nothing has to be cleared between rows. Rows with
/// very many candidates are collected whole and sorted instead.
pub(super) struct RowSet {
    num_cols: u32,
    row: u32,
    slots: Box<[u64; SLOTS]>,
    found: Box<[u32; MOST_HASHED]>,
    num_found: usize,
    all: Vec<u32>,
    hashed: bool,
}

impl RowSet {
    pub(super) fn new(num_cols: u32) -> Self {
        Self {
            num_cols,
            row: 0,
            // No row has this number.
            slots: Box::new([u64::MAX; SLOTS]),
            found: Box::new([0; MOST_HASHED]),
            num_found: 0,
            all: Vec::new(),
            hashed: true,
        }
    }

    /// Begins a row in which at most `most` columns will be inserted.
    #[inline]
    pub(super) fn start(&mut self, row: u32, most: usize) {
        self.row = row;
        self.num_found = 0;
        self.all.clear();
        self.hashed = most <= MOST_HASHED;
    }

    /// Adds columns; those beyond the matrix are dropped in the end.
    #[inline]
    #[expect(clippy::needless_bitwise_bool, reason = "`&&` would be a branch, hard to predict")]
    pub(super) fn insert(&mut self, cols: &[u32]) {
        if !self.hashed {
            self.all.extend_from_slice(cols);
            return;
        }
        let (row, mut num_found) = (self.row, self.num_found);
        for &col in cols {
            let key = u64::from(row) << 32 | u64::from(col);
            let mut slot = (col.wrapping_mul(0x9E37_79B9) >> (32 - SLOTS.ilog2())) as usize;
            let mut there = self.slots[slot];
            // Free slots hold another row. Only a collision takes a branch that is hard to predict.
            while (there != key) & ((there >> 32) as u32 == row) {
                slot = (slot + 1) % SLOTS;
                there = self.slots[slot];
            }
            self.slots[slot] = key;
            self.found[num_found % MOST_HASHED] = col;
            num_found += usize::from(there != key);
        }
        self.num_found = num_found;
    }

    /// Appends the columns, rising, and returns how many there are.
    #[inline]
    pub(super) fn finish(&mut self, columns: &mut Vec<u32>) -> u32 {
        let before = columns.len();
        if !self.hashed {
            self.all.sort_unstable();
            self.all.dedup();
            columns.append(&mut self.all);
        } else if self.num_found <= 8 {
            append_by_rank::<8>(&self.found[..], self.num_found, columns);
        } else if self.num_found <= 16 {
            append_by_rank::<16>(&self.found[..], self.num_found, columns);
        } else {
            let found = &mut self.found[..self.num_found];
            found.sort_unstable();
            columns.extend_from_slice(found);
        }
        // Columns beyond the matrix are the last ones.
        while columns.len() > before && columns.last().is_some_and(|&col| col >= self.num_cols) {
            columns.pop();
        }
        (columns.len() - before) as u32
    }
}

/// Sorts few numbers, all different, by counting for each how many are smaller: no branch depends
/// on the numbers, and the counting is vector code.
#[inline(always)]
fn append_by_rank<const N: usize>(found: &[u32], num_found: usize, columns: &mut Vec<u32>) {
    let mut padded = [u32::MAX; N];
    for (i, (to, &from)) in padded.iter_mut().zip(found).enumerate() {
        *to = if i < num_found { from } else { u32::MAX };
    }
    let mut sorted = [0; N];
    let mut ranks = [0_u32; N];
    for other in padded {
        for i in 0..N {
            ranks[i] += u32::from(other < padded[i]);
        }
    }
    for (number, rank) in padded.into_iter().zip(ranks) {
        sorted[rank as usize % N] = number;
    }
    // All places at once: cheaper than a copy of variable length.
    let len = columns.len() + num_found;
    columns.extend_from_slice(&sorted);
    columns.truncate(len);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Columns that collide, repeat and lie beyond the matrix, in rows of every kind of length.
    #[test]
    fn every_column_comes_out_once_and_sorted() {
        let mut set = RowSet::new(4000);
        for (row, len) in [0_usize, 1, 8, 9, 16, 17, 100, 512, 513, 3000].into_iter().enumerate() {
            let inserted: Vec<u32> =
                (0..len).map(|i| (i as u32).wrapping_mul(2_654_435_761) % 5000).collect();
            let expected: BTreeSet<u32> =
                inserted.iter().copied().filter(|&col| col < 4000).collect();
            set.start(row as u32, 2 * len);
            set.insert(&inserted);
            set.insert(&inserted);
            let mut columns = vec![7];
            assert_eq!(set.finish(&mut columns) as usize, expected.len());
            assert_eq!(columns[1..], expected.into_iter().collect::<Vec<_>>()[..]);
        }
    }
}
