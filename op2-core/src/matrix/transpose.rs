//! Transposed patterns, with the way back to the values.

use super::entry::Entry;
use super::parts;
use super::pattern::Pattern;

/// Entries that one thread moves at a time.
const ENTRIES_PER_PART: usize = 1 << 15;

/// A pattern with rows and columns exchanged, and for each of its entries where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transposed {
    pattern: Pattern,
    from: Vec<u32>,
}

impl Transposed {
    /// Exchanges rows and columns, in time proportional to the entries.
    pub fn new(pattern: &Pattern) -> Self {
        let mut offsets = vec![0_u32; pattern.num_cols() + 2];
        // Counts stand two places ahead, so that the sums are the next free places one ahead.
        pattern.columns().iter().for_each(|&col| offsets[col as usize + 2] += 1);
        for col in 2..offsets.len() {
            offsets[col] += offsets[col - 1];
        }
        let (mut columns, mut from) =
            (vec![0; pattern.num_entries()], vec![0; pattern.num_entries()]);
        for row in 0..pattern.num_rows() as u32 {
            for (place, &col) in pattern.row_range(row).zip(pattern.row(row)) {
                let next = offsets[col as usize + 1];
                offsets[col as usize + 1] = next + 1;
                columns[next as usize] = row;
                from[next as usize] = place as u32;
            }
        }
        offsets.pop();
        Self { pattern: Pattern::trusted(pattern.num_rows(), offsets, columns), from }
    }

    /// The transposed pattern.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// For each entry of the transposed pattern, the place of the original (`[num_entries]`).
    pub fn from(&self) -> &[u32] {
        &self.from
    }

    /// The values in the order of the transposed pattern, each transposed itself.
    ///
    /// # Panics
    /// If the values are not as many as the entries.
    pub fn values<T: Entry>(&self, values: &[T]) -> Vec<T::Transposed> {
        let mut moved = vec![<T::Transposed as bytemuck::Zeroable>::zeroed(); self.from.len()];
        let to = moved.chunks_mut(ENTRIES_PER_PART);
        let from = self.from.chunks(ENTRIES_PER_PART);
        parts::each(to.zip(from).collect(), |(to, from)| {
            to.iter_mut().zip(from).for_each(|(to, &from)| {
                *to = values[from as usize].transposed();
            });
        });
        moved
    }

    /// The transposed pattern alone.
    pub fn into_pattern(self) -> Pattern {
        self.pattern
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns_and_values_follow() {
        let pattern = Pattern::from_list(2, 3, &[(0, 0), (0, 2), (1, 1), (1, 2)], false).unwrap();
        let transposed = Transposed::new(&pattern);
        assert_eq!(transposed.pattern().row_offsets(), [0, 1, 2, 4]);
        assert_eq!(transposed.pattern().columns(), [0, 1, 0, 1]);
        assert_eq!(transposed.values(&[1.0, 2.0, 3.0, 4.0]), [1.0, 3.0, 2.0, 4.0]);
        assert_eq!(Transposed::new(transposed.pattern()).into_pattern(), pattern);
        let blocks = [[[1.0, 2.0]]; 4];
        assert_eq!(transposed.values(&blocks), [[[1.0], [2.0]]; 4]);
    }
}
