//! The rows of a matrix on one of several ranks: those that can be multiplied while halo values travel, and
//! the others.

use std::ops::Range;

use super::pattern::Pattern;

/// Rows with and without columns in the halo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSplit {
    /// Runs of rows all of whose columns belong to this rank.
    pub inner: Vec<Range<usize>>,
    /// Runs of the others.
    pub border: Vec<Range<usize>>,
    /// The columns of the halo that they have, rising.
    pub halo: Vec<u32>,
}

impl RowSplit {
    /// Looks at all rows; columns from `owned` on are the halo.
    pub fn new(pattern: &Pattern, owned: usize) -> Self {
        let mut split = Self::default();
        for row in 0..pattern.num_rows() {
            // Columns rise, so that those of the halo are the last ones.
            let cols = pattern.row(row as u32);
            let first = cols.partition_point(|&col| (col as usize) < owned);
            split.halo.extend_from_slice(&cols[first..]);
            let runs = if first == cols.len() { &mut split.inner } else { &mut split.border };
            match runs.last_mut() {
                Some(run) if run.end == row => run.end += 1,
                _ => runs.push(row..row + 1),
            }
        }
        split.halo.sort_unstable();
        split.halo.dedup();
        split
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_apart_by_their_columns() {
        let entries = [(0, 0), (1, 1), (1, 5), (2, 3), (2, 5), (3, 2), (5, 1)];
        let pattern = Pattern::from_list(6, 6, &entries, false).unwrap();
        let split = RowSplit::new(&pattern, 3);
        assert_eq!(split.inner, [0..1, 3..6]);
        assert_eq!(split.border.len(), 1);
        assert_eq!(split.border[0], 1..3);
        assert_eq!(split.halo, [3, 5]);
    }
}
