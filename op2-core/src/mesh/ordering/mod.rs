//! Numberings that keep neighbors close, and what it takes to apply them.
//!
//! A loop over edges that are numbered at random fetches each cell from far away memory, and every
//! block of edges conflicts with every other. Renumbering repairs both. The usual recipe:
//!
//! 1. order the cells: [`reverse_cuthill_mckee_map`] through the map from edges to cells, or
//!    [`hilbert`] from the centers when there is no such map;
//! 2. renumber the cells in every map that leads to them ([`Permutation::renumber`]) and move the
//!    rows of their dats ([`Permutation::apply`]);
//! 3. order the edges by the cells they now name: [`order_by_rows`].
//!
//! [`Spread`] says how good a numbering is. All of these are functions on plain arrays; applying
//! them to the sets, maps and dats of a context at once is left to its `reorder`.
//!
//! An *order* lists old numbers in their new sequence: `order[new] = old`.

mod by_rows;
mod cuthill_mckee;
mod hilbert;
mod permutation;
mod spread;

pub use by_rows::order_by_rows;
pub use cuthill_mckee::{reverse_cuthill_mckee, reverse_cuthill_mckee_map};
pub use hilbert::hilbert;
pub use permutation::{Permutation, PermutationError};
pub use spread::Spread;
