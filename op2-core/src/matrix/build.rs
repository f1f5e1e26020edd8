//! Builds a [`Pattern`] from pairs of maps.
//!
//! Rows are cut into ranges, which threads take in turn. For each range: list the elements that
//! name each of its rows (a counting sort), collect the columns that these elements name in a small
//! hash table that stays in the first cache, sort them. Numbered well, a range meets few elements, so
//! everything it touches stays in cache; where a range would meet most of the mesh, there is one
//! range per thread. Rows come out sorted and unique, so that the cut does not show in the result.

use std::ops::Range;

use super::parts;
use super::pattern::{Pair, Pattern, PatternError, check_size, offsets};
use super::row_set::RowSet;
use super::table::Table;
use super::words::prefer_huge_pages;

/// Elements whose least and greatest rows are kept together.
const CHUNK: usize = 512;

/// Rows of a range where the numbering is good: what they touch fits the second cache.
const ROWS: usize = 8192;

/// Rows whose columns are gathered together.
const BATCH: usize = 64;

/// How often, on average, the same chunk may be looked at before ranges no longer pay.
const MOST_VISITS: usize = 4;

impl Pattern {
    /// The union of the patterns of all pairs, with the diagonal if asked for.
    ///
    /// Masked entries of the tables (see [`Table`]) contribute nothing. Threads of the caller's pool
    /// help. Takes time in proportion to the coupled entries, `elements * rows * cols` per pair.
    ///
    /// # Errors
    /// A pair whose tables have different numbers of elements; more entries than can be counted.
    pub fn from_pairs(
        num_rows: usize,
        num_cols: usize,
        pairs: &[Pair<'_>],
        diagonal: bool,
    ) -> Result<Self, PatternError> {
        check_size(num_rows, num_cols)?;
        check_pairs(pairs)?;
        let bounds: Vec<_> = pairs.iter().map(|pair| chunk_bounds(&pair.rows, num_rows)).collect();
        let range_rows = rows_per_range(num_rows, &bounds);
        let num_ranges = num_rows.div_ceil(range_rows);
        let range = |range: usize| {
            let first = range * range_rows;
            first as u32..num_rows.min(first + range_rows) as u32
        };
        let build = |rows: &Range<u32>, built: &mut Built| {
            build_range(rows, num_cols, pairs, &bounds, diagonal, built);
        };
        let mut built = Built { counts: Vec::with_capacity(num_rows), columns: Vec::new() };
        if parts::in_parallel() && num_ranges > 1 {
            let built_ranges = parts::map(num_ranges, |i| {
                let mut built = Built::default();
                build(&range(i), &mut built);
                built
            });
            join(&mut built, built_ranges);
        } else {
            built.columns = Vec::with_capacity(likely_entries(num_rows, pairs));
            prefer_huge_pages(&built.columns);
            (0..num_ranges).for_each(|i| build(&range(i), &mut built));
        }
        let row_offsets = offsets(built.counts.into_iter())?;
        Ok(Pattern::trusted(num_cols, row_offsets, built.columns))
    }
}

/// On triangles there are 7 columns to 6 elements that name a row; vectors grow where that is too
/// few.
fn likely_entries(num_rows: usize, pairs: &[Pair<'_>]) -> usize {
    let named: usize = pairs.iter().map(|pair| pair.rows.entries().len()).sum();
    num_rows + named + named / 16
}

fn check_pairs(pairs: &[Pair<'_>]) -> Result<(), PatternError> {
    for (pair, Pair { rows, cols }) in pairs.iter().enumerate() {
        let (rows, cols) = (rows.num_elements(), cols.num_elements());
        if rows != cols {
            return Err(PatternError::Elements { pair, rows, cols });
        }
        check_size(rows, cols)?;
    }
    Ok(())
}

/// The least and the greatest row (inside the matrix) that each chunk of elements names.
fn chunk_bounds(table: &Table<'_>, num_rows: usize) -> Vec<(u32, u32)> {
    let chunk = CHUNK * table.arity();
    let num_chunks = table.entries().len().div_ceil(chunk);
    let entries = table.entries();
    parts::map(num_chunks, |i| {
        least_and_greatest(&entries[i * chunk..entries.len().min((i + 1) * chunk)], num_rows as u32)
    })
}

/// In two passes, each of which the compiler turns into vector code.
fn least_and_greatest(entries: &[u32], num_rows: u32) -> (u32, u32) {
    let least = entries.iter().fold(u32::MAX, |least, &row| least.min(row));
    let greatest = entries.iter().fold(0, |greatest, &row| greatest.max(row));
    if greatest < num_rows {
        return (least, greatest);
    }
    // Masked entries do not count.
    let inside = entries.iter().copied().filter(|&row| row < num_rows);
    (least, inside.max().unwrap_or(0))
}

/// Ranges that fit the cache, unless each of them would have to look at most of the mesh.
fn rows_per_range(num_rows: usize, bounds: &[Vec<(u32, u32)>]) -> usize {
    let span = |&(least, greatest): &(u32, u32)| {
        (greatest as usize / ROWS).saturating_sub(least as usize / ROWS) + 1
    };
    let chunks: usize = bounds.iter().map(Vec::len).sum();
    let visits: usize = bounds.iter().flatten().map(span).sum();
    if visits <= MOST_VISITS * chunks {
        return ROWS;
    }
    let threads = if parts::in_parallel() { rayon::current_num_threads() } else { 1 };
    num_rows.div_ceil(threads).max(ROWS)
}

/// Consecutive rows: how long each is, and their columns.
#[derive(Default)]
struct Built {
    counts: Vec<u32>,
    columns: Vec<u32>,
}

fn build_range(
    rows: &Range<u32>,
    num_cols: usize,
    pairs: &[Pair<'_>],
    bounds: &[Vec<(u32, u32)>],
    diagonal: bool,
    built: &mut Built,
) {
    let mut inverses: Vec<_> =
        pairs.iter().zip(bounds).map(|(pair, bounds)| Inverse::new(rows, pair, bounds)).collect();
    let named: usize = inverses.iter().map(|inverse| inverse.elements.len()).sum();
    built.columns.reserve(rows.len() + named);
    let mut set = RowSet::new(num_cols as u32);
    for row in rows.clone() {
        let local = (row - rows.start) as usize;
        if local.is_multiple_of(BATCH) {
            let batch = local..rows.len().min(local + BATCH);
            inverses.iter_mut().zip(pairs).for_each(|(i, pair)| i.gather(&batch, &pair.cols));
        }
        let most = inverses.iter().map(|inverse| inverse.columns(local).len()).sum::<usize>();
        set.start(row, most + usize::from(diagonal));
        if diagonal {
            set.insert(&[row]);
        }
        inverses.iter().for_each(|inverse| set.insert(inverse.columns(local)));
        built.counts.push(set.finish(&mut built.columns));
    }
}

/// For each row of a range, the elements that name it; and for the rows of a batch, the columns
/// that these elements name, gathered ahead of their use so that many loads are under way at once.
struct Inverse {
    offsets: Vec<u32>,
    elements: Vec<u32>,
    gathered: Vec<u32>,
    gathered_from: usize,
    arity: usize,
}

impl Inverse {
    fn new(rows: &Range<u32>, pair: &Pair<'_>, bounds: &[(u32, u32)]) -> Self {
        let table = &pair.rows;
        // Counts stand two places ahead, so that the sums below are the next free places one ahead.
        let mut offsets = vec![0_u32; rows.len() + 2];
        each_entry(rows, table, bounds, |local, _| offsets[local + 2] += 1);
        for row in 2..offsets.len() {
            offsets[row] += offsets[row - 1];
        }
        let mut elements = vec![0; offsets.last().copied().unwrap_or(0) as usize];
        each_entry(rows, table, bounds, |local, element| {
            let place = &mut offsets[local + 1];
            elements[*place as usize] = element;
            *place += 1;
        });
        let arity = pair.cols.arity();
        Self { offsets, elements, gathered: Vec::new(), gathered_from: 0, arity }
    }

    /// The usual arities as constants, so that loops are unrolled.
    fn gather(&mut self, batch: &Range<usize>, cols: &Table<'_>) {
        match self.arity {
            1 => self.gather_arrays::<1>(batch, cols),
            2 => self.gather_arrays::<2>(batch, cols),
            3 => self.gather_arrays::<3>(batch, cols),
            4 => self.gather_arrays::<4>(batch, cols),
            6 => self.gather_arrays::<6>(batch, cols),
            8 => self.gather_arrays::<8>(batch, cols),
            10 => self.gather_arrays::<10>(batch, cols),
            _ => {
                let elements = self.begin(batch);
                let columns = |&element: &u32| cols.element(element as usize);
                self.gathered.extend(self.elements[elements].iter().flat_map(columns));
            }
        }
    }

    #[inline(always)]
    fn gather_arrays<const ARITY: usize>(&mut self, batch: &Range<usize>, cols: &Table<'_>) {
        let elements = self.begin(batch);
        let (arrays, _) = cols.entries().as_chunks::<ARITY>();
        self.gathered.resize(elements.len() * ARITY, 0);
        let (places, _) = self.gathered.as_chunks_mut::<ARITY>();
        for (place, &element) in places.iter_mut().zip(&self.elements[elements]) {
            *place = arrays[element as usize];
        }
    }

    /// The places of a batch's elements, with nothing gathered yet.
    fn begin(&mut self, batch: &Range<usize>) -> Range<usize> {
        let elements = self.offsets[batch.start] as usize..self.offsets[batch.end] as usize;
        self.gathered.clear();
        self.gathered_from = elements.start;
        elements
    }

    /// What couples to a row of the batch.
    #[inline]
    fn columns(&self, local: usize) -> &[u32] {
        let place = |local: usize| (self.offsets[local] as usize - self.gathered_from) * self.arity;
        &self.gathered[place(local)..place(local + 1)]
    }
}

/// Each entry of the table that names a row of the range, as the row's place in it and the element.
#[inline(always)]
fn each_entry(
    rows: &Range<u32>,
    table: &Table<'_>,
    bounds: &[(u32, u32)],
    mut visit: impl FnMut(usize, u32),
) {
    let num_rows = rows.end - rows.start;
    let arity = table.arity();
    let chunks = table.entries().chunks(CHUNK * arity);
    for (chunk, (entries, &(least, greatest))) in chunks.zip(bounds).enumerate() {
        if greatest < rows.start || least >= rows.end {
            continue;
        }
        let first = (chunk * CHUNK) as u32;
        for (element, named) in (first..).zip(entries.chunks_exact(arity)) {
            for &row in named {
                let local = row.wrapping_sub(rows.start);
                if local < num_rows {
                    visit(local as usize, element);
                }
            }
        }
    }
}

/// Appends the rows of all ranges.
fn join(built: &mut Built, ranges: Vec<Built>) {
    ranges.iter().for_each(|range| built.counts.extend_from_slice(&range.counts));
    built.columns = vec![0; ranges.iter().map(|range| range.columns.len()).sum()];
    prefer_huge_pages(&built.columns);
    let places = parts::split(&mut built.columns, ranges.iter().map(|range| range.columns.len()));
    // Each range is given back as soon as it is copied, to keep the peak of memory low.
    parts::each(places.into_iter().zip(ranges).collect(), |(place, range)| {
        place.copy_from_slice(&range.columns);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(rows: &[[u32; 2]], cols: &[[u32; 2]], size: (usize, usize), diag: bool) -> Pattern {
        let pair = Pair { rows: Table::of_rows(rows), cols: Table::of_rows(cols) };
        Pattern::from_pairs(size.0, size.1, &[pair], diag).unwrap()
    }

    #[test]
    fn the_diagonal_is_there_though_no_element_names_it() {
        let pattern = pattern(&[[1, 3]], &[[1, 3]], (4, 4), true);
        assert_eq!(pattern.row_offsets(), [0, 1, 3, 4, 6]);
        assert_eq!(pattern.columns(), [0, 1, 3, 2, 1, 3]);
    }

    #[test]
    fn masked_entries_couple_nothing() {
        let dropped = super::super::table::DROPPED;
        let rows = [[0, dropped], [2, 1]];
        let pattern = pattern(&rows, &[[0, 1], [7, 1]], (3, 2), false);
        assert_eq!(pattern.row_offsets(), [0, 2, 3, 4]);
        assert_eq!(pattern.columns(), [0, 1, 1, 1]);
    }

    #[test]
    fn the_diagonal_of_a_tall_matrix_ends_with_its_columns() {
        assert_eq!(pattern(&[], &[], (3, 2), true).columns(), [0, 1]);
    }

    #[test]
    fn tables_of_different_numbers_of_elements_are_refused() {
        let (rows, cols) = ([[0, 1]], [[0, 1], [1, 0]]);
        let pair = Pair { rows: Table::of_rows(&rows), cols: Table::of_rows(&cols) };
        let error = Pattern::from_pairs(2, 2, &[pair], true).unwrap_err();
        assert_eq!(error, PatternError::Elements { pair: 0, rows: 1, cols: 2 });
    }

    /// Several ranges, in good order and in none, alone and with threads.
    #[test]
    fn the_cut_into_ranges_does_not_show() {
        let num_nodes = 5 * ROWS as u32 / 2;
        let line: Vec<[u32; 2]> = (1..num_nodes).map(|node| [node - 1, node]).collect();
        let stride = 7919;
        let scattered: Vec<[u32; 2]> =
            line.iter().map(|ends| ends.map(|node| node * stride % num_nodes)).collect();
        let size = (num_nodes as usize, num_nodes as usize);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        for cells in [&line, &scattered] {
            let alone = pattern(cells, cells, size, true);
            assert_eq!(alone.num_entries(), 3 * size.0 - 2);
            assert_eq!(pool.install(|| pattern(cells, cells, size, true)), alone);
        }
    }
}
