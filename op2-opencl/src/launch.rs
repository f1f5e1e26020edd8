//! Starting programs, and how long they took.

use std::ptr;
use std::sync::PoisonError;

use ocl::core::{self, ArgVal, Event, Kernel, ProfilingInfo};
use ocl::ffi as cl;
use op2_core::device::api::{self, Argument, Fault, Launch};

use crate::compile::Compiled;
use crate::driver::Owned;
use crate::fault::Code;
use crate::memory::Buffer;
use crate::queue::Queue;

/// Starts a program after all that was asked for before. Without groups there is nothing to start.
///
/// # Safety
/// As for [`Compiler::launch`](api::Compiler::launch).
pub(crate) unsafe fn start(
    queue: &Queue,
    program: &Compiled,
    launch: &Launch<'_>,
) -> Result<Option<Timed>, Fault> {
    let items = items(queue, program, launch)?;
    if items == 0 {
        return Ok(launch.timed.then_some(Timed(None)));
    }
    let kernel = program.kernel.lock().unwrap_or_else(PoisonError::into_inner);
    for (number, argument) in launch.arguments.iter().enumerate() {
        set(queue, &kernel, program, number, argument)?;
    }
    // SAFETY: the arguments are those that the program declares, as the caller promises; and nobody else sets
    // them before it is on its way, as the lock is held.
    let event = unsafe { enqueue(queue, &kernel, items, launch) };
    let event = event.map_err(|code| fault(queue, program, launch, code))?;
    queue.last.set(&program.name);
    Ok(event)
}

/// All work-items of a launch.
fn items(queue: &Queue, program: &Compiled, launch: &Launch<'_>) -> Result<usize, Fault> {
    let Launch { groups, group, .. } = *launch;
    let (name, most) = (&program.name, program.max_group);
    if program.context != queue.context.as_ptr().addr() {
        return Err(Fault::Driver(format!("loop `{name}` was compiled for another device")));
    }
    let (declared, given) = (program.num_arguments, launch.arguments.len());
    if declared != given {
        // `OpenCL` would take those of the last launch for missing ones, and their memory may be gone.
        return Err(Fault::Driver(format!(
            "loop `{name}` takes {declared} arguments, and is started with {given}"
        )));
    }
    if group > most {
        return Err(Fault::TooBig(format!(
            "loop `{name}` is started with groups of {group} work-items, and can have {most} at most"
        )));
    }
    groups.checked_mul(group).ok_or_else(|| {
        Fault::TooBig(format!(
            "loop `{name}` is started with {groups} groups of {group} work-items"
        ))
    })
}

fn set(
    queue: &Queue,
    kernel: &Kernel,
    program: &Compiled,
    number: usize,
    argument: &Argument<'_>,
) -> Result<(), Fault> {
    let doing =
        |code: Code| code.fault(&format!("setting argument {number} of loop `{}`", program.name));
    let value = match argument {
        Argument::Memory(memory) => ArgVal::mem(Buffer::of(*memory, &queue.context)?.mem()),
        Argument::Nothing => ArgVal::mem_null(),
        Argument::U32(number) => ArgVal::scalar(number),
    };
    core::set_kernel_arg(kernel, number as u32, value).map_err(|error| doing(error.into()))
}

/// # Safety
/// The kernel's arguments are set.
unsafe fn enqueue(
    queue: &Queue,
    kernel: &Kernel,
    items: usize,
    launch: &Launch<'_>,
) -> Result<Option<Timed>, Code> {
    let (mut raw, none) = (ptr::null_mut(), ptr::null());
    let event = if launch.timed { &raw mut raw } else { ptr::null_mut() };
    // SAFETY: the sizes are of one dimension, and whole groups; the rest is the caller's promise.
    let code = unsafe {
        cl::clEnqueueNDRangeKernel(
            queue.commands.as_ptr(),
            kernel.as_ptr(),
            1,
            ptr::null(),
            &raw const items,
            &raw const launch.group,
            0,
            none,
            event,
        )
    };
    Code::check(code)?;
    // SAFETY: the event was just made.
    let event = launch.timed.then(|| Owned::new(unsafe { Event::from_raw_create_ptr(raw) }));
    // A driver may otherwise wait with it until somebody asks for a result.
    // SAFETY: the queue lives.
    Code::check(unsafe { cl::clFlush(queue.commands.as_ptr()) })?;
    Ok(event.map(|event| Timed(Some(event))))
}

fn fault(queue: &Queue, program: &Compiled, launch: &Launch<'_>, code: Code) -> Fault {
    let bytes = |argument: &Argument<'_>| match argument {
        Argument::Memory(memory) => memory.bytes(),
        Argument::Nothing | Argument::U32(_) => 0,
    };
    if code.is_no_room() {
        return Fault::OutOfMemory { bytes: launch.arguments.iter().map(bytes).sum() };
    }
    let Launch { groups, group, .. } = launch;
    let name = &program.name;
    queue.fault(code, &format!("starting loop `{name}` as {groups} groups of {group} work-items"))
}

/// A program on its way, or none: what took no time.
#[derive(Debug)]
pub(crate) struct Timed(Option<Owned<Event>>);

impl api::Event for Timed {
    fn seconds(&self) -> Option<f64> {
        let Some(event) = &self.0 else { return Some(0.0) };
        // SAFETY: there is one event, which lives.
        Code::check(unsafe { cl::clWaitForEvents(1, event.as_ptr_ref()) }).ok()?;
        let nanoseconds = |what| core::get_event_profiling_info(&**event, what).ok()?.time().ok();
        let (start, end) = (nanoseconds(ProfilingInfo::Start)?, nanoseconds(ProfilingInfo::End)?);
        Some(end.saturating_sub(start) as f64 * 1e-9)
    }
}
