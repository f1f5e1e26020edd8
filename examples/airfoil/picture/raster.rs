//! Sampling a field of cells on the pixels of a window.

use super::canvas::Rect;

/// A rectangle of the plane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    left: f64,
    top: f64,
    /// Pixels per unit of length.
    zoom: f64,
}

impl Window {
    /// The window from `left` to `right` that fills `plot`, with the chord at half its height.
    pub(super) fn of_width(left: f64, right: f64, plot: Rect) -> Self {
        let zoom = plot.width as f64 / (right - left);
        Self { left, top: plot.height as f64 / zoom / 2.0, zoom }
    }

    /// The place of a point, in pixels from the upper left corner of `plot`.
    pub(super) fn to_pixel(self, [x, y]: [f64; 2], plot: Rect) -> (f64, f64) {
        let column = (x - self.left) * self.zoom;
        let row = (self.top - y) * self.zoom;
        (column.min(plot.width as f64 - 1.0), row.min(plot.height as f64 - 1.0))
    }
}

/// The field on a fine grid of samples; NaN where there is no cell.
pub(super) struct Samples {
    columns: usize,
    rows: usize,
    values: Vec<f32>,
}

impl Samples {
    /// Samples along each side of a pixel.
    pub(super) const PER_PIXEL: usize = 3;

    /// Samples the field of values `[num_cells]` in `window`.
    pub(super) fn of_field(
        window: Window,
        plot: Rect,
        coords: &[[f64; 2]],
        cell_nodes: &[[u32; 4]],
        field: &[f64],
    ) -> Self {
        let (columns, rows) = (plot.width * Self::PER_PIXEL, plot.height * Self::PER_PIXEL);
        let mut samples = Self { columns, rows, values: vec![f32::NAN; columns * rows] };
        let node_values = node_averages(coords.len(), cell_nodes, field);
        let zoom = window.zoom * Self::PER_PIXEL as f64;
        let corner = |node: u32| {
            let [x, y] = coords[node as usize];
            let place = [(x - window.left) * zoom - 0.5, (window.top - y) * zoom - 0.5];
            Corner { place, value: node_values[node as usize] }
        };
        for nodes in cell_nodes {
            let [a, b, c, d] = nodes.map(corner);
            samples.fill_triangle([a, b, c]);
            samples.fill_triangle([a, c, d]);
        }
        samples
    }

    /// The value at a sample, where there is a cell.
    pub(super) fn at(&self, column: usize, row: usize) -> Option<f64> {
        let value = self.values[row * self.columns + column];
        (!value.is_nan()).then(|| f64::from(value))
    }

    /// The least and the largest value; 0 and 0 where there is none.
    pub(super) fn range(&self) -> (f64, f64) {
        let low = self.values.iter().copied().fold(f32::NAN, f32::min);
        let high = self.values.iter().copied().fold(f32::NAN, f32::max);
        if low.is_nan() { (0.0, 0.0) } else { (f64::from(low), f64::from(high)) }
    }

    /// The range of all values but half a percent at each end.
    ///
    /// The nose of a profile has extreme values on a few pixels; colors spread over them would
    /// leave the rest of the picture in one shade.
    pub(super) fn bulk(&self) -> (f64, f64) {
        let mut values: Vec<_> =
            self.values.iter().copied().filter(|value| !value.is_nan()).collect();
        if values.is_empty() {
            return (0.0, 0.0);
        }
        let cut = values.len() / 200;
        let (_, &mut low, rest) = values.select_nth_unstable_by(cut, f32::total_cmp);
        let high = match rest.len().checked_sub(cut + 1) {
            Some(place) => *rest.select_nth_unstable_by(place, f32::total_cmp).1,
            None => low,
        };
        (f64::from(low), f64::from(high))
    }

    /// Whether a multiple of `step` lies between this sample and the next to the right or below.
    pub(super) fn crosses(&self, column: usize, row: usize, step: f64) -> bool {
        let band = |column: usize, row: usize| {
            let inside = column < self.columns && row < self.rows;
            inside.then(|| self.at(column, row)).flatten().map(|value| (value / step).floor())
        };
        let here = band(column, row);
        [band(column + 1, row), band(column, row + 1)]
            .into_iter()
            .any(|next| next.is_some() && next != here)
    }

    /// Whether a sample of a cell is a pixel away: the outline of what has no cells.
    pub(super) fn touches_cells(&self, column: usize, row: usize) -> bool {
        let far = Self::PER_PIXEL;
        let (left, up) = (column.saturating_sub(far), row.saturating_sub(far));
        let right = (column + far).min(self.columns - 1);
        let down = (row + far).min(self.rows - 1);
        [(left, row), (right, row), (column, up), (column, down)]
            .into_iter()
            .any(|(column, row)| self.at(column, row).is_some())
    }

