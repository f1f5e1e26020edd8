//! Maps as matrices see them: plain tables, whose entries may be masked.

/// A map's table, `[elements, arity]`, row by row. An entry that names no row or column of the
/// matrix (any number beyond them, by custom [`DROPPED`]) is masked: its contributions are dropped.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    entries: &'a [u32],
    arity: usize,
}

/// The entry of a masked table, and the position of what it would have contributed.
pub const DROPPED: u32 = u32::MAX;

impl<'a> Table<'a> {
    /// A table of `arity` entries per element; `None` if the entries are not whole elements.
    pub fn new(entries: &'a [u32], arity: usize) -> Option<Self> {
        let whole = arity > 0 && entries.len().is_multiple_of(arity);
        whole.then_some(Self { entries, arity })
    }

    /// A table given row by row.
    pub fn of_rows<const ARITY: usize>(rows: &'a [[u32; ARITY]]) -> Self {
        const { assert!(ARITY > 0, "an element names at least one row") };
        Self { entries: rows.as_flattened(), arity: ARITY }
    }

    /// All entries, `[elements, arity]`.
    pub fn entries(&self) -> &'a [u32] {
        self.entries
    }

    /// Entries per element.
    pub fn arity(&self) -> usize {
        self.arity
    }

    /// How many elements there are.
    pub fn num_elements(&self) -> usize {
        self.entries.len() / self.arity
    }

    /// The entries of one element.
    ///
    /// # Panics
    /// If there is no such element.
    #[inline]
    pub fn element(&self, element: usize) -> &'a [u32] {
        &self.entries[element * self.arity..][..self.arity]
    }

    /// A copy in which all entries that name one of `rows` are [`DROPPED`]: what a loop that honors
    /// boundary conditions while it assembles goes through.
    pub fn masked(&self, rows: &[u32]) -> Vec<u32> {
        let last = rows.iter().max().map_or(0, |&row| row as usize + 1);
        let mut drop = vec![false; last];
        rows.iter().for_each(|&row| drop[row as usize] = true);
        let dropped = |row: u32| drop.get(row as usize).copied().unwrap_or(false);
        self.entries.iter().map(|&row| if dropped(row) { DROPPED } else { row }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_consists_of_whole_elements() {
        assert!(Table::new(&[0, 1, 2], 2).is_none());
        assert!(Table::new(&[], 0).is_none());
        let table = Table::new(&[0, 1, 2, 3], 2).unwrap();
        assert_eq!((table.num_elements(), table.element(1)), (2, &[2, 3][..]));
    }

    #[test]
    fn masking_drops_the_named_rows_only() {
        let table = Table::of_rows(&[[0, 1], [1, 7]]);
        assert_eq!(table.masked(&[1, 3]), [0, DROPPED, DROPPED, 7]);
        assert_eq!(table.masked(&[]), [0, 1, 1, 7]);
    }
}
