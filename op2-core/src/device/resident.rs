//! Everything that a loop touches, in the memory of the device and up to date.

use std::sync::Arc;

use crate::base::error::Result;
use crate::base::layout::Layout;
use crate::device::accelerator::Accelerator;
use crate::device::call::Call;
use crate::device::shape::Shape;
use crate::device::storage::{Array, Values};
use crate::matrix::mat_core::MatCore;
use crate::mesh::dat_core::DatCore;
use crate::par_loop::arg::DataRef;

/// What a loop touches, argument by argument.
pub(super) struct Resident {
    /// Values of dats and matrices.
    pub(super) data: Vec<Option<Arc<Values>>>,
    /// Tables of maps, places in matrices, the user's numbers.
    pub(super) tables: Vec<Option<Arc<Array>>>,
    /// The elements where these are listed.
    pub(super) list: Option<Arc<Array>>,
}

impl Accelerator {
    /// Brings all that the loop touches. What it changes counts as changed from now on.
    ///
    /// # Errors
    /// The device's; what the loop changes may then be on the way, but is valid where it was.
    pub(super) fn bring(&self, call: &Call<'_>) -> Result<Resident> {
        let the_loop = call.the_loop;
        let numbering = the_loop.space.set.home.numbering();
        // What does not change first: should there be no room, no dat has moved.
        let tables = (0..the_loop.args.len())
            .map(|i| self.table_of(call, i, numbering))
            .collect::<Result<_>>()?;
        let list = match (call.kept, call.list) {
            (Some(kept), Some(list)) => {
                let what = format!("elements of `{}`", the_loop.space.name());
                Some(kept.get(numbering, || self.store.words(&what, list))?)
            }
            _ => None,
        };
        let data =
            (0..the_loop.args.len()).map(|i| self.values_of(call, i)).collect::<Result<_>>()?;
        Ok(Resident { data, tables, list })
    }

    fn table_of(&self, call: &Call<'_>, i: usize, numbering: u64) -> Result<Option<Arc<Array>>> {
        let arg = &call.the_loop.args[i];
        let turned = self.turns_tables();
        if let (Some(positions), Some((mat, ..))) = (&call.places[i], arg.mat()) {
            let columns = positions.row_arity() * positions.col_arity();
            let what = format!("places in mat `{}`", mat.name);
            let make = || self.store.table(&what, positions.places(), columns, turned);
            return positions.kept.get(numbering, make).map(Some);
        }
        if let Some(route) = arg.via.rows() {
            let map = route.map;
            let make = || {
                // SAFETY: loops run in the home's turn.
                let table = unsafe { map.table() };
                self.store.table(&format!("map `{}`", map.name), table, map.arity, turned)
            };
            return map.kept.get(numbering, make).map(Some);
        }
        let set = call.the_loop.space.set;
        match (arg.data, set.order()) {
            (DataRef::Index, Some(order)) => {
                let what = format!("numbers of set `{}`", set.name);
                set.kept.get(numbering, || self.store.words(&what, order.to_user())).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn values_of(&self, call: &Call<'_>, i: usize) -> Result<Option<Arc<Values>>> {
        let writes = call.is_changed(i);
        match call.the_loop.args[i].data {
            DataRef::Dat(dat) => {
                // SAFETY: loops run in the home's turn, with no guard in the way (`validate`).
                unsafe { dat.on_device(writes, || self.place_of_dat(dat)) }.map(Some)
            }
            DataRef::Mat(mat) => {
                // SAFETY: as above.
                unsafe { mat.on_device(writes, || self.place_of_mat(mat)) }.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A place for the values of a dat.
    pub(super) fn place_of_dat(&self, dat: &DatCore) -> Result<Values> {
        let leaf = dat.bytes.checked_div(dat.dim).unwrap_or(0);
        let shape = Shape::new(dat.set.rows(), dat.dim, leaf, self.layout());
        self.store.values(format!("dat `{}`", dat.name), shape, dat.layout)
    }

    /// A place for the values of a matrix.
    pub(super) fn place_of_mat(&self, mat: &MatCore) -> Result<Values> {
        let entries = mat.sparsity.num_stored();
        let shape = Shape::new(entries, 1, mat.bytes, Layout::Aos);
        self.store.values(format!("mat `{}`", mat.name), shape, Layout::Aos)
    }
}
