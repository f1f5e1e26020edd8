//! The objects of `OpenCL`, released when dropped, and what one can ask them.
//!
//! The functions are used as they are, through their C declarations. Those of `ocl` around them panic on codes that
//! they do not know and on objects that cannot be released, wait ten seconds where there is no driver, and
//! take a failed compilation without a message for a success.

use std::ffi::c_void;
use std::ptr;

use cl_sys as cl;

use crate::fault::Code;

/// Declares the owner of one reference to an object.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident, $raw:ty, $release:path) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name($raw);

        impl $name {
            /// Takes over a new object, if the call that made it has succeeded.
            ///
            /// # Safety
            /// Where the code is success, the object was just made and belongs to nobody else.
            pub(crate) unsafe fn made(raw: $raw, code: cl::cl_int) -> Result<Self, Code> {
                Code::check(code)?;
                Ok(Self(raw))
            }

            /// Its address, good while this lives.
            pub(crate) fn raw(&self) -> $raw {
                self.0
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // There is nothing to be done about a driver that fails here.
                // SAFETY: this owns one reference, and gives it back once.
                let _ = unsafe { $release(self.0) };
            }
        }

        // SAFETY: all functions of OpenCL may be called from any thread at any time, but for the one that sets
        // arguments of a kernel, which `launch` calls under a lock.
        unsafe impl Send for $name {}
        // SAFETY: as above.
        unsafe impl Sync for $name {}
    };
}

object!(/** What memory and programs belong to. */ Context, cl::cl_context, cl::clReleaseContext);
object!(/** Does one thing after the other. */ Commands, cl::cl_command_queue, cl::clReleaseCommandQueue);
object!(/** Memory. */ Mem, cl::cl_mem, cl::clReleaseMemObject);
object!(/** Compiled functions. */ Binary, cl::cl_program, cl::clReleaseProgram);
object!(/** One function, and its arguments. */ Kernel, cl::cl_kernel, cl::clReleaseKernel);
object!(/** A command on its way. */ Event, cl::cl_event, cl::clReleaseEvent);

/// A driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlatformId(cl::cl_platform_id);

/// A device of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeviceId(cl::cl_device_id);

// SAFETY: these are names, valid as long as the process lives; functions of OpenCL take them from any thread.
unsafe impl Send for PlatformId {}
// SAFETY: as above.
unsafe impl Sync for PlatformId {}
// SAFETY: as above.
unsafe impl Send for DeviceId {}
// SAFETY: as above.
unsafe impl Sync for DeviceId {}

/// A question: it gets the size and address of room for the answer, and the address for the answer's size. Any of
/// the addresses may be null.
pub(crate) type Question<'a> = &'a dyn Fn(usize, *mut c_void, *mut usize) -> cl::cl_int;

/// An answer of any length.
pub(crate) fn bytes(ask: Question<'_>) -> Result<Vec<u8>, Code> {
    let mut size = 0;
    Code::check(ask(0, ptr::null_mut(), &raw mut size))?;
    let mut answer = vec![0_u8; size];
    if size > 0 {
        Code::check(ask(size, answer.as_mut_ptr().cast(), ptr::null_mut()))?;
    }
    Ok(answer)
}

/// An answer in words.
pub(crate) fn text(ask: Question<'_>) -> Result<String, Code> {
    let answer = bytes(ask)?;
    Ok(String::from_utf8_lossy(&answer).trim_matches(['\0', ' ', '\n']).to_owned())
}

/// An answer that is a number of any width, or the first of several `size_t`.
pub(crate) fn number(ask: Question<'_>) -> Result<u64, Code> {
    let answer = bytes(ask)?;
    let wide = answer.first_chunk().map(|bytes| u64::from_ne_bytes(*bytes));
    let narrow = || answer.first_chunk().map(|bytes| u64::from(u32::from_ne_bytes(*bytes)));
    wide.or_else(narrow).ok_or(Code(cl::CL_INVALID_VALUE))
}

/// All drivers; none is no error.
pub(crate) fn platforms() -> Result<Vec<PlatformId>, Code> {
    let mut count = 0;
    // SAFETY: no room is offered, and `count` is there to be written.
    let code = unsafe { cl::clGetPlatformIDs(0, ptr::null_mut(), &raw mut count) };
    if code == cl::CL_PLATFORM_NOT_FOUND_KHR || (code == cl::CL_SUCCESS && count == 0) {
        return Ok(Vec::new());
    }
    Code::check(code)?;
    let mut ids = vec![ptr::null_mut(); count as usize];
    // SAFETY: there is room for `count` names.
    Code::check(unsafe { cl::clGetPlatformIDs(count, ids.as_mut_ptr(), ptr::null_mut()) })?;
    Ok(ids.into_iter().map(PlatformId).collect())
}

impl PlatformId {
    pub(crate) fn raw(self) -> cl::cl_platform_id {
        self.0
    }

    pub(crate) fn text(self, what: cl::cl_platform_info) -> Result<String, Code> {
        // SAFETY: the platform exists; `Question` says what the addresses are.
        text(&|size, to, needed| unsafe { cl::clGetPlatformInfo(self.0, what, size, to, needed) })
    }

    /// Its devices; none is no error.
    pub(crate) fn devices(self) -> Result<Vec<DeviceId>, Code> {
        let all = cl::CL_DEVICE_TYPE_ALL;
        let mut count = 0;
        // SAFETY: no room is offered, and `count` is there to be written.
        let code = unsafe { cl::clGetDeviceIDs(self.0, all, 0, ptr::null_mut(), &raw mut count) };
        if code == cl::CL_DEVICE_NOT_FOUND || (code == cl::CL_SUCCESS && count == 0) {
            return Ok(Vec::new());
        }
        Code::check(code)?;
        let mut ids = vec![ptr::null_mut(); count as usize];
        // SAFETY: there is room for `count` names.
        Code::check(unsafe {
            cl::clGetDeviceIDs(self.0, all, count, ids.as_mut_ptr(), ptr::null_mut())
        })?;
        Ok(ids.into_iter().map(DeviceId).collect())
    }
}

impl DeviceId {
    pub(crate) fn raw(self) -> cl::cl_device_id {
        self.0
    }

    pub(crate) fn text(self, what: cl::cl_device_info) -> Result<String, Code> {
        // SAFETY: the device exists; `Question` says what the addresses are.
        text(&|size, to, needed| unsafe { cl::clGetDeviceInfo(self.0, what, size, to, needed) })
    }

    pub(crate) fn number(self, what: cl::cl_device_info) -> Result<u64, Code> {
        // SAFETY: as above.
        number(&|size, to, needed| unsafe { cl::clGetDeviceInfo(self.0, what, size, to, needed) })
    }

    /// A device that does not exist.
    #[cfg(test)]
    pub(crate) fn nothing() -> Self {
        Self(ptr::null_mut())
    }
}

#[cfg(test)]
impl PlatformId {
    /// A driver that does not exist.
    pub(crate) fn nothing() -> Self {
        Self(ptr::null_mut())
    }
}
