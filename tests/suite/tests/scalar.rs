//! The suite on the plain reference: one element at a time, in natural order.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::scalar());
