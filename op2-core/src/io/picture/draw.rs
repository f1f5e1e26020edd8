//! The steps from a [`Picture`] to its pixels.

use std::borrow::Cow;

use super::canvas::{Canvas, Rgb};
use super::faces::{Face, faces};
use super::page::{Page, Paint, Words};
use super::raster::{Corner, Samples};
use super::scale::Scale;
use super::values::{Values, node_means};
use super::view::{View, shades};
use super::{ColorMap, Picture};
use crate::io::field::check_length;

/// The color of cells where there is no field.
const CELLS: Rgb = [221, 228, 236];

/// The smallest and the largest side of a picture, in pixels.
const SIDES: std::ops::RangeInclusive<usize> = 160..=4096;

/// Mesh lines, in pixels.
const THICKNESS: f64 = 0.9;

/// How much nearer than what is behind it a face must be for an outline, in widths of the plot.
const CLIFF: f64 = 0.05;

/// Lines of equal value per tick of the color bar.
const CONTOURS_PER_TICK: f64 = 4.0;

/// What is drawn, in the plane of the picture.
struct Scene {
    view: View,
    /// Whether it is a plane mesh, which has coordinates and no light.
    plane: bool,
    faces: Vec<Face>,
    places: Vec<[f64; 3]>,
}

impl Picture<'_> {
    pub(super) fn draw(&self) -> Result<Canvas, String> {
        self.check()?;
        let scene = self.scene()?;
        let [low, high] = self.part_shown(&scene)?;
        let page = Page::new(self.size, low, high, self.words(scene.plane));
        let values = self.values();
        let seen: Vec<usize> =
            (0..scene.faces.len()).filter(|&face| scene.meets(face, &page)).collect();
        let seen_faces = || seen.iter().map(|&face| &scene.faces[face]);
        let range = values.range(seen_faces());
        if !(range.1 - range.0).is_finite() {
            return Err(format!("values from {:e} to {:e} have no range", range.0, range.1));
        }
        let thickness = if self.draws_lines() { THICKNESS } else { 0.0 };
        // Samples are small numbers, so that they can be stored short: 0 to 1 over the range.
        let extent = if range.1 > range.0 { range.1 - range.0 } else { 1.0 };
        let sampled = |node, cell| (values.at(node, cell) - range.0) / extent;
        let samples = scene.sample(&page, &seen, thickness, sampled);

        let scale = Scale::new(self.span(range, &samples), 7.0);
        let table = if self.field.is_some() { self.colors.table() } else { vec![CELLS] };
        let contour_step =
            (self.contours && values.are_smooth()).then_some(scale.step / CONTOURS_PER_TICK);
        let paint = Paint { table: &table, scale: &scale, origin: range.0, extent, contour_step };
        let mut canvas = page.canvas();
        page.draw_field(&mut canvas, &samples, &paint);
        if scene.plane {
            page.draw_axes(&mut canvas);
        } else {
            page.draw_directions(&mut canvas, &scene.view);
        }
        page.draw_bar(&mut canvas, &paint, range, values.any_missing(seen_faces()));
        Ok(canvas)
    }

    fn check(&self) -> Result<(), String> {
        if !(2..=3).contains(&self.dim) {
            return Err(format!("points have {} coordinates", self.dim));
        }
        self.cells.check(self.points.len())?;
        if let Some(field) = &self.field {
            let (len, place) = if field.on_cells {
                (self.cells.len(), "cells")
            } else {
                (self.points.len(), "points")
            };
            check_length(&field.name, field.values.len(), len, place)?;
        }
        if let Some(displacement) = &self.displacement {
            check_length("displacement", displacement.vectors.len(), self.points.len(), "points")?;
            if displacement.dim > self.dim {
                let (given, dim) = (displacement.dim, self.dim);
                return Err(format!("displacements have {given} components in {dim} dimensions"));
            }
        }
        if let Some((low, high)) = self.range
            && !(low < high && (high - low).is_finite())
        {
            return Err(format!("the range from {low} to {high} holds no values"));
        }
        if !(0.0..0.5).contains(&self.clip) {
            return Err(format!("a share of {} cannot be left out at both ends", self.clip));
        }
        match self.size {
            Some((width, height)) if !(SIDES.contains(&width) && SIDES.contains(&height)) => {
                Err(format!(
                    "a picture of {width} by {height} pixels: sides are {} to {}",
                    SIDES.start(),
                    SIDES.end()
                ))
            }
            _ => Ok(()),
        }
    }

    fn scene(&self) -> Result<Scene, String> {
        let plane = self.dim == 2;
        let view = if plane { View::PLANE } else { View::new(self.from, self.up)? };
        let mut points = Cow::Borrowed(&self.points);
        if let Some(displacement) = &self.displacement {
            let parts = points.to_mut().as_flattened_mut().iter_mut();
            parts.zip(displacement.vectors.as_flattened()).for_each(|(x, u)| *x += u);
        }
        let places = points.iter().map(|&point| view.place(point)).collect();
        Ok(Scene { view, plane, faces: faces(&self.cells)?, places })
    }

    /// The corners of what is to be seen at least.
    fn part_shown(&self, scene: &Scene) -> Result<[[f64; 2]; 2], String> {
        let [low, high] = self.window.unwrap_or_else(|| scene.bounds());
        let sides = [high[0] - low[0], high[1] - low[1]];
        if !sides.iter().all(|&side| side > 0.0 && side.is_finite()) {
            return Err(format!("there is nothing to draw between {low:?} and {high:?}"));
        }
        if self.window.is_some() {
            return Ok([low, high]);
        }
        let margin = 0.03 * sides[0].max(sides[1]);
        Ok([low.map(|x| x - margin), high.map(|x| x + margin)])
    }

    fn words(&self, plane: bool) -> Words<'_> {
        Words {
            title: &self.title,
            subtitle: &self.subtitle,
            field: self.field.as_ref().map(|field| &*field.name),
            axes: plane.then_some((&*self.axes.0, &*self.axes.1)),
        }
    }

    fn values(&self) -> Values<'_> {
        match &self.field {
            None => Values::None,
            Some(field) if !field.on_cells => Values::Points(Cow::Borrowed(&field.values)),
            Some(field) if self.smooth => {
                let means = node_means(self.points.len(), &self.cells, &field.values);
                Values::Points(Cow::Owned(means))
            }
            Some(field) => Values::Cells(&field.values),
        }
    }

    fn draws_lines(&self) -> bool {
        self.lines.unwrap_or(self.field.is_none())
    }

    /// The values that the colors span, of those from `low` to `high`.
    fn span(&self, (low, high): (f64, f64), samples: &Samples) -> (f64, f64) {
        if let Some(range) = self.range {
            return range;
        }
        let (mut low, mut high) = (low, high);
        if self.clip > 0.0 {
            let (origin, extent) = (low, high - low);
            let (least, most) = samples.bulk(self.clip);
            (low, high) = (origin + extent * least, origin + extent * most);
        }
        if self.colors == ColorMap::Diverging {
            let most = low.abs().max(high.abs());
            (low, high) = (-most, most);
        }
        (low, high)
    }
}

