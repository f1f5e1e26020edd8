//! The suite on seven threads.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::rayon(7));
