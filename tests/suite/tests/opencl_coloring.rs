//! The suite on an OpenCL device that runs elements color by color.

use op2::RaceStrategy;
use op2_suite::target::Target;

op2_suite::instantiate!(Target::opencl(|builder| builder.races(RaceStrategy::Coloring)));
