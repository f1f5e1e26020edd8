//! First-fit coloring: units that change a common row get different colors.
//!
//! As in plans for threads, each row remembers the colors of the units that change it as bits of a word,
//! and a unit takes the first color that none of its rows remembers; one that finds all bits taken
//! waits for the next round, which starts afresh with as many new colors. Units are elements, blocks,
//! or the elements of one block.

use std::ops::Range;

/// Colors that a row remembers, one bit each.
pub(super) type Mask = u32;

/// The colors of a loop are counted in `u16`; so many are never worth their launches.
pub(super) const MOST_COLORS: usize = 4096;

/// What is colored, and the rows that decide.
pub(super) trait Units {
    /// How many there are.
    fn len(&self) -> usize;

    /// Calls `visit` with each row that the unit changes, as often as it is named.
    fn each_row(&self, unit: usize, visit: impl FnMut(usize));
}

/// Colors all units in order and says how many colors there are, none of them without units; `None`
/// as soon as more than `max_colors` would be needed.
///
/// `rows` are the masks of all rows, all zero; `colors` (`[units]`) is overwritten.
pub(super) fn first_fit(
    units: &impl Units,
    rows: &mut [Mask],
    max_colors: usize,
    colors: &mut [u16],
) -> Option<usize> {
    let mut fit = FirstFit { units, rows, max_colors, colors, num_colors: 0 };
    let mut first = 0;
    let mut waiting = fit.round(first, 0..units.len() as u32)?;
    while !waiting.is_empty() {
        first += Mask::BITS as usize;
        if first + fit.busiest(&waiting) > max_colors {
            return None;
        }
        waiting = fit.round(first, waiting)?;
    }
    Some(fit.num_colors)
}

/// The units color by color, rising within each; and where each color's are.
pub(super) fn in_turn(colors: &[u16], num_colors: usize) -> (Vec<u32>, Vec<Range<u32>>) {
    let mut ends = vec![0_u32; num_colors];
    colors.iter().for_each(|&color| ends[color as usize] += 1);
    let mut begin = 0;
    let mut launches = Vec::with_capacity(num_colors);
    for end in &mut ends {
        launches.push(begin..begin + *end);
        begin += std::mem::replace(end, begin);
    }
    let mut units = vec![0; colors.len()];
    for (unit, &color) in colors.iter().enumerate() {
        let place = &mut ends[color as usize];
        units[*place as usize] = unit as u32;
        *place += 1;
    }
    (units, launches)
}

struct FirstFit<'f, U> {
    units: &'f U,
    rows: &'f mut [Mask],
    max_colors: usize,
    colors: &'f mut [u16],
    num_colors: usize,
}

impl<U: Units> FirstFit<'_, U> {
    /// Colors units from `first` on, as many as find a free color; the others wait.
    fn round(&mut self, first: usize, units: impl IntoIterator<Item = u32>) -> Option<Vec<u32>> {
        let mut waiting = Vec::new();
        for unit in units {
            let mut taken = 0;
            self.units.each_row(unit as usize, |row| taken |= self.rows[row]);
            if taken == Mask::MAX {
                waiting.push(unit);
                continue;
            }
            let bit = taken.trailing_ones();
            let color = first + bit as usize;
            if color >= self.max_colors {
                return None;
            }
            self.units.each_row(unit as usize, |row| self.rows[row] |= 1 << bit);
            self.colors[unit as usize] = color as u16;
            self.num_colors = self.num_colors.max(color + 1);
        }
        Some(waiting)
    }

    /// How many of these units change one row, at most: they need as many colors, so that a row which
    /// all share is found out before a thousand rounds are. Leaves the rows that they change without
    /// memory.
    fn busiest(&mut self, units: &[u32]) -> usize {
        let mut of_unit = Vec::new();
        let mut most = 0;
        self.forget(units);
        for &unit in units {
            of_unit.clear();
            self.units.each_row(unit as usize, |row| of_unit.push(row));
            of_unit.sort_unstable();
            of_unit.dedup();
            for &row in &of_unit {
                self.rows[row] += 1;
                most = most.max(self.rows[row]);
            }
        }
        self.forget(units);
        most as usize
    }

    fn forget(&mut self, units: &[u32]) {
        for &unit in units {
            self.units.each_row(unit as usize, |row| self.rows[row] = 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Edges<'a>(&'a [[usize; 2]]);

    impl Units for Edges<'_> {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn each_row(&self, unit: usize, visit: impl FnMut(usize)) {
            self.0[unit].into_iter().for_each(visit);
        }
    }

    fn color(edges: &[[usize; 2]], max_colors: usize) -> Option<(Vec<u16>, usize)> {
        let num_rows = edges.iter().flatten().max().map_or(0, |row| row + 1);
        let mut colors = vec![u16::MAX; edges.len()];
        first_fit(&Edges(edges), &mut vec![0; num_rows], max_colors, &mut colors)
            .map(|num_colors| (colors, num_colors))
    }

    #[test]
    fn units_take_the_first_free_color() {
        let path: Vec<[usize; 2]> = (0..5).map(|i| [i, i + 1]).collect();
        assert_eq!(color(&path, 2), Some((vec![0, 1, 0, 1, 0], 2)));
        assert_eq!(color(&path, 1), None);
        assert_eq!(color(&[], 0), Some((vec![], 0)));
    }

    #[test]
    fn a_unit_does_not_conflict_with_itself() {
        assert_eq!(color(&[[0, 0], [1, 1]], 1), Some((vec![0, 0], 1)));
        let loops = vec![[0, 0]; 40];
        assert_eq!(color(&loops, 40).unwrap().1, 40);
    }

    #[test]
    fn a_hub_takes_as_many_colors_as_units_and_no_more() {
        // 100 spokes, then two edges far from the hub.
        let mut edges: Vec<[usize; 2]> = (1..=100).map(|leaf| [0, leaf]).collect();
        edges.extend([[101, 102], [102, 103]]);
        let (colors, num_colors) = color(&edges, 100).unwrap();
        assert_eq!((num_colors, &colors[100..]), (100, &[0, 1][..]));
        assert_eq!(colors[..100], (0..100).collect::<Vec<u16>>());
        assert_eq!(color(&edges, 99), None);
    }

    #[test]
    fn a_hub_is_found_out_after_one_round() {
        struct Counted<'a>(Edges<'a>, std::cell::Cell<usize>);
        impl Units for Counted<'_> {
            fn len(&self) -> usize {
                self.0.len()
            }
            fn each_row(&self, unit: usize, visit: impl FnMut(usize)) {
                self.1.set(self.1.get() + 1);
                self.0.each_row(unit, visit);
            }
        }
        let edges: Vec<[usize; 2]> = (1..=20_000).map(|leaf| [0, leaf]).collect();
        let units = Counted(Edges(&edges), std::cell::Cell::new(0));
        let colors = &mut vec![0; edges.len()];
        assert_eq!(first_fit(&units, &mut vec![0; 20_001], MOST_COLORS, colors), None);
        assert!(units.1.get() < 5 * edges.len(), "{} visits", units.1.get());
    }

    #[test]
    fn units_are_listed_color_by_color() {
        let (units, launches) = in_turn(&[1, 0, 2, 1, 0], 3);
        assert_eq!(units, [1, 4, 0, 3, 2]);
        assert_eq!(launches, [0..2, 2..4, 4..5]);
        assert_eq!(in_turn(&[], 0), (vec![], vec![]));
    }
}
