//! The suite on an OpenCL device, as a program without wishes gets it.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::opencl(|builder| builder));
