//! The codes of `OpenCL` in words.

use num_traits::FromPrimitive;
use ocl::core::Status;
use ocl::ffi as cl;
use op2_core::device::api::Fault;

/// What a call of `OpenCL` returns when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) cl::cl_int);

impl Code {
    /// The answer to a question cannot be read.
    pub(crate) const NO_ANSWER: Self = Self(cl::CL_INVALID_VALUE);

    /// Success, or what the code says.
    pub(crate) fn check(code: cl::cl_int) -> Result<(), Self> {
        if code == cl::CL_SUCCESS { Ok(()) } else { Err(Self(code)) }
    }

    /// There is no room for a buffer; said by calls that make one, or that use one for the first time.
    pub(crate) fn is_no_room(self) -> bool {
        self.0 == cl::CL_MEM_OBJECT_ALLOCATION_FAILURE
    }

    /// There is no room, said by a call that makes a buffer: then these have no other meaning.
    pub(crate) fn is_no_room_for_new(self) -> bool {
        let of_new =
            [cl::CL_OUT_OF_RESOURCES, cl::CL_OUT_OF_HOST_MEMORY, cl::CL_INVALID_BUFFER_SIZE];
        self.is_no_room() || of_new.contains(&self.0)
    }

    /// A driver says this when a program has broken something, however late.
    pub(crate) fn blames_program(self) -> bool {
        let blaming = [
            cl::CL_OUT_OF_RESOURCES,
            cl::CL_INVALID_COMMAND_QUEUE,
            cl::CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST,
            INVALID_ACCESS,
        ];
        blaming.contains(&self.0)
    }

    /// The fault, while something was being done.
    pub(crate) fn fault(self, doing: &str) -> Fault {
        Fault::Driver(format!("{doing}: {self}"))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Makers have codes of their own; an error of `ocl` with one of those would be a panic.
        match Status::from_i32(self.0) {
            Some(name) => write!(f, "{name:?} ({})", self.0),
            None => write!(f, "OpenCL error {}", self.0),
        }
    }
}

impl From<ocl::core::Error> for Code {
    fn from(error: ocl::core::Error) -> Self {
        error.api_status().map_or(Self::NO_ANSWER, |status| Self(status as cl::cl_int))
    }
}

/// NVIDIA's word for an address outside of all memory.
const INVALID_ACCESS: cl::cl_int = -9999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_names() {
        assert_eq!(Code(cl::CL_INVALID_ARG_SIZE).to_string(), "CL_INVALID_ARG_SIZE (-51)");
        assert_eq!(
            Code(cl::CL_INVALID_LINKER_OPTIONS).to_string(),
            "CL_INVALID_LINKER_OPTIONS (-67)"
        );
        assert_eq!(Code(-4242).to_string(), "OpenCL error -4242");
    }

    #[test]
    fn what_ocl_cannot_read_has_a_code() {
        assert_eq!(Code::from(ocl::core::Error::from("no text")), Code::NO_ANSWER);
    }

    #[test]
    fn a_fault_says_what_was_being_done() {
        let fault = Code(-5).fault("waiting");
        assert_eq!(fault, Fault::Driver("waiting: CL_OUT_OF_RESOURCES (-5)".to_owned()));
    }
}
