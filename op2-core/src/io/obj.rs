//! Wavefront OBJ: surfaces as polygons.
//!
//! Read are vertices, faces, lines, points and groups (`g`); texture, normals, materials and
//! smoothing are read over. Vertices may be numbered from 1, or backward from -1.

use std::collections::HashMap;

use super::ReadError;
use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::polygon::add_face;
use super::reach::Reach;
use super::row::{Row, RowError};
use super::shape::Shape;

/// Statements that say nothing about the mesh.
const DECORATION: [&str; 13] = [
    "vt",
    "vn",
    "vp",
    "o",
    "s",
    "usemtl",
    "mtllib",
    "usemap",
    "maplib",
    "shadow_obj",
    "trace_obj",
    "lod",
    "bevel",
];

/// A file being read, and what was found so far.
#[derive(Default)]
struct Obj {
    builder: MeshBuilder,
    reach: Reach,
    /// The tags of the groups by name, from 1.
    groups: HashMap<String, i32>,
    current: Vec<i32>,
}

/// Reads a mesh from the beginning of its file.
pub(super) fn read(lines: Lines) -> Result<Mesh, ReadError> {
    let mut lines = lines.with_comments(b'#');
    let mut obj = Obj::default();
    while lines.next_line()? {
        let number = lines.number();
        obj.statement(&mut lines.row(), number).map_err(|error| lines.here(error.into_reason()))?;
    }
    obj.reach.check(&lines, obj.builder.points.len(), 1)?;
    if obj.builder.points.is_empty() {
        return Err(lines.at_end("the file ends without a vertex".to_owned()));
    }
    for (name, &tag) in &obj.groups {
        obj.builder.name_used_groups(tag, name);
    }
    Ok(obj.builder.finish(3))
}

impl Obj {
    fn statement(&mut self, row: &mut Row, line: u64) -> Result<(), RowError> {
        match row.word()? {
            "v" => self.vertex(row),
            "f" => {
                let corners = self.corners(row, line)?;
                add_face(&mut self.builder, &corners, &self.current)
            }
            "l" => {
                let corners = self.corners(row, line)?;
                let Self { builder, current, .. } = self;
                corners.windows(2).try_for_each(|ends| builder.cell(Shape::Line, ends, current))
            }
            "p" => {
                let corners = self.corners(row, line)?;
                let Self { builder, current, .. } = self;
                corners.chunks(1).try_for_each(|node| builder.cell(Shape::Point, node, current))
            }
            "g" => self.group(row),
            decoration if DECORATION.contains(&decoration) => Ok(()),
            other => Err(RowError::new(format!("`{other}` is no statement of a polygonal mesh"))),
        }
    }

    /// Three coordinates; a weight or a color may follow.
    fn vertex(&mut self, row: &mut Row) -> Result<(), RowError> {
        let mut point = [0.0; 3];
        for coordinate in &mut point {
            *coordinate = number(row)?;
        }
        let mut extra = 0;
        while !row.is_blank() {
            number(row)?;
            extra += 1;
        }
        if ![0, 1, 3, 4].contains(&extra) {
            return Err(RowError::new(format!("a vertex with {} values", 3 + extra)));
        }
        self.builder.points.push(point);
        Ok(())
    }

    /// The vertices of all `v`, `v/vt`, `v//vn` or `v/vt/vn` that are left on the line.
    fn corners(&mut self, row: &mut Row, line: u64) -> Result<Vec<u32>, RowError> {
        let mut corners = Vec::new();
        while !row.is_blank() {
            let corner = row.word()?;
            let vertex = corner.split('/').next().unwrap_or(corner);
            corners.push(self.index(vertex)?);
        }
        self.reach.note(&corners, line);
        Ok(corners)
    }

    fn index(&self, vertex: &str) -> Result<u32, RowError> {
        let num_vertices = self.builder.points.len() as i64;
        let index = match vertex.parse::<i64>() {
            Ok(number @ 1..=0xffff_ffff) => number - 1,
            Ok(number @ ..0) if number >= -num_vertices => number + num_vertices,
            Ok(0) => return Err(RowError::new("vertex 0: they are numbered from 1")),
            Ok(_) => {
                let reason = format!("vertex {vertex}: {num_vertices} stand before this line");
                return Err(RowError::new(reason));
            }
            Err(_) => return Err(RowError::new(format!("`{vertex}` is not a vertex"))),
        };
        Ok(index as u32)
    }

