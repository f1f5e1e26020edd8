//! The suite on the processes that `mpirun` starts, with elements anywhere on them.

use op2_suite::target::Target;

op2_suite::instantiate!(Target::seq().on_processes().scattered());
