//! The whole of a matrix in the user's numbering, from the rows that each rank owns.
//!
//! A message is the user's numbers of the rows, how many entries each has, the user's numbers of all
//! columns, and the values.

use bytemuck::{cast_slice, pod_collect_to_vec};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};

use super::entry::Entry;
use super::pattern::{Pattern, check_size, offsets};
use super::sparsity_core::{SparsityCore, refused};

/// On every rank. Collective.
///
/// # Errors
/// The same on all ranks: more entries than can be counted; those of the ranks.
pub(super) fn on_all<T: Entry>(
    comm: &dyn Comm,
    sparsity: &SparsityCore,
    values: &[T],
) -> Result<(Pattern, Vec<T>)> {
    whole(sparsity, &comm.all_gather(&message(sparsity, values))?)
}

/// On one rank, `None` on the others. Collective.
///
/// # Errors
/// As [`on_all`], on that rank alone.
pub(super) fn on_one<T: Entry>(
    comm: &dyn Comm,
    rank: usize,
    sparsity: &SparsityCore,
    values: &[T],
) -> Result<Option<(Pattern, Vec<T>)>> {
    let mut send = vec![Vec::new(); comm.size()];
    send[rank] = message(sparsity, values);
    let all = comm.all_to_all(send)?;
    if rank == comm.rank() { whole(sparsity, &all).map(Some) } else { Ok(None) }
}

fn message<T: Entry>(sparsity: &SparsityCore, values: &[T]) -> Vec<u8> {
    let pattern = sparsity.pattern();
    let (rows, cols) = (sparsity.rows.order(), sparsity.cols.order());
    let row_user = |row: usize| rows.as_ref().map_or(row as u32, |order| order.to_user()[row]);
    let col_user = |col: u32| cols.as_ref().map_or(col, |order| order.to_user()[col as usize]);
    let num_rows = pattern.num_rows();
    let mut numbers: Vec<u32> = Vec::with_capacity(1 + 2 * num_rows + pattern.num_entries());
    numbers.push(num_rows as u32);
    numbers.extend((0..num_rows).map(row_user));
    numbers.extend((0..num_rows as u32).map(|row| pattern.row(row).len() as u32));
    numbers.extend(pattern.columns().iter().map(|&col| col_user(col)));
    let mut message = cast_slice(&numbers).to_vec();
    message.extend_from_slice(cast_slice(values));
    message
}

/// What one rank has sent.
struct Part<T> {
    rows: Vec<u32>,
    counts: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<T>,
}

impl<T: Entry> Part<T> {
    fn read(message: &[u8]) -> Self {
        let word = size_of::<u32>();
        let numbers = |from: usize, count: usize| -> Vec<u32> {
            pod_collect_to_vec(&message[from * word..(from + count) * word])
        };
        let num_rows = numbers(0, 1)[0] as usize;
        let (rows, counts) = (numbers(1, num_rows), numbers(1 + num_rows, num_rows));
        let num_entries = counts.iter().map(|&count| count as usize).sum();
        let columns = numbers(1 + 2 * num_rows, num_entries);
        let values = pod_collect_to_vec(&message[(1 + 2 * num_rows + num_entries) * word..]);
        Self { rows, counts, columns, values }
    }
}

fn whole<T: Entry>(sparsity: &SparsityCore, messages: &[Vec<u8>]) -> Result<(Pattern, Vec<T>)> {
    let (num_rows, num_cols) = (sparsity.rows.size, sparsity.cols.size);
    let refuse = |e| refused(&sparsity.rows, &sparsity.cols, &e);
    check_size(num_rows, num_cols).map_err(refuse)?;
    let parts: Vec<Part<T>> = messages.iter().map(|message| Part::read(message)).collect();
    let mut counts = vec![0; num_rows];
    for part in &parts {
        part.rows.iter().zip(&part.counts).for_each(|(&row, &count)| counts[row as usize] = count);
    }
    let offsets = offsets(counts.into_iter()).map_err(refuse)?;
    let num_entries = offsets.last().map_or(0, |&end| end as usize);
    let (mut columns, mut values) = (vec![0; num_entries], vec![T::zeroed(); num_entries]);
    let mut entries: Vec<(u32, T)> = Vec::new();
    for part in &parts {
        let mut first = 0;
        for (&row, &count) in part.rows.iter().zip(&part.counts) {
            let range = first..first + count as usize;
            first = range.end;
            entries.clear();
            entries.extend(
                part.columns[range.clone()].iter().copied().zip(part.values[range].iter().copied()),
            );
            entries.sort_unstable_by_key(|entry| entry.0);
            let start = offsets[row as usize] as usize;
            for (place, &(col, value)) in (start..).zip(&entries) {
                columns[place] = col;
                values[place] = value;
            }
        }
    }
    let pattern = Pattern::from_parts(num_cols, offsets, columns)
        .map_err(|e| Error::other(format!("ranks have rows that do not fit together: {e}")))?;
    Ok((pattern, values))
}
