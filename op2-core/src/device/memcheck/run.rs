//! One loop, element by element, everything looked at before it is touched.

use std::collections::HashMap;

use crate::base::element::ElementKind;
use crate::base::error::{Error, Result, Violation};
use crate::base::poison::is_poisoned;
use crate::device::accelerator::Accelerator;
use crate::device::call::Call;
use crate::device::memcheck::address;
use crate::device::memcheck::tables::{self, words};
use crate::device::memcheck::values::has_non_finite;
use crate::device::order::Races;
use crate::device::orders::Ordered;
use crate::device::ready::Ready;
use crate::device::storage::Values;
use crate::device::targets::{columns, table_arity};
use crate::matrix::table::DROPPED;
use crate::mesh::access::Access;
use crate::mesh::stale::STALE;
use crate::par_loop::arg::DataRef;
use crate::par_loop::view::Binding;

/// One element, in the order of a loop.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which of the launches, from 0.
    pub launch: usize,
    /// Which work-item, or group where groups sum up their increments, of this launch.
    item: u32,
    /// The element.
    pub element: u32,
}

impl Ready {
    /// The bindings with which the Rust code works on the device's memory: `bindings` are those of the
    /// loop's globals and values.
    pub(crate) fn checked_bindings(&self, mut bindings: Vec<Binding>) -> Vec<Binding> {
        for (i, binding) in bindings.iter_mut().enumerate() {
            if let Some(values) = &self.resident.data[i] {
                binding.data = address(&*values.memory);
                let soa = values.shape.layout == crate::base::layout::Layout::Soa;
                binding.scattered = if soa { values.shape.stride } else { 0 };
            }
            if let Some(table) = &self.resident.tables[i] {
                let start = address(&*table.memory);
                if binding.data.is_null() {
                    // The user's numbers of an index argument.
                    binding.data = start;
                } else {
                    binding.table = start.cast();
                }
            }
        }
        bindings
    }

    /// Whether what an element changes by an argument holds a NaN or an infinity on the device.
    pub(crate) fn has_non_finite(&self, call: &Call<'_>, arg: usize, element: u32) -> bool {
        let Some(values) = &self.resident.data[arg] else { return false };
        let data = call.the_loop.args[arg].data;
        rows(call, self, arg, element)
            .into_iter()
            .any(|row| look(data, values, row as usize, |kind, byte| has_non_finite(kind, 0, byte)))
    }
}

impl Accelerator {
    /// Runs a loop: `run` is called for each element in the order of the plan, which is audited, after all that the
    /// element touches was looked at.
    ///
    /// # Errors
    /// What was found, and those of `run`.
    pub(crate) fn check(
        &self,
        call: &Call<'_>,
        ready: &Ready,
        run: impl FnMut(Step) -> Result<()>,
    ) -> Result<()> {
        tables::are_those_of_the_host(call, ready)?;
        if let Err(flaw) = self.audit(call, &ready.ordered) {
            let first = flaw.target.map(|target| call.targets[target].first);
            let argument = first.map(|arg| (arg + 1, call.the_loop.args[arg].text));
            let reason = format!("unsafe order: {}", flaw.what);
            return Err(call.the_loop.refuse(vec![Violation { argument, reason }]));
        }
        in_turn(call, ready, run)
    }
}

/// As [`Accelerator::check`], with no look at tables and order as a whole.
pub(crate) fn in_turn(
    call: &Call<'_>,
    ready: &Ready,
    mut run: impl FnMut(Step) -> Result<()>,
) -> Result<()> {
    let mut owners = Owners::default();
    for step in steps(call, &ready.ordered) {
        no_poison(call, ready, step.element)?;
        if !matches!(ready.ordered.order.races, Races::Atomics | Races::Serial) {
            owners.take(call, ready, step)?;
        }
        run(step)?;
    }
    Ok(())
}

/// All elements, launch by launch.
fn steps(call: &Call<'_>, ordered: &Ordered) -> Vec<Step> {
    let order = &ordered.order;
    let element = |position: u32| call.list.map_or(position, |list| list[position as usize]);
    let mut steps = Vec::with_capacity(call.positions);
    for (launch, range) in order.launches.iter().enumerate() {
        match &order.staging {
            Some(staging) => {
                for item in range.clone().map(|i| staging.blocks[i as usize]) {
                    let first = item as usize * staging.block;
                    let mut positions: Vec<u32> = (first
                        ..(first + staging.block).min(call.positions))
                        .map(|position| position as u32)
                        .collect();
                    positions.sort_by_key(|&position| staging.colors[position as usize]);
                    let step = |position: u32| Step { launch, item, element: element(position) };
                    steps.extend(positions.into_iter().map(step));
                }
            }
            None if order.races == Races::Coloring => {
                let elements = range.clone().map(|i| order.elements[i as usize]);
                steps.extend(elements.map(|element| Step { launch, item: element, element }));
            }
            None => {
                let step = |position| Step { launch, item: position, element: element(position) };
                steps.extend(range.clone().map(step));
            }
        }
    }
    steps
}

