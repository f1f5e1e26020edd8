//! Results for `ParaView`: the VTK format for unstructured grids (`.vtu`).
//!
//! Cells of any shapes, any number of fields on points and cells. The description is XML,
//! the arrays follow it as raw bytes of the machine (`appended`, `UInt64` lengths), so writing
//! costs no more than the disk. Collecting fields from dats is left to the program.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::field::{Scalar, check_length};
use super::tables::Tables;
use super::{FieldValues, Mesh, Shape, WriteError};

/// A mesh and its fields, to be written to one file.
///
/// A [`Mesh`] goes in as it is, tables of a program's own with [`Vtu::new`] and [`Vtu::cells`].
/// [`Picture`](super::Picture) has the same calls.
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
    cells: Tables<'a>,
    num_points: usize,
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
        Self::over(points, coords.len(), Tables::default()).cells(shape, cell_nodes)
    }

    /// The cells of the largest dimension of a mesh, without fields; they are numbered block after
    /// block. The point data of the file can be added as any field.
    pub fn of(mesh: &'a Mesh) -> Self {
        let points = Array::of(3, mesh.points.as_flattened());
        Self::over(points, mesh.points.len(), Tables::of(mesh))
    }

    fn over(points: Array<'a>, num_points: usize, cells: Tables<'a>) -> Self {
        Self { points, cells, num_points, point_fields: Vec::new(), cell_fields: Vec::new() }
    }

    /// Adds cells, of the same shape or another, on the same points; they are numbered on.
    #[must_use]
    pub fn cells<const A: usize>(mut self, shape: Shape, cell_nodes: &'a [[u32; A]]) -> Self {
        self.cells.push(shape, cell_nodes);
        self
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
        self.cells.check(self.num_points)?;
        for field in &self.point_fields {
            check_length(&field.name, field.len, self.num_points, "points")?;
        }
        for field in &self.cell_fields {
            check_length(&field.name, field.len, self.cells.len(), "cells")?;
        }
        Ok(())
    }

    fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let (mut offsets, mut types) = (Vec::new(), Vec::new());
        let mut end = 0;
        for (shape, nodes) in self.cells.iter() {
            let cells = nodes.len() / shape.num_nodes();
            offsets.extend((1..=cells).map(|cell| end + (cell * shape.num_nodes()) as i64));
            types.resize(types.len() + cells, shape.vtk_type());
            end += nodes.len() as i64;
        }
        let connectivity = Array::joined(self.cells.iter().map(|(_, nodes)| nodes));
        let (offsets, types) = (Array::of(1, &offsets), Array::of(1, &types));
        let mut file = Layout::default();
        file.begin(self.num_points, self.cells.len());
        file.section(
            "PointData",
            self.point_fields.iter().map(|field| (&*field.name, &field.values)),
        );
        file.section(
            "CellData",
            self.cell_fields.iter().map(|field| (&*field.name, &field.values)),
        );
        file.section("Points", [("points", &self.points)]);
        let cells = [("connectivity", &connectivity), ("offsets", &offsets), ("types", &types)];
        file.section("Cells", cells);
        file.write(out)
    }
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

    /// The corners of all cells. One component: VTK finds the cells in the flat list by offsets.
    fn joined(mut tables: impl Iterator<Item = &'a [u32]>) -> Self {
        let first = Array::of(1, tables.next().unwrap_or_default());
        tables.fold(first, |mut array, nodes| {
            array.bytes.to_mut().extend_from_slice(bytemuck::cast_slice(nodes));
            array
        })
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
    use bytemuck::Pod;

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
    fn shapes_follow_each_other() {
        let triangle = [[2, 5, 4]];
        let parts =
            Parts::of(&Vtu::new(&COORDS, Shape::Quad, &QUADS).cells(Shape::Triangle, &triangle));
        assert!(parts.xml.contains("<Piece NumberOfPoints=\"6\" NumberOfCells=\"3\">"));
        let (_, connectivity) = parts.array::<u32>("connectivity");
        assert_eq!(connectivity, [0, 1, 4, 3, 1, 2, 5, 4, 2, 5, 4]);
        assert_eq!(parts.array::<i64>("offsets").1, [4, 8, 11]);
        assert_eq!(parts.array::<u8>("types").1, [9, 9, 5]);
    }

    #[test]
    fn a_mesh_gives_its_largest_cells() {
        let mesh = Mesh::new(&COORDS, Shape::Quad, &QUADS).unwrap();
        let mesh = mesh.with_cells(Shape::Line, &[[0, 1]]).unwrap();
        let parts = Parts::of(&Vtu::of(&mesh).cell_field("number", &[0_u32, 1]));
        assert_eq!(parts.array::<[u32; 4]>("connectivity").1, QUADS);
        assert_eq!(parts.array::<[f64; 3]>("points").1, mesh.points);
        assert_eq!(parts.array::<u32>("number"), ("UInt32", vec![0, 1]));
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
        assert_eq!(reason, "cells have 4 nodes, a triangle has 3");
        let vtu = Vtu::new(&COORDS[..5], Shape::Quad, &QUADS);
        let reason = vtu.write("unused.vtu").unwrap_err().reason;
        assert_eq!(reason, "quad 1 names node 5, but there are 5 points");
        assert!(!Path::new("unused.vtu").exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let error = Vtu::new(&COORDS, Shape::Quad, &QUADS).write("no/such/folder/a.vtu");
        assert!(error.unwrap_err().to_string().starts_with("cannot write no/such/folder/a.vtu: "));
    }
}
