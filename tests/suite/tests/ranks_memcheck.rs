//! The suite on two ranks, each with a device that finds what a real one would hide.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::memcheck().on_ranks(2));
