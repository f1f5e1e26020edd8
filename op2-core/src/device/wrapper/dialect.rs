//! The words in which wrappers in `OpenCL` C and in CUDA C differ.

use crate::base::element::ScalarKind;
use crate::kernel::source::Dialect;

/// The words of one language.
pub(super) struct Words {
    /// Before the type of a pointer into the device's memory.
    pub(super) global: &'static str,
    /// Before the type of a pointer into the memory of a group.
    pub(super) shared: &'static str,
    /// Before an array in the memory of a group.
    pub(super) shared_array: &'static str,
    /// The type of the pointer to the kernel's constants.
    pub(super) constants: &'static str,
    /// After the star of a pointer that is the only way to its memory.
    pub(super) restrict: &'static str,
    /// All work-items of a group come here before any goes on.
    pub(super) barrier: &'static str,
    /// The work-item's number in its group.
    pub(super) item: &'static str,
    /// The number of its group.
    pub(super) group: &'static str,
    /// How many groups there are.
    pub(super) groups: &'static str,
}

const OPENCL: Words = Words {
    global: "__global ",
    shared: "__local ",
    shared_array: "__local ",
    constants: "__constant const u8 *",
    restrict: "restrict ",
    barrier: "barrier(CLK_LOCAL_MEM_FENCE);",
    item: "(u32)get_local_id(0)",
    group: "(u32)get_group_id(0)",
    groups: "(u32)get_num_groups(0)",
};

const CUDA: Words = Words {
    global: "",
    shared: "",
    shared_array: "__shared__ ",
    constants: "const u8 *__restrict__ ",
    restrict: "__restrict__ ",
    barrier: "__syncthreads();",
    item: "(u32)threadIdx.x",
    group: "(u32)blockIdx.x",
    groups: "(u32)gridDim.x",
};

/// The words of a language.
pub(super) fn words(dialect: Dialect) -> &'static Words {
    match dialect {
        Dialect::OpenClC => &OPENCL,
        Dialect::CudaC => &CUDA,
    }
}

/// Of which sizes the groups of a program may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Groups {
    /// Exactly so many work-items: memory of the group is made for them, or its language wants to know.
    Exactly(usize),
    /// Any number up to this one.
    UpTo(usize),
}

/// Bounds of so many work-items cost no registers: with 65 536 for a group, each has the 255 that it
/// can have at most.
const FREE_BOUNDS: usize = 256;

impl Groups {
    /// Those of a program that does not care, whose usual groups are of `group` work-items.
    pub(super) fn any(dialect: Dialect, group: usize) -> Self {
        match dialect {
            // Compilers for processors make a loop of a group, and it should be of a known length.
            Dialect::OpenClC => Self::Exactly(group),
            Dialect::CudaC => Self::UpTo(FREE_BOUNDS),
        }
    }

    /// The most work-items.
    pub(super) fn most(self) -> usize {
        let (Self::Exactly(most) | Self::UpTo(most)) = self;
        most
    }

    /// How the text says how many there are.
    pub(super) fn size(self) -> String {
        match self {
            Self::Exactly(group) => group.to_string(),
            Self::UpTo(_) => "blockDim.x".to_owned(),
        }
    }
}

/// What stands before the name of an entry.
pub(super) fn entry(dialect: Dialect, groups: Groups) -> String {
    let most = groups.most();
    match dialect {
        Dialect::OpenClC => {
            format!("__kernel __attribute__((reqd_work_group_size({most}, 1, 1))) void")
        }
        Dialect::CudaC => format!("extern \"C\" __global__ void __launch_bounds__({most})"),
    }
}

/// What C calls a number.
pub(super) fn c_name(scalar: ScalarKind) -> &'static str {
    match scalar {
        ScalarKind::Bool => "boolean",
        other => other.name(),
    }
}
