//! A plane cut through a mesh of tetrahedra, with the values on it.
//!
//! On the boundary of a solid there is often nothing to see: problem `sines` is 0 there.

/// The cut along the plane of constant `y`.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    /// Where the plane is.
    pub(crate) y: f64,
    /// Points of the cut, `(x, z)`; each cell has points of its own.
    pub(crate) points: Vec<[f64; 2]>,
    /// Values there.
    pub(crate) values: Vec<f64>,
    pub(crate) triangles: Vec<[u32; 3]>,
}

impl Slice {
    /// Cuts `cells` in the middle between their smallest and largest `y`.
    pub(crate) fn in_the_middle(points: &[[f64; 3]], cells: &[[u32; 4]], values: &[f64]) -> Self {
        let heights = || cells.as_flattened().iter().map(|&node| points[node as usize][1]);
        let y =
            f64::midpoint(heights().fold(f64::MAX, f64::min), heights().fold(f64::MIN, f64::max));
        let mut slice = Self { y, ..Self::default() };
        for cell in cells {
            slice.cut(cell.map(|node| (points[node as usize], values[node as usize])));
        }
        slice
    }

    /// Adds the cut through one cell: nothing, a triangle, or a quadrilateral as two triangles.
    fn cut(&mut self, corners: [([f64; 3], f64); 4]) {
        let (near, far): (Vec<_>, Vec<_>) = corners.iter().partition(|(at, _)| at[1] < self.y);
        let first = self.points.len() as u32;
        match (&near[..], &far[..]) {
            ([a], others) | (others, [a]) => {
                others.iter().for_each(|b| self.cross(a, b));
                self.triangles.push([first, first + 1, first + 2]);
            }
            ([a, b], [c, d]) => {
                [(a, c), (a, d), (b, d), (b, c)].iter().for_each(|(from, to)| self.cross(from, to));
                self.triangles.push([first, first + 1, first + 2]);
                self.triangles.push([first, first + 2, first + 3]);
            }
            _ => {}
        }
    }

    /// Adds the point where an edge meets the plane.
    fn cross(&mut self, (a, u): &([f64; 3], f64), (b, v): &([f64; 3], f64)) {
        let t = (self.y - a[1]) / (b[1] - a[1]);
        self.points.push([a[0] + t * (b[0] - a[0]), a[2] + t * (b[2] - a[2])]);
        self.values.push(u + t * (v - u));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(slice: &Slice) -> f64 {
        let double = |[a, b, c]: [[f64; 2]; 3]| {
            (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        };
        let corners = |cell: &[u32; 3]| cell.map(|point| slice.points[point as usize]);
        slice.triangles.iter().map(|cell| 0.5 * double(corners(cell)).abs()).sum()
    }

    #[test]
    fn a_cube_of_five_tetrahedra_has_a_square_inside() {
        let points: Vec<[f64; 3]> =
            (0..8).map(|k| [k & 1, k >> 1 & 1, k >> 2].map(f64::from)).collect();
        let cells = [[0, 1, 2, 4], [3, 1, 2, 7], [5, 1, 4, 7], [6, 2, 4, 7], [1, 2, 4, 7]];
        let values: Vec<f64> = points.iter().map(|[x, y, z]| x + 10.0 * y + 100.0 * z).collect();
        let slice = Slice::in_the_middle(&points, &cells, &values);
        assert_eq!((slice.y, area(&slice)), (0.5, 1.0));
        assert_eq!(slice.triangles.len(), 6);
        // A linear field is itself on the cut.
        for ([x, z], value) in slice.points.iter().zip(&slice.values) {
            assert!((x + 5.0 + 100.0 * z - value).abs() < 1e-13);
        }
    }
}
