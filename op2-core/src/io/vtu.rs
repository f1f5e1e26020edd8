//! Results for `ParaView`: the VTK format for unstructured grids (`.vtu`).
//!
//! One shape of cells per file, any number of fields on points and cells. The description is XML,
//! the arrays follow it as raw bytes of the machine (`appended`, `UInt64` lengths), so writing
//! costs no more than the disk. Collecting fields from dats is left to the program.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bytemuck::Pod;

use super::{Shape, WriteError};

/// A mesh and its fields, to be written to one file.
///
/// ```no_run
/// # fn main() -> Result<(), op2_core::io::WriteError> {
/// use op2_core::io::{Shape, Vtu};
///
/// let coords = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
/// Vtu::new(&coords, Shape::Quad, &[[0, 1, 2, 3]])
///     .cell_field("pressure", &[1.0])
///     .point_field("velocity", &[[0.0, 1.0]; 4])
///     .write("flow.vtu")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Vtu<'a> {
    points: Array<'a>,
    shape: Shape,
    connectivity: Array<'a>,
    nodes_per_cell: usize,
    num_points: usize,
    num_cells: usize,
    point_fields: Vec<Field<'a>>,
    cell_fields: Vec<Field<'a>>,
}

impl<'a> Vtu<'a> {
    /// A mesh without fields: `coords` is `[num_points, D]`, `cell_nodes` is `[num_cells, A]`.
    ///
    /// Points of less than three coordinates get zeros for the others, as do vectors of two
    /// components in fields: VTK knows only space.
    pub fn new<const D: usize, const A: usize>(
        coords: &'a [[f64; D]],
        shape: Shape,
        cell_nodes: &'a [[u32; A]],
    ) -> Self {
        let points =
            if D < 3 { Array::padded(coords) } else { Array::of(D, coords.as_flattened()) };
        Self {
            points,
            shape,
            // One component: VTK finds the cells in the flat list by their offsets.
            connectivity: Array::of(1, cell_nodes.as_flattened()),
            nodes_per_cell: A,
            num_points: coords.len(),
            num_cells: cell_nodes.len(),
            point_fields: Vec::new(),
            cell_fields: Vec::new(),
        }
    }

    /// Adds one value per point: a slice of numbers or of `[number; N]`.
    #[must_use]
    pub fn point_field<V: FieldValues>(mut self, name: &str, values: &'a [V]) -> Self {
        self.point_fields.push(Field::new(name, values));
        self
    }

    /// Adds one value per cell: a slice of numbers or of `[number; N]`.
    #[must_use]
    pub fn cell_field<V: FieldValues>(mut self, name: &str, values: &'a [V]) -> Self {
        self.cell_fields.push(Field::new(name, values));
        self
    }

    /// Writes the file, replacing one that is there.
    ///
    /// # Errors
    /// When an array does not fit the mesh, or the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        let fail = |reason| WriteError { file: path.as_ref().to_owned(), reason };
        self.check().map_err(fail)?;
        let file = File::create(path.as_ref()).map_err(|error| fail(error.to_string()))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        self.write_to(&mut out).and_then(|()| out.flush()).map_err(|error| fail(error.to_string()))
    }

    fn check(&self) -> Result<(), String> {
        if self.points.components != 3 {
            return Err(format!("points have {} coordinates", self.points.components));
        }
        if self.nodes_per_cell != self.shape.num_nodes() {
            let (given, shape) = (self.nodes_per_cell, self.shape);
            return Err(format!("cells have {given} nodes, a {shape:?} has {}", shape.num_nodes()));
        }
        check_fields(&self.point_fields, self.num_points, "points")?;
        check_fields(&self.cell_fields, self.num_cells, "cells")
    }

    fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let offsets: Vec<i64> =
            (1..=self.num_cells).map(|cell| (cell * self.shape.num_nodes()) as i64).collect();
        let types = vec![self.shape.vtk_type(); self.num_cells];
        let (offsets, types) = (Array::of(1, &offsets), Array::of(1, &types));
        let mut file = Layout::default();
        file.begin(self.num_points, self.num_cells);
        file.section(
            "PointData",
            self.point_fields.iter().map(|field| (&*field.name, &field.values)),
        );
        file.section(
            "CellData",
            self.cell_fields.iter().map(|field| (&*field.name, &field.values)),
        );
        file.section("Points", [("points", &self.points)]);
        let cells =
            [("connectivity", &self.connectivity), ("offsets", &offsets), ("types", &types)];
        file.section("Cells", cells);
        file.write(out)
    }
}

/// What a field may hold for each point or cell.
///
/// Implemented for numbers (scalars) and for `[number; N]` (vectors and tensors).
pub trait FieldValues: Pod {
    #[doc(hidden)]
    type Scalar: Scalar;
    #[doc(hidden)]
    const COMPONENTS: usize;
}

/// A number that VTK knows.
#[doc(hidden)]
pub trait Scalar: Pod {
    const VTK_NAME: &'static str;
}

