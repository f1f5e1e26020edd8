//! Products on a device of one of several ranks: of the rows that it owns.
//!
//! Rows without columns in the halo are multiplied while values of `x` travel. What a transposed product
//! gives for columns of other ranks goes to their owners, which add it rank after rank, as on the host: only
//! the rows that travel, and those to which is added, leave the device.

use std::ops::{AddAssign, Range};
use std::sync::{Arc, OnceLock};

use bytemuck::Pod;

use crate::base::comm::Progress;
use crate::base::element::ScalarKind;
use crate::base::error::Result;
use crate::base::profile::EntryId;
use crate::base::wire::agree;
use crate::device::accelerator::Accelerator;
use crate::device::api::Runner;
use crate::device::halo::Part;
use crate::device::product::{Brought, Listed};
use crate::device::storage::Array;
use crate::device::wrapper::ProductForm;
use crate::dist::needs::Lists;
use crate::matrix::neighbors::{Contributions, Neighbors};
use crate::matrix::product::{Kind, Product};
use crate::mesh::dat_core::DatCore;

/// The rows of a matrix on one of several ranks, as its device needs them.
struct Split {
    /// Rows without columns in the halo.
    inner: Array,
    /// The others.
    border: Array,
    /// The columns in the halo, as rows of a vector.
    halo: Arc<Lists>,
    /// The columns for which other ranks have sums; known once these have arrived.
    shared: OnceLock<Arc<Lists>>,
}

impl Accelerator {
    /// A product, or its start. Collective.
    ///
    /// # Errors
    /// Those of the device and of the ranks. On memcheck all ranks return what one has found.
    pub(super) fn multiply_on_ranks(
        &self,
        neighbors: &dyn Neighbors,
        product: &Product<'_>,
        form: ProductForm,
        entry: EntryId,
    ) -> Result<()> {
        let done = if product.kind() == Kind::Transposed {
            self.transposed_on_ranks(neighbors, product, form, entry)
        } else {
            self.rows_on_ranks(neighbors, product, form, entry)
        };
        if let Runner::Memcheck = self.device().runner() {
            let y = product.y();
            let copies: Vec<u32> = (y.set.owned() as u32..y.set.rows() as u32).collect();
            // SAFETY: a product exists in the home's turn only.
            unsafe { self.spoil(y, &copies) };
        }
        self.found_by_any(product, done).inspect_err(|_| {
            // Nobody knows what has arrived where: who goes on, as all do on memcheck, exchanges anew.
            product.x().halo.changed();
        })
    }

    /// On memcheck, what any rank has found.
    fn found_by_any(&self, product: &Product<'_>, done: Result<()>) -> Result<()> {
        match (self.device().runner(), product.mat().home().comm()) {
            (Runner::Memcheck, Some(comm)) => agree(&**comm, done),
            _ => done,
        }
    }

    /// `y = A x`, or `y += A x`.
    fn rows_on_ranks(
        &self,
        neighbors: &dyn Neighbors,
        product: &Product<'_>,
        form: ProductForm,
        entry: EntryId,
    ) -> Result<()> {
        let sparsity = &*product.mat().sparsity;
        let (split, runs) = (self.split_of(product)?, sparsity.split());
        let form = ProductForm { listed: true, ..form };
        self.with_brought(product, |brought| {
            let compute = |there, runs| {
                self.compute(product, &form, brought, Some(Listed { there, runs }), entry)
            };
            let mut inner = |_: Progress<'_>| compute(&split.inner, &runs.inner[..]);
            neighbors.bring(sparsity.wanted(), product.x(), &mut inner)?;
            compute(&split.border, &runs.border)
        })
    }

    /// `y = A^T x`: what the rows of this rank give, and then what other ranks have for its columns.
    fn transposed_on_ranks(
        &self,
        neighbors: &dyn Neighbors,
        product: &Product<'_>,
        form: ProductForm,
        entry: EntryId,
    ) -> Result<()> {
        let (y, wanted) = (product.y(), product.mat().sparsity.wanted());
        let split = self.split_of(product)?;
        let compute = |brought: &Brought| self.compute(product, &form, brought, None, entry);
        // Before sums are sent: where there are none, others would wait for them.
        self.found_by_any(product, self.with_brought(product, compute))?;
        // SAFETY: a product exists in the home's turn only; the rows are those of the columns' set, on which
        // `y` lives.
        let mine = unsafe { self.fetch_rows(&Part { dat: y, lists: &split.halo })? };
        let mut sums = Sums { rows: wanted.rows, row_bytes: y.bytes, mine, arrived: Vec::new() };
        neighbors.send_back(wanted, y.bytes, &mut sums)?;
        self.add_arrived(y, form.scalar, &sums.arrived, &split.shared)
    }

