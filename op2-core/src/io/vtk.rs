//! VTK's legacy format: unstructured grids as text or binary (most significant byte first).
//!
//! Read are points and cells, in the layout up to version 4 and in that of 5; the fields after
//! them are left out.

use super::ReadError;
use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::row::{Row, RowError};
use super::shape::Shape;
use super::values::{Encoding, Values};

/// How a legacy file begins.
pub(super) const MAGIC: &str = "# vtk DataFile Version";

/// Cells as lists of nodes, before their shapes are known.
struct Lists {
    /// Where each list ends in `nodes`.
    ends: Vec<usize>,
    nodes: Vec<u32>,
}

/// Reads a mesh from the beginning of its file.
pub(super) fn read(mut lines: Lines) -> Result<Mesh, ReadError> {
    let (version, encoding) = header(&mut lines)?;
    let points = points(&mut lines, encoding)?;
    let num_points = points.len();
    let mut builder = MeshBuilder::with_points(points);
    let [first, second] = sizes(&mut lines, "CELLS")?;
    let lists = if version < 5 {
        counted_lists(&mut lines, encoding, [first, second], num_points)?
    } else {
        offset_lists(&mut lines, encoding, [first, second], num_points)?
    };
    cells(&mut lines, encoding, &lists, &mut builder)?;
    let dim = builder.dim_of_points();
    Ok(builder.finish(dim))
}

/// The major version and how numbers are written.
fn header(lines: &mut Lines) -> Result<(u32, Encoding), ReadError> {
    lines.expect_line("the version")?;
    let version = lines.text().strip_prefix(MAGIC.as_bytes()).map(<[u8]>::trim_ascii);
    let version = version.and_then(|version| version.first()).map(|digit| digit.wrapping_sub(b'0'));
    let Some(version @ 1..=5) = version else {
        return Err(lines.here(format!("`{MAGIC}` and a version up to 5 should stand here")));
    };
    lines.expect_line("`ASCII` or `BINARY`")?;
    // The title may be empty.
    if ![&b"ASCII"[..], b"BINARY"].contains(&lines.text()) {
        lines.expect_line("`ASCII` or `BINARY`")?;
    }
    let encoding = match lines.text() {
        b"ASCII" => Encoding::FreeText,
        b"BINARY" => Encoding::Big,
        _ => return Err(lines.here("`ASCII` or `BINARY` should stand here")),
    };
    lines.expect_line("`DATASET UNSTRUCTURED_GRID`")?;
    if lines.text() != b"DATASET UNSTRUCTURED_GRID" {
        return Err(lines.here("only `DATASET UNSTRUCTURED_GRID` is read"));
    }
    Ok((u32::from(version), encoding))
}

fn points(lines: &mut Lines, encoding: Encoding) -> Result<Vec<[f64; 3]>, ReadError> {
    let mut row = lines.expect_line("`POINTS`")?;
    let read = (|| {
        keyword(&mut row, "POINTS")?;
        let (count, kind) = (row.count()?, row.word()?.to_owned());
        row.end().map(|()| (count, kind))
    })();
    let (num_points, kind) = read.map_err(|error| lines.here(error.into_reason()))?;
    let is_double = match &*kind {
        "float" => false,
        "double" => true,
        _ => return Err(lines.here(format!("points of type `{kind}`, not float or double"))),
    };
    let mut values = Values::new(lines, encoding, "points");
    let room = values.room(num_points, 6, if is_double { 24 } else { 12 })?;
    let mut points = Vec::with_capacity(room);
    for _ in 0..num_points {
        values.row()?;
        let mut point = [0.0; 3];
        for coordinate in &mut point {
            *coordinate = if is_double { values.f64()? } else { values.f32()?.into() };
        }
        points.push(point);
    }
    values.end()?;
    Ok(points)
}

/// The layout up to version 4: the number of nodes before each list, `size` numbers in all.
fn counted_lists(
    lines: &mut Lines,
    encoding: Encoding,
    [num_cells, size]: [usize; 2],
    num_points: usize,
) -> Result<Lists, ReadError> {
    let mut values = Values::new(lines, encoding, "cells");
    values.room(size, 2, 4)?;
    let ends = Vec::with_capacity(values.room(num_cells, 2, 4)?);
    let mut lists = Lists { ends, nodes: Vec::new() };
    let mut left = size;
    for _ in 0..num_cells {
        values.row()?;
        let length = values.i32()?;
        left = match usize::try_from(length) {
            Ok(length) if length < left => left - length - 1,
            _ => return Err(values.here(format!("a cell of {length} nodes does not fit in"))),
        };
        for _ in 0..length {
            let node = values.i32()?;
            lists.nodes.push(index(&values, i64::from(node), num_points)?);
        }
        lists.ends.push(lists.nodes.len());
    }
    values.end()?;
    if left > 0 {
        return Err(values.here(format!("{size} numbers are announced, {left} of them missing")));
    }
    Ok(lists)
}

