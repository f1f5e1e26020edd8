//! The suite on two ranks that share an OpenCL device.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::opencl(|builder| builder).on_ranks(2));
