//! The suite on three ranks, which have elements from everywhere.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::seq().on_ranks(3).scattered());
