//! Starting a loop's program: which argument is where.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::profile::{EntryId, Profile};
use crate::device::accelerator::Accelerator;
use crate::device::api::{Argument, Launch, Memory, Runner};
use crate::device::call::Call;
use crate::device::order::Races;
use crate::device::programs::{Buffers, Compiled};
use crate::device::ready::Ready;
use crate::device::wrapper::{self, Param};
use crate::par_loop::arg::{ArgRef, DataRef};

/// What the groups of a loop have reduced, each for itself.
pub struct Reduced {
    /// `[groups, stride]`.
    pub bytes: Vec<u8>,
    /// Bytes of a group.
    pub stride: usize,
    /// Where in them the result of each argument is; `None` where nothing is reduced.
    pub places: Vec<Option<usize>>,
}

impl Accelerator {
    /// Runs a loop's program: all launches are started in turn. Waits only for what was reduced.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Panics
    /// The device compiles no programs.
    ///
    /// # Safety
    /// The loop was validated, and is as `par_loop!` makes it.
    pub(crate) unsafe fn launch(
        &self,
        call: &Call<'_>,
        ready: &Ready,
        profile: &Profile,
        entry: EntryId,
    ) -> Result<Option<Reduced>> {
        let program = ready.program.as_ref().expect("a device that compiles programs");
        let reduces = call.the_loop.args.iter().any(ArgRef::reduces);
        let groups: Vec<usize> = ready
            .ordered
            .order
            .launches
            .iter()
            .map(|range| match ready.ordered.order.races {
                Races::Staging => wrapper::groups(range.len(), 1, reduces),
                Races::Serial => 1,
                _ => wrapper::groups(range.len(), program.group, reduces),
            })
            .collect();
        let buffers = self.fill(call, program, groups.iter().sum())?;
        let failed = |fault| self.store.failed(&loop_name(call), fault);
        let Runner::Compiler(compiler) = self.device().runner() else {
            unreachable!("a program was compiled")
        };
        let (mut first, mut events) = (0, Vec::new());
        for (range, groups) in ready.ordered.order.launches.iter().zip(&groups) {
            let stretch = Stretch { lo: range.start, hi: range.end, first_group: first as u32 };
            let params = &program.wrapper.params;
            let arguments: Vec<Argument<'_>> = params
                .iter()
                .map(|param| argument(*param, call, ready, &buffers, stretch))
                .collect();
            let launch = Launch {
                groups: *groups,
                group: program.group,
                arguments: &arguments,
                timed: true,
            };
            // SAFETY: the arguments are those of the wrapper, which stays inside the data of a
            // validated loop.
            let event = unsafe { compiler.launch(&*program.program, &launch) }.map_err(failed)?;
            events.extend(event);
            first += groups;
        }
        self.timed(profile, entry, events);
        if !reduces {
            return Ok(None);
        }
        let (places, stride) = wrapper::partials_layout(call.the_loop);
        let mut bytes = vec![0; first * stride];
        if let Some(partials) = &buffers.partials {
            self.device().download(&**partials, 0, &mut bytes).map_err(failed)?;
        }
        Ok(Some(Reduced { bytes, stride, places }))
    }
}

/// Copies the bytes of a global or plain value to the start of a buffer.
fn copy_value(arg: &ArgRef<'_>, into: &mut [u8]) {
    match arg.data {
        DataRef::Value { bytes, .. } => into[..bytes.len()].copy_from_slice(bytes),
        // SAFETY: loops run in the home's turn.
        DataRef::Global(global) => unsafe { global.copy_value(into) },
        _ => {}
    }
}

/// The loop, as messages call it.
pub(super) fn loop_name(call: &Call<'_>) -> String {
    format!("loop `{}` ({})", call.the_loop.kernel().name, call.the_loop.site)
}

/// The part of a loop that one launch runs.
#[derive(Clone, Copy)]
struct Stretch {
    lo: u32,
    hi: u32,
    first_group: u32,
}

fn argument<'a>(
    param: Param,
    call: &Call<'_>,
    ready: &'a Ready,
    buffers: &'a Buffers,
    stretch: Stretch,
) -> Argument<'a> {
    let memory = |memory: &'a Option<Arc<dyn Memory>>| match memory {
        Some(memory) => Argument::Memory(&**memory),
        None => Argument::Nothing,
    };
    let (resident, ordered) = (&ready.resident, &ready.ordered);
    let staging = ordered.staging.as_ref();
    let array = |array: Option<&'a crate::device::storage::Array>| match array {
        Some(array) => Argument::Memory(&*array.memory),
        None => Argument::Nothing,
    };
    let values = |arg: usize| resident.data[arg].as_ref();
    let table = |arg: usize| resident.tables[arg].as_ref();
    match param {
        Param::Lo => Argument::U32(stretch.lo),
        Param::Hi => Argument::U32(stretch.hi),
        Param::List if ordered.order.races == Races::Coloring => array(ordered.elements.as_ref()),
        Param::List => array(resident.list.as_deref()),
        Param::Constants => memory(&buffers.constants),
        Param::Values => memory(&buffers.values),
        Param::Partials => memory(&buffers.partials),
        Param::PartialsFirst => Argument::U32(stretch.first_group),
        Param::Data(arg) => values(arg).map_or(Argument::Nothing, |v| Argument::Memory(&*v.memory)),
        Param::DataStride(arg) => Argument::U32(values(arg).map_or(0, |v| v.shape.stride as u32)),
        Param::Table(arg) => array(table(arg).map(|table| &**table)),
        Param::TableStride(arg) => Argument::U32(table(arg).map_or(0, |t| t.stride as u32)),
        Param::Blocks => array(staging.map(|staging| &staging.blocks)),
        Param::Colors => array(staging.map(|staging| &staging.colors)),
        Param::NumColors => array(staging.map(|staging| &staging.num_colors)),
        Param::Positions => Argument::U32(call.positions as u32),
        Param::Offsets(arg) => array(ordered.staged(call, arg).map(|target| &target.offsets)),
        Param::Rows(arg) => array(ordered.staged(call, arg).map(|target| &target.rows)),
        Param::Places(arg) => array(ordered.staged(call, arg).map(|target| &target.places)),
    }
}

impl Accelerator {
    /// The small buffers of one call: constants, plain values, room for partial results.
    fn fill(&self, call: &Call<'_>, program: &Compiled, groups: usize) -> Result<Buffers> {
        let (places, bytes) = wrapper::values_layout(call.the_loop);
        let mut values = vec![0; bytes];
        for (arg, place) in call.the_loop.args.iter().zip(places) {
            if let Some(place) = place {
                copy_value(arg, &mut values[place..]);
            }
        }
        let (_, stride) = wrapper::partials_layout(call.the_loop);
        let name = loop_name(call);
        let mut buffers = program.buffers();
        buffers.keep_constants(&self.store, &name, call.constants)?;
        buffers.keep_values(&self.store, &name, &values)?;
        buffers.keep_room(&self.store, &name, groups * stride)?;
        Ok(buffers.clone())
    }

    /// The error of a loop that cannot run on this device.
    pub(super) fn refused(&self, call: &Call<'_>, reason: String) -> Error {
        let device = self.facts().name.clone();
        Error::Device { what: loop_name(call), device, reason }
    }
}
