//! Sampling a field of triangles on the pixels of a plot, nearest to the viewer first.

use super::canvas::Rect;

/// What there is at a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sample {
    /// No cell.
    Blank,
    /// A cell whose value is not finite.
    Missing,
    /// A value.
    Value(f64),
}

/// The field on a fine grid of samples.
pub(super) struct Samples {
    /// Samples along each side of a pixel.
    pub(super) per_pixel: usize,
    columns: usize,
    rows: usize,
    spots: Vec<Spot>,
    /// Half the thickness of mesh lines, in samples; 0 for none.
    line: f64,
    /// How much nearer a neighbor must be to hide what lies behind it.
    pub(super) cliff: f64,
}

/// Twelve bytes of a sample.
#[derive(Clone, Copy)]
struct Spot {
    /// Infinite where there is a cell without a value, NaN where there is no cell.
    value: f32,
    depth: f32,
    shade: u8,
    on_line: bool,
}

/// A corner of a triangle: its place in samples, how near it is, its value and brightness.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner {
    pub(super) place: [f64; 2],
    pub(super) depth: f64,
    pub(super) value: f64,
    pub(super) shade: f64,
}

impl Corner {
    /// The middle of some corners.
    fn middle(corners: &[Self]) -> Self {
        let mean =
            |part: fn(&Self) -> f64| corners.iter().map(part).sum::<f64>() / corners.len() as f64;
        Self {
            place: [mean(|corner| corner.place[0]), mean(|corner| corner.place[1])],
            depth: mean(|corner| corner.depth),
            value: mean(|corner| corner.value),
            shade: mean(|corner| corner.shade),
        }
    }
}

impl Samples {
    /// A blank grid for a plot; `thickness` is that of mesh lines, in pixels.
    pub(super) fn new(plot: Rect, thickness: f64) -> Self {
        let pixels = plot.width * plot.height;
        // As smooth as some 200 MB of memory can be.
        let per_pixel = match pixels {
            0..=2_000_000 => 3,
            2_000_001..=4_500_000 => 2,
            _ => 1,
        };
        let blank = Spot { value: f32::NAN, depth: f32::NEG_INFINITY, shade: 255, on_line: false };
        Self {
            per_pixel,
            columns: plot.width * per_pixel,
            rows: plot.height * per_pixel,
            spots: vec![blank; pixels * per_pixel * per_pixel],
            line: thickness * per_pixel as f64 / 2.0,
            cliff: f64::INFINITY,
        }
    }

