//! The compiled code of one loop: run these positions.
//!
//! A body has no state: everything comes from the loop's description and the plan. The same code is
//! compiled for several instruction sets and chosen when the loop runs.

use std::marker::PhantomData;

use crate::base::config::SimdLevel;
use crate::kernel::{Kernel, KernelInfo};
use crate::par_loop::view::{
    AnyLayout, Axes, Elements, Listed, Placement, Points, RowByRow, Span, Work,
};

/// Runs a kernel over elements on the CPU; implemented by expansions.
///
/// # Safety
/// `run` may touch only what the bindings name.
pub unsafe trait LoopBody: Sync {
    /// The kernel.
    fn kernel(&self) -> &'static KernelInfo;

    /// How far each local index runs, the last one fastest: the kernel is called for each point of
    /// each element. Empty for a loop that calls it once for each element.
    fn points(&self) -> &'static [usize];

    /// Bytes of the kernel's constants.
    fn constant_bytes(&self) -> usize;

    /// Writes the constants' present values.
    ///
    /// # Errors
    /// The name of a constant that has no value.
    ///
    /// # Safety
    /// `buffer` must be valid for `constant_bytes` bytes and aligned to 16.
    unsafe fn store_constants(&self, buffer: *mut u8) -> Result<(), &'static str>;

    /// Runs the positions `work.lo..work.hi`.
    ///
    /// # Safety
    /// The work must come from a validated loop, nobody else may touch the rows it writes, and the
    /// machine must have the instructions of `form`.
    unsafe fn run(&self, work: &Work, form: Form);

    /// Combines the partial results of two blocks, `into` first.
    ///
    /// # Safety
    /// Both must be scratch of this loop, laid out by the bindings at `work`.
    unsafe fn combine_partials(&self, work: &Work, into: *mut u8, from: *const u8);
}

/// Which of the compiled forms of a body to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The instructions, and whether several elements are taken at a time.
    pub simd: SimdLevel,
    /// Whether the loop runs over a whole set and all its dats lie row by row.
    pub plain: bool,
}

/// What `#[op2::kernel]` makes of a function: its loop, for arguments reached through views `V`
/// (a tuple with one view per parameter).
///
/// # Safety
/// Implemented by `#[op2::kernel]` only.
pub unsafe trait Code<V>: Kernel {
    /// Runs the work: as many elements as possible in lanes if `wide`, the rest one by one.
    ///
    /// # Safety
    /// As [`LoopBody::run`].
    unsafe fn run<P: Placement, E: Elements>(work: &Work, elements: E, wide: bool);

    /// As [`LoopBody::combine_partials`].
    ///
    /// # Safety
    /// As [`LoopBody::combine_partials`].
    unsafe fn combine_partials(work: &Work, into: *mut u8, from: *const u8);
}

/// The bytes of all arguments of one element must fit on the stack of any thread, a few times over:
/// as staged rows, as the values that the kernel changes, and as what a compiler without much
/// optimization makes of both.
const MOST_BYTES: usize = 512 << 10;

/// Staged rows of several elements stay in the nearest caches: larger ones gain nothing.
const MOST_STAGED_BYTES: usize = 128 << 10;

/// Refuses, while compiling, kernels whose arguments take too much of the stack.
///
/// # Panics
/// If they do.
pub const fn check_stack(bytes: usize) {
    assert!(
        bytes <= MOST_BYTES,
        "the values of one element, all arguments together, take more than 512 KiB: they are passed on the stack"
    );
}

/// Whether rows of `bytes` bytes in all are staged for several elements at a time.
pub const fn fits_in_lanes(lanes: usize, bytes: usize) -> bool {
    bytes <= MOST_STAGED_BYTES / lanes
}

/// The body of a loop with kernel `K`, views `V` and local indices `X`.
pub struct Body<K, V, X>(PhantomData<(K, V, X)>);

impl<K, V, X> Body<K, V, X> {
    /// The only value; promoted to a constant, so that loops can refer to it forever.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

// SAFETY: a body holds nothing.
unsafe impl<K, V, X> Sync for Body<K, V, X> {}

// SAFETY: the kernel's code touches what the bindings name.
unsafe impl<K: Code<V>, V: 'static, X: Axes> LoopBody for Body<K, V, X> {
    fn kernel(&self) -> &'static KernelInfo {
        K::INFO
    }

    fn points(&self) -> &'static [usize] {
        X::EXTENTS
    }

    fn constant_bytes(&self) -> usize {
        K::CONSTANT_BYTES
    }

    unsafe fn store_constants(&self, buffer: *mut u8) -> Result<(), &'static str> {
        // SAFETY: the caller's promise.
        unsafe { K::store_constants(buffer) }
    }

    unsafe fn run(&self, work: &Work, form: Form) {
        // SAFETY: the caller's promise; the levels were checked against the machine when chosen.
        unsafe {
            let work = &Work { lo: work.lo * X::POINTS, hi: work.hi * X::POINTS, ..*work };
            let (span, listed) = (Points::<_, X>::of(Span), Points::<_, X>::of(Listed(work.list)));
            match (form.simd, form.plain) {
                (SimdLevel::Scalar, _) => K::run::<AnyLayout, _>(work, listed, false),
                #[cfg(target_arch = "x86_64")]
                (SimdLevel::Avx512, true) => plain_avx512::<K, V, X>(work),
                #[cfg(target_arch = "x86_64")]
                (SimdLevel::Avx2, true) => plain_avx2::<K, V, X>(work),
                #[cfg(target_arch = "x86_64")]
                (SimdLevel::Avx512 | SimdLevel::Avx2, false) => general_avx2::<K, V, X>(work),
                (_, true) => K::run::<RowByRow, _>(work, span, true),
                (_, false) => K::run::<AnyLayout, _>(work, listed, true),
            }
        }
    }

    unsafe fn combine_partials(&self, work: &Work, into: *mut u8, from: *const u8) {
        // SAFETY: the caller's promise.
        unsafe { K::combine_partials(work, into, from) }
    }
}

/// # Safety
/// The machine has these instructions; else as [`LoopBody::run`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,bmi1,bmi2")]
unsafe fn plain_avx512<K: Code<V>, V, X: Axes>(work: &Work) {
    // SAFETY: the caller's promise.
    unsafe { K::run::<RowByRow, _>(work, Points::<_, X>::of(Span), true) }
}

/// # Safety
/// The machine has these instructions; else as [`LoopBody::run`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2")]
unsafe fn plain_avx2<K: Code<V>, V, X: Axes>(work: &Work) {
    // SAFETY: the caller's promise.
    unsafe { K::run::<RowByRow, _>(work, Points::<_, X>::of(Span), true) }
}

/// # Safety
/// The machine has these instructions; else as [`LoopBody::run`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2")]
unsafe fn general_avx2<K: Code<V>, V, X: Axes>(work: &Work) {
    // SAFETY: the caller's promise.
    let listed = Points::<_, X>::of(Listed(work.list));
    // SAFETY: the caller's promise.
    unsafe { K::run::<AnyLayout, _>(work, listed, true) }
}
