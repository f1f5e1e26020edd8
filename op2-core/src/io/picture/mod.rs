//! Pictures of fields: PNG, for a quick look.
//!
//! [`Picture`] collects what to draw and how; `draw` does it. The parts: `faces` (what is seen of
//! the cells), `view` (from where), `window` (which part), `values` and `raster` (the field, on
//! samples), `scale` and `colors` (from values to colors), `page` (title, axes, color bar), drawn
//! on a `canvas` with its `lettering`. Solids are shown by their skin; slices and streamlines
//! are left to `ParaView`, for which [`Vtu`](super::Vtu) writes.

mod canvas;
mod colors;
mod draw;
mod faces;
mod lettering;
mod page;
mod raster;
mod scale;
#[cfg(test)]
mod tests;
mod values;
mod view;
mod window;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::field::Scalar;
use super::tables::Tables;
use super::{FieldValues, Mesh, Shape, WriteError};
use canvas::Canvas;

pub use colors::ColorMap;

/// A mesh and one field on it, to be drawn.
///
/// A plane mesh is drawn with its coordinates, a surface in space as seen from
/// [`view_from`](Picture::view_from), solids by their boundary. [`Vtu`](super::Vtu) has the same
/// calls for mesh and fields.
///
/// ```no_run
/// # fn main() -> op2_core::base::error::Result<()> {
/// use op2_core::io::{Mesh, Picture};
///
/// let mesh = Mesh::read("sea.msh")?;
/// let depth = &mesh.field("depth")?.values;
/// Picture::of(&mesh).point_field("Depth in m", depth).title("North Sea").write("sea.png")?;
/// # Ok(())
/// # }
/// ```
///
/// From tables of a program's own, which may come from dats (`&x.read()?`):
///
/// ```
/// # fn main() -> Result<(), op2_core::io::WriteError> {
/// use op2_core::io::{ColorMap, Picture, Shape};
///
/// let coords = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [2.0, 0.5]];
/// # let path = std::env::temp_dir().join(format!("op2-doc-{}.png", std::process::id()));
/// Picture::new(&coords, Shape::Quad, &[[0, 1, 2, 3]])
///     .cells(Shape::Triangle, &[[1, 4, 2]])
///     .cell_field("pressure", &[-1.0, 0.5])
///     .colors(ColorMap::Diverging)
///     .lines(true)
///     .size(600, 400)
///     .write(&path)?;
/// # std::fs::remove_file(path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    points: Vec<[f64; 3]>,
    /// Coordinates that were given: 2 for a plane.
    dim: usize,
    cells: Tables<'a>,
    field: Option<Field>,
    displacement: Option<Displacement>,
    title: String,
    subtitle: String,
    axes: (String, String),
    range: Option<(f64, f64)>,
    clip: f64,
    colors: ColorMap,
    lines: Option<bool>,
    contours: bool,
    smooth: bool,
    window: Option<[[f64; 2]; 2]>,
    size: Option<(usize, usize)>,
    from: [f64; 3],
    up: [f64; 3],
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    on_cells: bool,
    values: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Displacement {
    /// Already scaled.
    vectors: Vec<[f64; 3]>,
    dim: usize,
}

impl<'a> Picture<'a> {
    /// A mesh without field: `coords` is `[num_points, D]`, `cell_nodes` is `[num_cells, A]`.
    pub fn new<const D: usize, const A: usize>(
        coords: &[[f64; D]],
        shape: Shape,
        cell_nodes: &'a [[u32; A]],
    ) -> Self {
        Self::over(spatial(coords), D, Tables::default()).cells(shape, cell_nodes)
    }

    /// The cells of the largest dimension of a mesh, without field; they are numbered block after
    /// block.
    pub fn of(mesh: &'a Mesh) -> Self {
        Self::over(mesh.points.clone(), mesh.dim, Tables::of(mesh))
    }

    fn over(points: Vec<[f64; 3]>, dim: usize, cells: Tables<'a>) -> Self {
        Self {
            points,
            dim,
            cells,
            field: None,
            displacement: None,
            title: String::new(),
            subtitle: String::new(),
            axes: (String::new(), String::new()),
            range: None,
            clip: 0.0,
            colors: ColorMap::default(),
            lines: None,
            contours: false,
            smooth: false,
            window: None,
            size: None,
            from: [1.0, -2.0, 1.2],
            up: [0.0, 0.0, 1.0],
        }
    }

    /// Adds cells, of the same shape or another, on the same points; they are numbered on.
    #[must_use]
    pub fn cells<const A: usize>(mut self, shape: Shape, cell_nodes: &'a [[u32; A]]) -> Self {
        self.cells.push(shape, cell_nodes);
        self
    }

    /// Shows one value per point; of a vector, its length. Replaces a field given before.
    #[must_use]
    pub fn point_field<V: FieldValues>(self, name: &str, values: &[V]) -> Self {
        self.field(name, false, values)
    }

