//! Matrices of random maps, against dense ones.

use std::collections::BTreeSet;

use op2_core::matrix::entry::Entry;
use op2_core::matrix::exchange;
use op2_core::matrix::pattern::{Pair, Pattern};
use op2_core::matrix::positions::Positions;
use op2_core::matrix::spmv::{self, Matrix};
use op2_core::matrix::table::{DROPPED, Table};
use op2_core::matrix::transpose::Transposed;
use op2_core::matrix::values;
use proptest::prelude::*;

/// A map to rows and one to columns from the same elements; entries from `size` on are masked.
#[derive(Clone, Debug)]
struct Maps {
    rows: Vec<u32>,
    cols: Vec<u32>,
    arities: (usize, usize),
}

impl Maps {
    fn pair(&self) -> Pair<'_> {
        let table = |entries, arity| Table::new(entries, arity).expect("whole elements");
        Pair { rows: table(&self.rows, self.arities.0), cols: table(&self.cols, self.arities.1) }
    }

    /// All `(row, column, place in the table of positions)` that lie inside.
    fn couplings(&self, size: (usize, usize)) -> Vec<(usize, usize, usize)> {
        let (a, b) = self.arities;
        let mut all = Vec::new();
        for (e, rows) in self.rows.chunks(a).enumerate() {
            for (i, &row) in rows.iter().enumerate() {
                for (j, &col) in self.cols[e * b..][..b].iter().enumerate() {
                    if (row as usize) < size.0 && (col as usize) < size.1 {
                        all.push((row as usize, col as usize, (e * a + i) * b + j));
                    }
                }
            }
        }
        all
    }
}

/// Sizes, and up to three pairs of maps of different arities with a few masked entries.
fn problem() -> impl Strategy<Value = ((usize, usize), Vec<Maps>)> {
    let entry = |size: usize| prop_oneof![30 => 0..size as u32, 1 => Just(DROPPED)];
    let maps = move |size: (usize, usize)| {
        (1_usize..6, prop_oneof![1_usize..5, Just(6), Just(8), Just(10), Just(11)], 0_usize..40)
            .prop_flat_map(move |(a, b, elements)| {
                let rows = prop::collection::vec(entry(size.0), a * elements);
                let cols = prop::collection::vec(entry(size.1), b * elements);
                (rows, cols).prop_map(move |(rows, cols)| Maps { rows, cols, arities: (a, b) })
            })
    };
    (1_usize..30, 1_usize..30).prop_flat_map(move |size| {
        prop::collection::vec(maps(size), 1..4).prop_map(move |maps| (size, maps))
    })
}

fn pattern(size: (usize, usize), maps: &[Maps], diagonal: bool) -> Pattern {
    let pairs: Vec<_> = maps.iter().map(Maps::pair).collect();
    Pattern::from_pairs(size.0, size.1, &pairs, diagonal).expect("a pattern of good maps")
}

/// Small whole numbers: sums are exact in any order.
fn numbers(count: usize) -> Vec<f64> {
    (0..count as u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761) % 17) - 8.0).collect()
}

fn dense<T: Entry>(pattern: &Pattern, values: &[T]) -> Vec<Vec<T>> {
    let mut dense = vec![vec![zero(); pattern.num_cols()]; pattern.num_rows()];
    for row in 0..pattern.num_rows() as u32 {
        for (value, &col) in values[pattern.row_range(row)].iter().zip(pattern.row(row)) {
            dense[row as usize][col as usize] = *value;
        }
    }
    dense
}