    /// Interpolates linearly over the samples inside a triangle, its border included.
    fn fill_triangle(&mut self, corners: [Corner; 3]) {
        let [a, b, c] = corners;
        let area = cross(a.place, b.place, c.place);
        if area == 0.0 || !corners.iter().all(|corner| corner.value.is_finite()) {
            return;
        }
        for row in span(corners.map(|corner| corner.place[1]), self.rows) {
            for column in span(corners.map(|corner| corner.place[0]), self.columns) {
                let at = [column as f64, row as f64];
                let weights = [
                    cross(at, b.place, c.place) / area,
                    cross(a.place, at, c.place) / area,
                    cross(a.place, b.place, at) / area,
                ];
                if weights.iter().all(|&weight| weight >= 0.0) {
                    let value: f64 = weights
                        .iter()
                        .zip(&corners)
                        .map(|(weight, corner)| weight * corner.value)
                        .sum();
                    self.values[row * self.columns + column] = value as f32;
                }
            }
        }
    }
}

/// A corner of a triangle: its place in samples, and the value there.
#[derive(Clone, Copy)]
struct Corner {
    place: [f64; 2],
    value: f64,
}

/// The whole numbers between the least and the largest of `ends` that are below `limit`.
fn span(ends: [f64; 3], limit: usize) -> std::ops::Range<usize> {
    let low = ends.into_iter().fold(f64::INFINITY, f64::min).ceil().max(0.0);
    let high = ends.into_iter().fold(f64::NEG_INFINITY, f64::max).floor();
    // The cast takes what is below zero to zero, and NaN as well.
    low as usize..((high + 1.0) as usize).min(limit)
}

/// Twice the area of a triangle.
fn cross(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
}

/// The mean of the values of the cells around each node.
fn node_averages(num_nodes: usize, cell_nodes: &[[u32; 4]], field: &[f64]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); num_nodes];
    for (nodes, &value) in cell_nodes.iter().zip(field) {
        for &node in nodes {
            let (sum, count) = &mut sums[node as usize];
            *sum += value;
            *count += 1;
        }
    }
    sums.into_iter().map(|(sum, count)| sum / f64::from(count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Rect = Rect { x: 0, y: 0, width: 20, height: 10 };

    /// A row of squares with the same value in each, over the whole window and beyond.
    fn squares(value: impl Fn(usize) -> f64) -> Samples {
        let coords: Vec<_> =
            (0..22).map(|k| [f64::from(k / 2 - 3), f64::from(k % 2) * 6.0 - 3.0]).collect();
        let cells: Vec<_> = (0..10).map(|k| [2 * k, 2 * k + 2, 2 * k + 3, 2 * k + 1]).collect();
        let field: Vec<_> = (0..10).map(value).collect();
        Samples::of_field(Window::of_width(-2.0, 2.0, PLOT), PLOT, &coords, &cells, &field)
    }

    #[test]
    fn cells_cover_the_window_without_gaps() {
        let samples = squares(|_| 1.5);
        assert!(samples.values.iter().all(|&value| (value - 1.5).abs() < 1e-6));
    }

    #[test]
    fn values_are_linear_between_nodes() {
        let samples = squares(|cell| cell as f64);
        for column in 0..60 {
            // Node k, at x = k - 3, is between cells k - 1 and k.
            let x = -2.0 + (column as f64 + 0.5) / 15.0;
            let value = samples.at(column, 15).unwrap();
            assert!((value - (x + 2.5)).abs() < 1e-5, "{x}: {value}");
        }
        // The values go from 0.5 to 4.5.
        assert_eq!((0..60).filter(|&column| samples.crosses(column, 15, 0.97)).count(), 4);
    }

    #[test]
    fn the_bulk_leaves_out_extremes() {
        let mut samples = squares(|_| 1.0);
        samples.values = (0..1000_u16).map(|k| f32::from(k * 7 % 1000)).collect();
        assert_eq!(samples.bulk(), (5.0, 994.0));
        samples.values = vec![2.5];
        assert_eq!(samples.bulk(), (2.5, 2.5));
    }

    #[test]
    fn cells_without_a_value_stay_blank() {
        let samples = squares(|cell| if cell == 2 { f64::NAN } else { 1.0 });
        assert_eq!(samples.at(20, 15), None);
        assert_eq!(samples.at(59, 15), Some(1.0));
        assert_eq!(squares(|_| f64::NAN).range(), (0.0, 0.0));
    }
}
