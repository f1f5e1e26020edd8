//! The suite with all dats as structures of arrays.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::soa());
