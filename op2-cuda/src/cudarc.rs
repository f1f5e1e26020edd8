//! The driver through cudarc: libcuda is loaded when first asked for, so programs start without one.
//!
//! Of cudarc, the bare functions (`sys`): they differ from the driver's in nothing but how they are found.
//! One that the library does not have panics; those used here are in every driver since CUDA 12.0.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use ::cudarc::driver::sys::{self, CUdevice_attribute, CUfunction_attribute, CUresult};

use crate::driver::{Address, Attributes, Card, Driver, Failure};

/// A GPU's primary context, which it shares with whatever else in the process uses the GPU, and a stream in it.
pub(crate) struct Cudarc {
    stream: sys::CUstream,
    context: Arc<Context>,
}

// SAFETY: the driver's handles may be used by any thread; each call makes the context current first.
unsafe impl Send for Cudarc {}
// SAFETY: as above; the driver locks what its threads share.
unsafe impl Sync for Cudarc {}

// SAFETY: every function calls the driver's of the same meaning, after `Context::enter` of the opened GPU.
unsafe impl Driver for Cudarc {
    type Module = Module;
    type Mark = Mark;

    fn present() -> bool {
        // SAFETY: loads the driver's library, whose initializers are made to run anywhere.
        unsafe { sys::is_culib_present() }
    }

    fn cards() -> Result<Vec<Card>, Failure> {
        // SAFETY: the library is there, since cards are asked only of a driver that is.
        check("cuInit", unsafe { sys::cuInit(0) })?;
        let mut count = 0;
        // SAFETY: `count` lives through the call.
        check("cuDeviceGetCount", unsafe { sys::cuDeviceGetCount(&raw mut count) })?;
        (0..count).map(|ordinal| card(device(ordinal)?)).collect()
    }

    fn open(card: usize) -> Result<Self, Failure> {
        let context = Arc::new(Context::new(device(card as c_int)?)?);
        context.enter()?;
        let mut stream = ptr::null_mut();
        let flags = sys::CUstream_flags::CU_STREAM_NON_BLOCKING as c_uint;
        // SAFETY: the context is current; `stream` lives through the call.
        check("cuStreamCreate", unsafe { sys::cuStreamCreate(&raw mut stream, flags) })?;
        Ok(Self { stream, context })
    }

    fn enter(&self) -> Result<(), Failure> {
        self.context.enter()
    }

    fn allocate(&self, bytes: usize) -> Result<Address, Failure> {
        self.context.enter()?;
        let mut address = 0;
        // SAFETY: the context is current; `address` lives through the call.
        check("cuMemAlloc", unsafe { sys::cuMemAlloc_v2(&raw mut address, bytes) })?;
        Ok(Address(address))
    }

    unsafe fn free(&self, memory: Address) {
        if self.context.enter().is_ok() {
            // SAFETY: allocated here and unused: our caller's promise.
            unsafe { sys::cuMemFree_v2(memory.0) };
        }
    }

    fn pin(&self, bytes: usize) -> Result<NonNull<u8>, Failure> {
        self.context.enter()?;
        let mut memory = ptr::null_mut();
        // SAFETY: the context is current; `memory` lives through the call.
        check("cuMemHostAlloc", unsafe { sys::cuMemHostAlloc(&raw mut memory, bytes, 0) })?;
        Ok(NonNull::new(memory.cast()).expect("memory that was allocated is somewhere"))
    }

    unsafe fn unpin(&self, memory: NonNull<u8>) {
        if self.context.enter().is_ok() {
            // SAFETY: from `pin` and unused: our caller's promise.
            unsafe { sys::cuMemFreeHost(memory.as_ptr().cast()) };
        }
    }

    unsafe fn upload(&self, to: Address, from: *const u8, bytes: usize) -> Result<(), Failure> {
        self.context.enter()?;
        // SAFETY: both ends hold: our caller's promise.
        let code = unsafe { sys::cuMemcpyHtoDAsync_v2(to.0, from.cast(), bytes, self.stream) };
        check("cuMemcpyHtoDAsync", code)
    }