    /// Shows one value per cell; of a vector, its length. Replaces a field given before.
    #[must_use]
    pub fn cell_field<V: FieldValues>(self, name: &str, values: &[V]) -> Self {
        self.field(name, true, values)
    }

    fn field<V: FieldValues>(mut self, name: &str, on_cells: bool, values: &[V]) -> Self {
        let flat: &[V::Scalar] = bytemuck::cast_slice(values);
        let values = match V::COMPONENTS {
            1 => flat.iter().map(|value| value.to_f64()).collect(),
            0 => vec![0.0; values.len()],
            width => flat.chunks_exact(width).map(length).collect(),
        };
        self.field = Some(Field { name: name.to_owned(), on_cells, values });
        self
    }

    /// Averages values of cells to the points, so that a coarse mesh shows no steps.
    #[must_use]
    pub fn smooth(mut self, smooth: bool) -> Self {
        self.smooth = smooth;
        self
    }

    /// Moves each point by `scale` times its vector: `[num_points, D]`.
    #[must_use]
    pub fn displaced<const D: usize>(mut self, scale: f64, vectors: &[[f64; D]]) -> Self {
        let mut scaled = spatial(vectors);
        scaled.as_flattened_mut().iter_mut().for_each(|part| *part *= scale);
        self.displacement = Some(Displacement { vectors: scaled, dim: D });
        self
    }

    /// The headline.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// A second, smaller line below the title.
    #[must_use]
    pub fn subtitle(mut self, subtitle: &str) -> Self {
        subtitle.clone_into(&mut self.subtitle);
        self
    }

    /// The names of the axes of a plane mesh.
    #[must_use]
    pub fn axes(mut self, x: &str, y: &str) -> Self {
        self.axes = (x.to_owned(), y.to_owned());
        self
    }

    /// The values that the colors span; those beyond take the color of the nearer end. Without a
    /// range it is that of the cells in the picture.
    #[must_use]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Lets the automatic range leave out the share `share` of the picture at each end: a few
    /// extreme cells then do not take the colors from all others. The values below the color
    /// bar stay the true ones.
    #[must_use]
    pub fn clip(mut self, share: f64) -> Self {
        self.clip = share;
        self
    }

    /// How values become colors.
    #[must_use]
    pub fn colors(mut self, colors: ColorMap) -> Self {
        self.colors = colors;
        self
    }

    /// Whether the edges of cells are drawn; without a field they are, unless told otherwise.
    #[must_use]
    pub fn lines(mut self, lines: bool) -> Self {
        self.lines = Some(lines);
        self
    }

    /// Whether lines of equal value are drawn, four per tick of the color bar. Values of cells have
    /// such lines only where they are smooth.
    #[must_use]
    pub fn contours(mut self, contours: bool) -> Self {
        self.contours = contours;
        self
    }

    /// Shows the part between two corners, and what else fits; of a surface in space, corners in
    /// the plane of the picture: lengths to the right and up from the origin.
    #[must_use]
    pub fn window(mut self, low: [f64; 2], high: [f64; 2]) -> Self {
        self.window = Some([low, high]);
        self
    }

    /// The size in pixels, 160 to 4096 each. Without it, the mesh has the say: up to 1200 wide.
    #[must_use]
    pub fn size(mut self, width: usize, height: usize) -> Self {
        self.size = Some((width, height));
        self
    }

    /// The direction from the mesh to the viewer, for meshes in space.
    #[must_use]
    pub fn view_from(mut self, direction: [f64; 3]) -> Self {
        self.from = direction;
        self
    }

    /// The direction that is upward in the picture, for meshes in space; without it, z.
    #[must_use]
    pub fn up(mut self, direction: [f64; 3]) -> Self {
        self.up = direction;
        self
    }

    /// Draws the picture and writes the file, replacing one that is there.
    ///
    /// # Errors
    /// When an array does not fit the mesh, there is nothing to draw, or the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        let fail = |reason| WriteError { file: path.as_ref().to_owned(), reason };
        let canvas = self.draw().map_err(fail)?;
        let file = File::create(path.as_ref()).map_err(|error| fail(error.to_string()))?;
        encode(&canvas, BufWriter::new(file)).map_err(|error| fail(error.to_string()))
    }
}

/// Points or vectors in space.
fn spatial<const D: usize>(vectors: &[[f64; D]]) -> Vec<[f64; 3]> {
    let spatial =
        |vector: &[f64; D]| std::array::from_fn(|k| vector.get(k).copied().unwrap_or(0.0));
    vectors.iter().map(spatial).collect()
}

fn length<T: Scalar>(vector: &[T]) -> f64 {
    vector.iter().map(|part| part.to_f64().powi(2)).sum::<f64>().sqrt()
}

fn encode(canvas: &Canvas, out: impl Write) -> Result<(), png::EncodingError> {
    let (width, height) = canvas.size();
    let mut encoder = png::Encoder::new(out, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(canvas.bytes())?;
    writer.finish()
}
