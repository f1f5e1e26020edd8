//! What `ocl` says of drivers and devices, and its objects, released when dropped.
//!
//! Handles, questions, and all that makes an object are those of `ocl::core`. Its C declarations, `ocl::ffi`, are
//! called where a habit of `ocl::core` would hurt; each such place says which.

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr;

use ocl::core::{self, DeviceId, DeviceInfo, PlatformId, PlatformInfo};
use ocl::ffi as cl;

use crate::fault::Code;

/// All drivers; none is no error.
pub(crate) fn platforms() -> Result<Vec<PlatformId>, Code> {
    // `ocl` would sleep for ten seconds where there is no driver.
    // SAFETY: `list` offers room for as many names as it says.
    let ids = list(cl::CL_PLATFORM_NOT_FOUND_KHR, &|room, names, count| unsafe {
        cl::clGetPlatformIDs(room, names, count)
    })?;
    // SAFETY: these are the driver's names of its platforms.
    Ok(ids.into_iter().map(|id| unsafe { PlatformId::from_raw(id) }).collect())
}

/// The devices of a driver; none is no error.
pub(crate) fn devices(platform: PlatformId) -> Result<Vec<DeviceId>, Code> {
    // `ocl` would have room for 64 of them, and read beyond it if there were more.
    // SAFETY: the platform exists, and `list` offers room for as many names as it says.
    let ids = list(cl::CL_DEVICE_NOT_FOUND, &|room, names, count| unsafe {
        cl::clGetDeviceIDs(platform.as_ptr(), cl::CL_DEVICE_TYPE_ALL, room, names, count)
    })?;
    // SAFETY: these are the driver's names of its devices.
    Ok(ids.into_iter().map(|id| unsafe { DeviceId::from_raw(id) }).collect())
}

/// A question for names: it gets how many there is room for, the room, and the address for how many there are. The
/// addresses may be null.
type Names<'a> = &'a dyn Fn(cl::cl_uint, *mut *mut c_void, *mut cl::cl_uint) -> cl::cl_int;

/// All names; no names where the answer is the code `none`.
fn list(none: cl::cl_int, ask: Names<'_>) -> Result<Vec<*mut c_void>, Code> {
    let mut count = 0;
    let code = ask(0, ptr::null_mut(), &raw mut count);
    if code == none || (code == cl::CL_SUCCESS && count == 0) {
        return Ok(Vec::new());
    }
    Code::check(code)?;
    let mut names = vec![ptr::null_mut(); count as usize];
    Code::check(ask(count, names.as_mut_ptr(), ptr::null_mut()))?;
    // What has gone since they were counted has left its room as it was.
    names.retain(|name| !name.is_null());
    Ok(names)
}

/// What a driver calls itself.
pub(crate) fn platform_name(id: PlatformId) -> Result<String, Code> {
    Ok(core::get_platform_info(id, PlatformInfo::Name)?.to_string())
}

/// What a device says, in words.
pub(crate) fn text(id: DeviceId, what: DeviceInfo) -> Result<String, Code> {
    Ok(words(&core::get_device_info_raw(id, what as u32)?))
}

/// What a device says: a number of any width, or the first of several `size_t`.
pub(crate) fn number(id: DeviceId, what: DeviceInfo) -> Result<u64, Code> {
    let answer = core::get_device_info_raw(id, what as u32)?;
    let wide = answer.first_chunk().map(|bytes| u64::from_ne_bytes(*bytes));
    let narrow = || answer.first_chunk().map(|bytes| u64::from(u32::from_ne_bytes(*bytes)));
    wide.or_else(narrow).ok_or(Code::NO_ANSWER)
}

/// An answer in words, whatever its encoding.
pub(crate) fn words(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).trim_matches(['\0', ' ', '\n']).to_owned()
}

/// The one owner of an object, which is released with it.
#[derive(Debug)]
pub(crate) struct Owned<T: Object>(ManuallyDrop<T>);

/// An object of `ocl`.
pub(crate) trait Object {
    /// Gives back one reference.
    ///
    /// # Safety
    /// It is the caller's, who does not use it again.
    unsafe fn release(&self) -> cl::cl_int;
}

impl<T: Object> Owned<T> {
    pub(crate) fn new(object: T) -> Self {
        Self(ManuallyDrop::new(object))
    }
}

impl<T: Object> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Object> Drop for Owned<T> {
    fn drop(&mut self) {
        // `ocl` would panic where a driver does not release, as after a program that broke its device.
        // SAFETY: the reference came with the object, and nobody has the object after this.
        let _ = unsafe { self.0.release() };
    }
}

macro_rules! objects {
    ($($object:ident, $this:ident => $raw:expr, $release:ident;)*) => {$(
        impl Object for core::$object {
            unsafe fn release(&self) -> cl::cl_int {
                let $this = self;
                // SAFETY: the caller promises it.
                unsafe { cl::$release($raw) }
            }
        }
    )*};
}

objects! {
    Context, this => this.as_ptr(), clReleaseContext;
    CommandQueue, this => this.as_ptr(), clReleaseCommandQueue;
    Mem, this => this.as_ptr(), clReleaseMemObject;
    Program, this => this.as_ptr(), clReleaseProgram;
    Kernel, this => this.as_ptr(), clReleaseKernel;
    Event, this => *this.as_ptr_ref(), clReleaseEvent;
}

/// A driver and a device that do not exist.
#[cfg(test)]
pub(crate) fn nowhere() -> (PlatformId, DeviceId) {
    // SAFETY: tests do not ask them anything.
    unsafe { (PlatformId::null(), DeviceId::null()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Counts how often it is released, and refuses.
    struct Stubborn<'a>(&'a Cell<u32>);

    impl Object for Stubborn<'_> {
        unsafe fn release(&self) -> cl::cl_int {
            self.0.set(self.0.get() + 1);
            cl::CL_OUT_OF_RESOURCES
        }
    }

    #[test]
    fn objects_are_released_once_and_refusals_do_no_harm() {
        let count = Cell::new(0);
        drop(Owned::new(Stubborn(&count)));
        assert_eq!(count.get(), 1);
    }

    #[test]
    fn names_are_those_that_there_still_are() {
        let (mut one, mut other) = (1_u8, 2_u8);
        let known = [(&raw mut one).cast(), ptr::null_mut(), (&raw mut other).cast()];
        let ask = |room: cl::cl_uint, names: *mut *mut c_void, count: *mut cl::cl_uint| {
            // SAFETY: `list` offers an address for the number, and then room for three names.
            unsafe {
                match room {
                    0 => *count = 3,
                    _ => names.copy_from_nonoverlapping(known.as_ptr(), 3),
                }
            }
            cl::CL_SUCCESS
        };
        assert_eq!(list(-1, &ask), Ok(vec![known[0], known[2]]));
    }

    #[test]
    fn no_names_are_no_error() {
        assert_eq!(list(-1, &|_, _, _| -1), Ok(vec![]));
        assert_eq!(list(-1, &|_, _, _| cl::CL_SUCCESS), Ok(vec![]));
        assert_eq!(list(-1, &|_, _, _| -6), Err(Code(-6)));
    }

    #[test]
    fn words_have_no_spaces_and_zeros_at_their_ends() {
        assert_eq!(words(b" a  GPU \n\0"), "a  GPU");
        assert_eq!(words(b"a\xff\0"), "a\u{fffd}");
    }
}
