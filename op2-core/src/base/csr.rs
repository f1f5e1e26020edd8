//! Adjacency as offsets and values: graphs, inverse maps, lists per row.
//!
//! Row `i` of a [`Csr`] is `values[offsets[i]..offsets[i + 1]]`. Indices are `u32`, as everywhere
//! for local numbers; whatever would not fit is an error at construction, so reading needs no checks
//! beyond the slice's own. What the numbers mean (cells, edges, blocks) is left to the caller, and
//! so are orderings of a graph (`mesh::ordering`) and matrix values (`matrix`).
//!
//! A *table* below is the plain form of a map: `arity` consecutive entries for each element.

use thiserror::Error;

/// Lists of numbers, one list for each row, stored one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csr {
    offsets: Vec<u32>,
    values: Vec<u32>,
}

/// Why numbers do not make a [`Csr`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CsrError {
    /// More rows or entries than 32-bit local numbers can count.
    #[error(
        "the lists would have more than {} rows or entries, the most that local numbers can count",
        u32::MAX
    )]
    TooLarge,
    /// An entry names a row that does not exist.
    #[error("entry {entry} names row {row}, but there are {num_rows} rows")]
    OutOfRange {
        /// Where it stands among the pairs or in the table.
        entry: usize,
        /// The row it names.
        row: u32,
        /// How many rows there are.
        num_rows: usize,
    },
    /// The table does not consist of whole elements.
    #[error("{entries} entries cannot be divided into elements of {arity}")]
    Ragged {
        /// Length of the table.
        entries: usize,
        /// Entries that each element should have.
        arity: usize,
    },
    /// Offsets must start at 0, never decrease and end at the number of values.
    #[error(
        "offset {row} breaks the rule that offsets start at 0, never decrease and end at the number of values"
    )]
    Offsets {
        /// The first offset that does.
        row: usize,
    },
}

impl Csr {
    /// Lists given as `offsets` (`[num_rows + 1]`) and `values`.
    ///
    /// # Errors
    /// If the offsets do not start at 0, decrease somewhere, or do not end at `values.len()`.
    pub fn from_parts(offsets: Vec<u32>, values: Vec<u32>) -> Result<Self, CsrError> {
        if offsets.first() != Some(&0) {
            return Err(CsrError::Offsets { row: 0 });
        }
        if let Some(row) = offsets.windows(2).position(|pair| pair[0] > pair[1]) {
            return Err(CsrError::Offsets { row: row + 1 });
        }
        if offsets.last().map(|&end| end as usize) != Some(values.len()) {
            return Err(CsrError::Offsets { row: offsets.len() - 1 });
        }
        Ok(Self { offsets, values })
    }

    /// Lists of the second numbers of `pairs`, by their first; each list in the order of the pairs.
    ///
    /// # Errors
    /// If a first number is not below `num_rows`, or there are too many rows or pairs.
    pub fn from_pairs(num_rows: usize, pairs: &[(u32, u32)]) -> Result<Self, CsrError> {
        let offsets = count(num_rows, pairs.len(), pairs.iter().map(|&(row, _)| row))?;
        let mut next = offsets.clone();
        let mut values = vec![0; pairs.len()];
        for &(row, value) in pairs {
            put(&mut next, &mut values, row, value);
        }
        Ok(Self { offsets, values })
    }

    /// The elements that name each row of a map's table (`[elements * arity]`, values below
    /// `num_rows`), in increasing order; an element that names a row twice is listed twice.
    ///
    /// # Errors
    /// If an entry is not below `num_rows`, the table is ragged, or there are too many entries.
    pub fn inverse(table: &[u32], arity: usize, num_rows: usize) -> Result<Self, CsrError> {
        whole_elements(table, arity)?;
        let offsets = count(num_rows, table.len(), table.iter().copied())?;
        let mut next = offsets.clone();
        let mut values = vec![0; table.len()];
        for (element, rows) in (0..).zip(table.chunks_exact(arity.max(1))) {
            for &row in rows {
                put(&mut next, &mut values, row, element);
            }
        }
        Ok(Self { offsets, values })
    }

    /// The graph of a set through a map: row `i` lists the rows that share an element with `i`,
    /// sorted, each once, without `i` itself. The graph is symmetric.
    ///
    /// Takes time and memory in proportion to `elements * arity * arity`.
    ///
    /// # Errors
    /// As [`Csr::inverse`].
    pub fn neighbors(table: &[u32], arity: usize, num_rows: usize) -> Result<Self, CsrError> {
        let elements = Self::inverse(table, arity, num_rows)?;
        let mut offsets = Vec::with_capacity(num_rows + 1);
        offsets.push(0);
        let mut values = Vec::new();
        // The last row that listed each neighbor: keeps a neighbor from being listed twice.
        let mut listed_by = vec![u32::MAX; num_rows];
        for (row, sharing) in (0..).zip(elements.rows()) {
            let begin = values.len();
            listed_by[row as usize] = row;
            for &element in sharing {
                for &other in &table[element as usize * arity..][..arity] {
                    if std::mem::replace(&mut listed_by[other as usize], row) != row {
                        values.push(other);
                    }
                }
            }
            values[begin..].sort_unstable();
            offsets.push(u32::try_from(values.len()).map_err(|_| CsrError::TooLarge)?);
        }
        Ok(Self { offsets, values })
    }

    /// How many rows there are.
    pub fn num_rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many entries all rows have together.
    pub fn num_entries(&self) -> usize {
        self.values.len()
    }

    /// The entries of one row.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn row(&self, row: u32) -> &[u32] {
        let row = row as usize;
        &self.values[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// How many entries one row has.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn degree(&self, row: u32) -> u32 {
        self.offsets[row as usize + 1] - self.offsets[row as usize]
    }