    /// Where a place of the plot, in pixels, is in samples.
    pub(super) fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x, y].map(|pixels| pixels * self.per_pixel as f64 - 0.5)
    }

    /// Samples a face of three or four corners.
    ///
    /// A quad is four triangles around its middle, where a bilinear field has the mean of the
    /// corners: cut along one diagonal, it would show that diagonal.
    pub(super) fn fill(&mut self, corners: &[Corner]) {
        match *corners {
            [a, b, c] => self.fill_triangle([a, b, c], [true; 3]),
            [a, b, c, d] => {
                let middle = Corner::middle(corners);
                let ring = [a, b, c, d, a];
                let areas = ring.windows(2).map(|ends| area([middle, ends[0], ends[1]]));
                let areas: Vec<_> = areas.collect();
                if areas.iter().all(|&area| area >= 0.0) || areas.iter().all(|&area| area <= 0.0) {
                    for ends in ring.windows(2) {
                        self.fill_triangle([ends[0], ends[1], middle], [true, false, false]);
                    }
                } else if area([a, b, c]) * area([a, c, d]) >= 0.0 {
                    self.fill_triangle([a, b, c], [true, true, false]);
                    self.fill_triangle([a, c, d], [false, true, true]);
                } else {
                    self.fill_triangle([b, c, d], [true, true, false]);
                    self.fill_triangle([b, d, a], [false, true, true]);
                }
            }
            _ => {}
        }
    }

    /// What there is at a sample.
    pub(super) fn at(&self, column: usize, row: usize) -> Sample {
        match self.spot(column, row).value {
            value if value.is_nan() => Sample::Blank,
            value if value.is_infinite() => Sample::Missing,
            value => Sample::Value(f64::from(value)),
        }
    }

    /// How bright a sample is, from 0 to 1.
    pub(super) fn shade(&self, column: usize, row: usize) -> f64 {
        f64::from(self.spot(column, row).shade) / 255.0
    }

    /// Whether a mesh line runs over a sample.
    pub(super) fn on_line(&self, column: usize, row: usize) -> bool {
        self.spot(column, row).on_line
    }

    /// The range of all values but the share `cut` at each end; 0 and 0 where there is none.
    ///
    /// The nose of a profile has extreme values on a few pixels; colors spread over them would
    /// leave the rest of the picture in one shade.
    pub(super) fn bulk(&self, cut: f64) -> (f64, f64) {
        let values = self.spots.iter().map(|spot| spot.value);
        let mut values: Vec<_> = values.filter(|value| value.is_finite()).collect();
        if values.is_empty() {
            return (0.0, 0.0);
        }
        let cut = ((values.len() as f64 * cut) as usize).min((values.len() - 1) / 2);
        let (_, &mut low, rest) = values.select_nth_unstable_by(cut, f32::total_cmp);
        let high = match rest.len().checked_sub(cut + 1) {
            Some(place) => *rest.select_nth_unstable_by(place, f32::total_cmp).1,
            None => low,
        };
        (f64::from(low), f64::from(high))
    }

    /// Whether a multiple of `step` lies between this sample and the next to the right or below;
    /// `value` turns what was sampled into what is counted in steps.
    pub(super) fn crosses(
        &self,
        column: usize,
        row: usize,
        step: f64,
        value: impl Fn(f64) -> f64,
    ) -> bool {
        let band = |column: usize, row: usize| {
            let inside = column < self.columns && row < self.rows;
            match if inside { self.at(column, row) } else { Sample::Blank } {
                Sample::Value(sample) => Some((value(sample) / step).floor()),
                _ => None,
            }
        };
        let here = band(column, row);
        [band(column + 1, row), band(column, row + 1)]
            .into_iter()
            .any(|next| next.is_some() && next != here)
    }

    /// Whether a sample of a cell is a pixel away: the outline of what has no cells.
    pub(super) fn touches_cells(&self, column: usize, row: usize) -> bool {
        self.around(column, row)
            .into_iter()
            .any(|(column, row)| self.at(column, row) != Sample::Blank)
    }

    /// Whether a face that is much nearer begins a pixel away: the outline of what is in front.
    pub(super) fn is_below_cliff(&self, column: usize, row: usize) -> bool {
        let here = f64::from(self.spot(column, row).depth);
        self.around(column, row)
            .into_iter()
            .any(|(column, row)| f64::from(self.spot(column, row).depth) - here > self.cliff)
    }

    /// The samples a pixel away.
    fn around(&self, column: usize, row: usize) -> [(usize, usize); 4] {
        let far = self.per_pixel;
        let (left, up) = (column.saturating_sub(far), row.saturating_sub(far));
        let right = (column + far).min(self.columns - 1);
        let down = (row + far).min(self.rows - 1);
        [(left, row), (right, row), (column, up), (column, down)]
    }

    fn spot(&self, column: usize, row: usize) -> &Spot {
        &self.spots[row * self.columns + column]
    }

    /// Interpolates linearly over the samples inside a triangle, its border included; `edges` says
    /// which of its sides, from corner k to the next, are edges of the mesh.
    fn fill_triangle(&mut self, corners: [Corner; 3], edges: [bool; 3]) {
        let places = corners.map(|corner| corner.place);
        let [a, b, c] = places;
        let area = area(corners);
        if area == 0.0 || !area.is_finite() {
            return;
        }
        let missing = !corners.iter().all(|corner| corner.value.is_finite());
        // A weight times this is the distance from the opposite side, in samples.
        let heights =
            [distance(b, c), distance(c, a), distance(a, b)].map(|side| area.abs() / side);
        let near_edge = |weights: [f64; 3]| {
            // Opposite to corner k lies the side from the next corner on.
            (0..3).any(|k| edges[(k + 1) % 3] && weights[k] * heights[k] < self.line)
        };
        let (columns, rows) = (self.columns, self.rows);
        for row in span(places.map(|place| place[1]), rows) {
            for column in span(places.map(|place| place[0]), columns) {
                let at = [column as f64, row as f64];
                let weights = [cross(at, b, c), cross(a, at, c), cross(a, b, at)].map(|w| w / area);
                if !weights.iter().all(|&weight| weight >= 0.0) {
                    continue;
                }
                let mix = |part: fn(&Corner) -> f64| {
                    weights.iter().zip(&corners).map(|(w, corner)| w * part(corner)).sum::<f64>()
                };
                let depth = mix(|corner| corner.depth) as f32;
                let on_line = near_edge(weights);
                let spot = &mut self.spots[row * columns + column];
                if depth >= spot.depth {
                    let value =
                        if missing { f32::INFINITY } else { mix(|corner| corner.value) as f32 };
                    let shade = (255.0 * mix(|corner| corner.shade)).round() as u8;
                    *spot = Spot { value, depth, shade, on_line };
                }
            }
        }
    }
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

