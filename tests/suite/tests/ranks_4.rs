//! The suite on four ranks of two threads.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::rayon(2).on_ranks(4));