    /// The groups that what follows belongs to.
    fn group(&mut self, row: &mut Row) -> Result<(), RowError> {
        self.current.clear();
        while !row.is_blank() {
            let next = self.groups.len() as i32 + 1;
            let tag = *self.groups.entry(row.word()?.to_owned()).or_insert(next);
            self.current.push(tag);
        }
        Ok(())
    }
}

/// A number; some writers put the sign of the exponent before its letter (`3.1-e2`).
fn number(row: &mut Row) -> Result<f64, RowError> {
    let start = row.position();
    row.number().or_else(|error| {
        let word = row.word_from(start)?;
        let moved = word.replacen("+e", "e+", 1).replacen("-e", "e-", 1);
        moved.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn mesh(text: &str) -> Result<Mesh, String> {
        let lines = Lines::of_bytes(Path::new("a.obj"), text.as_bytes().to_vec());
        read(lines).map_err(|error| error.to_string())
    }

    const VERTICES: &str = "v 0 0 0\nv 1 0 0 1.0\nv 1 1 0 0.5 0.5 0.5\nv 0 1 0\n";

    #[test]
    fn faces_are_numbered_from_both_ends() {
        let from_front = mesh(&format!("{VERTICES}f 1/1 2/2/9 3//4\nf 1 3 4\n")).unwrap();
        let from_back = mesh(&format!("# square\nmtllib a\n{VERTICES}f -4 -3 -2\nf -4 -2 -1\n"));
        assert_eq!(from_back, Ok(from_front.clone()));
        let before = mesh(&format!("f 1 2 3\nf 1 3 4\n{VERTICES}"));
        assert_eq!(before, Ok(from_front));
    }

    #[test]
    fn groups_lines_and_points_are_kept() {
        let mesh = mesh(&format!("{VERTICES}g a\nf 1 2 3 4\ng a b\nl 1 2 3\np 4\n")).unwrap();
        assert_eq!(mesh.group(2, "a").unwrap().len(), 1);
        assert_eq!(mesh.group(1, "a").unwrap().members, [(Shape::Line, vec![0, 1])]);
        assert_eq!(mesh.group(0, "b").unwrap().len(), 1);
        assert!(mesh.group(2, "b").is_err());
    }

    #[test]
    fn odd_numbers_are_read_as_they_were_meant() {
        let mesh = mesh("v +1 2. +3.1-e2\nv -1.e2 3.1+e2 1E-2\nv 0 0 0\n").unwrap();
        assert_eq!(mesh.points[..2], [[1.0, 2.0, 0.031], [-100.0, 310.0, 0.01]]);
    }

    #[test]
    fn wrong_files_are_refused_with_place_and_reason() {
        let cases = [
            ("f 1 2 5", "line 5: names node 5, but the last of the 4 nodes is 4"),
            ("f 0 1 2", "line 5: vertex 0"),
            ("f -5 1 2", "line 5: vertex -5: 4 stand before"),
            ("f 1 2", "line 5: 2 corners do not make a face"),
            ("f", "line 5: 0 corners"),
            ("f 1 2 2 3", "line 5: corners 2 and 3 of the quad"),
            ("f 1 2 x", "line 5: `x` is not a vertex"),
            ("l 1 1", "line 5: corners 1 and 2 of the line"),
            ("v 1 2", "line 5: the line ends too early"),
            ("v 1 2 3 4 5", "line 5: a vertex with 5 values"),
            ("v 1 2 inf", "line 5: `inf` (column 7) is not a finite number"),
            ("v 1 2 3-", "line 5: `3-`"),
            ("curv 1 2", "line 5: `curv` is no statement"),
        ];
        for (line, reason) in cases {
            let error = mesh(&format!("{VERTICES}{line}\n")).unwrap_err();
            assert!(error.contains(reason), "{reason}:\n{error}");
        }
        assert!(mesh("o nothing\n").unwrap_err().contains("without a vertex"));
    }
}
