//! The mesh of the airfoil: quads around a NACA 0012 profile, read from a file or generated.
//!
//! Holds the tables and what can be done to them ([`read`](AirfoilMesh::read),
//! [`shuffle`](AirfoilMesh::shuffle), [`validate`](AirfoilMesh::validate)); where the points of a
//! generated grid are is in `c_grid`, how it is numbered in `numbering`. Turning the tables into sets and maps is left to `main`.

use std::path::Path;

use op2::io::{Op2Text, ReadError, Row, RowError};

// Named in full, because the benchmark includes this file from elsewhere.
#[path = "../common/c_grid.rs"]
mod c_grid;
#[path = "mesh/numbering.rs"]
mod numbering;
#[path = "mesh/shuffle.rs"]
mod shuffle;

/// A mesh of quads with its interior and boundary edges; all tables count from 0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AirfoilMesh {
    /// Positions of the nodes.
    pub(crate) coords: Vec<[f64; 2]>,
    /// The corners of each cell, counter-clockwise.
    pub(crate) cell_nodes: Vec<[u32; 4]>,
    /// The ends of each interior edge.
    pub(crate) edge_nodes: Vec<[u32; 2]>,
    /// The cells on the two sides of each interior edge.
    pub(crate) edge_cells: Vec<[u32; 2]>,
    /// The ends of each boundary edge.
    pub(crate) bedge_nodes: Vec<[u32; 2]>,
    /// The cell inside each boundary edge.
    pub(crate) bedge_cell: Vec<[u32; 1]>,
    /// What is outside each boundary edge: [`WALL`] or [`FAR_FIELD`].
    pub(crate) bound: Vec<i32>,
}

/// A boundary edge on the profile.
pub(crate) const WALL: i32 = 1;
/// A boundary edge where the free stream is.
pub(crate) const FAR_FIELD: i32 = 2;

impl AirfoilMesh {
    /// Reads a mesh in the text format of OP2's airfoil program, compressed or not.
    ///
    /// # Errors
    /// When the file cannot be read or is no such mesh.
    pub(crate) fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let mut text = Op2Text::open(path)?;
        let [num_nodes, num_cells, num_edges, num_bedges] =
            text.counts(["nodes", "cells", "edges", "boundary edges"])?;
        let coords = text.rows(num_nodes, "coordinates")?;
        let cell_nodes = text.indices(num_cells, num_nodes, "cell -> nodes")?;
        let edges = text.table(num_edges, 4, "edge -> nodes and cells", |row| {
            Ok((row.indices(num_nodes)?, row.indices(num_cells)?))
        })?;
        let bedges = text.table(num_bedges, 4, "boundary edge -> nodes and cell", |row| {
            Ok(((row.indices(num_nodes)?, row.indices(num_cells)?), bound(row)?))
        })?;
        text.end()?;
        let (edge_nodes, edge_cells) = edges.into_iter().unzip();
        let (bedges, bound): (Vec<_>, _) = bedges.into_iter().unzip();
        let (bedge_nodes, bedge_cell) = bedges.into_iter().unzip();
        Ok(Self { coords, cell_nodes, edge_nodes, edge_cells, bedge_nodes, bedge_cell, bound })
    }

    /// Generates a C-grid with `i` cells around the profile, `i` along each side of the cut
    /// behind it, and `j` from there outward: `3 i j` cells.
    ///
    /// `(400, 600)` is the mesh that OP2 publishes its numbers for.
    ///
    /// # Errors
    /// When the grid would have no shape, or more nodes or edges than `u32` can number.
    pub(crate) fn generate(i: usize, j: usize) -> Result<Self, String> {
        Ok(c_grid::CGrid::new(i, j)?.mesh())
    }

    /// Renumbers nodes, cells, edges and boundary edges at random; the flow stays the same.
    ///
    /// The order depends on `seed` alone. Such a mesh shows what a bad numbering costs.
    pub(crate) fn shuffle(&mut self, seed: u64) {
        shuffle::shuffle(self, seed);
    }

    /// Number of cells.
    pub(crate) fn num_cells(&self) -> usize {
        self.cell_nodes.len()
    }

    /// Checks what a program relies on beyond the index ranges that reading has checked.
    ///
    /// # Errors
    /// Names the first cell that is turned over or flat, edge that does not part two cells, or
    /// side of a cell that no edge covers.
    pub(crate) fn validate(&self) -> Result<(), String> {
        for cell in 0..self.num_cells() {
            let area = self.area(cell);
            if area <= 0.0 {
                return Err(format!("cell {cell} has area {area:e}: turned over or flat"));
            }
        }
        let mut sides = vec![0_u8; self.num_cells()];
        for (edge, &[left, right]) in self.edge_cells.iter().enumerate() {
            if left == right {
                return Err(format!("edge {edge} has cell {left} on both sides"));
            }
            sides[left as usize] = sides[left as usize].saturating_add(1);
            sides[right as usize] = sides[right as usize].saturating_add(1);
        }
        for &[cell] in &self.bedge_cell {
            sides[cell as usize] = sides[cell as usize].saturating_add(1);
        }
        match sides.iter().position(|&sides| sides != 4) {
            Some(cell) => Err(format!("cell {cell} has {} edges, not 4", sides[cell])),
            None => Ok(()),
        }
    }

    /// The area of a cell, by the cross product of its diagonals.
    fn area(&self, cell: usize) -> f64 {
        let [a, b, c, d] = self.cell_nodes[cell].map(|node| self.coords[node as usize]);
        0.5 * ((c[0] - a[0]) * (d[1] - b[1]) - (d[0] - b[0]) * (c[1] - a[1]))
    }
}

