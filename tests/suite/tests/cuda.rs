//! The suite on an NVIDIA GPU, where there is one.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::cuda(|builder| builder));
