//! Mesh files in, results out.
//!
//! [`Mesh::read`] reads the mesh formats of other programs (Gmsh, SU2, MFEM, VTK, OBJ, OFF, PLY)
//! and of OP2's own; [`Topology`] finds the facets of a mesh, [`Mesh::check`] what is wrong with
//! it. Programs with tables of their own read them with [`Op2Text`] or [`MapTable`]. Compressed
//! files are decompressed on the way. A reader gives plain tables; [`Mesh::declare`] and its
//! relatives make sets, maps, dats and subsets of them, which is the one place here that knows a
//! `Context`. [`Vtu`] writes results for `ParaView`, [`Picture`] draws them at once.
//!
//! Invariants of every reader: a file is never trusted. A count cannot make it allocate more than
//! the file can fill, every index is checked against its limit, and whatever is wrong becomes one
//! [`ReadError`] that names the file, the line (in binary parts, the byte) and the reason.

mod builder;
mod check;
mod compressed;
mod declare;
mod field;
mod format;
mod gmsh;
mod lines;
mod made;
mod map_table;
mod measure;
mod mesh;
mod mfem;
mod obj;
mod off;
mod op2_mesh;
mod op2_text;
mod orientation;
mod picture;
mod ply;
mod polygon;
mod reach;
mod row;
mod shape;
mod su2;
mod tables;
mod topology;
mod values;
mod vtk;
mod vtu;

use std::path::{Path, PathBuf};

use crate::base::error::Error;

pub use check::Finding;
pub use declare::{Facets, FileField, MeshSets};
pub use field::FieldValues;
pub use format::MeshFormat;
pub use map_table::MapTable;
pub use mesh::{Cells, Group, Mesh, MeshError, PointData};
pub use op2_text::Op2Text;
pub use orientation::Orientation;

pub use picture::{ColorMap, Picture};
pub use row::{Number, Row, RowError};
/// [`Shape`] under the name it had when only [`Vtu`] knew it.
pub use shape::Shape as CellShape;
pub use shape::Shape;
pub use topology::{FacetGroup, NO_CELL, Topology, TopologyError};
pub use vtu::Vtu;

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {reason}", file.display(), at_line(*line))]
pub struct ReadError {
    /// The file as the caller named it.
    pub file: PathBuf,
    /// The line, counted from 1; `None` when the file as a whole is at fault.
    pub line: Option<u64>,
    /// What is wrong there, naming the table, the row, the offending text and its column.
    pub reason: String,
}

impl ReadError {
    /// An error about `file` as a whole.
    pub fn whole_file(file: &Path, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, reason: reason.into() }
    }
}

/// Why a file could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot write {}: {reason}", file.display())]
pub struct WriteError {
    /// The file as the caller named it.
    pub file: PathBuf,
    /// What is wrong: an operating system's message, or arrays that do not fit together.
    pub reason: String,
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        Self::File(error.to_string())
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        Self::File(error.to_string())
    }
}

fn at_line(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line}"))
}
