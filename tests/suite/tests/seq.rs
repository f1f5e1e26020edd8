//! The suite on the calling thread.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::seq());
