//! An open device: its queue, which does one thing after the other, and what goes to and from memory.
//!
//! Whatever a device does may fail with a code of its maker's own, on which `ocl::core` panics: so commands, and waiting
//! for them, go through `ocl::ffi`, here and in `launch`.

use std::ptr;

use ocl::core::{self, CommandQueue, CommandQueueProperties, Context, ContextProperties};
use ocl::core::{DeviceId, DeviceInfo};
use ocl::ffi as cl;
use op2_core::base::layout::Layout;
use op2_core::device::api::{Atomics, Compiler, Device, Event, Facts, Fault, LastStarted, Launch};
use op2_core::device::api::{Memory, Program, Runner, Source};
use op2_core::kernel::source::Dialect;

use crate::choose::{self, Found, Kind};
use crate::compile::{Compiled, Rounding};
use crate::driver::{Owned, number};
use crate::fault::Code;
use crate::memory::{Buffer, PIECE};

/// An open device.
#[derive(Debug)]
pub(crate) struct Queue {
    facts: Facts,
    pub(crate) id: DeviceId,
    pub(crate) context: Owned<Context>,
    pub(crate) commands: Owned<CommandQueue>,
    rounding: Rounding,
    /// Bytes of one allocation, at most.
    most_bytes: u64,
    pub(crate) last: LastStarted,
}

impl Queue {
    /// Opens a device. With `contract`, multiplications and additions may be fused.
    pub(crate) fn open(found: &Found, contract: bool) -> Result<Self, Fault> {
        let asking = |code: Code| code.fault("asking what it is like");
        let context = context(found).map_err(|code| code.fault("making a context"))?;
        let commands = commands(&context, found.id).map_err(|code| code.fault("making a queue"))?;
        Ok(Self {
            facts: facts(found).map_err(asking)?,
            id: found.id,
            context,
            commands,
            rounding: Rounding::of(found.id, contract).map_err(asking)?,
            most_bytes: most_bytes(found).map_err(asking)?,
            last: LastStarted::default(),
        })
    }

    /// The fault of a command, which may speak of a program that was started before it.
    pub(crate) fn fault(&self, code: Code, doing: &str) -> Fault {
        if code.blames_program() { code.fault(&self.last.after(doing)) } else { code.fault(doing) }
    }

    fn buffer<'a>(&self, memory: &'a dyn Memory) -> Result<&'a Buffer, Fault> {
        Buffer::of(memory, &self.context)
    }

    /// Fills whole pieces of memory.
    fn fill(&self, buffer: &Buffer) -> Result<(), Code> {
        let zeros = [0_u8; PIECE];
        let (none, whole) = (ptr::null(), buffer.whole());
        // SAFETY: the pattern is copied before the call returns, and the memory has that many bytes.
        Code::check(unsafe {
            cl::clEnqueueFillBuffer(
                self.commands.as_ptr(),
                buffer.mem().as_ptr(),
                zeros.as_ptr().cast(),
                PIECE,
                0,
                whole,
                0,
                none,
                ptr::null_mut(),
            )
        })
    }
}

impl Device for Queue {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn allocate(&self, bytes: usize) -> Result<Box<dyn Memory>, Fault> {
        Ok(Box::new(Buffer::new(&self.context, bytes, self.most_bytes)?))
    }

    fn upload(&self, memory: &dyn Memory, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        let buffer = self.buffer(memory)?;
        buffer.expect_room(offset, bytes.len());
        if bytes.is_empty() {
            return Ok(());
        }
        let none = ptr::null();
        // SAFETY: the bytes fit, and are read before this call returns, because it blocks.
        let code = Code::check(unsafe {
            cl::clEnqueueWriteBuffer(
                self.commands.as_ptr(),
                buffer.mem().as_ptr(),
                cl::CL_TRUE,
                offset,
                bytes.len(),
                bytes.as_ptr().cast(),
                0,
                none,
                ptr::null_mut(),
            )
        });
        let doing = || format!("copying {} bytes to the device", bytes.len());
        code.map_err(|code| buffer.fault(code, |code| self.fault(code, &doing())))
    }

    fn download(&self, memory: &dyn Memory, offset: usize, into: &mut [u8]) -> Result<(), Fault> {
        let buffer = self.buffer(memory)?;
        buffer.expect_room(offset, into.len());
        if into.is_empty() {
            return Ok(());
        }
        let none = ptr::null();
        // SAFETY: there are so many bytes, and they are written before this call returns, because it blocks.
        let code = Code::check(unsafe {
            cl::clEnqueueReadBuffer(
                self.commands.as_ptr(),
                buffer.mem().as_ptr(),
                cl::CL_TRUE,
                offset,
                into.len(),
                into.as_mut_ptr().cast(),
                0,
                none,
                ptr::null_mut(),
            )
        });
        let doing = || format!("copying {} bytes from the device", into.len());
        code.map_err(|code| buffer.fault(code, |code| self.fault(code, &doing())))
    }

