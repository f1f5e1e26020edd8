//! The suite on 512-bit vectors, where the machine has them.

use op2::SimdLevel;
use op2_suite::target::Target;

op2_suite::instantiate!(Target::simd(SimdLevel::Avx512));