macro_rules! scalars {
    ($($scalar:ty: $name:literal),*) => {$(
        impl Scalar for $scalar {
            const VTK_NAME: &'static str = $name;
        }

        impl FieldValues for $scalar {
            type Scalar = Self;
            const COMPONENTS: usize = 1;
        }
    )*};
}

scalars!(f64: "Float64", f32: "Float32", i64: "Int64", i32: "Int32", u64: "UInt64", u32: "UInt32", u8: "UInt8");

impl<T: Scalar, const N: usize> FieldValues for [T; N] {
    type Scalar = T;
    const COMPONENTS: usize = N;
}

/// A named field with one entry per point or cell.
#[derive(Debug, Clone)]
struct Field<'a> {
    name: String,
    values: Array<'a>,
    len: usize,
}

impl<'a> Field<'a> {
    fn new<V: FieldValues>(name: &str, values: &'a [V]) -> Self {
        let flat: &[V::Scalar] = bytemuck::cast_slice(values);
        let array = match V::COMPONENTS {
            2 => Array::padded(flat.as_chunks::<2>().0),
            components => Array::of(components, flat),
        };
        Self { name: name.to_owned(), values: array, len: values.len() }
    }
}

fn check_fields(fields: &[Field], expected: usize, place: &str) -> Result<(), String> {
    match fields.iter().find(|field| field.len != expected) {
        Some(Field { name, len, .. }) => {
            Err(format!("field `{name}` has {len} entries for {expected} {place}"))
        }
        None => Ok(()),
    }
}

/// The bytes of an array, with what VTK must know of them.
#[derive(Debug, Clone)]
struct Array<'a> {
    vtk_name: &'static str,
    components: usize,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Array<'a> {
    fn of<T: Scalar>(components: usize, values: &'a [T]) -> Self {
        let bytes = Cow::Borrowed(bytemuck::cast_slice(values));
        Self { vtk_name: T::VTK_NAME, components, bytes }
    }

    /// Vectors in the plane, as vectors in space.
    fn padded<T: Scalar, const D: usize>(vectors: &[[T; D]]) -> Self {
        let mut bytes = Vec::with_capacity(vectors.len() * 3 * size_of::<T>());
        for vector in vectors {
            let mut spatial = [T::zeroed(); 3];
            spatial[..D].copy_from_slice(vector);
            bytes.extend_from_slice(bytemuck::cast_slice(&spatial));
        }
        Self { vtk_name: T::VTK_NAME, components: 3, bytes: Cow::Owned(bytes) }
    }
}

/// The file being laid out: the XML so far, and the arrays to append to it.
#[derive(Default)]
struct Layout<'a> {
    xml: String,
    arrays: Vec<&'a [u8]>,
    offset: usize,
}

impl<'a> Layout<'a> {
    fn begin(&mut self, num_points: usize, num_cells: usize) {
        let order = if cfg!(target_endian = "little") { "LittleEndian" } else { "BigEndian" };
        self.xml = format!(
            "<?xml version=\"1.0\"?>\n\
             <VTKFile type=\"UnstructuredGrid\" version=\"1.0\" byte_order=\"{order}\" \
             header_type=\"UInt64\">\n\
             <UnstructuredGrid>\n\
             <Piece NumberOfPoints=\"{num_points}\" NumberOfCells=\"{num_cells}\">\n"
        );
    }

    fn section<'n>(
        &mut self,
        section: &str,
        arrays: impl IntoIterator<Item = (&'n str, &'a Array<'a>)>,
    ) {
        let _ = writeln!(self.xml, "<{section}>");
        for (name, array) in arrays {
            let _ = writeln!(
                self.xml,
                "<DataArray type=\"{}\" Name=\"{}\" NumberOfComponents=\"{}\" \
                 format=\"appended\" offset=\"{}\"/>",
                array.vtk_name,
                escaped(name),
                array.components,
                self.offset
            );
            self.offset += size_of::<u64>() + array.bytes.len();
            self.arrays.push(&array.bytes);
        }
        let _ = writeln!(self.xml, "</{section}>");
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(self.xml.as_bytes())?;
        out.write_all(b"</Piece>\n</UnstructuredGrid>\n<AppendedData encoding=\"raw\">\n_")?;
        for array in &self.arrays {
            out.write_all(&(array.len() as u64).to_ne_bytes())?;
            out.write_all(array)?;
        }
        out.write_all(b"\n</AppendedData>\n</VTKFile>\n")
    }
}