/// The kind of a boundary edge, as the file codes it.
fn bound(row: &mut Row) -> Result<i32, RowError> {
    match row.number()? {
        bound @ (WALL | FAR_FIELD) => Ok(bound),
        other => Err(RowError::new(format!(
            "boundary kind {other} is neither {WALL} (wall) nor {FAR_FIELD} (far field)"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::time::Instant;

    const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/airfoil_small.dat.zst");

    /// A published mesh, or nothing where it is not at hand.
    fn published(name: &str) -> Option<PathBuf> {
        let Some(folder) = std::env::var_os("SHARED_MESHES") else {
            eprintln!("skipped: set SHARED_MESHES to the folder that holds {name}");
            return None;
        };
        let path = PathBuf::from(folder).join(name);
        assert!(path.exists(), "{} is not there", path.display());
        Some(path)
    }

    /// Compares to the last digit, the sign of zero included, and says where they part.
    fn assert_same(left: &AirfoilMesh, right: &AirfoilMesh) {
        let bits = |mesh: &AirfoilMesh| -> Vec<_> {
            mesh.coords.iter().map(|point| point.map(f64::to_bits)).collect()
        };
        let differing: Vec<_> = std::iter::zip(bits(left), bits(right))
            .enumerate()
            .filter(|(_, (left, right))| left != right)
            .map(|(node, _)| (node, left.coords[node], right.coords[node]))
            .collect();
        assert_eq!(left.coords.len(), right.coords.len());
        assert!(
            differing.is_empty(),
            "{} differ: {:?}",
            differing.len(),
            &differing[..differing.len().min(10)]
        );
        assert!(left == right, "the tables differ");
    }

    #[test]
    fn the_generator_reproduces_the_small_mesh() {
        let read = AirfoilMesh::read(SMALL).unwrap();
        assert_same(&AirfoilMesh::generate(60, 90).unwrap(), &read);
    }

    /// A number that any change of any digit or table changes (FNV-1a on words).
    fn fingerprint(mesh: &AirfoilMesh) -> u64 {
        let words = |table: &[u32]| table.iter().map(|&index| u64::from(index)).collect::<Vec<_>>();
        let tables = [
            mesh.coords.as_flattened().iter().map(|value| value.to_bits()).collect(),
            words(mesh.cell_nodes.as_flattened()),
            words(mesh.edge_nodes.as_flattened()),
            words(mesh.edge_cells.as_flattened()),
            words(mesh.bedge_nodes.as_flattened()),
            words(mesh.bedge_cell.as_flattened()),
            mesh.bound.iter().map(|&bound| bound as u64).collect(),
        ];
        tables.iter().flatten().fold(0xcbf2_9ce4_8422_2325, |hash, word| {
            (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    #[test]
    fn the_generator_keeps_the_published_mesh() {
        // The fingerprint of the published file.
        let mesh = AirfoilMesh::generate(400, 600).unwrap();
        assert_eq!(fingerprint(&mesh), 0x4714_829d_cd6d_e5f6);
    }

    #[test]
    fn the_generator_reproduces_the_published_mesh() {
        let Some(path) = published("airfoil_new_grid.dat.zst") else { return };
        let start = Instant::now();
        let generated = AirfoilMesh::generate(400, 600).unwrap();
        let generating = start.elapsed();
        let start = Instant::now();
        let read = AirfoilMesh::read(path).unwrap();
        println!("generated in {generating:?}, read in {:?}", start.elapsed());
        assert_same(&generated, &read);
    }

    #[test]
    fn generated_meshes_of_any_size_are_valid() {
        for (i, j) in [(2, 1), (2, 2), (3, 1), (5, 40), (17, 9), (60, 90), (700, 3)] {
            let mesh = AirfoilMesh::generate(i, j).unwrap();
            assert_eq!(mesh.num_cells(), 3 * i * j);
            assert_eq!(mesh.coords.len(), (3 * i + 1) * (j + 1));
            assert_eq!(mesh.edge_nodes.len(), (3 * i - 1) * j + 3 * i * (j - 1) + i);
            assert_eq!(mesh.bound.len(), 4 * i + 2 * j);
            mesh.validate().unwrap_or_else(|error| panic!("{i},{j}: {error}"));
        }
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for (i, j) in [(0, 5), (1, 5), (5, 0), (100_000, 100_000), (usize::MAX, 2)] {
            assert!(AirfoilMesh::generate(i, j).is_err(), "{i},{j}");
        }
        let error = AirfoilMesh::generate(40_000, 40_000).unwrap_err();
        assert!(error.contains("4294967295"), "{error}");
    }

    #[test]
    fn a_shuffled_mesh_is_the_same_mesh() {
        let original = AirfoilMesh::generate(20, 10).unwrap();
        let mut shuffled = original.clone();
        shuffled.shuffle(7);
        shuffled.validate().unwrap();
        assert_ne!(shuffled.edge_cells, original.edge_cells);
        assert_eq!(edges_by_place(&shuffled), edges_by_place(&original));
        assert_eq!(bedges_by_place(&shuffled), bedges_by_place(&original));
        let mut again = original.clone();
        again.shuffle(7);
        assert_eq!(again, shuffled);
        again.shuffle(8);
        assert_ne!(again, shuffled);
    }

    /// The coordinates of a node, exactly.
    type Place = [u64; 2];

    fn place(mesh: &AirfoilMesh, node: u32) -> Place {
        mesh.coords[node as usize].map(f64::to_bits)
    }

    fn corners(mesh: &AirfoilMesh, cell: u32) -> [Place; 4] {
        mesh.cell_nodes[cell as usize].map(|node| place(mesh, node))
    }

    fn edges_by_place(mesh: &AirfoilMesh) -> Vec<([Place; 2], [[Place; 4]; 2])> {
        let mut edges: Vec<_> = std::iter::zip(&mesh.edge_nodes, &mesh.edge_cells)
            .map(|(nodes, cells)| {
                (nodes.map(|node| place(mesh, node)), cells.map(|cell| corners(mesh, cell)))
            })
            .collect();
        edges.sort_unstable();
        edges
    }

    fn bedges_by_place(mesh: &AirfoilMesh) -> Vec<([Place; 2], [Place; 4], i32)> {
        let mut bedges: Vec<_> = (0..mesh.bound.len())
            .map(|bedge| {
                let nodes = mesh.bedge_nodes[bedge].map(|node| place(mesh, node));
                (nodes, corners(mesh, mesh.bedge_cell[bedge][0]), mesh.bound[bedge])
            })
            .collect();
        bedges.sort_unstable();
        bedges
    }

    #[test]
    fn validation_sees_turned_cells_and_missing_edges() {
        let good = AirfoilMesh::generate(6, 4).unwrap();
        let mut turned = good.clone();
        turned.cell_nodes[5].reverse();
        assert!(turned.validate().unwrap_err().starts_with("cell 5 has area -"));
        let mut open = good.clone();
        let [cell] = open.bedge_cell.pop().unwrap();
        assert_eq!(open.validate().unwrap_err(), format!("cell {cell} has 3 edges, not 4"));
        let mut folded = good;
        folded.edge_cells[3] = [2, 2];
        assert_eq!(folded.validate().unwrap_err(), "edge 3 has cell 2 on both sides");
    }

    #[test]
    fn an_unknown_boundary_is_refused() {
        let path = std::env::temp_dir().join(format!("op2-airfoil-{}.dat", std::process::id()));
        let text = "4 1 0 1\n0 0\n1 0\n1 1\n0 1\n0 1 2 3\n0 1 0 3\n";
        std::fs::write(&path, text).unwrap();
        let error = AirfoilMesh::read(&path).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(error.line, Some(7));
        assert!(error.reason.contains("boundary kind 3 is neither 1 (wall)"), "{error}");
    }
}
