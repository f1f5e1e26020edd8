//! Mixed spaces: several row spaces by several column spaces, as a grid of patterns.
//!
//! Each block of the grid is a matrix of its own; `merge` makes one matrix of them where a solver
//! wants one, with the spaces one after the other.

use super::pattern::{Pair, Pattern, PatternError, check_size, offsets};
use super::table::Table;

/// One space of a mixed one.
#[derive(Clone, Debug)]
pub struct Space<'a> {
    /// How many rows or columns it has.
    pub size: usize,
    /// The maps to it, one for each family of elements that couples the spaces.
    pub tables: Vec<Table<'a>>,
}

/// The patterns of all pairs of a row space and a column space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    patterns: Vec<Pattern>,
    num_col_spaces: usize,
}

impl Grid {
    /// Each element couples all the rows it names in any row space with all the columns it names in
    /// any column space: table `k` of every space belongs to the same elements. With `diagonal`, the
    /// blocks on the diagonal of the grid have theirs.
    ///
    /// # Errors
    /// As [`Pattern::from_pairs`].
    pub fn new(
        rows: &[Space<'_>],
        cols: &[Space<'_>],
        diagonal: bool,
    ) -> Result<Self, PatternError> {
        let block = |(i, row): (usize, &Space<'_>), (j, col): (usize, &Space<'_>)| {
            let tables = row.tables.iter().zip(&col.tables);
            let pairs: Vec<Pair<'_>> = tables.map(|(&rows, &cols)| Pair { rows, cols }).collect();
            Pattern::from_pairs(row.size, col.size, &pairs, diagonal && i == j)
        };
        let mut patterns = Vec::with_capacity(rows.len() * cols.len());
        for row in rows.iter().enumerate() {
            for col in cols.iter().enumerate() {
                patterns.push(block(row, col)?);
            }
        }
        Ok(Self { patterns, num_col_spaces: cols.len() })
    }

    /// The pattern of one block.
    ///
    /// # Panics
    /// If there is no such space.
    pub fn block(&self, row_space: usize, col_space: usize) -> &Pattern {
        assert!(col_space < self.num_col_spaces, "a column space of the grid");
        &self.patterns[row_space * self.num_col_spaces + col_space]
    }

    /// All patterns, row space by row space.
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = &[Pattern]> {
        self.patterns.chunks_exact(self.num_col_spaces.max(1))
    }

    /// One pattern of all, the spaces one after the other.
    ///
    /// # Errors
    /// More rows, columns or entries than can be counted.
    pub fn merge(&self) -> Result<Pattern, PatternError> {
        let num_rows = self.blocks().map(|row| row[0].num_rows()).sum();
        let firsts = self.first_columns();
        let num_cols = firsts.last().copied().unwrap_or(0);
        check_size(num_rows, num_cols)?;
        let mut counts = Vec::with_capacity(num_rows);
        let mut columns = Vec::new();
        self.each_row(|blocks, row| {
            let before = columns.len();
            for (pattern, first) in blocks.iter().zip(&firsts) {
                columns.extend(pattern.row(row).iter().map(|col| col + *first as u32));
            }
            counts.push((columns.len() - before) as u32);
        });
        Ok(Pattern::trusted(num_cols, offsets(counts.into_iter())?, columns))
    }

    /// The values of all blocks (`[num_entries]` each, row space by row space) in the order of
    /// [`merge`](Self::merge).
    ///
    /// # Panics
    /// If a block or a value is missing.
    pub fn merge_values<T: Copy>(&self, values: &[&[T]]) -> Vec<T> {
        assert_eq!(values.len(), self.patterns.len(), "values for each block");
        let mut merged = Vec::with_capacity(values.iter().map(|values| values.len()).sum());
        for (blocks, values) in self.blocks().zip(values.chunks(self.num_col_spaces.max(1))) {
            for row in 0..blocks[0].num_rows() as u32 {
                for (pattern, values) in blocks.iter().zip(values) {
                    merged.extend_from_slice(&values[pattern.row_range(row)]);
                }
            }
        }
        merged
    }

    fn each_row(&self, mut visit: impl FnMut(&[Pattern], u32)) {
        for blocks in self.blocks() {
            (0..blocks[0].num_rows() as u32).for_each(|row| visit(blocks, row));
        }
    }

    /// Where the columns of each space begin, and where the last ones end.
    fn first_columns(&self) -> Vec<usize> {
        let mut firsts = vec![0];
        for pattern in self.patterns.iter().take(self.num_col_spaces) {
            firsts.push(firsts[firsts.len() - 1] + pattern.num_cols());
        }
        firsts
    }
}

#[cfg(test)]
mod tests {
    use super::super::positions::Positions;
    use super::*;

    /// Spaces of 3 and 4 with maps `i` and `(i, i + 1)`, local tensor `d_i d_j`.
    #[test]
    fn two_spaces_make_a_grid_of_four_matrices() {
        let (identity, pairs) = ([[0], [1], [2]], [[0, 1], [1, 2], [2, 3]]);
        let spaces = [
            Space { size: 3, tables: vec![Table::of_rows(&identity)] },
            Space { size: 4, tables: vec![Table::of_rows(&pairs)] },
        ];
        let grid = Grid::new(&spaces, &spaces, true).unwrap();
        let mut values = Vec::new();
        for (i, rows) in spaces.iter().enumerate() {
            for (j, cols) in spaces.iter().enumerate() {
                values.push(assemble(grid.block(i, j), &rows.tables[0], &cols.tables[0]));
            }
        }
        assert_eq!(values[0], [1.0, 4.0, 9.0]);
        assert_eq!(values[1], [1.0, 2.0, 4.0, 6.0, 9.0, 12.0]);
        assert_eq!(values[2], [1.0, 2.0, 4.0, 6.0, 9.0, 12.0]);
        assert_eq!(values[3], [1.0, 2.0, 2.0, 8.0, 6.0, 6.0, 18.0, 12.0, 12.0, 16.0]);
        assert_eq!(grid.block(2 - 1, 0).row_offsets(), [0, 1, 3, 5, 6]);

        let merged = grid.merge().unwrap();
        let slices: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
        let merged_values = grid.merge_values(&slices);
        assert_eq!((merged.num_rows(), merged.num_cols()), (7, 7));
        assert_eq!(merged.row(1), [1, 4, 5]);
        assert_eq!(merged_values[merged.row_range(1)], [4.0, 4.0, 6.0]);
        assert_eq!(merged.row(4), [0, 1, 3, 4, 5]);
        assert_eq!(merged_values[merged.row_range(4)], [2.0, 4.0, 2.0, 8.0, 6.0]);
        let checked =
            Pattern::from_parts(7, merged.row_offsets().to_vec(), merged.columns().to_vec());
        assert_eq!(checked, Ok(merged));
    }

    /// The field is 1, 2, 3, ... in both spaces.
    fn assemble(pattern: &Pattern, rows: &Table<'_>, cols: &Table<'_>) -> Vec<f64> {
        let positions = Positions::new(pattern, rows, cols).unwrap();
        let field = |row: u32| f64::from(row + 1);
        let mut values = vec![0.0; pattern.num_entries()];
        for element in 0..rows.num_elements() {
            let mut places = positions.element(element).iter();
            for &row in rows.element(element) {
                for (&col, &place) in cols.element(element).iter().zip(&mut places) {
                    values[place as usize] += field(row) * field(col);
                }
            }
        }
        values
    }
}
