//! The page: where title, plot, axes and color bar stand, and how they are drawn.

use super::canvas::{Align, Canvas, Rect, Rgb};
use super::colors::MISSING;
use super::lettering;
use super::raster::{Sample, Samples};
use super::scale::Scale;
use super::view::View;
use super::window::Window;

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [32, 36, 44];
const FAINT_INK: Rgb = [104, 110, 122];
/// The plane where it has no cells.
pub(super) const GROUND: Rgb = [246, 246, 244];

/// How much darker lines of equal value are, and how strong mesh lines.
const CONTOUR: f64 = 0.62;
const MESH_LINE: f64 = 0.5;

/// What is written on a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    /// The name of the field, where there is a color bar.
    pub(super) field: Option<&'a str>,
    /// The names of the axes, where there are axes.
    pub(super) axes: Option<(&'a str, &'a str)>,
}

/// Where things stand, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) size: (usize, usize),
    /// Lengths grow with the picture; 1 for one of 1200 by 800.
    unit: f64,
    pub(super) plot: Rect,
    pub(super) window: Window,
    words: Words<'a>,
}

impl<'a> Page<'a> {
    /// A page whose plot shows all from `low` to `high`; where no size is given, as large as its
    /// content wants.
    pub(super) fn new(
        size: Option<(usize, usize)>,
        low: [f64; 2],
        high: [f64; 2],
        words: Words<'a>,
    ) -> Self {
        // On a small one, letters would become too small to be read.
        let unit = size
            .map_or(1.0, |(width, height)| ((width * height) as f64 / 960_000.0).sqrt().max(0.7));
        let mut left = 72.0;
        // The labels of the axis, and so the margin, follow from the window.
        loop {
            let margins = margins(left, &words).map(|margin| (margin * unit).round() as usize);
            let size = size.unwrap_or_else(|| natural_size(low, high, margins));
            let [left_pixels, top, right, bottom] = margins;
            let width = size.0.saturating_sub(left_pixels + right).max(1);
            let height = size.1.saturating_sub(top + bottom).max(1);
            let plot = Rect { x: left_pixels, y: top, width, height };
            let window = Window::around(low, high, plot);
            let page = Self { size, unit, plot, window, words };
            let named = words.axes.is_some_and(|(_, y_name)| !y_name.is_empty());
            let wanted = if named { 52.0 } else { 34.0 } + page.widest_label();
            if words.axes.is_none() || wanted <= left || left > 200.0 {
                return page;
            }
            left = wanted.ceil();
        }
    }

    /// The page without its field.
    pub(super) fn canvas(&self) -> Canvas {
        let mut canvas = Canvas::new(self.size, PAPER);
        let (u, left) = (self.unit, self.plot.x as f64);
        let room = self.size.0 as f64 - left - 20.0 * u;
        let rows = if self.words.subtitle.is_empty() { [40.0, 0.0] } else { [44.0, 74.0] };
        canvas.text_within((left, rows[0] * u), 17.0 * u, room, INK, self.words.title);
        canvas.text_within((left, rows[1] * u), 11.0 * u, room, FAINT_INK, self.words.subtitle);
        canvas
    }

    /// Colors, lines and outlines in the plot, each pixel averaged over its samples.
    pub(super) fn draw_field(&self, canvas: &mut Canvas, samples: &Samples, paint: &Paint) {
        let per_pixel = samples.per_pixel;
        let ground = if self.words.axes.is_some() { GROUND } else { PAPER };
        for y in 0..self.plot.height {
            for x in 0..self.plot.width {
                let mut sum = [0.0; 3];
                for sample in 0..per_pixel * per_pixel {
                    let (column, row) = (sample % per_pixel, sample / per_pixel);
                    let at = (x * per_pixel + column, y * per_pixel + row);
                    let color = paint.color(samples, at, ground);
                    for (sum, channel) in sum.iter_mut().zip(color) {
                        *sum += channel;
                    }
                }
                let mean = sum.map(|sum| (sum / (per_pixel * per_pixel) as f64).round() as u8);
                canvas.set(self.plot.x + x, self.plot.y + y, mean);
            }
        }
    }