impl Scene {
    /// The corners of the box around all faces.
    fn bounds(&self) -> [[f64; 2]; 2] {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for &node in self.faces.iter().flat_map(Face::nodes) {
            let place = self.places[node as usize];
            for axis in 0..2 {
                low[axis] = low[axis].min(place[axis]);
                high[axis] = high[axis].max(place[axis]);
            }
        }
        [low, high]
    }

    /// Whether the box around a face meets the window.
    fn meets(&self, face: usize, page: &Page) -> bool {
        let nodes = self.faces[face].nodes();
        (0..2).all(|axis| {
            let values = || nodes.iter().map(|&node| self.places[node as usize][axis]);
            values().fold(f64::INFINITY, f64::min) <= page.window.high[axis]
                && values().fold(f64::NEG_INFINITY, f64::max) >= page.window.low[axis]
        })
    }

    /// The faces that are `seen`, with `value(node, cell)` at their corners, on the plot.
    fn sample(
        &self,
        page: &Page,
        seen: &[usize],
        thickness: f64,
        value: impl Fn(u32, u32) -> f64,
    ) -> Samples {
        let mut samples = Samples::new(page.plot, thickness);
        let shades = (!self.plane).then(|| shades(&self.faces, &self.places));
        if !self.plane {
            samples.cliff = CLIFF * (page.window.high[0] - page.window.low[0]);
        }
        for &number in seen {
            let face = &self.faces[number];
            let corner = |(k, &node): (usize, &u32)| {
                let [x, y, depth] = self.places[node as usize];
                Corner {
                    place: samples.place(page.window.to_pixel([x, y])),
                    depth,
                    value: value(node, face.cell),
                    shade: shades.as_ref().map_or(1.0, |shades| f64::from(shades[number][k])),
                }
            };
            match face.nodes() {
                [a, b, c] => {
                    let corners = [(0, a), (1, b), (2, c)].map(corner);
                    samples.fill(&corners);
                }
                [a, b, c, d] => {
                    let corners = [(0, a), (1, b), (2, c), (3, d)].map(corner);
                    samples.fill(&corners);
                }
                _ => {}
            }
        }
        samples
    }
}