    /// Adds what has arrived from other ranks for rows of `y`, in this sequence.
    fn add_arrived(
        &self,
        y: &DatCore,
        scalar: ScalarKind,
        arrived: &[(Vec<u32>, Vec<u8>)],
        shared: &OnceLock<Arc<Lists>>,
    ) -> Result<()> {
        let lists = shared.get_or_init(|| {
            let mut rows: Vec<u32> = arrived.iter().flat_map(|(rows, _)| rows).copied().collect();
            rows.sort_unstable();
            rows.dedup();
            there_and_back(rows)
        });
        let part = Part { dat: y, lists };
        let rows = lists.export.first().map_or(&[][..], |(_, rows)| rows);
        // SAFETY: a product exists in the home's turn only; others send sums for rows of `y` that this rank owns.
        let mut values = unsafe { self.fetch_rows(&part)? };
        for (row, sum) in
            arrived.iter().flat_map(|(rows, sums)| rows.iter().zip(sums.chunks_exact(y.bytes)))
        {
            let at = rows.binary_search(row).expect("the same rows on every product") * y.bytes;
            let value = &mut values[at..at + y.bytes];
            if scalar == ScalarKind::F32 { add::<f32>(value, sum) } else { add::<f64>(value, sum) }
        }
        // SAFETY: as above; these are rows of `y`, which only have changed their values.
        unsafe { self.put_rows(&part, &values) }
    }

    /// The rows of a product's matrix, which go to the device once.
    fn split_of(&self, product: &Product<'_>) -> Result<Arc<Split>> {
        let (mat, sparsity) = (product.mat(), &*product.mat().sparsity);
        let home = mat.home();
        let what = format!("the rows of mat `{}`", mat.name);
        let list = |runs: &[Range<usize>]| {
            let rows = runs.iter().cloned().flatten().map(|row| row as u32);
            self.store.words(&what, &rows.collect::<Vec<_>>())
        };
        sparsity.kept_split.get(home.numbering(), || {
            let split = sparsity.split();
            Ok(Split {
                inner: list(&split.inner)?,
                border: list(&split.border)?,
                halo: there_and_back(split.halo.clone()),
                shared: OnceLock::new(),
            })
        })
    }
}

/// Sums that were fetched from a device, and those that others send.
struct Sums<'a> {
    /// The rows of which sums are here, rising.
    rows: &'a [u32],
    row_bytes: usize,
    mine: Vec<u8>,
    arrived: Vec<(Vec<u32>, Vec<u8>)>,
}

impl Contributions for Sums<'_> {
    fn pack(&self, rows: &[u32], message: &mut [u8]) {
        for (row, part) in rows.iter().zip(message.chunks_exact_mut(self.row_bytes)) {
            let at = self.rows.binary_search(row).expect("a column in the halo") * self.row_bytes;
            part.copy_from_slice(&self.mine[at..at + self.row_bytes]);
        }
    }

    fn add(&mut self, rows: &[u32], message: &[u8]) {
        self.arrived.push((rows.to_vec(), message.to_vec()));
    }
}

/// Lists of rows that go to the host, or come from there.
fn there_and_back(rows: Vec<u32>) -> Arc<Lists> {
    let by_rank = if rows.is_empty() { Vec::new() } else { vec![(0, rows)] };
    Arc::new(Lists { import: by_rank.clone(), export: by_rank })
}

/// Adds numbers one by one.
fn add<S: Pod + AddAssign>(values: &mut [u8], sums: &[u8]) {
    let size = size_of::<S>();
    for (value, sum) in values.chunks_exact_mut(size).zip(sums.chunks_exact(size)) {
        let mut total: S = bytemuck::pod_read_unaligned(value);
        total += bytemuck::pod_read_unaligned(sum);
        value.copy_from_slice(bytemuck::bytes_of(&total));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_added_one_by_one() {
        let mut values = [1.5_f32, -2.0].map(f32::to_ne_bytes).concat();
        add::<f32>(&mut values, &[0.25_f32, 3.0].map(f32::to_ne_bytes).concat());
        assert_eq!(values, [1.75_f32, 1.0].map(f32::to_ne_bytes).concat());
    }

    #[test]
    fn sums_are_found_by_their_rows() {
        let sums = Sums { rows: &[3, 5, 8], row_bytes: 1, mine: vec![30, 50, 80], arrived: vec![] };
        let mut message = [0; 2];
        sums.pack(&[3, 8], &mut message);
        assert_eq!(message, [30, 80]);
    }
}
