//! SU2's native mesh format: `KEYWORD= value` lines, each followed by its table.
//!
//! Sections may come in any order; `%` begins a comment. Read are `NDIME`, `NELEM`, `NPOIN` and
//! the markers, which become groups numbered from 1; what belongs to other keywords (periodic
//! boundaries, boxes of free-form deformation) is read over. Every element of a marker must be a
//! facet of the mesh.

use super::ReadError;
use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::reach::Reach;
use super::row::{Row, RowError};
use super::shape::Shape;
use super::topology::{has_facet, sides};

/// A file being read, and what was found so far.
struct Su2 {
    lines: Lines,
    builder: MeshBuilder,
    dim: Option<usize>,
    elements: Option<Elements>,
    points: Option<Points>,
    num_markers: Option<usize>,
    markers: Vec<String>,
    marker_cells: Vec<MarkerCell>,
}

/// What must be checked about the elements once dimension and points are known.
#[derive(Default)]
struct Elements {
    reach: Reach,
    /// The first line with an element of each dimension.
    lines_of_dim: [Option<u64>; 4],
}

/// Points as rows of values: coordinates and, maybe, an index.
#[derive(Default)]
struct Points {
    rows: Vec<[f64; 3]>,
    /// The first line with 2, 3 and 4 values.
    lines_of_width: [Option<u64>; 3],
}

struct MarkerCell {
    shape: Shape,
    nodes: [u32; Shape::MOST_NODES],
    tag: i32,
    line: u64,
}

impl MarkerCell {
    fn nodes(&self) -> &[u32] {
        &self.nodes[..self.shape.num_nodes()]
    }
}

/// Reads a mesh from the beginning of its file.
pub(super) fn read(lines: Lines) -> Result<Mesh, ReadError> {
    let mut su2 = Su2 {
        lines: lines.with_comments(b'%'),
        builder: MeshBuilder::default(),
        dim: None,
        elements: None,
        points: None,
        num_markers: None,
        markers: Vec::new(),
        marker_cells: Vec::new(),
    };
    su2.sections()?;
    su2.finish()
}

impl Su2 {
    fn sections(&mut self) -> Result<(), ReadError> {
        let mut is_known = true;
        while self.lines.next_line()? {
            let Some((keyword, value)) = keyword(self.lines.text()) else {
                if is_known {
                    return Err(self.lines.here(
                        "is data, but a keyword should stand here: more rows than were announced?",
                    ));
                }
                continue;
            };
            is_known = self.section(&keyword, &value)?;
        }
        Ok(())
    }

