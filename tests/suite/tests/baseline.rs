//! The suite on the vector instructions that every machine has.

use op2::SimdLevel;
use op2_suite::target::Target;

op2_suite::instantiate!(Target::simd(SimdLevel::Baseline));