    unsafe fn download(&self, from: Address, to: *mut u8, bytes: usize) -> Result<(), Failure> {
        self.context.enter()?;
        // SAFETY: both ends hold: our caller's promise.
        let code = unsafe { sys::cuMemcpyDtoHAsync_v2(to.cast(), from.0, bytes, self.stream) };
        check("cuMemcpyDtoHAsync", code)
    }

    unsafe fn copy(&self, from: Address, to: Address, bytes: usize) -> Result<(), Failure> {
        self.context.enter()?;
        // SAFETY: both ends hold: our caller's promise.
        let code = unsafe { sys::cuMemcpyDtoDAsync_v2(to.0, from.0, bytes, self.stream) };
        check("cuMemcpyDtoDAsync", code)
    }

    unsafe fn clear(&self, memory: Address, bytes: usize) -> Result<(), Failure> {
        self.context.enter()?;
        // SAFETY: there are so many bytes: our caller's promise.
        let code = unsafe { sys::cuMemsetD8Async(memory.0, 0, bytes, self.stream) };
        check("cuMemsetD8Async", code)
    }

    fn load(&self, ptx: &CStr, entry: &CStr) -> Result<Module, Failure> {
        self.context.enter()?;
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
        self.context.enter()?;
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
        self.context.enter()?;
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
                self.stream,
                arguments.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        check("cuLaunchKernel", code)
    }

    fn mark(&self, timed: bool) -> Result<Mark, Failure> {
        use sys::CUevent_flags as Flags;
        self.context.enter()?;
        let flags = if timed { Flags::CU_EVENT_DEFAULT } else { Flags::CU_EVENT_DISABLE_TIMING };
        let mut event = ptr::null_mut();
        // SAFETY: the context is current; `event` lives through the call.
        check("cuEventCreate", unsafe { sys::cuEventCreate(&raw mut event, flags as c_uint) })?;
        Ok(Mark { event, context: Arc::clone(&self.context) })
    }

    fn set(&self, mark: &Mark) -> Result<(), Failure> {
        self.context.enter()?;
        // SAFETY: event and stream are of this context.
        check("cuEventRecord", unsafe { sys::cuEventRecord(mark.event, self.stream) })
    }

    fn wait(&self, mark: &Mark) -> Result<(), Failure> {
        self.context.enter()?;
        // SAFETY: the event is of this context.
        check("cuEventSynchronize", unsafe { sys::cuEventSynchronize(mark.event) })
    }

    fn milliseconds(&self, begin: &Mark, end: &Mark) -> Result<f32, Failure> {
        self.context.enter()?;
        let mut elapsed = 0.0;
        // SAFETY: both events are of this context; `elapsed` lives through the call.
        let code = unsafe { elapsed_time()(&raw mut elapsed, begin.event, end.event) };
        check("cuEventElapsedTime", code)?;
        Ok(elapsed)
    }

    fn finish(&self) -> Result<(), Failure> {
        self.context.enter()?;
        // SAFETY: the stream is of this context.
        check("cuStreamSynchronize", unsafe { sys::cuStreamSynchronize(self.stream) })
    }
}

impl Drop for Cudarc {
    fn drop(&mut self) {
        if self.context.enter().is_ok() {
            // SAFETY: made by `open`, used by nothing else. What is under way is carried out all the same.
            unsafe { sys::cuStreamDestroy_v2(self.stream) };
        }
    }
}

/// A share in a GPU's primary context.
struct Context {
    context: sys::CUcontext,
    device: sys::CUdevice,
}

// SAFETY: the driver takes contexts from any thread.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    fn new(device: sys::CUdevice) -> Result<Self, Failure> {
        let mut context = ptr::null_mut();
        // SAFETY: the device is one that the driver gave; `context` lives through the call.
        let code = unsafe { sys::cuDevicePrimaryCtxRetain(&raw mut context, device) };
        check("cuDevicePrimaryCtxRetain", code)?;
        Ok(Self { context, device })
    }

    /// Makes the context that of this thread; others in the process may have made theirs so since.
    fn enter(&self) -> Result<(), Failure> {
        // SAFETY: the context is retained as long as this lives.
        check("cuCtxSetCurrent", unsafe { sys::cuCtxSetCurrent(self.context) })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: retained by `new`, once.
        unsafe { sys::cuDevicePrimaryCtxRelease_v2(self.device) };
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
        if self.context.enter().is_ok() {
            // SAFETY: loaded by `load`. Launches that are under way keep its code.
            unsafe { sys::cuModuleUnload(self.handle) };
        }
    }
}

