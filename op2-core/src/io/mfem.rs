//! MFEM's mesh format, version 1.0: `dimension`, `elements`, `boundary`, `vertices`, `nodes`.
//!
//! Attributes become groups. Where the file gives a curved geometry (`nodes`), the cells here are
//! straight between its vertices: the first values of a continuous space are those at the
//! vertices. `#` begins a comment.

use super::ReadError;
use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::reach::Reach;
use super::row::{Row, RowError};
use super::shape::Shape;

/// How a file begins that MFEM wrote.
pub(super) const MAGIC: &str = "MFEM";

/// The spaces whose values at vertices come first; others have several values there.
const CONTINUOUS: [&str; 4] = ["H1_", "Linear", "Quadratic", "Cubic"];

/// Reads a mesh from the beginning of its file.
pub(super) fn read(lines: Lines) -> Result<Mesh, ReadError> {
    let mut lines = lines.with_comments(b'#');
    lines.expect_line("`MFEM mesh v1.0`")?;
    if lines.text() != b"MFEM mesh v1.0" {
        return Err(lines.here("only `MFEM mesh v1.0` is read"));
    }
    let mut builder = MeshBuilder::default();
    let mut reach = Reach::default();
    expect(&mut lines, "dimension")?;
    let dim = count(&mut lines, "dimension")?;
    if !(1..=3).contains(&dim) {
        return Err(lines.here(format!("dimension {dim} is not 1, 2 or 3")));
    }
    for (section, cell_dim) in [("elements", dim), ("boundary", dim - 1)] {
        expect(&mut lines, section)?;
        let num_cells = count(&mut lines, section)?;
        lines.room(num_cells, 6, section)?;
        lines.each_row(num_cells, section, |row, line| {
            let (attribute, shape, nodes) = cell(row, cell_dim)?;
            let nodes = &nodes[..shape.num_nodes()];
            reach.note(nodes, line);
            builder.cell(shape, nodes, &[attribute])
        })?;
    }
    let (points, space_dim) = vertices(&mut lines, dim)?;
    reach.check(&lines, points.len(), 0)?;
    lines.end()?;
    builder.points = points;
    Ok(builder.finish(space_dim))
}

fn cell(row: &mut Row, dim: usize) -> Result<(i32, Shape, [u32; Shape::MOST_NODES]), RowError> {
    let attribute = row.number::<i32>()?;
    let shape = Shape::of_mfem(row.number::<i64>()?).map_err(RowError::new)?;
    if shape.dim() != dim {
        return Err(RowError::new(format!("a {shape}, where cells of dimension {dim} belong")));
    }
    let mut nodes = [0; Shape::MOST_NODES];
    for node in &mut nodes[..shape.num_nodes()] {
        *node = row.any_index()?;
    }
    Ok((attribute, shape, nodes))
}

/// The points, and the dimension of their space: 2 or 3.
fn vertices(lines: &mut Lines, dim: usize) -> Result<(Vec<[f64; 3]>, usize), ReadError> {
    expect(lines, "vertices")?;
    let num_vertices = count(lines, "vertices")?;
    lines.expect_line("the coordinates of the vertices")?;
    if lines.text() == b"nodes" {
        return nodes(lines, num_vertices, dim);
    }
    let mut row = lines.row();
    let read = row.count().and_then(|width| row.end().map(|()| width));
    let width = read.map_err(|error| lines.in_table("number of coordinates", error))?;
    check_width(lines, width, dim)?;
    let points = lines.table(num_vertices, width, "vertices", |row| {
        let mut point = [0.0; 3];
        for coordinate in &mut point[..width] {
            *coordinate = row.number()?;
        }
        Ok(point)
    })?;
    if !lines.next_line()? {
        return Ok((points, width.max(2)));
    }
    if lines.text() != b"nodes" {
        return Err(lines.here("`nodes`, or the end of the file, should stand here"));
    }
    nodes(lines, num_vertices, dim)
}

/// The values at the vertices of the space that describes a curved geometry.
fn nodes(
    lines: &mut Lines,
    num_vertices: usize,
    dim: usize,
) -> Result<(Vec<[f64; 3]>, usize), ReadError> {
    expect(lines, "FiniteElementSpace")?;
    let space = setting(lines, "FiniteElementCollection:")?;
    if !CONTINUOUS.iter().any(|name| space.starts_with(name)) {
        return Err(lines.here(format!(
            "the geometry is in the space {space}, which has several values at a vertex; \
             only continuous ones are read"
        )));
    }
    let width = setting(lines, "VDim:")?.parse().unwrap_or(0);
    check_width(lines, width, dim)?;
    let by_vertex = match &*setting(lines, "Ordering:")? {
        "0" => false,
        "1" => true,
        other => return Err(lines.here(format!("ordering `{other}` is neither 0 nor 1"))),
    };
    let values = numbers(lines)?;
    let num_values = values.len() / width;
    if values.len() % width != 0 || num_values < num_vertices {
        return Err(lines.here(format!(
            "nodes: {} numbers do not give {width} coordinates to {num_vertices} vertices",
            values.len()
        )));
    }
    let at = |vertex: usize, axis: usize| match (axis < width, by_vertex) {
        (false, _) => 0.0,
        (true, true) => values[vertex * width + axis],
        (true, false) => values[axis * num_values + vertex],
    };
    let points = (0..num_vertices).map(|vertex| std::array::from_fn(|axis| at(vertex, axis)));
    Ok((points.collect(), width.max(2)))
}

