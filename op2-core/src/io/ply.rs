//! Stanford PLY: surfaces as polygons, as text or binary of either byte order.
//!
//! The header describes the elements, any number of kinds with any properties. Read are the
//! coordinates of `vertex` and the corners of `face`; everything else is read over.

use super::ReadError;
use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::polygon::add_face;
use super::row::{Row, RowError};
use super::values::{Encoding, Values};

/// How a PLY file begins.
pub(super) const MAGIC: &str = "ply";

/// Reads a mesh from the beginning of its file.
pub(super) fn read(mut lines: Lines) -> Result<Mesh, ReadError> {
    let (encoding, elements) = header(&mut lines)?;
    let num_vertices = elements.iter().find(|element| element.name == "vertex");
    let num_vertices = num_vertices.map_or(0, |element| element.count);
    let mut builder = MeshBuilder::default();
    for element in &elements {
        match &*element.name {
            "vertex" => builder.points = vertices(&mut lines, encoding, element)?,
            "face" => faces(&mut lines, encoding, element, num_vertices, &mut builder)?,
            _ => others(&mut lines, encoding, element)?,
        }
    }
    lines.end()?;
    Ok(builder.finish(3))
}

/// The number types of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
}

impl Kind {
    fn of(name: &str) -> Result<Self, RowError> {
        Ok(match name {
            "char" | "int8" => Self::I8,
            "uchar" | "uint8" => Self::U8,
            "short" | "int16" => Self::I16,
            "ushort" | "uint16" => Self::U16,
            "int" | "int32" => Self::I32,
            "uint" | "uint32" => Self::U32,
            "float" | "float32" => Self::F32,
            "double" | "float64" => Self::F64,
            _ => return Err(RowError::new(format!("`{}` is no type", name.escape_debug()))),
        })
    }

    fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn is_integer(self) -> bool {
        !matches!(self, Self::F32 | Self::F64)
    }

    /// The next number; all of them fit a double.
    fn read(self, values: &mut Values) -> Result<f64, ReadError> {
        Ok(match self {
            Self::I8 => values.i8()?.into(),
            Self::U8 => values.u8()?.into(),
            Self::I16 => values.i16()?.into(),
            Self::U16 => values.u16()?.into(),
            Self::I32 => values.i32()?.into(),
            Self::U32 => values.u32()?.into(),
            Self::F32 => values.f32()?.into(),
            Self::F64 => values.f64()?,
        })
    }
}

/// A property of an element: a number, or a list with its length before it.
struct Property {
    name: String,
    /// The type of the length, for a list.
    length: Option<Kind>,
    kind: Kind,
}

struct Element {
    name: String,
    count: usize,
    properties: Vec<Property>,
}

impl Element {
    /// The least bytes one element takes, as text and binary.
    fn least_bytes(&self) -> (usize, usize) {
        let bytes = |property: &Property| property.length.unwrap_or(property.kind).bytes();
        (2 * self.properties.len(), self.properties.iter().map(bytes).sum())
    }

    /// Where the rows begin, and whether the file can hold them.
    fn rows<'a>(
        &self,
        lines: &'a mut Lines,
        encoding: Encoding,
        what: &'static str,
    ) -> Result<Values<'a>, ReadError> {
        let values = Values::new(lines, encoding, what);
        let (text, raw) = self.least_bytes();
        // An element without properties takes no bytes at all.
        values.room(self.count, text.max(1), raw.max(1))?;
        Ok(values)
    }
}

fn header(lines: &mut Lines) -> Result<(Encoding, Vec<Element>), ReadError> {
    lines.expect_line("`ply`")?;
    if lines.text() != MAGIC.as_bytes() {
        return Err(lines.here("`ply` should stand here"));
    }
    let mut encoding = None;
    let mut elements: Vec<Element> = Vec::new();
    loop {
        let mut row = lines.expect_line("`end_header`")?;
        match statement(&mut row, &mut encoding, &mut elements) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(lines.in_table("header", error)),
        }
    }
    let encoding = encoding.ok_or_else(|| lines.here("the header tells no format"))?;
    Ok((encoding, elements))
}

/// Reads one line of the header; false at its end.
fn statement(
    row: &mut Row,
    encoding: &mut Option<Encoding>,
    elements: &mut Vec<Element>,
) -> Result<bool, RowError> {
    match row.word()? {
        "comment" | "obj_info" => return Ok(true),
        "end_header" => return row.end().map(|()| false),
        "format" => *encoding = Some(format(row)?),
        "element" => {
            let (name, count) = (row.word()?.to_owned(), row.count()?);
            if elements.iter().any(|element| element.name == name) {
                return Err(RowError::new(format!("element `{name}` occurs twice")));
            }
            elements.push(Element { name, count, properties: Vec::new() });
        }
        "property" => {
            let element = elements.last_mut();
            let element = element.ok_or_else(|| RowError::new("a property of no element"))?;
            element.properties.push(property(row)?);
        }
        other => {
            return Err(RowError::new(format!("`{}` is unknown", other.escape_debug())));
        }
    }
    row.end().map(|()| true)
}

