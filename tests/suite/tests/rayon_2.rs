//! The suite on two threads.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::rayon(2));