fn zero<T: Entry>() -> T {
    op2_core::bytemuck::Zeroable::zeroed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_pattern_has_what_the_maps_couple_and_nothing_else(
        ((size, maps), diagonal) in (problem(), any::<bool>())
    ) {
        let pattern = pattern(size, &maps, diagonal);
        let mut expected = vec![BTreeSet::new(); size.0];
        for (row, col, _) in maps.iter().flat_map(|maps| maps.couplings(size)) {
            expected[row].insert(col as u32);
        }
        if diagonal {
            expected.iter_mut().take(size.1).zip(0..).for_each(|(row, i)| row.extend([i]));
        }
        for (row, expected) in (0..).zip(expected) {
            prop_assert_eq!(pattern.row(row), &expected.into_iter().collect::<Vec<_>>()[..]);
        }
        let (offsets, columns) = (pattern.row_offsets().to_vec(), pattern.columns().to_vec());
        prop_assert_eq!(Pattern::from_parts(size.1, offsets, columns), Ok(pattern));
    }

    #[test]
    fn positions_assemble_the_dense_matrix((size, maps) in problem()) {
        let pattern = pattern(size, &maps, false);
        let mut values = vec![0.0; pattern.num_entries()];
        let mut expected = vec![vec![0.0; size.1]; size.0];
        for maps in &maps {
            let Pair { rows, cols } = maps.pair();
            let positions = Positions::new(&pattern, &rows, &cols).unwrap();
            let local = numbers(positions.places().len());
            for (&place, value) in positions.places().iter().zip(&local) {
                if place != DROPPED {
                    values[place as usize] += value;
                }
            }
            maps.couplings(size).iter().for_each(|&(row, col, k)| expected[row][col] += local[k]);
        }
        prop_assert_eq!(dense(&pattern, &values), expected);
    }

    #[test]
    fn products_are_dense_products_for_any_number_of_threads((size, maps) in problem()) {
        let pattern = pattern(size, &maps, true);
        let all = numbers(4 * pattern.num_entries());
        let blocks: Vec<[[f64; 2]; 2]> =
            all.chunks(4).map(|v| [[v[0], v[1]], [v[2], v[3]]]).collect();
        let vector = |len: usize| -> Vec<[f64; 2]> {
            numbers(2 * len).chunks(2).map(|v| [v[0], v[1]]).collect()
        };
        let (x, z) = (vector(size.1), vector(size.0));
        let dense = dense(&pattern, &blocks);
        let mut expected = (vec![[0.0; 2]; size.0], vec![[0.0; 2]; size.1]);
        for (row, blocks) in dense.iter().enumerate() {
            for (col, block) in blocks.iter().enumerate() {
                for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    expected.0[row][i] += block[i][j] * x[col][j];
                    expected.1[col][j] += block[i][j] * z[row][i];
                }
            }
        }
        let transposed = Transposed::new(&pattern);
        let multiply = || {
            let (mut y, mut w) = (vec![[f64::NAN; 2]; size.0], vec![[f64::NAN; 2]; size.1]);
            spmv::multiply::<_, false>(Matrix::new(&pattern, &blocks), &x, &mut y);
            spmv::multiply_transposed(&pattern, &blocks, || &transposed, None, &z, &mut w);
            (y, w)
        };
        prop_assert_eq!(&multiply(), &expected);
        prop_assert_eq!(threads().install(multiply), expected);
    }

    #[test]
    fn elimination_keeps_the_solution_and_the_symmetry(
        (table, fixed) in (op2_props::meshes::random_table(3), any::<u64>())
    ) {
        let (entries, size) = table;
        prop_assume!(size > 0);
        let table = Table::new(&entries, 3).unwrap();
        let pair = Pair { rows: table, cols: table };
        let pattern = Pattern::from_pairs(size, size, &[pair], true).unwrap();
        // A symmetric matrix of whole numbers.
        let entry = |row: u32, col: u32| f64::from((row + col) % 7) + f64::from(row * col % 5);
        let mut matrix: Vec<f64> = (0..size as u32)
            .flat_map(|row| pattern.row(row).iter().map(move |&col| entry(row, col)))
            .collect();
        let rows: Vec<u32> = (0..size as u32).filter(|row| fixed >> (row % 64) & 1 == 1).collect();
        let solution = numbers(size);
        let mut rhs = vec![0.0; size];
        spmv::multiply::<_, false>(Matrix::new(&pattern, &matrix), &solution, &mut rhs);
        values::eliminate(&pattern, &mut matrix, (&rows, values::Component::All), &solution, &mut rhs, 2.0).unwrap();
        let mut product = vec![0.0; size];
        spmv::multiply::<_, false>(Matrix::new(&pattern, &matrix), &solution, &mut product);
        prop_assert_eq!(product, rhs);
        prop_assert_eq!(Transposed::new(&pattern).values(&matrix), matrix.clone());
        for &row in &rows {
            let sum: f64 = matrix[pattern.row_range(row)].iter().map(|v| v.abs()).sum();
            prop_assert_eq!(sum, 2.0);
        }
    }

    #[test]
    fn sprs_agrees_and_gives_the_matrix_back((size, maps) in problem()) {
        let pattern = pattern(size, &maps, true);
        let matrix = numbers(pattern.num_entries());
        let view = exchange::view(&pattern, &matrix);
        prop_assert!(view.check_compressed_structure().is_ok());
        let by_columns = view.to_csc();
        prop_assert_eq!(&exchange::load(&pattern, &by_columns.view()).unwrap(), &matrix);
        let norm: f64 = matrix.iter().map(|v| v * v).sum();
        prop_assert_eq!(values::frobenius_norm(&matrix), norm.sqrt());
        let transposed = Transposed::new(&pattern);
        let moved = transposed.values(&matrix);
        prop_assert_eq!(values::one_norm(&pattern, &matrix), values::inf_norm(transposed.pattern(), &moved));
    }
}

fn threads() -> &'static rayon::ThreadPool {
    static POOL: std::sync::OnceLock<rayon::ThreadPool> = std::sync::OnceLock::new();
    POOL.get_or_init(|| rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads"))
}
