//! Points in the sequence in which a Hilbert curve meets them.
//!
//! The curve runs through a square (cube) in such a way that points close on the curve are close in
//! space. It needs coordinates only, no map; where there is a map, Cuthill-McKee is the better
//! numbering for loops.

/// Orders points of the plane (`D = 2`) or of space (`D = 3`) along a Hilbert curve through their
/// bounding square or cube; points in one cell of the curve's finest grid keep their sequence.
///
/// Coordinates that are not finite count as lying at the edge of the square. Returns the order,
/// `order[new] = old`.
///
/// After J. Skilling, "Programming the Hilbert curve", AIP Conference Proceedings 707 (2004).
///
/// # Panics
/// If there are more points than local numbers (`u32`) can count.
pub fn hilbert<const D: usize>(points: &[[f64; D]]) -> Vec<u32> {
    const { assert!(D == 2 || D == 3, "the curve is drawn in the plane or in space") };
    let num_points = u32::try_from(points.len()).expect("points are counted in u32");
    let frame = Frame::around(points);
    let mut keyed: Vec<(u64, u32)> = points
        .iter()
        .zip(0..num_points)
        .map(|(point, index)| (curve_position(frame.cell(point)), index))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, index)| index).collect()
}

/// The grid of `2^bits` cells along each axis, laid around all points.
struct Frame<const D: usize> {
    low: [f64; D],
    cells_per_length: f64,
}

impl<const D: usize> Frame<D> {
    fn around(points: &[[f64; D]]) -> Self {
        let mut low = [f64::INFINITY; D];
        let mut high = [f64::NEG_INFINITY; D];
        for point in points {
            for axis in (0..D).filter(|&axis| point[axis].is_finite()) {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        // One scale for all axes: a cell of the grid is a square, so the curve is as close to the
        // points of one direction as to those of another.
        let extent = (0..D).map(|axis| high[axis] - low[axis]).fold(0.0, f64::max);
        let last_cell = ((1_u64 << bits::<D>()) - 1) as f64;
        Self { low, cells_per_length: if extent > 0.0 { last_cell / extent } else { 0.0 } }
    }

    fn cell(&self, point: &[f64; D]) -> [u32; D] {
        // Float to integer conversion saturates and sends NaN to 0.
        std::array::from_fn(|axis| ((point[axis] - self.low[axis]) * self.cells_per_length) as u32)
            .map(|cell: u32| cell.min(u32::MAX >> (32 - bits::<D>())))
    }
}

/// Levels of the curve: as many as fit a 64-bit position, 32 in the plane and 21 in space.
const fn bits<const D: usize>() -> u32 {
    64 / D as u32
}

/// How far along the curve a grid cell lies.
fn curve_position<const D: usize>(mut cell: [u32; D]) -> u64 {
    undo_rotations(&mut cell);
    gray_encode(&mut cell);
    interleave(cell)
}

/// From the coarsest level down, mirrors and swaps axes back to where the curve's first cell has them.
fn undo_rotations<const D: usize>(cell: &mut [u32; D]) {
    for level in (1..bits::<D>()).rev() {
        let below = (1_u32 << level) - 1;
        for axis in 0..D {
            if cell[axis] >> level & 1 == 1 {
                cell[0] ^= below;
            } else {
                let differ = (cell[0] ^ cell[axis]) & below;
                cell[0] ^= differ;
                cell[axis] ^= differ;
            }
        }
    }
}

/// Turns the transformed axes into the Gray code of the position.
fn gray_encode<const D: usize>(cell: &mut [u32; D]) {
    for axis in 1..D {
        cell[axis] ^= cell[axis - 1];
    }
    let mut flips = 0;
    for level in (1..bits::<D>()).rev() {
        if cell[D - 1] >> level & 1 == 1 {
            flips ^= (1 << level) - 1;
        }
    }
    for part in cell {
        *part ^= flips;
    }
}

/// One bit of each axis in turn, from the coarsest level down.
fn interleave<const D: usize>(cell: [u32; D]) -> u64 {
    let mut position = 0;
    for level in (0..bits::<D>()).rev() {
        for part in cell {
            position = position << 1 | u64::from(part >> level & 1);
        }
    }
    position
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points of a grid with `n` along each axis.
    fn grid<const D: usize>(n: usize) -> Vec<[f64; D]> {
        let digit = |i: usize, axis: usize| (i / n.pow(axis as u32) % n) as f64;
        (0..n.pow(D as u32)).map(|i| std::array::from_fn(|axis| digit(i, axis))).collect()
    }

    /// The largest step, in grid units, between points that follow each other.
    fn largest_step<const D: usize>(points: &[[f64; D]], order: &[u32]) -> f64 {
        let step = |a: u32, b: u32| {
            let (a, b) = (points[a as usize], points[b as usize]);
            (0..D).map(|axis| (a[axis] - b[axis]).abs()).sum::<f64>()
        };
        order.windows(2).map(|pair| step(pair[0], pair[1])).fold(0.0, f64::max)
    }

    #[test]
    fn the_curve_of_a_square_goes_from_neighbor_to_neighbor() {
        let points = grid::<2>(16);
        let order = hilbert(&points);
        assert_eq!(largest_step(&points, &order), 1.0);
        assert_eq!(order.iter().map(|&i| u64::from(i)).sum::<u64>(), 255 * 128);
    }

    #[test]
    fn the_curve_of_a_cube_goes_from_neighbor_to_neighbor() {
        let points = grid::<3>(8);
        assert_eq!(largest_step(&points, &hilbert(&points)), 1.0);
    }

    #[test]
    fn the_sequence_depends_neither_on_place_nor_on_scale() {
        let points = grid::<2>(8);
        let moved: Vec<_> = points.iter().map(|p| p.map(|x| 1e-3 * x - 7.0)).collect();
        assert_eq!(hilbert(&points), hilbert(&moved));
    }

    #[test]
    fn equal_and_odd_points_have_a_place_too() {
        assert_eq!(hilbert(&[[1.0, 1.0]; 3]), [0, 1, 2]);
        assert!(hilbert::<3>(&[]).is_empty());
        let mut order = hilbert(&[[f64::NAN, 0.0], [f64::INFINITY, 1.0], [0.5, f64::NEG_INFINITY]]);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2]);
    }
}