/// A name as it may stand in an XML attribute.
fn escaped(name: &str) -> String {
    let mut xml = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // XML 1.0 cannot name control characters at all.
            control if control.is_control() => xml.push(' '),
            other => xml.push(other),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::op2_text::tests::Scratch;

    const COORDS: [[f64; 2]; 6] =
        [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0]];
    const QUADS: [[u32; 4]; 2] = [[0, 1, 4, 3], [1, 2, 5, 4]];

    /// A VTU file taken apart: the XML, and the appended bytes.
    struct Parts {
        xml: String,
        data: Vec<u8>,
    }

    impl Parts {
        fn of(vtu: &Vtu) -> Self {
            let file = Scratch::new("out.vtu", b"");
            vtu.write(file.path()).unwrap();
            let bytes = std::fs::read(file.path()).unwrap();
            let mark = b"<AppendedData encoding=\"raw\">\n_";
            let start = bytes.windows(mark.len()).position(|at| at == mark).unwrap() + mark.len();
            let xml = String::from_utf8(bytes[..start].to_vec()).unwrap();
            assert!(bytes.ends_with(b"\n</AppendedData>\n</VTKFile>\n"));
            Self { xml, data: bytes[start..].to_vec() }
        }

        /// The type and the values of the array called `name`.
        fn array<T: Pod>(&self, name: &str) -> (&str, Vec<T>) {
            let tag = self.xml.lines().find(|line| line.contains(&format!("Name=\"{name}\"")));
            let tag = tag.unwrap_or_else(|| panic!("no array {name}"));
            let attribute = |key: &str| {
                tag.split_once(&format!(" {key}=\"")).unwrap().1.split_once('"').unwrap().0
            };
            let offset: usize = attribute("offset").parse().unwrap();
            let (length, rest) = self.data[offset..].split_at(8);
            let length = u64::from_ne_bytes(length.try_into().unwrap()) as usize;
            let values = rest[..length].chunks_exact(size_of::<T>());
            (attribute("type"), values.map(bytemuck::pod_read_unaligned).collect())
        }
    }

    #[test]
    fn the_mesh_can_be_read_back() {
        let parts = Parts::of(&Vtu::new(&COORDS, Shape::Quad, &QUADS));
        assert!(parts.xml.contains("<Piece NumberOfPoints=\"6\" NumberOfCells=\"2\">"));
        let (kind, points) = parts.array::<[f64; 3]>("points");
        assert_eq!(kind, "Float64");
        assert_eq!(points, COORDS.map(|[x, y]| [x, y, 0.0]));
        assert_eq!(parts.array::<[u32; 4]>("connectivity"), ("UInt32", QUADS.to_vec()));
        assert!(parts.xml.contains("Name=\"connectivity\" NumberOfComponents=\"1\""));
        assert_eq!(parts.array::<i64>("offsets"), ("Int64", vec![4, 8]));
        assert_eq!(parts.array::<u8>("types"), ("UInt8", vec![9, 9]));
    }

    #[test]
    fn fields_keep_type_and_values() {
        let (speed, tag) = ([[1.0_f64, 2.0]; 6], [[1_i32, 2, 3, 4], [5, 6, 7, 8]]);
        let vtu = Vtu::new(&COORDS, Shape::Quad, &QUADS)
            .point_field("speed", &speed)
            .cell_field("pressure", &[0.5_f32, 1.5])
            .cell_field("tag", &tag);
        let parts = Parts::of(&vtu);
        assert_eq!(parts.array::<[f64; 3]>("speed"), ("Float64", vec![[1.0, 2.0, 0.0]; 6]));
        assert_eq!(parts.array::<f32>("pressure"), ("Float32", vec![0.5, 1.5]));
        assert_eq!(parts.array::<[i32; 4]>("tag"), ("Int32", tag.to_vec()));
    }

    #[test]
    fn sections_stand_in_the_order_of_the_format() {
        let parts = Parts::of(&Vtu::new(&COORDS, Shape::Quad, &QUADS));
        let places = ["<PointData>", "<CellData>", "<Points>", "<Cells>", "</UnstructuredGrid>"]
            .map(|tag| parts.xml.find(tag).unwrap());
        assert!(places.is_sorted());
    }

    #[test]
    fn names_are_escaped() {
        let density = [0.0; 2];
        let vtu = Vtu::new(&COORDS, Shape::Quad, &QUADS).cell_field("a<\"b\"&c\n", &density);
        assert!(Parts::of(&vtu).xml.contains("Name=\"a&lt;&quot;b&quot;&amp;c \""));
    }

    #[test]
    fn arrays_that_do_not_fit_are_refused() {
        let vtu = Vtu::new(&COORDS, Shape::Quad, &QUADS).cell_field("p", &[1.0; 6]);
        let reason = vtu.write("unused.vtu").unwrap_err().reason;
        assert_eq!(reason, "field `p` has 6 entries for 2 cells");
        let vtu = Vtu::new(&COORDS, Shape::Triangle, &QUADS);
        let reason = vtu.write("unused.vtu").unwrap_err().reason;
        assert_eq!(reason, "cells have 4 nodes, a Triangle has 3");
        assert!(!Path::new("unused.vtu").exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let error = Vtu::new(&COORDS, Shape::Quad, &QUADS).write("no/such/folder/a.vtu");
        assert!(error.unwrap_err().to_string().starts_with("cannot write no/such/folder/a.vtu: "));
    }
}