fn format(row: &mut Row) -> Result<Encoding, RowError> {
    let encoding = match row.word()? {
        "ascii" => Encoding::Text,
        "binary_little_endian" => Encoding::Little,
        "binary_big_endian" => Encoding::Big,
        other => return Err(RowError::new(format!("format `{other}` is unknown"))),
    };
    match row.word()? {
        "1.0" => Ok(encoding),
        version => Err(RowError::new(format!("version `{version}` is not 1.0"))),
    }
}

fn property(row: &mut Row) -> Result<Property, RowError> {
    let first = row.word()?;
    let (length, kind) = if first == "list" {
        (Some(Kind::of(row.word()?)?), Kind::of(row.word()?)?)
    } else {
        (None, Kind::of(first)?)
    };
    if length.is_some_and(|length| !length.is_integer()) {
        return Err(RowError::new("the length of a list must be an integer"));
    }
    Ok(Property { name: row.word()?.to_owned(), length, kind })
}

fn vertices(
    lines: &mut Lines,
    encoding: Encoding,
    element: &Element,
) -> Result<Vec<[f64; 3]>, ReadError> {
    let mut axes = [0; 3];
    for (axis, name) in axes.iter_mut().zip(["x", "y", "z"]) {
        let place = element.properties.iter().position(|p| p.name == name && p.length.is_none());
        *axis = place.ok_or_else(|| lines.here(format!("a vertex has no property `{name}`")))?;
    }
    let mut values = element.rows(lines, encoding, "vertices")?;
    let (text, raw) = element.least_bytes();
    let mut points = Vec::with_capacity(values.room(element.count, text, raw)?);
    for _ in 0..element.count {
        values.row()?;
        let mut point = [0.0; 3];
        for (place, property) in element.properties.iter().enumerate() {
            let value = scalar_or_list(&mut values, property)?;
            if let Some(axis) = axes.iter().position(|&axis| axis == place) {
                point[axis] = value;
            }
        }
        values.end()?;
        points.push(point);
    }
    Ok(points)
}

fn faces(
    lines: &mut Lines,
    encoding: Encoding,
    element: &Element,
    num_vertices: usize,
    builder: &mut MeshBuilder,
) -> Result<(), ReadError> {
    let is_corners = |p: &Property| {
        ["vertex_index", "vertex_indices"].contains(&&*p.name) && p.kind.is_integer()
    };
    let place = element.properties.iter().position(|p| p.length.is_some() && is_corners(p));
    let place = place.ok_or_else(|| lines.here("a face has no list `vertex_indices`"))?;
    let mut values = element.rows(lines, encoding, "faces")?;
    let mut corners = Vec::new();
    for _ in 0..element.count {
        values.row()?;
        for (at, property) in element.properties.iter().enumerate() {
            if at != place {
                scalar_or_list(&mut values, property)?;
                continue;
            }
            corners.clear();
            for _ in 0..length(&mut values, property)? {
                corners.push(corner(&mut values, property.kind, num_vertices)?);
            }
        }
        values.end()?;
        let added = add_face(builder, &corners, &[]);
        values.placed(added)?;
    }
    Ok(())
}

fn corner(values: &mut Values, kind: Kind, num_vertices: usize) -> Result<u32, ReadError> {
    let index = kind.read(values)?;
    if index < 0.0 || index >= num_vertices as f64 {
        return Err(values.here(format!("corner {index} is none of the {num_vertices} vertices")));
    }
    Ok(index as u32)
}

fn others(lines: &mut Lines, encoding: Encoding, element: &Element) -> Result<(), ReadError> {
    if element.properties.is_empty() {
        return Ok(());
    }
    let mut values = element.rows(lines, encoding, "other elements")?;
    for _ in 0..element.count {
        values.row()?;
        for property in &element.properties {
            scalar_or_list(&mut values, property)?;
        }
        values.end()?;
    }
    Ok(())
}

/// The value of a property; of a list, the last.
fn scalar_or_list(values: &mut Values, property: &Property) -> Result<f64, ReadError> {
    let mut value = 0.0;
    for _ in 0..length(values, property)? {
        value = property.kind.read(values)?;
    }
    Ok(value)
}

