//! The suite on two ranks, which have blocks of every set.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::seq().on_ranks(2));