    /// Reads one section; false if its keyword is none of ours.
    fn section(&mut self, keyword: &str, value: &str) -> Result<bool, ReadError> {
        match keyword {
            "NDIME" => self.dimension(value)?,
            "NELEM" => self.elements(value)?,
            "NPOIN" => self.points(value)?,
            "NMARK" => self.num_markers = Some(self.count(keyword, value)?),
            "MARKER_TAG" => self.marker(value)?,
            "MARKER_ELEMS" => return Err(self.lines.here("stands without a MARKER_TAG=")),
            "NZONE" if value != "1" => {
                return Err(self.lines.here("has several zones; save each to a file of its own"));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn dimension(&mut self, value: &str) -> Result<(), ReadError> {
        self.once("NDIME", self.dim.is_some())?;
        self.dim = match value {
            "2" => Some(2),
            "3" => Some(3),
            _ => return Err(self.lines.here(format!("NDIME= `{value}` is neither 2 nor 3"))),
        };
        Ok(())
    }

    fn elements(&mut self, value: &str) -> Result<(), ReadError> {
        self.once("NELEM", self.elements.is_some())?;
        let num_elements = self.count("NELEM", value)?;
        self.lines.room(num_elements, 4, "NELEM")?;
        let mut elements = Elements::default();
        let builder = &mut self.builder;
        self.lines.each_row(num_elements, "elements", |row, line| {
            let (shape, nodes) = cell(row)?;
            let nodes = &nodes[..shape.num_nodes()];
            elements.reach.note(nodes, line);
            elements.lines_of_dim[shape.dim()].get_or_insert(line);
            builder.cell(shape, nodes, &[])
        })?;
        self.elements = Some(elements);
        Ok(())
    }

    fn points(&mut self, value: &str) -> Result<(), ReadError> {
        self.once("NPOIN", self.points.is_some())?;
        // A second count, of points without halo, may follow.
        let num_points = self.count("NPOIN", value.split_whitespace().next().unwrap_or(""))?;
        let room = self.lines.room(num_points, 4, "NPOIN")?;
        let mut points = Points { rows: Vec::with_capacity(room), ..Points::default() };
        self.lines.each_row(num_points, "points", |row, line| {
            let mut values = [row.number()?, row.number()?, 0.0];
            let mut width = 2;
            if !row.is_blank() {
                (values[2], width) = (row.number()?, 3);
            }
            if !row.is_blank() {
                (_, width) = (row.id()?, 4);
            }
            points.rows.push(values);
            points.lines_of_width[width - 2].get_or_insert(line);
            Ok(())
        })?;
        self.points = Some(points);
        Ok(())
    }

    fn marker(&mut self, name: &str) -> Result<(), ReadError> {
        self.once(&format!("marker `{name}`"), self.markers.iter().any(|marker| marker == name))?;
        self.markers.push(name.to_owned());
        let tag = self.markers.len() as i32;
        self.lines.expect_line(format_args!("MARKER_ELEMS= of marker `{name}`"))?;
        let Some((keyword, value)) =
            keyword(self.lines.text()).filter(|(k, _)| k == "MARKER_ELEMS")
        else {
            return Err(self.lines.here("MARKER_ELEMS= should stand here, after MARKER_TAG="));
        };
        let num_cells = self.count(&keyword, &value)?;
        self.lines.room(num_cells, 4, "MARKER_ELEMS")?;
        let cells = &mut self.marker_cells;
        self.lines.each_row(num_cells, &format!("marker `{name}`"), |row, line| {
            let (shape, nodes) = cell(row)?;
            cells.push(MarkerCell { shape, nodes, tag, line });
            Ok(())
        })
    }

    fn once(&self, what: &str, found: bool) -> Result<(), ReadError> {
        if found { Err(self.lines.here(format!("{what} occurs twice"))) } else { Ok(()) }
    }

    fn count(&self, keyword: &str, value: &str) -> Result<usize, ReadError> {
        let mut row = Row::new(value.as_bytes());
        let count = row.count().and_then(|count| row.end().map(|()| count));
        count.map_err(|error| self.lines.in_table(format_args!("{keyword}="), error))
    }

    fn finish(mut self) -> Result<Mesh, ReadError> {
        let missing =
            |keyword: &str| self.lines.at_end(format!("the file ends without {keyword}="));
        let dim = self.dim.ok_or_else(|| missing("NDIME"))?;
        let elements = self.elements.take().ok_or_else(|| missing("NELEM"))?;
        let points = self.points.take().ok_or_else(|| missing("NPOIN"))?;
        if let Some(announced) = self.num_markers.filter(|&number| number != self.markers.len()) {
            let found = self.markers.len();
            return Err(self.lines.at_end(format!("NMARK= is {announced}, but {found} are there")));
        }
        elements.check(&self.lines, dim, points.rows.len())?;
        self.builder.points = points.coordinates(&self.lines, dim)?;
        self.finish_markers(dim)
    }

    fn finish_markers(self, dim: usize) -> Result<Mesh, ReadError> {
        let Self { lines, mut builder, markers, marker_cells, .. } = self;
        let mut reach = Reach::default();
        marker_cells.iter().for_each(|cell| reach.note(cell.nodes(), cell.line));
        reach.check(&lines, builder.points.len(), 0)?;
        let in_marker = |cell: &MarkerCell, reason: &str| {
            let name = &markers[cell.tag as usize - 1];
            lines.on_line(cell.line, format!("marker `{name}`: {reason}"))
        };
        for cell in &marker_cells {
            if cell.shape.dim() != dim - 1 {
                let reason = format!("a {} bounds no cell of dimension {dim}", cell.shape);
                return Err(in_marker(cell, &reason));
            }
            let added = builder.cell(cell.shape, cell.nodes(), &[cell.tag]);
            added.map_err(|error| in_marker(cell, &error.into_reason()))?;
        }
        for (tag, name) in (1..).zip(&markers) {
            builder.name_group(dim - 1, tag, name);
        }
        let mesh = builder.finish(dim);
        let sides = sides(&mesh);
        match marker_cells.iter().find(|cell| !has_facet(&sides, cell.nodes())) {
            Some(cell) => {
                let nodes = cell.nodes();
                let reason =
                    format!("the {} with nodes {nodes:?} is no facet of any cell", cell.shape);
                Err(in_marker(cell, &reason))
            }
            None => Ok(mesh),
        }
    }
}

impl Elements {
    fn check(&self, lines: &Lines, dim: usize, num_points: usize) -> Result<(), ReadError> {
        self.reach.check(lines, num_points, 0)?;
        for (other, line) in self.lines_of_dim.iter().enumerate() {
            if let Some(line) = line.filter(|_| other != dim) {
                let reason = format!("an element of dimension {other}, but NDIME= is {dim}");
                return Err(lines.on_line(line, reason));
            }
        }
        Ok(())
    }
}

impl Points {
    /// The rows as points, whose third value is an index in a plane mesh.
    fn coordinates(mut self, lines: &Lines, dim: usize) -> Result<Vec<[f64; 3]>, ReadError> {
        for (width, line) in (2..).zip(self.lines_of_width) {
            if let Some(line) = line.filter(|_| width != dim && width != dim + 1) {
                let reason = format!(
                    "points: {width} values, but {dim} coordinates and perhaps an index belong here"
                );
                return Err(lines.on_line(line, reason));
            }
        }
        if dim == 2 {
            self.rows.iter_mut().for_each(|point| point[2] = 0.0);
        }
        Ok(self.rows)
    }
}

/// `KEYWORD= value`, with spaces where one likes.
fn keyword(line: &[u8]) -> Option<(String, String)> {
    let (keyword, value) = std::str::from_utf8(line).ok()?.split_once('=')?;
    Some((keyword.trim().to_owned(), value.trim().to_owned()))
}

/// A type, its nodes and, maybe, an index.
fn cell(row: &mut Row) -> Result<(Shape, [u32; Shape::MOST_NODES]), RowError> {
    let shape = Shape::of_vtk(row.number::<i64>()?).map_err(RowError::new)?;
    let mut nodes = [0; Shape::MOST_NODES];
    for node in &mut nodes[..shape.num_nodes()] {
        *node = row.any_index()?;
    }
    if !row.is_blank() {
        row.id()?;
    }
    Ok((shape, nodes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const GOOD: &str = "NDIME= 2\nNELEM= 2\n5 0 1 2 0\n5 0 2 3 1\nNPOIN= 4\n0 0 0\n1 0 1\n1 1 2\n\
                        0 1 3\nNMARK= 1\nMARKER_TAG= wall\nMARKER_ELEMS= 2\n3 0 1\n3 3 0\n";

    fn mesh(text: &str) -> Result<Mesh, String> {
        let lines = Lines::of_bytes(Path::new("a.su2"), text.as_bytes().to_vec());
        read(lines).map_err(|error| error.to_string())
    }

    #[test]
    fn markers_become_groups() {
        let mesh = mesh(GOOD).unwrap();
        assert_eq!((mesh.dim, mesh.measure()), (2, 1.0));
        let wall = mesh.group(1, "wall").unwrap();
        assert_eq!((wall.tag, wall.len()), (1, 2));
        assert_eq!(mesh.groups.len(), 1);
    }

    #[test]
    fn sections_come_in_any_order_with_comments_and_unknown_ones() {
        let (head, markers) = GOOD.split_at(GOOD.find("NMARK").unwrap());
        let (elements, points) = head.split_at(head.find("NPOIN").unwrap());
        let (dim, elements) = elements.split_at(elements.find("NELEM").unwrap());
        let shuffled = format!(
            "% comment\n{markers}FFD_NBOX= 1\n0 0 % two\n{points}\r\n{elements}\n{}",
            dim.replace('=', " = ").replace(' ', "\t")
        );
        assert_eq!(mesh(&shuffled), mesh(GOOD));
    }

    #[test]
    fn wrong_files_are_refused_with_place_and_reason() {
        let cases = [
            ("NDIME= 2", "NDIME= 4", "line 1: NDIME= `4`"),
            ("NDIME= 2", "NZONE= 2", "line 1: has several zones"),
            ("NDIME= 2", "NDIME= 3", "line 3: an element of dimension 2, but NDIME= is 3"),
            ("5 0 1 2 0", "5 0 4 2 0", "line 3: names node 4, but the last of the 4 nodes is 3"),
            ("5 0 1 2 0", "5 0 1 1 0", "line 3: elements, row 0 of 2: corners 2 and 3"),
            (
                "5 0 1 2 0",
                "22 0 1 2 0 1 2",
                "line 3: elements, row 0 of 2: cell type 22 has curved",
            ),
            ("5 0 1 2 0", "5 0 1 2 0 9", "line 3: elements, row 0 of 2: `9` (column 11) follows"),
            ("NELEM= 2", "NELEM= 1", "line 4: is data, but a keyword"),
            ("NELEM= 2", "NELEM= 3", "line 5: elements, row 2 of 3: `NPOIN=`"),
            ("NELEM= 2", "NELEM= -1", "line 2: NELEM=: `-1` (column 1) is not a count"),
            ("1 1 2", "1 nan 2", "line 8: points, row 2 of 4: `nan`"),
            ("1 1 2", "1 1 2 2", "line 8: points: 4 values"),
            ("3 3 0", "3 1 3", "line 14: marker `wall`: the line with nodes [1, 3] is no facet"),
            ("3 3 0", "3 1 7", "line 14: names node 7"),
            ("3 3 0", "5 0 1 2", "line 14: marker `wall`: a triangle bounds no cell"),
            ("NMARK= 1", "NMARK= 2", "NMARK= is 2, but 1 are there"),
            ("MARKER_TAG= wall\n", "", "line 11: stands without a MARKER_TAG="),
            ("MARKER_ELEMS= 2\n", "", "line 12: MARKER_ELEMS= should stand here"),
        ];
        for (from, to, reason) in cases {
            assert!(GOOD.contains(from), "{from}");
            let error = mesh(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(reason), "{reason}:\n{error}");
        }
        assert!(mesh("NDIME= 2\n").unwrap_err().contains("ends without NELEM="));
        assert!(mesh(&format!("{GOOD}NDIME= 2\n")).unwrap_err().contains("NDIME occurs twice"));
    }
}
