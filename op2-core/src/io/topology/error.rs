//! Why the cells of a mesh do not fit together.

use crate::base::csr::CsrError;
use crate::base::error::Error;
use crate::io::shape::Shape;

/// Why cells do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopologyError {
    /// A facet with three cells or more.
    #[error("the facet with nodes {nodes:?} belongs to {} cells ({cells:?}); two at most can \
             meet there", cells.len())]
    NonManifold {
        /// The corners of the facet.
        nodes: Vec<u32>,
        /// The cells it belongs to.
        cells: Vec<u32>,
    },
    /// Two cells that go around the corners of their common face in different orders.
    #[error("cells {} and {} share the nodes {nodes:?}, but connect them differently", cells[0], cells[1])]
    Twisted {
        /// The corners of the facet, as the first cell lists them.
        nodes: Vec<u32>,
        /// The two cells.
        cells: [u32; 2],
    },
    /// Cells that cannot all be turned the same way, as on a Möbius strip.
    #[error("the mesh cannot be oriented: going around it, cells {} and {} disagree at the facet \
             with nodes {nodes:?}", cells[0], cells[1])]
    NonOrientable {
        /// The corners of the facet.
        nodes: Vec<u32>,
        /// The cells on its two sides.
        cells: [u32; 2],
    },
    /// A cell of a boundary group that is no facet of the mesh.
    #[error("group `{group}`: the {shape} with nodes {nodes:?} is no facet of any cell")]
    NoFacet {
        /// The group's name.
        group: String,
        /// The shape of its cell.
        shape: Shape,
        /// The corners of that cell.
        nodes: Vec<u32>,
    },
    /// More cells or facets than local numbers can count.
    #[error(transparent)]
    TooLarge(#[from] CsrError),
}

impl From<TopologyError> for Error {
    fn from(error: TopologyError) -> Self {
        Self::Other(error.to_string())
    }
}