    /// The frame of a plane plot with its coordinates.
    pub(super) fn draw_axes(&self, canvas: &mut Canvas) {
        let Some((x_name, y_name)) = self.words.axes else { return };
        let (u, plot) = (self.unit, self.plot);
        canvas.frame(plot, FAINT_INK);
        let (left, bottom) = (plot.x as f64, (plot.y + plot.height) as f64);
        let [x_scale, y_scale] = self.axis_scales();
        for &x in &x_scale.ticks {
            let column = left + self.window.to_pixel([x, 0.0])[0].min(plot.width as f64 - 1.0);
            canvas.line((column, bottom), (column, bottom + 6.0 * u), 1.2 * u, FAINT_INK);
            let below = (column, bottom + 24.0 * u);
            canvas.text(below, 11.0 * u, INK, Align::Center, &x_scale.label(x));
        }
        for &y in &y_scale.ticks {
            let row = self.window.to_pixel([0.0, y])[1].min(plot.height as f64 - 1.0);
            let row = plot.y as f64 + row;
            canvas.line((left - 6.0 * u, row), (left, row), 1.2 * u, FAINT_INK);
            let beside = (left - 12.0 * u, row + 5.5 * u);
            canvas.text(beside, 11.0 * u, INK, Align::Right, &y_scale.label(y));
        }
        let below = (left + plot.width as f64 / 2.0, bottom + 48.0 * u);
        canvas.text(below, 11.0 * u, FAINT_INK, Align::Center, x_name);
        let beside =
            (left - (24.0 + self.widest_label()) * u, plot.y as f64 + plot.height as f64 / 2.0);
        canvas.text_upward(beside, 11.0 * u, FAINT_INK, y_name);
    }

    /// The directions of the three axes, in the lower left corner.
    pub(super) fn draw_directions(&self, canvas: &mut Canvas, view: &View) {
        let u = self.unit;
        let origin =
            (self.plot.x as f64 + 44.0 * u, (self.plot.y + self.plot.height) as f64 - 44.0 * u);
        for ([right, up, _], name) in view.axes().into_iter().zip(["x", "y", "z"]) {
            let place = |far: f64| (origin.0 + right * far * u, origin.1 - up * far * u);
            // An axis toward the viewer is a point.
            if right.hypot(up) > 0.1 {
                canvas.line(origin, place(30.0), 1.6 * u, FAINT_INK);
                let (x, y) = place(42.0);
                canvas.text((x, y + 4.0 * u), 9.0 * u, INK, Align::Center, name);
            }
        }
    }

    /// The color bar with its ticks, and the least and the largest value below.
    pub(super) fn draw_bar(
        &self,
        canvas: &mut Canvas,
        paint: &Paint,
        (least, largest): (f64, f64),
        some_missing: bool,
    ) {
        let Some(name) = self.words.field else { return };
        let u = self.unit;
        let bar = self.bar(some_missing);
        for y in 0..bar.height {
            let place = 1.0 - (y as f64 + 0.5) / bar.height as f64;
            (0..bar.width).for_each(|x| canvas.set(bar.x + x, bar.y + y, paint.at(place)));
        }
        canvas.frame(bar, FAINT_INK);
        let (left, right) = (bar.x as f64, (bar.x + bar.width) as f64);
        let room = self.size.0 as f64 - left - 8.0 * u;
        canvas.text_within((left, bar.y as f64 - 20.0 * u), 12.0 * u, room, INK, name);
        let scale = paint.scale;
        for &tick in &scale.ticks {
            let row = bar.y as f64 + (1.0 - scale.position(tick)) * bar.height as f64;
            canvas.line((right, row), (right + 6.0 * u, row), 1.2 * u, FAINT_INK);
            let beside = (right + 12.0 * u, row + 5.5 * u);
            canvas.text_within(beside, 11.0 * u, room - 32.0 * u, INK, &scale.label(tick));
        }
        let bottom = (bar.y + bar.height) as f64;
        let lines = [("max", largest), ("min", least)];
        for ((name, value), down) in lines.into_iter().zip([24.0, 43.0]) {
            let text = format!("{name} {}", scale.fine_label(value));
            canvas.text_within((left, bottom + down * u), 9.0 * u, room, FAINT_INK, &text);
        }
        if some_missing {
            self.draw_missing(canvas, (left, bottom + 64.0 * u), room);
        }
    }

    /// The color of values that are not finite, beside its meaning.
    fn draw_missing(&self, canvas: &mut Canvas, (left, line): (f64, f64), room: f64) {
        let u = self.unit;
        let side = (10.0 * u).round().max(1.0) as usize;
        let top = (line - side as f64).max(0.0) as usize;
        let (width, height) = canvas.size();
        for y in top..(top + side).min(height) {
            (0..side)
                .map(|x| left as usize + x)
                .filter(|&x| x < width)
                .for_each(|x| canvas.set(x, y, MISSING));
        }
        let beside = (left + 16.0 * u, line);
        canvas.text_within(beside, 9.0 * u, room - 16.0 * u, FAINT_INK, "not finite");
    }