/// A point in the stream.
pub(crate) struct Mark {
    event: sys::CUevent,
    context: Arc<Context>,
}

// SAFETY: the driver takes events from any thread.
unsafe impl Send for Mark {}
// SAFETY: as above.
unsafe impl Sync for Mark {}

impl Drop for Mark {
    fn drop(&mut self) {
        if self.context.enter().is_ok() {
            // SAFETY: made by `mark`, used by nothing else.
            unsafe { sys::cuEventDestroy_v2(self.event) };
        }
    }
}

fn check(call: &'static str, code: CUresult) -> Result<(), Failure> {
    Failure::check(call, code as u32)
}

fn device(ordinal: c_int) -> Result<sys::CUdevice, Failure> {
    let mut device = 0;
    // SAFETY: `device` lives through the call.
    check("cuDeviceGet", unsafe { sys::cuDeviceGet(&raw mut device, ordinal) })?;
    Ok(device)
}

fn card(device: sys::CUdevice) -> Result<Card, Failure> {
    use CUdevice_attribute as Of;
    let attribute = |which| {
        let mut value = 0;
        // SAFETY: `value` lives through the call.
        let code = unsafe { sys::cuDeviceGetAttribute(&raw mut value, which, device) };
        check("cuDeviceGetAttribute", code).map(|()| value as u32)
    };
    let major = attribute(Of::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?;
    let minor = attribute(Of::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?;
    let local_bytes = attribute(Of::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK)?;
    let mode = attribute(Of::CU_DEVICE_ATTRIBUTE_COMPUTE_MODE)?;
    Ok(Card {
        name: name(device)?,
        arch: 10 * major + minor,
        memory_bytes: memory_bytes(device)?,
        local_bytes: local_bytes as usize,
        max_group: attribute(Of::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)? as usize,
        prohibited: mode == sys::CUcomputemode::CU_COMPUTEMODE_PROHIBITED as u32,
    })
}

fn name(device: sys::CUdevice) -> Result<String, Failure> {
    let mut name = [0_u8; 256];
    // SAFETY: the driver writes at most as many bytes, a null among them.
    let code =
        unsafe { sys::cuDeviceGetName(name.as_mut_ptr().cast(), name.len() as c_int, device) };
    check("cuDeviceGetName", code)?;
    Ok(until_null(&name))
}

fn memory_bytes(device: sys::CUdevice) -> Result<u64, Failure> {
    let mut bytes = 0_usize;
    // SAFETY: `bytes` lives through the call.
    check("cuDeviceTotalMem", unsafe { sys::cuDeviceTotalMem_v2(&raw mut bytes, device) })?;
    Ok(bytes as u64)
}

/// Loads PTX; what the driver's compiler says goes into the failure.
fn module(ptx: &CStr) -> Result<sys::CUmodule, Failure> {
    use sys::CUjit_option as Jit;
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
    let said = || until_null(&log).trim_end().to_owned();
    check("cuModuleLoadDataEx", code).map_err(|failure| Failure { log: said(), ..failure })?;
    Ok(module)
}

fn until_null(bytes: &[u8]) -> String {
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

type ElapsedTime = unsafe extern "C" fn(*mut f32, sys::CUevent, sys::CUevent) -> CUresult;

/// The function for the time between events. The bindings of CUDA 13 know only its second version, which
/// drivers before 12.8 do not have; the first is in all.
fn elapsed_time() -> ElapsedTime {
    // SAFETY: the type is that of the driver's header. A driver was there to make the events.
    let found = unsafe { sys::culib().get::<ElapsedTime>(b"cuEventElapsedTime\0") };
    *found.expect("the function is in every driver")
}

const _: () =
    assert!(size_of::<c_char>() == 1, "buffers of bytes are taken for those of characters");
