//! Geomview's OFF: surfaces as polygons, in the plain text form without colors or normals.
//!
//! `OFF`, three counts (vertices, faces, edges; the last means nothing), vertices, faces as a
//! number of corners, the corners, and perhaps a color, which is read over. `#` begins a comment.

use super::ReadError;
use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::polygon::add_face;
use super::row::{Row, RowError};

/// How an OFF file begins.
pub(super) const MAGIC: &str = "OFF";

/// Reads a mesh from the beginning of its file.
pub(super) fn read(lines: Lines) -> Result<Mesh, ReadError> {
    let mut lines = lines.with_comments(b'#');
    let [num_vertices, num_faces] = header(&mut lines)?;
    let points = lines.table(num_vertices, 3, "vertices", |row| {
        Ok([row.number()?, row.number()?, row.number()?])
    })?;
    let mut builder = MeshBuilder::with_points(points);
    lines.room(num_faces, 8, "faces")?;
    let mut corners = Vec::new();
    lines.each_row(num_faces, "faces", |row, _| {
        corners.clear();
        for _ in 0..row.count()? {
            corners.push(row.index(num_vertices)?);
        }
        add_face(&mut builder, &corners, &[])?;
        row.rest().map(|_color| ())
    })?;
    lines.end()?;
    Ok(builder.finish(3))
}

/// `OFF` and the counts, on one line or two.
fn header(lines: &mut Lines) -> Result<[usize; 2], ReadError> {
    let mut row = lines.expect_line("`OFF`")?;
    if row.word() != Ok(MAGIC) {
        return Err(lines.here("`OFF` should stand here; other kinds of OFF are not read"));
    }
    if row.is_blank() {
        row = lines.expect_line("the numbers of vertices, faces and edges")?;
    }
    let counts = |row: &mut Row| -> Result<_, RowError> {
        let counts = [row.count()?, row.count()?];
        row.id()?;
        row.end()?;
        Ok(counts)
    };
    counts(&mut row).map_err(|error| lines.in_table("numbers of vertices, faces and edges", error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Shape;
    use std::path::Path;

    fn mesh(text: &str) -> Result<Mesh, String> {
        let lines = Lines::of_bytes(Path::new("a.off"), text.as_bytes().to_vec());
        read(lines).map_err(|error| error.to_string())
    }

    const GOOD: &str = "OFF\n4 2 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2\n3 0 2 3 255 0 0\n";

    #[test]
    fn the_counts_may_stand_beside_the_name() {
        let square = mesh(GOOD).unwrap();
        assert_eq!(square.table::<3>(Shape::Triangle).unwrap(), [[0, 1, 2], [0, 2, 3]]);
        let beside = GOOD.replacen("OFF\n", "# comment\nOFF ", 1);
        assert_eq!(mesh(&beside), Ok(square));
    }

    #[test]
    fn wrong_files_are_refused_with_place_and_reason() {
        let cases = [
            ("OFF", "COFF", "line 1: `OFF` should stand here"),
            ("4 2 0", "4 2", "line 2: numbers of vertices, faces and edges: the line ends"),
            ("4 2 0", "353535235358 2 0", "line 2: numbers of vertices, faces and edges: `3535"),
            ("4 2 0", "4000000 2 0", "line 2: vertices: 4000000 rows are announced"),
            ("4 2 0", "4 3000 0", "line 6: faces: 3000 rows are announced"),
            ("3 0 1 2", "3 0 1 4", "line 7: faces, row 0 of 2: `4` (column 7) is out of range"),
            ("3 0 1 2", "4000000000 0 1 2", "line 7: faces, row 0 of 2: the line ends too early"),
            ("3 0 1 2", "2 0 1", "line 7: faces, row 0 of 2: 2 corners do not make a face"),
            ("4 2 0", "4 1 0", "line 8: more data follows"),
        ];
        for (from, to, reason) in cases {
            let error = mesh(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(reason), "{reason}:\n{error}");
        }
    }
}
