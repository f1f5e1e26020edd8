//! The vector instructions that loops are compiled for, and which of them this processor has.
//!
//! Holds the levels and their detection. Compiling a loop for each level and
//! choosing one per call is left to the loop bodies and executors.

use std::fmt;
use std::str::FromStr;

/// One of the versions in which every generated loop exists.
///
/// Ordered from plain to wide: a larger level is usually faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SimdLevel {
    /// One element at a time in natural order: the reference that all others agree with.
    Scalar,
    /// What every processor of the target has: SSE2 on `x86_64`, NEON on `aarch64`.
    Baseline,
    /// 256-bit vectors of `x86_64`.
    Avx2,
    /// 512-bit vectors of `x86_64` (F, VL, DQ and BW).
    Avx512,
}

impl SimdLevel {
    /// All levels, the best first, whether or not this processor has them.
    pub const ALL: [SimdLevel; 4] =
        [SimdLevel::Avx512, SimdLevel::Avx2, SimdLevel::Baseline, SimdLevel::Scalar];

    /// The best level that this processor has.
    pub fn detect() -> SimdLevel {
        SimdLevel::supported()[0]
    }

    /// The levels that this processor has, the best first; never empty.
    pub fn supported() -> Vec<SimdLevel> {
        SimdLevel::ALL.into_iter().filter(|level| level.is_supported()).collect()
    }

    /// Whether loops of this level run on this processor.
    pub fn is_supported(self) -> bool {
        match self {
            SimdLevel::Scalar | SimdLevel::Baseline => true,
            SimdLevel::Avx2 => has_avx2(),
            SimdLevel::Avx512 => has_avx512(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            SimdLevel::Scalar => "scalar",
            SimdLevel::Baseline => "baseline",
            SimdLevel::Avx2 => "avx2",
            SimdLevel::Avx512 => "avx512",
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx512f") && has!("avx512vl") && has!("avx512dq") && has!("avx512bw")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx512() -> bool {
    false
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SimdLevel {
    type Err = UnknownSimdLevel;

    fn from_str(text: &str) -> Result<SimdLevel, UnknownSimdLevel> {
        let named = |level: &SimdLevel| level.name().eq_ignore_ascii_case(text.trim());
        let found = SimdLevel::ALL.into_iter().find(named);
        found.ok_or_else(|| UnknownSimdLevel(text.to_owned()))
    }
}

/// A text that names no [`SimdLevel`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no SIMD level `{0}`; valid are avx512, avx2, baseline, scalar")]
pub struct UnknownSimdLevel(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_in_any_case() {
        for level in SimdLevel::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
            assert_eq!(format!(" {} ", level.name().to_uppercase()).parse(), Ok(level));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_all_names() {
        let error = "sse9".parse::<SimdLevel>().unwrap_err().to_string();
        assert!(error.contains("`sse9`"), "{error}");
        assert!(SimdLevel::ALL.iter().all(|level| error.contains(level.name())), "{error}");
    }

    #[test]
    fn the_plain_levels_run_everywhere_and_the_best_is_detected() {
        let supported = SimdLevel::supported();
        assert!(supported.ends_with(&[SimdLevel::Baseline, SimdLevel::Scalar]));
        assert_eq!(Some(SimdLevel::detect()), supported.iter().max().copied());
    }
}
