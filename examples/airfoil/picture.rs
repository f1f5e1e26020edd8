//! A picture of a field around the profile: PNG, 1200 by 800.
//!
//! Holds the layout: title, the field in its window, axes, color bar. The parts are drawn by
//! `raster` (the field), `colors`, and `canvas` with its `lettering`.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use canvas::{Align, Canvas, Rect, Rgb};
use raster::{Samples, Window};

#[path = "picture/canvas.rs"]
mod canvas;
#[path = "picture/colors.rs"]
mod colors;
#[path = "picture/lettering.rs"]
mod lettering;
#[path = "picture/raster.rs"]
mod raster;

const SIZE: (usize, usize) = (1200, 800);
/// Where the field is drawn.
const PLOT: Rect = Rect { x: 72, y: 92, width: 972, height: 648 };
const BAR: Rect = Rect { x: 1082, y: 132, width: 24, height: 608 };
/// The part of the plane that is shown, in chords; the height follows from the plot's shape.
const LEFT: f64 = -0.5;
const RIGHT: f64 = 1.5;

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [32, 36, 44];
const FAINT_INK: Rgb = [104, 110, 122];
const PROFILE: Rgb = [246, 246, 244];

/// What is written on a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caption<'a> {
    /// The headline.
    pub(crate) title: &'a str,
    /// A second line, such as the mesh and the iteration.
    pub(crate) subtitle: &'a str,
    /// The name of the field, over its color bar.
    pub(crate) field: &'a str,
}

/// Draws one value per cell around the profile and writes the picture to `path`.
///
/// `coords` is `[num_nodes, 2]` in chords, `cell_nodes` `[num_cells, 4]`, `field` `[num_cells]`.
/// Values are averaged to the nodes and interpolated, so that a coarse mesh shows no steps; cells
/// with a value that is not finite stay blank.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(
    path: impl AsRef<Path>,
    coords: &[[f64; 2]],
    cell_nodes: &[[u32; 4]],
    field: &[f64],
    caption: &Caption,
) -> io::Result<()> {
    let canvas = draw(coords, cell_nodes, field, caption);
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, SIZE.0 as u32, SIZE.1 as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(canvas.bytes())?;
    Ok(writer.finish()?)
}

fn draw(coords: &[[f64; 2]], cell_nodes: &[[u32; 4]], field: &[f64], caption: &Caption) -> Canvas {
    let window = Window::of_width(LEFT, RIGHT, PLOT);
    let samples = Samples::of_field(window, PLOT, coords, cell_nodes, field);
    let scale = Scale::of(samples.bulk());
    let mut canvas = Canvas::new(SIZE, PAPER);
    canvas.text((PLOT.x as f64, 44.0), 17.0, INK, Align::Left, caption.title);
    canvas.text((PLOT.x as f64, 74.0), 11.0, FAINT_INK, Align::Left, caption.subtitle);
    draw_field(&mut canvas, &samples, &scale);
    draw_axes(&mut canvas, window);
    draw_bar(&mut canvas, &scale, caption.field);
    let (low, high) = samples.range();
    let extremes = format!("{} to {}", scale.fine_label(low), scale.fine_label(high));
    let below_bar = (BAR.x as f64, (BAR.y + BAR.height) as f64 + 24.0);
    canvas.text(below_bar, 9.0, FAINT_INK, Align::Left, &extremes);
    canvas
}

/// The range of values that the colors span, and the round numbers in it.
///
/// Values beyond it, a few at the nose of the profile, take the color of the nearer end.
struct Scale {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    /// Distance between ticks, a power of ten times 1, 2 or 5.
    step: f64,
}

impl Scale {
    fn of((low, high): (f64, f64)) -> Self {
        // A constant field still wants a color bar.
        let margin = 1e-9 * low.abs().max(1e-30);
        let (low, high) =
            if high - low > 2.0 * margin { (low, high) } else { (low - margin, high + margin) };
        let step = round_step((high - low) / 7.0);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        let ticks = (first..=last).map(|k| k as f64 * step).collect();
        Self { low, high, ticks, step }
    }

