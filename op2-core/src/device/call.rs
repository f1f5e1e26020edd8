//! One call of a loop on a device, with what upper floors have found out about it.

use std::sync::Arc;

use crate::device::targets::Target;
use crate::matrix::positions::Positions;
use crate::mesh::mirror::Kept;
use crate::par_loop::arg::{ArgRef, DataRef};
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::piece::Piece;

/// One call of a loop.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The loop.
    pub the_loop: &'a LoopRef<'a>,
    /// How many elements it runs over.
    pub positions: usize,
    /// The element at each position; `None` if position and element are the same.
    pub list: Option<&'a [u32]>,
    /// What is kept of the list from loop to loop.
    pub kept: Option<&'a Kept>,
    /// Which part of the loop's elements it runs over.
    pub piece: Piece,
    /// For each argument that is a matrix, where its entries are.
    pub places: &'a [Option<Arc<Positions>>],
    /// What it changes through maps.
    pub targets: &'a [Target],
    /// The kernel's constants.
    pub constants: &'a [u8],
}

impl Call<'_> {
    /// The first argument that names the same dat or matrix as argument `i`.
    pub fn first_with_data(&self, i: usize) -> usize {
        let stored = self.the_loop.args[i].stored();
        self.first(i, |other| other.stored() == stored)
    }

    /// The first argument that goes through the same table as argument `i`.
    pub fn first_with_table(&self, i: usize) -> usize {
        let key = table_key(&self.the_loop.args[i]);
        self.first(i, |other| table_key(other) == key)
    }

    fn first(&self, i: usize, same: impl Fn(&ArgRef<'_>) -> bool) -> usize {
        self.the_loop.args.iter().position(same).unwrap_or(i)
    }

    /// Whether argument `i`'s dat or matrix is changed, by it or by another argument.
    pub fn is_changed(&self, i: usize) -> bool {
        let stored = self.the_loop.args[i].stored();
        self.the_loop.args.iter().any(|other| other.stored() == stored && other.access.writes())
    }
}

/// Equal where the tables are: a map; for matrices the sparsity, the maps and their masks.
pub(super) fn table_key(arg: &ArgRef<'_>) -> Vec<u64> {
    match (arg.data, arg.mat(), arg.via.rows()) {
        (_, Some((mat, rows, cols)), _) => {
            let mask =
                |mask: Option<&Arc<crate::mesh::subset::SubsetCore>>| mask.map_or(0, |m| m.id);
            vec![1, mat.sparsity.id, rows.map.id, mask(rows.mask), cols.map.id, mask(cols.mask)]
        }
        (_, None, Some(route)) => vec![2, route.map.id],
        (DataRef::Index, ..) => vec![3],
        _ => vec![],
    }
}
