//! The suite on seven ranks: more than some meshes have elements.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::seq().on_ranks(7).scattered());
