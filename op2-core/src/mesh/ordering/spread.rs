//! How far apart the rows are that one element names.

use std::fmt;

/// The distance between the lowest and the highest row of an element, over all elements of a map:
/// small where neighbors have close numbers. The largest is the bandwidth of the map.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// Mean over the elements; 0 if there are none.
    pub mean: f64,
    /// The largest.
    pub max: u32,
}

impl Spread {
    /// Measures a map's `table` (`[elements * arity]`).
    pub fn of(table: &[u32], arity: usize) -> Self {
        let num_elements = table.len().checked_div(arity).unwrap_or(0);
        let (mut sum, mut max) = (0_u64, 0);
        for rows in table.chunks_exact(arity.max(1)) {
            let (low, high) =
                rows.iter().fold((u32::MAX, 0), |(low, high), &row| (low.min(row), high.max(row)));
            sum += u64::from(high - low);
            max = max.max(high - low);
        }
        Self { mean: sum as f64 / num_elements.max(1) as f64, max }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rows of one element are {:.1} apart on average, {} at most", self.mean, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_spread_one() {
        assert_eq!(Spread::of(&[0, 1, 1, 2, 3, 2], 2), Spread { mean: 1.0, max: 1 });
    }

    #[test]
    fn mean_and_largest_are_told_apart() {
        let spread = Spread::of(&[0, 9, 4, 7, 7, 7], 3);
        assert_eq!(spread, Spread { mean: 4.5, max: 9 });
        let text = "rows of one element are 4.5 apart on average, 9 at most";
        assert_eq!(spread.to_string(), text);
    }

    #[test]
    fn an_empty_map_has_no_spread() {
        assert_eq!(Spread::of(&[], 2), Spread::default());
        assert_eq!(Spread::of(&[], 0), Spread::default());
    }
}