fn area([a, b, c]: [Corner; 3]) -> f64 {
    cross(a.place, b.place, c.place)
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Rect = Rect { x: 0, y: 0, width: 20, height: 10 };

    fn corner(x: f64, y: f64, value: f64) -> Corner {
        Corner { place: [3.0 * x - 0.5, 3.0 * y - 0.5], depth: 0.0, value, shade: 1.0 }
    }

    /// A row of squares of 4 pixels over the whole plot, with values at their corners.
    fn squares(value: impl Fn(f64) -> f64) -> Samples {
        let mut samples = Samples::new(PLOT, 0.0);
        for k in 0..5 {
            let (left, right) = (4.0 * f64::from(k), 4.0 * f64::from(k) + 4.0);
            samples.fill(&[
                corner(left, 10.0, value(left)),
                corner(right, 10.0, value(right)),
                corner(right, 0.0, value(right)),
                corner(left, 0.0, value(left)),
            ]);
        }
        samples
    }

    #[test]
    fn cells_cover_the_plot_without_gaps() {
        let samples = squares(|_| 1.5);
        assert!(samples.spots.iter().all(|spot| spot.value == 1.5 && spot.shade == 255));
        assert_eq!(samples.spots.len(), 60 * 30);
    }

    #[test]
    fn values_are_linear_between_nodes() {
        let samples = squares(|x| x);
        for column in 0..60 {
            let Sample::Value(value) = samples.at(column, 15) else { panic!("blank") };
            assert!((value - (column as f64 + 0.5) / 3.0).abs() < 1e-5, "{column}: {value}");
        }
        let lines = (0..60).filter(|&column| samples.crosses(column, 15, 3.9, |value| value));
        assert_eq!(lines.count(), 5);
    }

    #[test]
    fn a_saddle_shows_no_diagonal() {
        let mut samples = Samples::new(PLOT, 0.0);
        let [a, b] = [corner(0.0, 10.0, 1.0), corner(20.0, 10.0, -1.0)];
        samples.fill(&[a, b, corner(20.0, 0.0, 1.0), corner(0.0, 0.0, -1.0)]);
        let value = |column, row| match samples.at(column, row) {
            Sample::Value(value) => value,
            other => panic!("{other:?}"),
        };
        assert!(value(30, 15).abs() < 0.1 && value(0, 29) > 0.9 && value(59, 29) < -0.9);
        assert!((value(10, 5) + value(49, 5)).abs() < 1e-6);
    }

    #[test]
    fn the_nearest_face_is_seen() {
        let mut samples = Samples::new(PLOT, 0.0);
        let face = |depth: f64, value: f64| {
            [(0.0, 10.0), (20.0, 10.0), (20.0, 0.0), (0.0, 0.0)]
                .map(|(x, y)| Corner { depth, ..corner(x, y, value) })
        };
        samples.fill(&face(2.0, 7.0));
        samples.fill(&face(1.0, 5.0));
        assert_eq!(samples.at(30, 15), Sample::Value(7.0));
        samples.fill(&face(3.0, f64::NAN));
        assert_eq!(samples.at(30, 15), Sample::Missing);
        let [a, b, c, _] = face(9.0, 1.0);
        samples.fill(&[a, b, c]);
        assert!(!samples.is_below_cliff(29, 15));
        samples.cliff = 5.0;
        assert!(samples.is_below_cliff(29, 14) && !samples.is_below_cliff(5, 5));
        assert!(!samples.is_below_cliff(32, 17));
    }

    #[test]
    fn lines_follow_the_edges_of_cells_only() {
        let mut samples = Samples::new(PLOT, 1.0);
        let (a, b) = (corner(0.0, 10.0, 0.0), corner(20.0, 10.0, 0.0));
        samples.fill(&[a, b, corner(20.0, 0.0, 0.0), corner(0.0, 0.0, 0.0)]);
        assert!(samples.on_line(0, 15) && samples.on_line(30, 29) && samples.on_line(59, 0));
        assert!(!samples.on_line(30, 15) && !samples.on_line(15, 22));
    }

    #[test]
    fn the_bulk_leaves_out_extremes() {
        let mut samples = squares(|_| 1.0);
        samples.spots.truncate(1000);
        for (spot, k) in samples.spots.iter_mut().zip(0_u16..) {
            spot.value = f32::from(k * 7 % 1000);
        }
        assert_eq!(samples.bulk(0.005), (5.0, 994.0));
        assert_eq!(samples.bulk(0.0), (0.0, 999.0));
        samples.spots.truncate(1);
        assert_eq!(samples.bulk(0.005), (0.0, 0.0));
        samples.spots.clear();
        assert_eq!(samples.bulk(0.1), (0.0, 0.0));
    }
}