/// The layout of version 5: where the lists begin and end, then all of them.
fn offset_lists(
    lines: &mut Lines,
    encoding: Encoding,
    [num_offsets, num_nodes]: [usize; 2],
    num_points: usize,
) -> Result<Lists, ReadError> {
    let mut ends = Vec::new();
    integers(lines, encoding, "OFFSETS", num_offsets, |_, offset| {
        ends.push(offset);
        Ok(())
    })?;
    let is_list = ends.first() == Some(&0)
        && ends.is_sorted()
        && ends.last().is_some_and(|&end| end == num_nodes as i64);
    if !is_list {
        return Err(lines.here(format!("the offsets do not rise from 0 to {num_nodes}")));
    }
    let mut nodes = Vec::new();
    integers(lines, encoding, "CONNECTIVITY", num_nodes, |values, node| {
        nodes.push(index(values, node, num_points)?);
        Ok(())
    })?;
    Ok(Lists { ends: ends[1..].iter().map(|&end| end as usize).collect(), nodes })
}

/// A line `NAME type`, then `count` integers of that type.
fn integers(
    lines: &mut Lines,
    encoding: Encoding,
    name: &'static str,
    count: usize,
    mut take: impl FnMut(&Values, i64) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut row = lines.expect_line(format_args!("`{name}`"))?;
    let read = keyword(&mut row, name).and_then(|()| row.word());
    let is_wide = match read {
        Ok("vtktypeint64") => true,
        Ok("vtktypeint32") => false,
        Ok(_) => return Err(lines.here("should be vtktypeint64 or vtktypeint32")),
        Err(error) => return Err(lines.here(error.into_reason())),
    };
    let mut values = Values::new(lines, encoding, name);
    values.room(count, 2, if is_wide { 8 } else { 4 })?;
    for _ in 0..count {
        values.row()?;
        let integer = if is_wide { values.i64()? } else { i64::from(values.i32()?) };
        take(&values, integer)?;
    }
    values.end()
}

fn index(values: &Values, node: i64, num_points: usize) -> Result<u32, ReadError> {
    match u32::try_from(node) {
        Ok(index) if (index as usize) < num_points => Ok(index),
        _ => Err(values.here(format!("node {node} is none of the {num_points} points"))),
    }
}

/// The shape of each list.
fn cells(
    lines: &mut Lines,
    encoding: Encoding,
    lists: &Lists,
    builder: &mut MeshBuilder,
) -> Result<(), ReadError> {
    let mut row = lines.expect_line("`CELL_TYPES`")?;
    let read = (|| {
        keyword(&mut row, "CELL_TYPES")?;
        let count = row.count()?;
        row.end().map(|()| count)
    })();
    let num_types = read.map_err(|error| lines.here(error.into_reason()))?;
    if num_types != lists.ends.len() {
        let reason = format!("{num_types} types of {} cells", lists.ends.len());
        return Err(lines.here(reason));
    }
    let mut values = Values::new(lines, encoding, "cell types");
    let mut begin = 0;
    for &end in &lists.ends {
        values.row()?;
        let number = values.i32()?;
        let nodes = &lists.nodes[begin..end];
        let added = Shape::of_vtk(i64::from(number)).map_err(RowError::new).and_then(|shape| {
            if nodes.len() != shape.num_nodes() {
                let reason = format!("a {shape} with {} nodes", nodes.len());
                return Err(RowError::new(reason));
            }
            builder.cell(shape, nodes, &[])
        });
        values.placed(added)?;
        begin = end;
    }
    values.end()
}

/// A line of a keyword and two counts. What describes the table before it is read over.
fn sizes(lines: &mut Lines, name: &str) -> Result<[usize; 2], ReadError> {
    lines.expect_line(format_args!("`{name}`"))?;
    if lines.text() == b"METADATA" {
        while !lines.text().starts_with(name.as_bytes()) {
            lines.expect_line(format_args!("`{name}`"))?;
        }
    }
    let mut row = lines.row();
    let read = (|| {
        keyword(&mut row, name)?;
        let sizes = [row.count()?, row.count()?];
        row.end().map(|()| sizes)
    })();
    read.map_err(|error| lines.here(error.into_reason()))
}

