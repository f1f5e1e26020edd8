//! All that macro expansions may name, and nothing else.

pub use op2_core::__value as value;
pub use op2_core::base::element::{Element, ElementKind, Field};
pub use op2_core::base::error::Site;
pub use op2_core::bytemuck;
pub use op2_core::exec::run::{PreparedLoop, run};
pub use op2_core::kernel::code;
pub use op2_core::kernel::{Cost, Kernel, KernelInfo, Param, ParamInfo, Tag};
pub use op2_core::mesh::access::{Access, mode};
pub use op2_core::mesh::constant::{Const, Constant, aligned, place, with_constants};
pub use op2_core::mesh::set::SetMarker;
pub use op2_core::par_loop::arg::{ArgRef, DataRef, Part, Route, Via};
pub use op2_core::par_loop::body::{Code, check_stack, fits_in_lanes};
pub use op2_core::par_loop::check;
pub use op2_core::par_loop::descriptor::LoopRef;
pub use op2_core::par_loop::view::{Elements, Placement, View, ViewOf, Work};
