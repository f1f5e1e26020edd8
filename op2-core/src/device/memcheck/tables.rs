//! Tables of numbers on the device, and whether they are those of the host.

use bytemuck::Pod;

use super::address;
use super::run::refuse;
use crate::base::error::Result;
use crate::device::call::Call;
use crate::device::order::Staging;
use crate::device::orders::{Ordered, StagingArrays};
use crate::device::ready::Ready;
use crate::device::storage::Array;

/// Compares all tables that the loop needs: those of maps, places in matrices, numbers of a renumbered set, the list of
/// a subset, and the order.
///
/// # Errors
/// One differs.
pub(super) fn are_those_of_the_host(call: &Call<'_>, ready: &Ready) -> Result<()> {
    let differs = |what: &str| format!("the device's copy of {what} is not what the host has");
    if let Some(arg) = (0..call.the_loop.args.len()).find(|&arg| !table_is_same(call, ready, arg)) {
        return Err(refuse(call, arg, differs("its table")));
    }
    if let (Some(there), Some(list)) = (&ready.resident.list, call.list)
        && words::<u32>(there) != list
    {
        let name = call.the_loop.space.name();
        return Err(call.the_loop.refuse_whole(differs(&format!("the list of `{name}`"))));
    }
    if order_is_same(&ready.ordered) {
        return Ok(());
    }
    Err(call.the_loop.refuse_whole(differs("the loop's order")))
}

fn table_is_same(call: &Call<'_>, ready: &Ready, arg: usize) -> bool {
    let Some(there) = &ready.resident.tables[arg] else { return true };
    let there = words::<u32>(there);
    let the_loop = call.the_loop;
    match (&call.places[arg], the_loop.args[arg].via.rows(), the_loop.space.set.order()) {
        (Some(places), ..) => there == places.places(),
        // SAFETY: loops run in the home's turn.
        (None, Some(route), _) => there == unsafe { route.map.table() },
        (None, None, Some(order)) => there == order.to_user(),
        (None, None, None) => true,
    }
}

fn order_is_same(ordered: &Ordered) -> bool {
    let elements = ordered.elements.as_ref().map_or(&[][..], words::<u32>);
    let staging = match (&ordered.staging, &ordered.order.staging) {
        (Some(there), Some(here)) => staging_is_same(there, here),
        (there, here) => there.is_none() && here.is_none(),
    };
    elements == ordered.order.elements && staging
}

fn staging_is_same(there: &StagingArrays, here: &Staging) -> bool {
    words::<u32>(&there.blocks) == here.blocks
        && words::<u16>(&there.colors) == here.colors
        && words::<u32>(&there.num_colors) == here.num_colors
        && there.targets.iter().zip(&here.targets).all(|(there, here)| {
            words::<u32>(&there.offsets) == here.offsets
                && words::<u32>(&there.rows) == here.rows
                && words::<u16>(&there.places) == here.places
        })
}

/// The numbers of a table.
pub(super) fn words<T: Pod>(array: &Array) -> &[T] {
    let bytes = array.memory.bytes();
    // SAFETY: arrays do not change once they are made.
    let bytes = unsafe { std::slice::from_raw_parts(address(&*array.memory), bytes) };
    bytemuck::cast_slice(bytes)
}
