//! The meshes of OP2's airfoil and aero programs as a [`Mesh`]: quads in the plane.
//!
//! Airfoil: `nodes cells edges boundary-edges`, then the tables; a boundary edge becomes a line in
//! the group of its code. The interior edges of the file are checked and left out: they are
//! joined across the cut behind the profile, where a mesh by itself has two rows of nodes. Programs
//! that want them use [`Op2Text`] directly. Aero: `nodes cells boundary-nodes`; the boundary nodes
//! become points in the group `boundary`. Its quads are listed in tensor order, as its shape
//! functions are: `(0,0) (1,0) (0,1) (1,1)`; here they go around like all others.

use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::row::RowError;
use super::{Op2Text, ReadError, Shape};

/// Reads a mesh from the beginning of its file.
pub(super) fn read(mut lines: Lines) -> Result<Mesh, ReadError> {
    let counts = header(&mut lines)?;
    let mut text = Op2Text::over(lines);
    let builder = match counts[..] {
        [nodes, cells, edges, bedges] => airfoil(&mut text, nodes, cells, edges, bedges)?,
        [nodes, cells, bnodes] => aero(&mut text, nodes, cells, bnodes)?,
        _ => unreachable!("`header` gives three counts or four"),
    };
    text.end()?;
    Ok(builder.finish(2))
}

/// Three counts or four.
fn header(lines: &mut Lines) -> Result<Vec<usize>, ReadError> {
    let what = "a header of 3 counts (nodes, cells, boundary nodes) or 4 (nodes, cells, edges, \
                boundary edges)";
    let mut row = lines.expect_line(what)?;
    let mut counts = Vec::new();
    let read: Result<(), RowError> = (|| {
        while counts.len() < 3 || (counts.len() == 3 && !row.is_blank()) {
            counts.push(row.count()?);
        }
        row.end()
    })();
    read.map_err(|error| lines.in_table(what, error))?;
    Ok(counts)
}

fn airfoil(
    text: &mut Op2Text,
    num_nodes: usize,
    num_cells: usize,
    num_edges: usize,
    num_bedges: usize,
) -> Result<MeshBuilder, ReadError> {
    let mut builder = quads(text, num_nodes, num_cells, |nodes| nodes)?;
    text.table(num_edges, 4, "edge -> nodes and cells", |row| {
        row.indices::<2>(num_nodes)?;
        row.indices::<2>(num_cells)?;
        Ok(())
    })?;
    text.table(num_bedges, 4, "boundary edge -> nodes and cell", |row| {
        let nodes = row.indices::<2>(num_nodes)?;
        row.index(num_cells)?;
        let code = row.number()?;
        builder.cell(Shape::Line, &nodes, &[code])
    })?;
    Ok(builder)
}

fn aero(
    text: &mut Op2Text,
    num_nodes: usize,
    num_cells: usize,
    num_bnodes: usize,
) -> Result<MeshBuilder, ReadError> {
    let mut builder = quads(text, num_nodes, num_cells, |[a, b, c, d]| [a, b, d, c])?;
    text.table(num_bnodes, 1, "boundary nodes", |row| {
        let node = row.index(num_nodes)?;
        builder.cell(Shape::Point, &[node], &[1])
    })?;
    builder.name_group(0, 1, "boundary");
    Ok(builder)
}

/// Nodes and quads; `around` lists the corners of one in the order in which they go around it.
fn quads(
    text: &mut Op2Text,
    num_nodes: usize,
    num_cells: usize,
    around: fn([u32; 4]) -> [u32; 4],
) -> Result<MeshBuilder, ReadError> {
    let points =
        text.table(num_nodes, 2, "coordinates", |row| Ok([row.number()?, row.number()?, 0.0]))?;
    let mut builder = MeshBuilder::with_points(points);
    text.table(num_cells, 4, "cell -> nodes", |row| {
        let nodes = row.indices::<4>(num_nodes)?;
        builder.cell(Shape::Quad, &around(nodes), &[])
    })?;
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const NODES: &str = "0 0\n1 0\n1 1\n0 1\n";

    fn mesh(header: &str, rest: &str) -> Result<Mesh, String> {
        let cell = if header.split(' ').count() == 3 { "0 1 3 2" } else { "0 1 2 3" };
        let text = format!("{header}\n{NODES}{cell}\n{rest}");
        let lines = Lines::of_bytes(Path::new("a.dat"), text.into_bytes());
        read(lines).map_err(|error| error.to_string())
    }

    #[test]
    fn the_header_tells_the_two_layouts_apart() {
        let airfoil = mesh("4 1 1 2", "1 2 0 0\n0 1 0 2\n3 0 0 1\n").unwrap();
        assert_eq!((airfoil.dim, airfoil.measure()), (2, 1.0));
        assert_eq!(airfoil.group(1, "2").unwrap().members, [(Shape::Line, vec![0])]);
        let aero = mesh("4 1 2", "0\n3\n").unwrap();
        assert_eq!((&aero.cells[1].nodes[..], aero.measure()), (&[0, 1, 2, 3][..], 1.0));
        assert_eq!(aero.group_nodes(aero.group(0, "boundary").unwrap()), [0, 3]);
    }

    #[test]
    fn wrong_files_are_refused_with_place_and_reason() {
        let cases = [
            ("4 1", "", "line 1: a header of 3 counts"),
            ("4 1 1 2 9", "", "`9` (column 9) follows"),
            (
                "4 1 2",
                "0\n4\n",
                "line 8: boundary nodes, row 1 of 2: `4` (column 1) is out of range",
            ),
            ("4 1 1", "0\n1\n", "line 8: more data follows"),
            ("4 1 0 1", "0 1 1 2\n", "line 7: boundary edge -> nodes and cell, row 0 of 1: `1`"),
            ("4 1 1 0", "0 1 0 1\n", "line 7: edge -> nodes and cells, row 0 of 1: `1`"),
        ];
        for (header, rest, reason) in cases {
            let error = mesh(header, rest).unwrap_err();
            assert!(error.contains(reason), "{reason}:\n{error}");
        }
    }
}