/// Who changes which rows of a launch.
#[derive(Default)]
struct Owners {
    launch: usize,
    rows: HashMap<(usize, u32), u32>,
}

impl Owners {
    /// Makes a work-item, or group, the owner of all rows that an element changes through maps.
    fn take(&mut self, call: &Call<'_>, ready: &Ready, step: Step) -> Result<()> {
        if self.launch != step.launch {
            (self.launch, self.rows) = (step.launch, HashMap::new());
        }
        for target in call.targets {
            for reach in &target.reaches {
                for row in rows(call, ready, reach.arg, step.element) {
                    let owner = *self.rows.entry((target.first, row)).or_insert(step.item);
                    if owner != step.item {
                        let user = call.the_loop.space.set.user_number(step.element as usize);
                        let row = row_name(call, reach.arg, row);
                        let reason = format!(
                            "element {user} changes {row}, as another element does at the same time"
                        );
                        return Err(refuse(call, reach.arg, reason));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The rows that an element reaches, through the device's tables; itself without a map.
fn rows(call: &Call<'_>, ready: &Ready, arg: usize, element: u32) -> Vec<u32> {
    let the_arg = &call.the_loop.args[arg];
    if the_arg.via.rows().is_none() {
        return vec![element];
    }
    let Some(table) = &ready.resident.tables[arg] else { return Vec::new() };
    let first = element as usize * table_arity(the_arg);
    let rows = columns(the_arg).into_iter().map(|column| words::<u32>(table)[first + column]);
    rows.filter(|&row| the_arg.mat().is_none() || row != DROPPED).collect()
}

/// A row of a dat, or an entry of a matrix, as users know it.
fn row_name(call: &Call<'_>, arg: usize, row: u32) -> String {
    match call.the_loop.args[arg].data {
        DataRef::Dat(dat) => {
            format!("row {} of dat `{}`", dat.set.user_number(row as usize), dat.name)
        }
        DataRef::Mat(mat) => mat.named_place(row as usize),
        _ => String::new(),
    }
}

/// No value that the element needs is one that was never brought to the device.
fn no_poison(call: &Call<'_>, ready: &Ready, element: u32) -> Result<()> {
    for (i, arg) in call.the_loop.args.iter().enumerate() {
        let Some(values) = &ready.resident.data[i] else { continue };
        for row in rows(call, ready, i, element) {
            let size = values.shape.rows;
            if row as usize >= size {
                let reason = format!("row {row} of {}, which has {size}", values.what);
                return Err(refuse(call, i, reason));
            }
            let poisoned =
                |kind: &ElementKind, byte: &dyn Fn(usize) -> u8| is_poisoned(kind, 0, byte);
            let foreign = arg.dat().is_some_and(|dat| row as usize >= dat.set.owned());
            // Copies of other ranks' rows may be anything where they are not read: what is added to them
            // counts on the rank that owns them.
            let needed = match arg.access {
                Access::Read | Access::Rw => true,
                Access::Write => false,
                Access::Inc | Access::Min | Access::Max => !foreign,
            };
            if needed && look(arg.data, values, row as usize, poisoned) {
                let user = call.the_loop.space.set.user_number(element as usize);
                let why = if foreign { STALE } else { "which was never brought to the device" };
                let row = row_name(call, i, row);
                return Err(refuse(call, i, format!("element {user} needs {row}, {why}")));
            }
        }
    }
    Ok(())
}

/// Calls `see` with the shape of a row, and its bytes.
fn look(
    data: DataRef<'_>,
    values: &Values,
    row: usize,
    see: impl FnOnce(&ElementKind, &dyn Fn(usize) -> u8) -> bool,
) -> bool {
    let kind = match data {
        DataRef::Dat(dat) => dat.kind,
        DataRef::Mat(mat) => mat.kind,
        _ => return false,
    };
    let start = address(&*values.memory);
    see(&kind, &|i| {
        // SAFETY: `byte_at` names bytes of the values; in the context's turn nobody writes meanwhile.
        unsafe { *start.add(values.shape.byte_at(row, i)) }
    })
}

/// The error of a loop at an argument.
pub(super) fn refuse(call: &Call<'_>, arg: usize, reason: String) -> Error {
    let argument = Some((arg + 1, call.the_loop.args[arg].text));
    call.the_loop.refuse(vec![Violation { argument, reason }])
}
