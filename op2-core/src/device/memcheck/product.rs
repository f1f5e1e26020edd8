//! One product of a matrix with a vector, row by row, everything looked at before it is used.

use bytemuck::Pod;

use crate::base::element::{Element, ScalarKind};
use crate::base::error::{Error, Result};
use crate::base::poison::is_poisoned;
use crate::device::accelerator::Accelerator;
use crate::device::memcheck::address;
use crate::device::memcheck::tables::words;
use crate::device::product::{Brought, Listed, PatternArrays, named};
use crate::device::storage::Values;
use crate::device::wrapper::ProductForm;
use crate::matrix::entry::Scalar;
use crate::matrix::product::{Kind, Product};
use crate::mesh::dat_core::DatCore;
use crate::mesh::stale::STALE;

/// Computes a product on the device's memory, row by row: all rows of `y`, or those listed.
///
/// # Errors
/// What was found.
pub(in crate::device) fn multiply(
    accelerator: &Accelerator,
    product: &Product<'_>,
    form: &ProductForm,
    brought: &Brought,
    listed: Option<Listed<'_>>,
) -> Result<()> {
    let known = pattern_is_that_of_the_host(product, &brought.pattern).and_then(|()| {
        listed.map_or(Ok(()), rows_are_those_of_the_host)?;
        Ok(listed.map(|rows| words::<u32>(rows.there)))
    });
    let found = known.and_then(|listed| {
        if form.scalar == ScalarKind::F32 {
            rows::<f32>(product, form, brought, listed)
        } else {
            rows::<f64>(product, form, brought, listed)
        }
    });
    found.map_err(|reason| {
        let device = accelerator.facts().name.clone();
        Error::Device { what: named(product), device, reason }
    })
}

fn pattern_is_that_of_the_host(product: &Product<'_>, there: &PatternArrays) -> Result<(), String> {
    let sparsity = &*product.mat().sparsity;
    let (pattern, places) = if product.kind() == Kind::Transposed {
        (sparsity.transposed().pattern(), Some(sparsity.transposed().from()))
    } else {
        (sparsity.pattern(), None)
    };
    let same = words::<u32>(&there.offsets) == pattern.row_offsets()
        && words::<u32>(&there.columns) == pattern.columns()
        && there.places.as_ref().map(words::<u32>) == places;
    if same {
        return Ok(());
    }
    Err("the device's copy of the pattern is not what the host has".to_owned())
}

fn rows_are_those_of_the_host(listed: Listed<'_>) -> Result<(), String> {
    let there = words::<u32>(listed.there).iter().map(|&row| row as usize);
    if listed.runs.iter().cloned().flatten().eq(there) {
        return Ok(());
    }
    Err("the device's copy of the rows' numbers is not what the host has".to_owned())
}

/// All rows, or those listed, in the order of the program that `write_product` writes.
fn rows<S: Scalar + Pod>(
    product: &Product<'_>,
    form: &ProductForm,
    brought: &Brought,
    listed: Option<&[u32]>,
) -> Result<(), String> {
    let (dim, x_dim) = form.lengths();
    let Brought { pattern, mat, x, y } = brought;
    let (offsets, columns) = (words::<u32>(&pattern.offsets), words::<u32>(&pattern.columns));
    let places = pattern.places.as_ref().map(words::<u32>);
    let count = listed.map_or(y.shape.rows, <[u32]>::len);
    for row in (0..count).map(|i| listed.map_or(i, |rows| rows[i] as usize)) {
        let mut sum = vec![S::ZERO; dim];
        for at in offsets[row] as usize..offsets[row + 1] as usize {
            let place = places.map_or(at, |places| places[at] as usize);
            let entry = entry::<S>(mat, place, dim * x_dim).ok_or_else(|| {
                absent(&format!("entry {:?}", product.mat().user_entry(place)), mat)
            })?;
            let col = columns[at] as usize;
            let part = part::<S>(x, col, x_dim).ok_or_else(|| absent_row(product.x(), col, x))?;
            for (i, sum) in sum.iter_mut().enumerate() {
                let number = |j: usize| match form.kind {
                    Kind::Transposed => entry[j * form.block.1 + i],
                    Kind::Set | Kind::Add => entry[i * form.block.1 + j],
                };
                *sum += (0..x_dim).fold(S::ZERO, |product, j| product + number(j) * part[j]);
            }
        }
        if form.kind == Kind::Add {
            let old = part::<S>(y, row, dim).ok_or_else(|| absent_row(product.y(), row, y))?;
            sum.iter_mut().zip(old).for_each(|(sum, old)| *sum = old + *sum);
        }
        sum.iter().enumerate().for_each(|(i, &sum)| store(y, leaf::<S>(y, row, i), sum));
    }
    Ok(())
}

fn absent_row(dat: &DatCore, row: usize, values: &Values) -> String {
    let user = dat.set.user_number(row);
    if row >= dat.set.owned() {
        return format!("it needs row {user} of {}, {STALE}", values.what);
    }
    absent(&format!("row {user}"), values)
}

fn absent(what: &str, values: &Values) -> String {
    format!("it needs {what} of {}, which was never brought to the device", values.what)
}

/// The numbers of one entry of a matrix; none, if one of them was never brought.
fn entry<S: Scalar + Pod>(mat: &Values, place: usize, numbers: usize) -> Option<Vec<S>> {
    (0..numbers).map(|i| load(mat, place * numbers + i)).collect()
}

/// The components of one row of a vector; none, if one of them was never brought.
fn part<S: Scalar + Pod>(vector: &Values, row: usize, dim: usize) -> Option<Vec<S>> {
    (0..dim).map(|i| load(vector, leaf::<S>(vector, row, i))).collect()
}

/// Where a component of a row is, in numbers.
fn leaf<S>(values: &Values, row: usize, component: usize) -> usize {
    values.shape.leaf_at(row, component) / size_of::<S>()
}

/// A number, if it was brought to the device.
fn load<S: Element + Pod>(values: &Values, number: usize) -> Option<S> {
    assert!((number + 1) * size_of::<S>() <= values.memory.bytes(), "inside the memory");
    // SAFETY: just checked; buffers are aligned, and in the context's turn nobody writes meanwhile.
    let value: S = unsafe { address(&*values.memory).cast::<S>().add(number).read() };
    let bytes = bytemuck::bytes_of(&value);
    (!is_poisoned(&S::KIND, 0, &|i| bytes[i])).then_some(value)
}

fn store<S: Pod>(values: &Values, number: usize, value: S) {
    assert!((number + 1) * size_of::<S>() <= values.memory.bytes(), "inside the memory");
    // SAFETY: just checked; buffers are aligned, and in the context's turn nobody else looks.
    unsafe { address(&*values.memory).cast::<S>().add(number).write(value) };
}