    /// Where the color bar stands; shorter when there is more to say below.
    pub(super) fn bar(&self, some_missing: bool) -> Rect {
        let pixels = |length: f64| (length * self.unit).round() as usize;
        let (above, below) = (pixels(40.0), pixels(if some_missing { 24.0 } else { 0.0 }));
        Rect {
            x: self.plot.x + self.plot.width + pixels(38.0),
            y: self.plot.y + above,
            width: pixels(24.0),
            height: self.plot.height.saturating_sub(above + below).max(1),
        }
    }

    /// The ticks of both axes, the same distance apart where that suits both.
    fn axis_scales(&self) -> [Scale; 2] {
        let Window { low, high, .. } = self.window;
        let sides = [self.plot.width as f64, self.plot.height as f64];
        // A label needs some room.
        let x = Scale::new((low[0], high[0]), (sides[0] / (120.0 * self.unit)).clamp(2.0, 7.0));
        let y = Scale::with_step(low[1], high[1], x.step);
        [x, y]
    }

    /// How wide the labels of the vertical axis are, on a picture of unit 1.
    fn widest_label(&self) -> f64 {
        let [_, scale] = self.axis_scales();
        let widths = scale.ticks.iter().map(|&tick| lettering::width(&scale.label(tick), 11.0));
        widths.fold(0.0, f64::max)
    }
}

/// Left, top, right and bottom.
fn margins(left: f64, words: &Words) -> [f64; 4] {
    let plane = words.axes.is_some();
    let top = match (words.title.is_empty(), words.subtitle.is_empty()) {
        (true, true) => 36.0,
        (false, true) => 64.0,
        _ => 92.0,
    };
    let right = if words.field.is_some() { 156.0 } else { 36.0 };
    let bottom = if plane || words.field.is_some() { 60.0 } else { 36.0 };
    [if plane { left } else { 36.0 }, top, right, bottom]
}

/// Some 1200 pixels wide or 900 high, whatever the content needs less of.
fn natural_size(low: [f64; 2], high: [f64; 2], margins: [usize; 4]) -> (usize, usize) {
    let slope = (high[1] - low[1]) / (high[0] - low[0]);
    let (width, height) = if slope < 0.8 {
        (972.0, (972.0 * slope).max(240.0))
    } else {
        ((778.0 / slope).max(340.0), 778.0)
    };
    let [left, top, right, bottom] = margins;
    (left + right + width.round() as usize, top + bottom + height.round() as usize)
}

/// How samples become colors.
pub(super) struct Paint<'a> {
    /// The colors from low to high; one for a mesh without field.
    pub(super) table: &'a [Rgb],
    pub(super) scale: &'a Scale,
    /// What a sampled value stands for: `origin + extent * value`.
    pub(super) origin: f64,
    pub(super) extent: f64,
    /// The distance between lines of equal value, if there are any.
    pub(super) contour_step: Option<f64>,
}

impl Paint<'_> {
    /// The color at a place of the range, from 0 to 1.
    fn at(&self, place: f64) -> Rgb {
        self.table[(place * (self.table.len() - 1) as f64).round() as usize]
    }

    fn color(&self, samples: &Samples, (column, row): (usize, usize), ground: Rgb) -> [f64; 3] {
        let value = |sample: f64| self.origin + self.extent * sample;
        let color = match samples.at(column, row) {
            Sample::Blank if samples.touches_cells(column, row) => return INK.map(f64::from),
            Sample::Blank => return ground.map(f64::from),
            _ if samples.is_below_cliff(column, row) => return INK.map(f64::from),
            Sample::Missing => MISSING,
            Sample::Value(sample) => self.at(self.scale.position(value(sample))),
        };
        let mut shade = samples.shade(column, row);
        if self.contour_step.is_some_and(|step| samples.crosses(column, row, step, value)) {
            shade *= CONTOUR;
        }
        let color = color.map(|channel| f64::from(channel) * shade);
        if !samples.on_line(column, row) {
            return color;
        }
        std::array::from_fn(|k| color[k] + MESH_LINE * (f64::from(INK[k]) - color[k]))
    }
}
