//! The driver through cust: libcuda is linked, for programs that live in Rust-CUDA anyway.
//!
//! Contexts, streams and events are cust's own. Programs and copies go through its raw functions (`sys`):
//! its errors know fewer codes than the driver (not that a driver is too old for some PTX, for one), and
//! its copies know only typed memory.

use std::ffi::{CStr, c_int, c_uint, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use ::cust::context::{Context, CurrentContext};
use ::cust::device::{Device, DeviceAttribute};
use ::cust::error::CudaError;
use ::cust::event::{Event, EventFlags};
use ::cust::memory::{DevicePointer, cuda_free, cuda_free_locked, cuda_malloc, cuda_malloc_locked};
use ::cust::stream::{Stream, StreamFlags};
use ::cust::sys::{self, CUfunction_attribute, CUresult};

use crate::driver::{Address, Attributes, Card, Driver, Failure};

/// A GPU's primary context, which cust's users share, and a stream in it.
pub(crate) struct Cust {
    // Before the context, so that it goes first.
    stream: Stream,
    context: Arc<Context>,
}

// SAFETY: every function calls the driver's of the same meaning, after `enter` of the opened GPU.
unsafe impl Driver for Cust {
    type Module = Module;
    type Mark = Mark;

    fn present() -> bool {
        // Else the program had not started.
        true
    }

    fn cards() -> Result<Vec<Card>, Failure> {
        // SAFETY: the function has no preconditions.
        check("cuInit", unsafe { sys::cuInit(0) })?;
        let count = Device::num_devices().map_err(|error| failure("cuDeviceGetCount", error))?;
        (0..count).map(|ordinal| card(device(ordinal)?)).collect()
    }

    fn open(card: usize) -> Result<Self, Failure> {
        let device = device(card as u32)?;
        let retained = Context::new(device);
        let context = retained.map_err(|error| failure("cuDevicePrimaryCtxRetain", error))?;
        enter(&context)?;
        let stream = Stream::new(StreamFlags::DEFAULT, None);
        let stream = stream.map_err(|error| failure("cuStreamCreateWithPriority", error))?;
        Ok(Self { stream, context: Arc::new(context) })
    }

    fn enter(&self) -> Result<(), Failure> {
        enter(&self.context)
    }

    fn allocate(&self, bytes: usize) -> Result<Address, Failure> {
        enter(&self.context)?;
        // SAFETY: what is read was written before: the promise of whoever holds the address.
        let memory = unsafe { cuda_malloc::<u8>(bytes) };
        memory.map(|memory| Address(memory.as_raw())).map_err(|error| failure("cuMemAlloc", error))
    }

    unsafe fn free(&self, memory: Address) {
        if enter(&self.context).is_ok() {
            // SAFETY: allocated here and unused: our caller's promise. What fails has been said by others.
            unsafe { cuda_free(DevicePointer::<u8>::from_raw(memory.0)) }.ok();
        }
    }

    fn pin(&self, bytes: usize) -> Result<NonNull<u8>, Failure> {
        enter(&self.context)?;
        // SAFETY: what is read was written before: the promise of whoever holds the pointer.
        let memory = unsafe { cuda_malloc_locked::<u8>(bytes) };
        let memory = memory.map_err(|error| failure("cuMemAllocHost", error))?;
        Ok(NonNull::new(memory).expect("memory that was allocated is somewhere"))
    }

    unsafe fn unpin(&self, memory: NonNull<u8>) {
        if enter(&self.context).is_ok() {
            // SAFETY: from `pin` and unused: our caller's promise. What fails has been said by others.
            unsafe { cuda_free_locked(memory.as_ptr()) }.ok();
        }
    }

    unsafe fn upload(&self, to: Address, from: *const u8, bytes: usize) -> Result<(), Failure> {
        enter(&self.context)?;
        let stream = self.stream.as_inner();
        // SAFETY: both ends hold: our caller's promise.
        let code = unsafe { sys::cuMemcpyHtoDAsync_v2(to.0, from.cast(), bytes, stream) };
        check("cuMemcpyHtoDAsync", code)
    }

    unsafe fn download(&self, from: Address, to: *mut u8, bytes: usize) -> Result<(), Failure> {
        enter(&self.context)?;
        let stream = self.stream.as_inner();
        // SAFETY: both ends hold: our caller's promise.
        let code = unsafe { sys::cuMemcpyDtoHAsync_v2(to.cast(), from.0, bytes, stream) };
        check("cuMemcpyDtoHAsync", code)
    }

    unsafe fn copy(&self, from: Address, to: Address, bytes: usize) -> Result<(), Failure> {
        enter(&self.context)?;
        let stream = self.stream.as_inner();
        // SAFETY: both ends hold: our caller's promise.
        let code = unsafe { sys::cuMemcpyDtoDAsync_v2(to.0, from.0, bytes, stream) };
        check("cuMemcpyDtoDAsync", code)
    }

    unsafe fn clear(&self, memory: Address, bytes: usize) -> Result<(), Failure> {
        enter(&self.context)?;
        // SAFETY: there are so many bytes: our caller's promise.
        let code = unsafe { sys::cuMemsetD8Async(memory.0, 0, bytes, self.stream.as_inner()) };
        check("cuMemsetD8Async", code)
    }

    fn load(&self, ptx: &CStr, entry: &CStr) -> Result<Module, Failure> {
        enter(&self.context)?;
        let handle = module(ptx)?;
        // Owned from here on, so that it is unloaded where its entry is missing.
        let mut module =
            Module { handle, entry: ptr::null_mut(), context: Arc::clone(&self.context) };
        // SAFETY: the module is loaded; the name ends in a null and `entry` lives through the call.
        let code = unsafe {
            sys::cuModuleGetFunction(&raw mut module.entry, module.handle, entry.as_ptr())
        };
        check("cuModuleGetFunction", code)?;
        Ok(module)
    }

    fn attributes(&self, module: &Module, group: u32) -> Result<Attributes, Failure> {
        use CUfunction_attribute as Of;
        enter(&self.context)?;
        let max_group = module.attribute(Of::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK)?;
        Ok(Attributes {
            registers: module.attribute(Of::CU_FUNC_ATTRIBUTE_NUM_REGS)?,
            private_bytes: module.attribute(Of::CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES)?,
            local_bytes: module.attribute(Of::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES)?,
            max_group,
            resident_groups: module.resident_groups(group.clamp(1, max_group.max(1)))?,
        })
    }

    unsafe fn launch(
        &self,
        module: &Module,
        groups: u32,
        group: u32,
        arguments: &mut [*mut c_void],
    ) -> Result<(), Failure> {
        enter(&self.context)?;
        // SAFETY: the arguments fit the entry: our caller's promise; the driver reads them before it returns.
        let code = unsafe {
            sys::cuLaunchKernel(
                module.entry,
                groups,
                1,
                1,
                group,
                1,
                1,
                0,
                self.stream.as_inner(),
                arguments.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        check("cuLaunchKernel", code)
    }

    fn mark(&self, timed: bool) -> Result<Mark, Failure> {
        enter(&self.context)?;
        let flags = if timed { EventFlags::DEFAULT } else { EventFlags::DISABLE_TIMING };
        let event = Event::new(flags).map_err(|error| failure("cuEventCreate", error))?;
        Ok(Mark { event, _context: Arc::clone(&self.context) })
    }

    fn set(&self, mark: &Mark) -> Result<(), Failure> {
        enter(&self.context)?;
        mark.event.record(&self.stream).map_err(|error| failure("cuEventRecord", error))
    }

    fn wait(&self, mark: &Mark) -> Result<(), Failure> {
        enter(&self.context)?;
        mark.event.synchronize().map_err(|error| failure("cuEventSynchronize", error))
    }

    fn milliseconds(&self, begin: &Mark, end: &Mark) -> Result<f32, Failure> {
        enter(&self.context)?;
        let elapsed = end.event.elapsed_time_f32(&begin.event);
        elapsed.map_err(|error| failure("cuEventElapsedTime", error))
    }

    fn finish(&self) -> Result<(), Failure> {
        enter(&self.context)?;
        self.stream.synchronize().map_err(|error| failure("cuStreamSynchronize", error))
    }
}

impl Drop for Cust {
    fn drop(&mut self) {
        // For the stream, which is dropped next. Where this fails there is nothing left to destroy.
        enter(&self.context).ok();
    }
}

/// A loaded program.
pub(crate) struct Module {
    handle: sys::CUmodule,
    entry: sys::CUfunction,
    context: Arc<Context>,
}

// SAFETY: the driver takes modules from any thread.
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

impl Module {
    fn attribute(&self, which: CUfunction_attribute) -> Result<u32, Failure> {
        let mut value = 0;
        // SAFETY: the entry lives as long as its module; `value` lives through the call.
        let code = unsafe { sys::cuFuncGetAttribute(&raw mut value, which, self.entry) };
        check("cuFuncGetAttribute", code)?;
        Ok(value as u32)
    }

    fn resident_groups(&self, group: u32) -> Result<u32, Failure> {
        let (mut groups, group) = (0, group as c_int);
        // SAFETY: the entry lives as long as its module; `groups` lives through the call.
        let code = unsafe {
            sys::cuOccupancyMaxActiveBlocksPerMultiprocessor(&raw mut groups, self.entry, group, 0)
        };
        check("cuOccupancyMaxActiveBlocksPerMultiprocessor", code)?;
        Ok(groups as u32)
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        if enter(&self.context).is_ok() {
            // SAFETY: loaded by `load`. Launches that are under way keep its code.
            unsafe { sys::cuModuleUnload(self.handle) };
        }
    }
}

/// A point in the stream. Its event is destroyed before the share in the context ends.
pub(crate) struct Mark {
    event: Event,
    _context: Arc<Context>,
}

fn check(call: &'static str, code: CUresult) -> Result<(), Failure> {
    Failure::check(call, code as u32)
}

fn failure(call: &'static str, error: CudaError) -> Failure {
    Failure { call, code: error as u32, log: String::new() }
}

/// Makes the context that of this thread; others in the process may have made theirs so since.
fn enter(context: &Context) -> Result<(), Failure> {
    CurrentContext::set_current(context).map_err(|error| failure("cuCtxSetCurrent", error))
}

fn device(ordinal: u32) -> Result<Device, Failure> {
    Device::get_device(ordinal).map_err(|error| failure("cuDeviceGet", error))
}

fn card(device: Device) -> Result<Card, Failure> {
    use DeviceAttribute as Of;
    let attribute = |which| {
        let value = device.get_attribute(which);
        value.map(|value| value as u32).map_err(|error| failure("cuDeviceGetAttribute", error))
    };
    let bytes = device.total_memory().map_err(|error| failure("cuDeviceTotalMem", error))?;
    let mode = attribute(Of::ComputeMode)?;
    Ok(Card {
        name: device.name().map_err(|error| failure("cuDeviceGetName", error))?,
        arch: 10 * attribute(Of::ComputeCapabilityMajor)? + attribute(Of::ComputeCapabilityMinor)?,
        memory_bytes: bytes as u64,
        local_bytes: attribute(Of::MaxSharedMemoryPerBlock)? as usize,
        max_group: attribute(Of::MaxThreadsPerBlock)? as usize,
        prohibited: mode == sys::CUcomputemode_enum::CU_COMPUTEMODE_PROHIBITED as u32,
    })
}

/// Loads PTX; what the driver's compiler says goes into the failure.
fn module(ptx: &CStr) -> Result<sys::CUmodule, Failure> {
    use sys::CUjit_option_enum as Jit;
    let (mut module, mut log) = (ptr::null_mut(), [0_u8; 4096]);
    let mut options = [Jit::CU_JIT_ERROR_LOG_BUFFER, Jit::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES];
    // The driver takes numbers in place of pointers here.
    let mut values: [*mut c_void; 2] =
        [log.as_mut_ptr().cast(), ptr::without_provenance_mut(log.len())];
    // SAFETY: there are as many values as options; the log's buffer is as long as said and lives through the call.
    let code = unsafe {
        sys::cuModuleLoadDataEx(
            &raw mut module,
            ptx.as_ptr().cast(),
            options.len() as c_uint,
            options.as_mut_ptr(),
            values.as_mut_ptr(),
        )
    };
    let said = || CStr::from_bytes_until_nul(&log).map(CStr::to_string_lossy).unwrap_or_default();
    check("cuModuleLoadDataEx", code)
        .map_err(|failure| Failure { log: said().trim_end().to_owned(), ..failure })?;
    Ok(module)
}
