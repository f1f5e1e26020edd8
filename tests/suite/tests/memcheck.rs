//! The suite on a device in the memory of the host, which finds what a real one would hide.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::memcheck());
