//! The suite in the mode that checks what others assume.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::checked());