    /// From 0 at the lowest value to 1 at the highest.
    fn position(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// A tick as text, with as many decimals as the step needs.
    fn label(&self, tick: f64) -> String {
        self.text(tick, 0)
    }

    /// Any value as text, a digit more precise than the ticks.
    fn fine_label(&self, value: f64) -> String {
        self.text(value, 1)
    }

    fn text(&self, value: f64, more: usize) -> String {
        let decimals = (-self.step.log10().floor()).max(0.0) as usize + more;
        if decimals > 5 || value.abs() >= 1e6 {
            return format!("{value:.2e}");
        }
        format!("{value:.decimals$}")
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * 0.999_999);
    factor.unwrap_or(10.0) * power
}

/// Colors, lines of equal value, and the profile, each pixel averaged over its samples.
fn draw_field(canvas: &mut Canvas, samples: &Samples, scale: &Scale) {
    let table = colors::table();
    let contour_step = scale.step / 4.0;
    let color = |column: usize, row: usize| -> [f64; 3] {
        let Some(value) = samples.at(column, row) else {
            let outlined = samples.touches_cells(column, row);
            return if outlined { INK } else { PROFILE }.map(f64::from);
        };
        let place = scale.position(value) * (table.len() - 1) as f64;
        let color = table[place.round() as usize].map(f64::from);
        let shade = if samples.crosses(column, row, contour_step) { 0.62 } else { 1.0 };
        color.map(|channel| channel * shade)
    };
    let per_pixel = Samples::PER_PIXEL;
    for (y, x) in (0..PLOT.height).flat_map(|y| (0..PLOT.width).map(move |x| (y, x))) {
        let mut sum = [0.0; 3];
        for sample in 0..per_pixel * per_pixel {
            let (column, row) = (sample % per_pixel, sample / per_pixel);
            let color = color(x * per_pixel + column, y * per_pixel + row);
            for (sum, channel) in sum.iter_mut().zip(color) {
                *sum += channel;
            }
        }
        let mean = sum.map(|sum| (sum / (per_pixel * per_pixel) as f64).round() as u8);
        canvas.set(PLOT.x + x, PLOT.y + y, mean);
    }
}

fn draw_axes(canvas: &mut Canvas, window: Window) {
    canvas.frame(PLOT, FAINT_INK);
    let (left, bottom) = (PLOT.x as f64, (PLOT.y + PLOT.height) as f64);
    for x in [-0.5, 0.0, 0.5, 1.0, 1.5] {
        let (column, _) = window.to_pixel([x, 0.0], PLOT);
        canvas.line((left + column, bottom), (left + column, bottom + 6.0), 1.2, FAINT_INK);
        let label = format!("{x:.1}");
        canvas.text((left + column, bottom + 24.0), 11.0, INK, Align::Center, &label);
    }
    for y in [-0.5, 0.0, 0.5] {
        let (_, row) = window.to_pixel([0.0, y], PLOT);
        let row = PLOT.y as f64 + row;
        canvas.line((left - 6.0, row), (left, row), 1.2, FAINT_INK);
        canvas.text((left - 12.0, row + 5.5), 11.0, INK, Align::Right, &format!("{y:.1}"));
    }
    canvas.text(
        (left + PLOT.width as f64 / 2.0, bottom + 48.0),
        11.0,
        FAINT_INK,
        Align::Center,
        "x / chord",
    );
}

fn draw_bar(canvas: &mut Canvas, scale: &Scale, name: &str) {
    let table = colors::table();
    for y in 0..BAR.height {
        let place = 1.0 - (y as f64 + 0.5) / BAR.height as f64;
        let color = table[(place * (table.len() - 1) as f64).round() as usize];
        for x in 0..BAR.width {
            canvas.set(BAR.x + x, BAR.y + y, color);
        }
    }
    canvas.frame(BAR, FAINT_INK);
    canvas.text((BAR.x as f64, BAR.y as f64 - 20.0), 12.0, INK, Align::Left, name);
    let right = (BAR.x + BAR.width) as f64;
    for &tick in &scale.ticks {
        let row = BAR.y as f64 + (1.0 - scale.position(tick)) * BAR.height as f64;
        canvas.line((right, row), (right + 6.0, row), 1.2, FAINT_INK);
        canvas.text((right + 12.0, row + 5.5), 11.0, INK, Align::Left, &scale.label(tick));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::AirfoilMesh;

    const CAPTION: Caption = Caption {
        title: "Flow around NACA 0012",
        subtitle: "synthetic field, 16 200 cells",
        field: "Speed",
    };

    /// The speed of the flow around a cylinder: smooth, and steepest near the profile.
    fn synthetic(mesh: &AirfoilMesh) -> Vec<f64> {
        let speed = |nodes: &[u32; 4]| {
            let corners = nodes.map(|node| mesh.coords[node as usize]);
            let [x, y] = [0, 1].map(|axis| corners.iter().map(|at| at[axis]).sum::<f64>() / 4.0);
            let (x, y) = (x - 0.5, 2.0 * y);
            let r2 = (x * x + y * y).max(0.01);
            let (u, v) = (1.0 - 0.3 * (x * x - y * y) / (r2 * r2), -0.6 * x * y / (r2 * r2));
            u.hypot(v).min(2.5)
        };
        mesh.cell_nodes.iter().map(speed).collect()
    }

    #[test]
    fn a_picture_is_a_png_of_the_promised_size() {
        let mesh = AirfoilMesh::generate(60, 90).unwrap();
        let path = std::env::temp_dir().join(format!("op2-picture-{}.png", std::process::id()));
        write(&path, &mesh.coords, &mesh.cell_nodes, &synthetic(&mesh), &CAPTION).unwrap();
        let file = io::BufReader::new(File::open(&path).unwrap());
        let reader = png::Decoder::new(file).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (1200, 800));
        if std::env::var_os("KEEP_PICTURES").is_some() {
            eprintln!("kept {}", path.display());
        } else {
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn the_profile_is_blank_and_the_flow_is_not() {
        let mesh = AirfoilMesh::generate(60, 90).unwrap();
        let canvas = draw(&mesh.coords, &mesh.cell_nodes, &synthetic(&mesh), &CAPTION);
        let window = Window::of_width(LEFT, RIGHT, PLOT);
        let pixel = |x, y| {
            let (column, row) = window.to_pixel([x, y], PLOT);
            canvas.get(PLOT.x + column as usize, PLOT.y + row as usize)
        };
        assert_eq!(pixel(0.3, 0.0), PROFILE);
        assert_eq!(pixel(0.6, 0.0), PROFILE);
        for (x, y) in [(0.3, 0.2), (0.3, -0.2), (-0.4, 0.0), (1.3, 0.01)] {
            assert_ne!(pixel(x, y), PROFILE, "{x} {y}");
        }
    }

    #[test]
    fn constant_and_hopeless_fields_can_be_drawn() {
        let mesh = AirfoilMesh::generate(12, 8).unwrap();
        for value in [0.0, 1.0, f64::NAN, f64::INFINITY] {
            let field = vec![value; mesh.num_cells()];
            let _ = draw(&mesh.coords, &mesh.cell_nodes, &field, &CAPTION);
        }
    }

    #[test]
    fn ticks_are_round_and_few() {
        for (low, high, labels) in [
            (0.013, 0.61, vec!["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]),
            (-1.0, 1.0, vec!["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
            (0.0, 70.0, vec!["0", "10", "20", "30", "40", "50", "60", "70"]),
        ] {
            let scale = Scale::of((low, high));
            let found: Vec<_> = scale.ticks.iter().map(|&tick| scale.label(tick)).collect();
            assert_eq!(found, labels);
        }
    }
}