    fn clear(&self, memory: &dyn Memory) -> Result<(), Fault> {
        let buffer = self.buffer(memory)?;
        self.fill(buffer)
            .map_err(|code| buffer.fault(code, |code| self.fault(code, "setting memory to zero")))
    }

    fn copy(&self, from: &dyn Memory, to: &dyn Memory, bytes: usize) -> Result<(), Fault> {
        let (from, to) = (self.buffer(from)?, self.buffer(to)?);
        from.expect_room(0, bytes);
        to.expect_room(0, bytes);
        if bytes == 0 || ptr::eq(from, to) {
            return Ok(());
        }
        let none = ptr::null();
        // SAFETY: both have so many bytes, and they are not the same.
        let code = Code::check(unsafe {
            cl::clEnqueueCopyBuffer(
                self.commands.as_ptr(),
                from.mem().as_ptr(),
                to.mem().as_ptr(),
                0,
                0,
                bytes,
                0,
                none,
                ptr::null_mut(),
            )
        });
        let doing = || format!("copying {bytes} bytes on the device");
        code.map_err(|code| to.fault(code, |code| self.fault(code, &doing())))
    }

    fn finish(&self) -> Result<(), Fault> {
        // SAFETY: the queue lives.
        let code = Code::check(unsafe { cl::clFinish(self.commands.as_ptr()) });
        code.map_err(|code| self.fault(code, "waiting for the device"))
    }

    fn runner(&self) -> Runner<'_> {
        Runner::Compiler(self)
    }
}

impl Compiler for Queue {
    fn compile(&self, source: &Source<'_>) -> Result<Box<dyn Program>, Fault> {
        Ok(Box::new(Compiled::new(self, &self.rounding, source)?))
    }

    unsafe fn launch(
        &self,
        program: &dyn Program,
        launch: &Launch<'_>,
    ) -> Result<Option<Box<dyn Event>>, Fault> {
        let program = Compiled::of(program)?;
        // SAFETY: the caller's promise is the one that is asked for.
        let event = unsafe { crate::launch::start(self, program, launch)? };
        Ok(event.map(|event| Box::new(event) as Box<dyn Event>))
    }
}

fn context(found: &Found) -> Result<Owned<Context>, Code> {
    let properties = ContextProperties::new().platform(found.platform_id);
    Ok(Owned::new(core::create_context(Some(&properties), &[found.id], None, None)?))
}

/// A queue that keeps the order, and measures what its programs take.
fn commands(context: &Context, device: DeviceId) -> Result<Owned<CommandQueue>, Code> {
    let properties = CommandQueueProperties::PROFILING_ENABLE;
    Ok(Owned::new(core::create_command_queue(context, device, Some(properties))?))
}

/// Bytes of one allocation, at most.
///
/// What drivers of GPUs call the most is the quarter of the memory that `OpenCL` asks for; they give larger pieces,
/// up to all that there is. `PoCL` gives more than there is, so on processors the driver's word counts.
fn most_bytes(found: &Found) -> Result<u64, Code> {
    if found.kind == Kind::Cpu {
        number(found.id, DeviceInfo::MaxMemAllocSize)
    } else {
        Ok(found.memory_bytes)
    }
}

fn facts(found: &Found) -> Result<Facts, Code> {
    let most_items = number(found.id, DeviceInfo::MaxWorkItemSizes)?;
    let max_group = number(found.id, DeviceInfo::MaxWorkGroupSize)?.min(most_items) as usize;
    // GPUs hide the latency of memory behind many work-items; elsewhere a group is a loop on one core.
    let usual = if found.kind == Kind::Gpu { 128 } else { 64 };
    Ok(Facts {
        name: found.name.clone(),
        dialect: Dialect::OpenClC,
        doubles: found.doubles,
        atomics: Atomics {
            swap_64: choose::has_extension(found.id, "cl_khr_int64_base_atomics")?,
            native_add: false,
        },
        local_bytes: number(found.id, DeviceInfo::LocalMemSize)? as usize,
        max_group,
        usual_group: usual.min(max_group),
        memory_bytes: found.memory_bytes,
        layout: Layout::Soa,
    })
}