fn keyword(row: &mut Row, name: &str) -> Result<(), RowError> {
    if row.word() == Ok(name) {
        return Ok(());
    }
    Err(RowError::new(format!("`{name}` should stand here")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const V4: &str = "# vtk DataFile Version 4.2\ntitle\nASCII\nDATASET UNSTRUCTURED_GRID\n\
        POINTS 4 double\n0 0 0 1 0 0\n1 1 0\n0 1 0\nCELLS 3 11\n3 0 1 2\n3 0 2 3\n2 0\n1\n\
        CELL_TYPES 3\n5\n5 3\nPOINT_DATA 4\nSCALARS p double\n";
    const V5: &str = "# vtk DataFile Version 5.1\n\nASCII\nDATASET UNSTRUCTURED_GRID\n\
        POINTS 4 float\n0 0 0 1 0 0\n1 1 0\n0 1 0\nMETADATA\nINFORMATION 0\n\n\
        CELLS 4 8\nOFFSETS vtktypeint64\n0 3 6 8\nCONNECTIVITY vtktypeint64\n0 1 2 0 2 3 0 1\n\
        CELL_TYPES 3\n5\n5\n3\n";

    fn mesh(bytes: &[u8]) -> Result<Mesh, String> {
        let lines = Lines::of_bytes(Path::new("a.vtk"), bytes.to_vec());
        read(lines).map_err(|error| error.to_string())
    }

    #[test]
    fn all_layouts_give_the_same_mesh() {
        let square = mesh(V4.as_bytes()).unwrap();
        assert_eq!((square.dim, square.measure()), (2, 1.0));
        assert_eq!(square.table::<2>(Shape::Line).unwrap(), [[0, 1]]);
        assert_eq!(mesh(V5.as_bytes()).as_ref(), Ok(&square));
        let mut binary = V4[..V4.find("0 0 0").unwrap()].replace("ASCII", "BINARY").into_bytes();
        for x in [0_u8, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0] {
            binary.extend(f64::from(x).to_be_bytes());
        }
        binary.extend(b"\nCELLS 3 11\n");
        for number in [3, 0, 1, 2, 3, 0, 2, 3, 2, 0, 1] {
            binary.extend(i32::to_be_bytes(number));
        }
        binary.extend(b"\nCELL_TYPES 3\n");
        for number in [5, 5, 3] {
            binary.extend(i32::to_be_bytes(number));
        }
        assert_eq!(mesh(&binary).as_ref(), Ok(&square));
        for length in 0..binary.len() {
            assert!(mesh(&binary[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn wrong_files_are_refused_with_place_and_reason() {
        let cases = [
            (V4, "4.2", "9.2", "line 1: `# vtk DataFile Version`"),
            (V4, "ASCII", "TEXT", "line 3: `ASCII` or `BINARY`"),
            (V4, "UNSTRUCTURED_GRID", "POLYDATA", "line 4: only"),
            (V4, "double", "long", "line 5: points of type `long`"),
            (V4, "POINTS 4", "POINTS 5", "line 9: points, row 4: `CELLS`"),
            (V4, "POINTS 4", "POINTS 3", "line 8: `CELLS` should stand here"),
            (V4, "POINTS 4", "POINTS 4000000000", "line 5: points: 4000000000 rows"),
            (V4, "3 0 1 2", "3 0 1 4", "line 10: cells, row 0: node 4 is none of the 4 points"),
            (V4, "3 0 1 2", "-3 0 1 2", "line 10: cells, row 0: a cell of -3 nodes"),
            (V4, "3 0 1 2", "3 0 1 1", "cell types, row 0: corners 2 and 3"),
            (V4, "CELLS 3 11", "CELLS 3 10", "cells, row 2: a cell of 2 nodes does not fit"),
            (V4, "CELLS 3 11", "CELLS 3 12", "12 numbers are announced, 1 of them missing"),
            (V4, "CELL_TYPES 3", "CELL_TYPES 2", "2 types of 3 cells"),
            (V4, "5\n5 3\n", "5 9 3\n", "cell types, row 1: a quad with 3 nodes"),
            (V4, "5\n5 3\n", "5 22 3\n", "cell types, row 1: cell type 22 has curved edges"),
            (V5, "0 3 6 8", "0 6 3 8", "the offsets do not rise from 0 to 8"),
            (V5, "0 3 6 8", "0 3 6 9", "the offsets do not rise from 0 to 8"),
            (V5, "vtktypeint64", "float", "line 13: should be vtktypeint64"),
        ];
        for (text, from, to, reason) in cases {
            assert!(text.contains(from), "{from}");
            let error = mesh(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.contains(reason), "{reason}:\n{error}");
        }
    }
}