    /// The rows in turn.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.offsets.windows(2).map(|pair| &self.values[pair[0] as usize..pair[1] as usize])
    }

    /// Where each row begins in [`Csr::values`], and after the last one where it ends (`[num_rows + 1]`).
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The entries of all rows, row after row (`[num_entries]`).
    pub fn values(&self) -> &[u32] {
        &self.values
    }

    /// The offsets and the values, as [`Csr::from_parts`] takes them.
    pub fn into_parts(self) -> (Vec<u32>, Vec<u32>) {
        (self.offsets, self.values)
    }
}

/// Checks that `table` consists of whole elements.
fn whole_elements(table: &[u32], arity: usize) -> Result<(), CsrError> {
    let whole = table.len().checked_rem(arity).unwrap_or(table.len()) == 0;
    if whole { Ok(()) } else { Err(CsrError::Ragged { entries: table.len(), arity }) }
}

/// The offsets of lists into which `rows` (`entries` of them) put one entry each.
fn count(
    num_rows: usize,
    entries: usize,
    rows: impl Iterator<Item = u32>,
) -> Result<Vec<u32>, CsrError> {
    if u32::try_from(num_rows).is_err() || u32::try_from(entries).is_err() {
        return Err(CsrError::TooLarge);
    }
    let mut offsets = vec![0; num_rows + 1];
    for (entry, row) in rows.enumerate() {
        // Row i is counted at i + 1, so that the running sum below yields beginnings.
        match offsets[1..].get_mut(row as usize) {
            Some(count) => *count += 1,
            None => return Err(CsrError::OutOfRange { entry, row, num_rows }),
        }
    }
    let mut sum = 0;
    for offset in &mut offsets {
        sum += *offset;
        *offset = sum;
    }
    Ok(offsets)
}

/// Appends `value` to the list of `row`, where `next` holds the free place of each row.
#[inline]
fn put(next: &mut [u32], values: &mut [u32], row: u32, value: u32) {
    let place = &mut next[row as usize];
    values[*place as usize] = value;
    *place += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two triangles that share the edge 1-2.
    const TRIANGLES: [u32; 6] = [0, 1, 2, 3, 2, 1];

    #[test]
    fn pairs_are_listed_by_row_in_their_order() {
        let csr = Csr::from_pairs(4, &[(2, 7), (0, 5), (2, 3), (0, 5)]).unwrap();
        assert_eq!(csr.rows().collect::<Vec<_>>(), [&[5, 5][..], &[], &[7, 3], &[]]);
        assert_eq!((csr.num_rows(), csr.num_entries(), csr.degree(2)), (4, 4, 2));
        assert_eq!(csr.row(2), [7, 3]);
    }

    #[test]
    fn a_pair_beyond_the_rows_is_refused() {
        let error = Csr::from_pairs(2, &[(0, 0), (2, 9)]).unwrap_err();
        assert_eq!(error, CsrError::OutOfRange { entry: 1, row: 2, num_rows: 2 });
    }

    #[test]
    fn the_inverse_lists_the_elements_of_each_row() {
        let csr = Csr::inverse(&TRIANGLES, 3, 5).unwrap();
        assert_eq!(csr.rows().collect::<Vec<_>>(), [&[0][..], &[0, 1], &[0, 1], &[1], &[]]);
        let twice = Csr::inverse(&[1, 1], 2, 2).unwrap();
        assert_eq!(twice.row(1), [0, 0]);
    }

    #[test]
    fn neighbors_share_an_element() {
        let graph = Csr::neighbors(&TRIANGLES, 3, 5).unwrap();
        let rows: Vec<_> = graph.rows().collect();
        assert_eq!(rows, [&[1, 2][..], &[0, 2, 3], &[0, 1, 3], &[1, 2], &[]]);
        let itself = Csr::neighbors(&[0, 0, 1, 0], 2, 2).unwrap();
        assert_eq!(itself.rows().collect::<Vec<_>>(), [&[1], &[0]]);
    }

    #[test]
    fn empty_sets_have_empty_lists() {
        assert_eq!(Csr::from_pairs(0, &[]).unwrap().num_rows(), 0);
        assert_eq!(Csr::inverse(&[], 2, 3).unwrap().num_entries(), 0);
        assert_eq!(Csr::neighbors(&[], 0, 3).unwrap().num_rows(), 3);
    }

    #[test]
    fn parts_are_checked() {
        let csr = Csr::from_parts(vec![0, 2, 2, 3], vec![4, 5, 6]).unwrap();
        assert_eq!(csr.row(0), [4, 5]);
        assert_eq!(csr.clone().into_parts(), (csr.offsets().to_vec(), csr.values().to_vec()));
        for (offsets, row) in [(vec![], 0), (vec![1, 3], 0), (vec![0, 2, 1, 3], 2), (vec![0, 2], 1)]
        {
            assert_eq!(Csr::from_parts(offsets, vec![4, 5, 6]), Err(CsrError::Offsets { row }));
        }
    }

    #[test]
    fn ragged_tables_are_refused() {
        let ragged = |entries, arity| Err(CsrError::Ragged { entries, arity });
        assert_eq!(Csr::inverse(&[0, 1, 0], 2, 2), ragged(3, 2));
        assert_eq!(Csr::inverse(&[0], 0, 2), ragged(1, 0));
    }

    #[test]
    fn too_many_rows_are_refused_before_memory_is_taken() {
        assert_eq!(Csr::from_pairs(1 << 33, &[]), Err(CsrError::TooLarge));
    }
}
