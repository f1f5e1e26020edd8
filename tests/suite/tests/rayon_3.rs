//! The suite on three threads.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::rayon(3));
