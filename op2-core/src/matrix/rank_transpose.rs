//! The transposed matrix on several ranks: entries go to the ranks that own their columns.

use bytemuck::{bytes_of, cast_slice, pod_collect_to_vec};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};

use super::entry::Entry;
use super::neighbors::Neighbors;
use super::pattern::Pattern;
use super::sparsity_core::{SparsityCore, refused, sets};

/// An entry of the transposed matrix.
type Moved<T> = (u32, u32, T);

/// Pattern and values of the rows of the transposed matrix that this rank owns. Collective; what fails
/// here is to be agreed upon.
///
/// # Errors
/// Those of the ranks.
pub(super) fn transposed<T: Entry>(
    comm: &dyn Comm,
    neighbors: &dyn Neighbors,
    sparsity: &SparsityCore,
    values: &[T],
) -> Result<Result<(Pattern, Vec<T::Transposed>)>> {
    let (pattern, owned) = (sparsity.pattern(), sparsity.cols.owned() as u32);
    let halo = &sparsity.split().halo;
    let owners = neighbors.owners(&sparsity.cols, halo);
    let mut entries: Vec<Moved<T::Transposed>> = Vec::with_capacity(pattern.num_entries());
    let mut away = vec![Vec::new(); comm.size()];
    for row in 0..pattern.num_rows() as u32 {
        for (value, &col) in values[pattern.row_range(row)].iter().zip(pattern.row(row)) {
            let value = value.transposed();
            if col < owned {
                entries.push((col, row, value));
                continue;
            }
            let owner = owners[halo.binary_search(&col).expect("halo columns are listed")];
            let place = [
                sparsity.cols.user_number(col as usize) as u32,
                sparsity.rows.user_number(row as usize) as u32,
            ];
            away[owner].extend_from_slice(cast_slice(&place));
            away[owner].extend_from_slice(bytes_of(&value));
        }
    }
    let size = 2 * size_of::<u32>() + size_of::<T>();
    let arrived = comm.all_to_all(away)?;
    let read = arrived.iter().flat_map(|message| message.chunks_exact(size));
    let read: Result<Vec<_>> = read.map(|entry| local(sparsity, entry)).collect();
    Ok(read.and_then(|read| {
        entries.extend(read);
        entries.sort_unstable_by_key(|&(row, col, _)| (row, col));
        let mut offsets = vec![0; owned as usize + 1];
        entries.iter().for_each(|&(row, _, _)| offsets[row as usize + 1] += 1);
        (0..owned as usize).for_each(|row| offsets[row + 1] += offsets[row]);
        let columns = entries.iter().map(|&(_, col, _)| col).collect();
        let pattern = Pattern::from_parts(sparsity.rows.rows(), offsets, columns)
            .map_err(|e| refused(&sparsity.cols, &sparsity.rows, &e))?;
        Ok((pattern, entries.into_iter().map(|(_, _, value)| value).collect()))
    }))
}

/// An entry that has arrived, in local numbers.
fn local<T: Entry>(sparsity: &SparsityCore, entry: &[u8]) -> Result<Moved<T>> {
    let (place, value) = entry.split_at(2 * size_of::<u32>());
    let place: Vec<u32> = pod_collect_to_vec(place);
    let (row, col) = (place[0], place[1]);
    let found = sparsity.cols.local_number(row).zip(sparsity.rows.local_number(col));
    let (row, col) = found.ok_or_else(|| {
        let reason = format!(
            "the rank that owns row {row} stores no column {col} of the transposed matrix: on several ranks a map must connect the two"
        );
        Error::declaration("sparsity", sets(&sparsity.cols, &sparsity.rows), reason)
    })?;
    Ok((row, col, bytemuck::pod_read_unaligned(value)))
}
