//! Whether MPI can use the memory of NVIDIA GPUs.

use std::ffi::c_int;
use std::mem::transmute;

/// Whether it can, as far as it says so: Open MPI does, and those that follow it. `None` for others.
pub(in super::super) fn knows_cuda() -> Option<bool> {
    type Query = unsafe extern "C" fn() -> c_int;
    // Not by linking: other kinds of MPI do not have it.
    // SAFETY: looks for a name among the libraries of this program.
    let query = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"MPIX_Query_cuda_support".as_ptr()) };
    if query.is_null() {
        return None;
    }
    // SAFETY: MPI's function of this name takes nothing and gives a number.
    let query: Query = unsafe { transmute(query) };
    // SAFETY: looks at how MPI was built, at nothing that another thread could change.
    Some(unsafe { query() } == 1)
}
