//! The mesh of aero: bilinear quads around a NACA 0012 profile, read from a file or generated.
//!
//! Holds the tables; where the points of a generated mesh are is in `c_grid`. Turning the tables
//! into sets and maps is left to `flow`.

use std::path::Path;

use op2::io::{Op2Text, ReadError};

// Named in full, because the benchmark and the tests include this file from elsewhere.
#[path = "../common/c_grid.rs"]
#[allow(clippy::duplicate_mod, reason = "the tests hold the airfoil's mesh, too")]
mod c_grid;
#[path = "mesh/numbering.rs"]
mod numbering;

/// A mesh of quads; all tables count from 0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AeroMesh {
    /// Positions of the nodes.
    pub(crate) coords: Vec<[f64; 2]>,
    /// The corners of each cell in tensor order: two along one side, two along the opposite one.
    pub(crate) cell_nodes: Vec<[u32; 4]>,
    /// The nodes on the outer boundary, where the flow is known.
    pub(crate) far_field: Vec<u32>,
}

impl AeroMesh {
    /// Reads a mesh in the text format of OP2's aero program, compressed or not.
    ///
    /// # Errors
    /// When the file cannot be read or is no such mesh.
    pub(crate) fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let mut text = Op2Text::open(path)?;
        let [num_nodes, num_cells, num_far] = text.counts(["nodes", "cells", "far-field nodes"])?;
        let coords = text.rows(num_nodes, "coordinates")?;
        let cell_nodes = text.indices(num_cells, num_nodes, "cell -> nodes")?;
        let far_field = text.table(num_far, 1, "far-field nodes", |row| row.index(num_nodes))?;
        text.end()?;
        Ok(Self { coords, cell_nodes, far_field })
    }

    /// Generates a C-grid with `i` cells around the profile, `i` along each side of the cut
    /// behind it, and `j` from there outward: `3 i j` cells.
    ///
    /// `(400, 600)` is the mesh that OP2 publishes its number for.
    ///
    /// # Errors
    /// When the grid would have no shape, or more nodes than `u32` can number.
    pub(crate) fn generate(i: usize, j: usize) -> Result<Self, String> {
        Ok(c_grid::CGrid::new(i, j)?.mesh())
    }

    /// Number of cells.
    pub(crate) fn num_cells(&self) -> usize {
        self.cell_nodes.len()
    }

    /// Checks what a program relies on beyond the index ranges that reading has checked.
    ///
    /// # Errors
    /// Names the first cell that is turned over or flat; or says that the potential is fixed
    /// nowhere.
    pub(crate) fn validate(&self) -> Result<(), String> {
        for cell in 0..self.num_cells() {
            let [a, b, c, d] = self.cell_nodes[cell].map(|node| self.coords[node as usize]);
            // Twice the area, as two triangles on the diagonal from `b` to `c`.
            let area = cross(a, b, c) + cross(d, c, b);
            if area <= 0.0 {
                return Err(format!("cell {cell} has area {:e}: turned over or flat", 0.5 * area));
            }
        }
        if self.far_field.is_empty() {
            return Err("no node is on the far field: the potential is fixed nowhere".to_owned());
        }
        Ok(())
    }
}

/// Twice the area of a triangle, positive if it is counter-clockwise.
fn cross(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_reproduces_the_published_mesh() {
        let name = "aero_FE_grid.dat.zst";
        let Some(folder) = std::env::var_os("SHARED_MESHES") else {
            eprintln!("skipped: set SHARED_MESHES to the folder that holds {name}");
            return;
        };
        let read = AeroMesh::read(Path::new(&folder).join(name)).unwrap();
        let generated = AeroMesh::generate(400, 600).unwrap();
        let bits = |mesh: &AeroMesh| -> Vec<_> {
            mesh.coords.iter().map(|point| point.map(f64::to_bits)).collect()
        };
        assert!(bits(&generated) == bits(&read), "the coordinates differ");
        assert!(generated == read, "the tables differ");
    }

    #[test]
    fn generated_meshes_of_any_size_are_valid() {
        for (i, j) in [(2, 1), (2, 2), (3, 1), (5, 40), (17, 9), (60, 90), (400, 600)] {
            let mesh = AeroMesh::generate(i, j).unwrap();
            assert_eq!(mesh.num_cells(), 3 * i * j);
            assert_eq!(mesh.coords.len(), (3 * i + 1) * (j + 1) - (i + 1));
            assert_eq!(mesh.far_field.len(), 3 * i + 2 * j);
            mesh.validate().unwrap_or_else(|error| panic!("{i},{j}: {error}"));
        }
    }

    #[test]
    fn sides_within_the_mesh_are_shared_by_two_cells() {
        // The cut is closed: only the profile and the far field have one cell.
        let (i, j) = (7, 5);
        let mesh = AeroMesh::generate(i, j).unwrap();
        let mut sides = std::collections::HashMap::new();
        for &[a, b, c, d] in &mesh.cell_nodes {
            for (from, to) in [(a, b), (b, d), (d, c), (c, a)] {
                *sides.entry((from.min(to), from.max(to))).or_insert(0) += 1;
            }
        }
        let outside: Vec<_> = sides.iter().filter(|(_, cells)| **cells == 1).collect();
        assert_eq!(outside.len(), i + 3 * i + 2 * j);
        assert!(sides.values().all(|&cells| cells <= 2));
        let is_far = |node: u32| mesh.far_field.contains(&node);
        let around = outside.iter().filter(|((from, to), _)| is_far(*from) && is_far(*to));
        assert_eq!(around.count(), 3 * i + 2 * j);
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for (i, j) in [(0, 5), (1, 5), (5, 0), (100_000, 100_000), (usize::MAX, 2)] {
            assert!(AeroMesh::generate(i, j).is_err(), "{i},{j}");
        }
    }

    #[test]
    fn validation_sees_turned_cells_and_a_missing_boundary() {
        let good = AeroMesh::generate(6, 4).unwrap();
        let mut turned = good.clone();
        turned.cell_nodes[5].swap(0, 1);
        turned.cell_nodes[5].swap(2, 3);
        assert!(turned.validate().unwrap_err().starts_with("cell 5 has area -"));
        let free = AeroMesh { far_field: Vec::new(), ..good };
        assert!(free.validate().unwrap_err().contains("fixed nowhere"));
    }

    #[test]
    fn a_node_that_is_not_there_is_refused() {
        let path = std::env::temp_dir().join(format!("op2-aero-{}.dat", std::process::id()));
        std::fs::write(&path, "4 1 1\n0 0\n1 0\n0 1\n1 1\n0 1 2 3\n4\n").unwrap();
        let error = AeroMesh::read(&path).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(error.line, Some(7));
    }
}
