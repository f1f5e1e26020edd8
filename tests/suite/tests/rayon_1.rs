//! The suite on one thread of a pool.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::rayon(1));
