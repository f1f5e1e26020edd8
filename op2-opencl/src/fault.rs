//! The codes of `OpenCL` in words.

use cl_sys as cl;
use op2_core::device::api::Fault;

/// What a call of `OpenCL` returns when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) cl::cl_int);

impl Code {
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
        match NAMES.iter().find(|(code, _)| *code == self.0) {
            Some((code, name)) => write!(f, "{name} ({code})"),
            None => write!(f, "OpenCL error {}", self.0),
        }
    }
}

/// NVIDIA's word for an address outside of all memory.
const INVALID_ACCESS: cl::cl_int = -9999;

const NAMES: [(cl::cl_int, &str); 62] = [
    (-1, "CL_DEVICE_NOT_FOUND"),
    (-2, "CL_DEVICE_NOT_AVAILABLE"),
    (-3, "CL_COMPILER_NOT_AVAILABLE"),
    (-4, "CL_MEM_OBJECT_ALLOCATION_FAILURE"),
    (-5, "CL_OUT_OF_RESOURCES"),
    (-6, "CL_OUT_OF_HOST_MEMORY"),
    (-7, "CL_PROFILING_INFO_NOT_AVAILABLE"),
    (-8, "CL_MEM_COPY_OVERLAP"),
    (-9, "CL_IMAGE_FORMAT_MISMATCH"),
    (-10, "CL_IMAGE_FORMAT_NOT_SUPPORTED"),
    (-11, "CL_BUILD_PROGRAM_FAILURE"),
    (-12, "CL_MAP_FAILURE"),
    (-13, "CL_MISALIGNED_SUB_BUFFER_OFFSET"),
    (-14, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"),
    (-15, "CL_COMPILE_PROGRAM_FAILURE"),
    (-16, "CL_LINKER_NOT_AVAILABLE"),
    (-17, "CL_LINK_PROGRAM_FAILURE"),
    (-18, "CL_DEVICE_PARTITION_FAILED"),
    (-19, "CL_KERNEL_ARG_INFO_NOT_AVAILABLE"),
    (-30, "CL_INVALID_VALUE"),
    (-31, "CL_INVALID_DEVICE_TYPE"),
    (-32, "CL_INVALID_PLATFORM"),
    (-33, "CL_INVALID_DEVICE"),
    (-34, "CL_INVALID_CONTEXT"),
    (-35, "CL_INVALID_QUEUE_PROPERTIES"),
    (-36, "CL_INVALID_COMMAND_QUEUE"),
    (-37, "CL_INVALID_HOST_PTR"),
    (-38, "CL_INVALID_MEM_OBJECT"),
    (-39, "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR"),
    (-40, "CL_INVALID_IMAGE_SIZE"),
    (-41, "CL_INVALID_SAMPLER"),
    (-42, "CL_INVALID_BINARY"),
    (-43, "CL_INVALID_BUILD_OPTIONS"),
    (-44, "CL_INVALID_PROGRAM"),
    (-45, "CL_INVALID_PROGRAM_EXECUTABLE"),
    (-46, "CL_INVALID_KERNEL_NAME"),
    (-47, "CL_INVALID_KERNEL_DEFINITION"),
    (-48, "CL_INVALID_KERNEL"),
    (-49, "CL_INVALID_ARG_INDEX"),
    (-50, "CL_INVALID_ARG_VALUE"),
    (-51, "CL_INVALID_ARG_SIZE"),
    (-52, "CL_INVALID_KERNEL_ARGS"),
    (-53, "CL_INVALID_WORK_DIMENSION"),
    (-54, "CL_INVALID_WORK_GROUP_SIZE"),
    (-55, "CL_INVALID_WORK_ITEM_SIZE"),
    (-56, "CL_INVALID_GLOBAL_OFFSET"),
    (-57, "CL_INVALID_EVENT_WAIT_LIST"),
    (-58, "CL_INVALID_EVENT"),
    (-59, "CL_INVALID_OPERATION"),
    (-60, "CL_INVALID_GL_OBJECT"),
    (-61, "CL_INVALID_BUFFER_SIZE"),
    (-62, "CL_INVALID_MIP_LEVEL"),
    (-63, "CL_INVALID_GLOBAL_WORK_SIZE"),
    (-64, "CL_INVALID_PROPERTY"),
    (-65, "CL_INVALID_IMAGE_DESCRIPTOR"),
    (-66, "CL_INVALID_COMPILER_OPTIONS"),
    (-67, "CL_INVALID_LINKER_OPTIONS"),
    (-68, "CL_INVALID_DEVICE_PARTITION_COUNT"),
    (-71, "CL_INVALID_SPEC_ID"),
    (-72, "CL_MAX_SIZE_RESTRICTION_EXCEEDED"),
    (-1001, "CL_PLATFORM_NOT_FOUND_KHR"),
    (INVALID_ACCESS, "CL_NV_INVALID_MEM_ACCESS"),
];

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
    fn a_fault_says_what_was_being_done() {
        let fault = Code(-5).fault("waiting");
        assert_eq!(fault, Fault::Driver("waiting: CL_OUT_OF_RESOURCES (-5)".to_owned()));
    }
}