fn check_width(lines: &Lines, width: usize, dim: usize) -> Result<(), ReadError> {
    if width < dim || width > 3 {
        let reason = format!("points of {width} coordinates in a mesh of dimension {dim}");
        return Err(lines.here(reason));
    }
    Ok(())
}

/// All numbers up to the end of the file.
fn numbers(lines: &mut Lines) -> Result<Vec<f64>, ReadError> {
    let mut numbers = Vec::new();
    while lines.next_line()? {
        let mut row = lines.row();
        while !row.is_blank() {
            numbers.push(row.number().map_err(|error| lines.in_table("nodes", error))?);
        }
    }
    Ok(numbers)
}

/// The value of a line `name value`.
fn setting(lines: &mut Lines, name: &str) -> Result<String, ReadError> {
    let mut row = lines.expect_line(name)?;
    let found = row.word().is_ok_and(|word| word == name);
    match row.rest() {
        Ok(value) if found => Ok(value.to_owned()),
        _ => Err(lines.here(format!("`{name}` should stand here"))),
    }
}

fn expect(lines: &mut Lines, section: &str) -> Result<(), ReadError> {
    lines.expect_line(format_args!("`{section}`"))?;
    if lines.text() == section.as_bytes() {
        return Ok(());
    }
    Err(lines.here(format!("`{section}` should stand here")))
}

fn count(lines: &mut Lines, what: &str) -> Result<usize, ReadError> {
    let mut row = lines.expect_line(format_args!("the number of {what}"))?;
    let read = row.count().and_then(|count| row.end().map(|()| count));
    read.map_err(|error| lines.in_table(what, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const HEAD: &str = "MFEM mesh v1.0\n# comment\ndimension\n2\nelements\n2\n1 2 0 1 2\n\
                        7 2 0 2 3\nboundary\n1\n4 1 0 1\nvertices\n4\n";
    const POINTS: &str = "2\n0 0\n1 0\n1 1\n0 1\n";

    fn mesh(text: &str) -> Result<Mesh, String> {
        let lines = Lines::of_bytes(Path::new("a.mesh"), text.as_bytes().to_vec());
        read(lines).map_err(|error| error.to_string())
    }

    fn curved(ordering: u32, values: &str) -> String {
        format!(
            "{HEAD}nodes\nFiniteElementSpace\nFiniteElementCollection: H1_2D_P2\nVDim: 2\n\
             Ordering: {ordering}\n\n{values}"
        )
    }

    #[test]
    fn attributes_become_groups() {
        let mesh = mesh(&format!("{HEAD}{POINTS}")).unwrap();
        assert_eq!((mesh.dim, mesh.measure()), (2, 1.0));
        let groups: Vec<_> = mesh.groups.iter().map(|g| (g.dim, &*g.name, g.len())).collect();
        assert_eq!(groups, [(1, "4", 1), (2, "1", 1), (2, "7", 1)]);
    }

    #[test]
    fn a_curved_geometry_is_read_at_its_vertices() {
        let straight = mesh(&format!("{HEAD}{POINTS}"));
        let by_vertex = "0 0\n1 0\n1 1\n0 1\n0.5 0.1\n";
        assert_eq!(mesh(&curved(1, by_vertex)), straight);
        let by_axis = "0\n1\n1\n0\n0.5\n0\n0\n1\n1\n0.1\n";
        assert_eq!(mesh(&curved(0, by_axis)), straight);
    }

    #[test]
    fn wrong_files_are_refused_with_place_and_reason() {
        let good = format!("{HEAD}{POINTS}");
        let cases = [
            ("v1.0", "v1.3", "line 1: only `MFEM mesh v1.0`"),
            ("dimension\n2", "dimension\n4", "line 4: dimension 4 is not"),
            ("1 2 0 1 2", "1 2 0 1 4", "line 7: names node 4"),
            ("1 2 0 1 2", "1 2 0 1 1", "line 7: elements, row 0 of 2: corners"),
            ("1 2 0 1 2", "1 1 0 1", "line 7: elements, row 0 of 2: a line, where"),
            ("1 2 0 1 2", "1 9 0 1", "line 7: elements, row 0 of 2: geometry type 9"),
            ("boundary", "borders", "line 9: `boundary` should stand here"),
            ("vertices\n4\n2", "vertices\n4\n1", "points of 1 coordinates"),
            ("vertices\n4\n", "vertices\n3\n", "line 18: `nodes`, or the end"),
            ("elements\n2", "elements\n2000", "elements: 2000 rows are announced"),
        ];
        for (from, to, reason) in cases {
            assert!(good.contains(from), "{from}");
            let error = mesh(&good.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(reason), "{reason}:\n{error}");
        }
        assert!(mesh(&curved(1, "0 0\n1 0\n")).unwrap_err().contains("4 numbers do not give"));
        assert!(mesh(&curved(2, "")).unwrap_err().contains("ordering `2`"));
        let broken = curved(1, "").replace("H1_2D", "L2_2D");
        assert!(mesh(&broken).unwrap_err().contains("several values at a vertex"));
        assert!(mesh(&curved(1, "").replace("VDim: 2", "VDim: x")).is_err());
    }

    #[test]
    fn truncated_files_are_refused() {
        let good = format!("{HEAD}{POINTS}");
        for length in 0..good.len() - 2 {
            assert!(mesh(&good[..length]).is_err(), "{length} bytes");
        }
    }
}