/// How many numbers a property has. Text files exist that leave out empty lists at the end of a
/// row; a face without corners is noticed later.
fn length(values: &mut Values, property: &Property) -> Result<u32, ReadError> {
    let Some(kind) = property.length else { return Ok(1) };
    if values.is_row_over() {
        return Ok(0);
    }
    let length = kind.read(values)?;
    if length < 0.0 {
        return Err(values.here(format!("a list `{}` of length {length}", property.name)));
    }
    Ok(length as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Shape;
    use std::path::Path;

    const HEADER: &str = "ply\nformat ascii 1.0\ncomment made by hand\nelement vertex 4\n\
        property float x\nproperty double y\nproperty uchar red\nproperty float z\n\
        element thing 1\nproperty list char short a\nproperty int b\n\
        element face 2\nproperty list uchar uint vertex_indices\nend_header\n";
    const ROWS: &str = "0 0 255 0\n1 0 0 0\n1 1 0 0\n0 1 0 0.5\n2 7 8 9\n3 0 1 2\n3 0 2 3\n";

    fn mesh(bytes: &[u8]) -> Result<Mesh, String> {
        let lines = Lines::of_bytes(Path::new("a.ply"), bytes.to_vec());
        read(lines).map_err(|error| error.to_string())
    }

    /// The rows in a byte order.
    fn binary(big: bool) -> Vec<u8> {
        let name = if big { "binary_big_endian" } else { "binary_little_endian" };
        let mut bytes = HEADER.replace("ascii", name).into_bytes();
        let mut put = |number: &[u8]| {
            let mut number = number.to_vec();
            if big {
                number.reverse();
            }
            bytes.extend(number);
        };
        for [x, y, z] in [[0.0_f32, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.5]] {
            put(&x.to_le_bytes());
            put(&f64::from(y).to_le_bytes());
            put(&[0]);
            put(&z.to_le_bytes());
        }
        put(&[2]);
        put(&7_i16.to_le_bytes());
        put(&8_i16.to_le_bytes());
        put(&9_i32.to_le_bytes());
        for face in [[0_u32, 1, 2], [0, 2, 3]] {
            put(&[3]);
            face.iter().for_each(|corner| put(&corner.to_le_bytes()));
        }
        bytes
    }

    #[test]
    fn all_encodings_give_the_same_mesh() {
        let text = mesh(format!("{HEADER}{ROWS}").as_bytes()).unwrap();
        assert_eq!(text.table::<3>(Shape::Triangle).unwrap(), [[0, 1, 2], [0, 2, 3]]);
        assert_eq!(text.points[3], [0.0, 1.0, 0.5]);
        assert_eq!(mesh(&binary(false)).as_ref(), Ok(&text));
        assert_eq!(mesh(&binary(true)).as_ref(), Ok(&text));
    }

    #[test]
    fn wrong_files_are_refused_with_place_and_reason() {
        let good = format!("{HEADER}{ROWS}");
        let cases = [
            ("1.0", "2.0", "line 2: header: version `2.0`"),
            ("format ascii 1.0\n", "", "the header tells no format"),
            ("property float x", "property \u{1}", "line 5: header: `\\u{1}` is no type"),
            ("property float x", "property float u", "a vertex has no property `x`"),
            ("vertex_indices", "corners", "a face has no list"),
            ("list uchar", "list float", "line 13: header: the length of a list"),
            ("element thing", "element vertex", "line 9: header: element `vertex` occurs twice"),
            ("vertex 4", "vertex 4000000000", "vertices: 4000000000 rows are announced"),
            ("vertex 4", "vertex 99999999999", "line 4: header: `99999999999` (column 16) is more"),
            ("3 0 1 2", "3 0 1 4", "line 20: faces, row 0: corner 4 is none of the 4 vertices"),
            ("3 0 1 2", "3 0 1 1", "line 20: faces, row 0: corners 2 and 3"),
            ("3 0 1 2", "3 0 1", "line 20: faces, row 0: the line ends too early"),
            ("3 0 1 2", "3 0 1 2 3", "line 20: faces, row 0: `3` (column 9) follows"),
            ("2 7 8 9", "-2 7 8 9", "line 19: other elements, row 0: a list `a` of length -2"),
            ("face 2", "face 1", "line 21: more data follows"),
            ("1 1 0 0\n", "nan 1 0 0\n", "line 17: vertices, row 2: `nan`"),
        ];
        for (from, to, reason) in cases {
            assert!(good.contains(from), "{from}");
            let error = mesh(good.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.contains(reason), "{reason}:\n{error}");
        }
    }

    #[test]
    fn truncated_files_are_refused() {
        for whole in [format!("{HEADER}{ROWS}").into_bytes(), binary(false), binary(true)] {
            for length in 0..whole.len() - 1 {
                assert!(mesh(&whole[..length]).is_err(), "{length} bytes");
            }
        }
    }

    #[test]
    fn elements_without_properties_take_no_time() {
        let bytes = HEADER.replace("element thing 1", "element thing 4000000000\nelement other 1");
        let bytes = bytes.replace("thing 4000000000\n", "nothing 4000000000\n");
        assert!(mesh(format!("{bytes}{ROWS}").as_bytes()).is_ok());
    }
}
