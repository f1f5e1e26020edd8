//! The exact sums of one loop: every term is kept apart, and added without rounding.
//!
//! A body is given room for the terms of some elements (`Uniform` in `par_loop::view` fills it), runs
//! them as always, several at a time, and the terms are added afterwards, while they are in the nearest
//! cache.

use std::sync::{Arc, Mutex, PoisonError};

use crate::exec::reproducible::totals::{Numbers, Totals};
use crate::mesh::access::Access;
use crate::mesh::global::GlobalCore;
use crate::par_loop::body::Form;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::{Binding, Work};

/// All terms of one stretch stay in the nearest cache.
const STRETCH_BYTES: usize = 16 << 10;

/// What a loop reduces, as it is combined in the reproducible mode.
pub(crate) struct Sums {
    /// Elements from here on are copies of other ranks': their terms do not count.
    owned: usize,
    /// Calls of the kernel for each element.
    points: usize,
    added: Vec<Sum>,
    /// Minima and maxima.
    selected: Vec<(Arc<GlobalCore>, Numbers)>,
}

/// One global into which a loop adds.
struct Sum {
    global: Arc<GlobalCore>,
    /// The arguments that name it.
    args: Vec<usize>,
    numbers: Numbers,
    totals: Mutex<Totals>,
}

impl Sums {
    /// The sums of a loop, of no terms yet.
    pub(crate) fn of(the_loop: &LoopRef<'_>) -> Self {
        let mut made = Self {
            owned: the_loop.space.set.owned(),
            points: the_loop.calls(),
            added: Vec::new(),
            selected: Vec::new(),
        };
        for (i, arg) in the_loop.args.iter().enumerate().filter(|(_, arg)| arg.reduces()) {
            let global = arg.global().expect("reduces into a global");
            let numbers = Numbers::of(&global.kind);
            if arg.access != Access::Inc {
                made.selected.push((global.clone(), numbers));
                continue;
            }
            if let Some(sum) = made.added.iter_mut().find(|sum| sum.global.id == global.id) {
                sum.args.push(i);
                continue;
            }
            let totals = Mutex::new(Totals::new(&numbers));
            made.added.push(Sum { global: global.clone(), args: vec![i], numbers, totals });
        }
        made
    }

    /// Adds the sums to the globals, and rounds. On one rank; several combine theirs.
    ///
    /// # Safety
    /// Hold the home's turn.
    pub(crate) unsafe fn finish(self) {
        for sum in &self.added {
            let totals = sum.totals.lock().unwrap_or_else(PoisonError::into_inner);
            // SAFETY: the caller's promise.
            unsafe { add_to(&sum.global, &sum.numbers, totals.clone()) };
        }
        for (global, numbers) in &self.selected {
            // SAFETY: as above.
            unsafe { unify(global, numbers) };
        }
    }

    /// The sums into a global, for other ranks; none for minima and maxima.
    pub(crate) fn to_bytes(&self, global: &GlobalCore) -> Option<Vec<u8>> {
        let sum = self.added.iter().find(|sum| sum.global.id == global.id)?;
        Some(sum.totals.lock().unwrap_or_else(PoisonError::into_inner).to_bytes())
    }

    /// Runs a stretch of the loop, and counts its terms.
    ///
    /// # Safety
    /// As [`LoopBody::run`](crate::par_loop::body::LoopBody::run), with these bindings in `run`.
    unsafe fn record(&self, work: &Work, bindings: &[Binding], run: impl Fn(&Work)) {
        let mut terms: Vec<Terms<'_>> = self.added.iter().flat_map(Terms::of).collect();
        let each: usize = terms.iter().map(|terms| terms.sum.global.bytes * self.points).sum();
        // Lanes are filled but for the last stretch.
        let stretch = (STRETCH_BYTES / each.max(1)).max(1);
        let stretch = if stretch < 64 { stretch } else { stretch / 64 * 64 };
        let mut bindings = bindings.to_vec();
        let mut lo = work.lo;
        while lo < work.hi {
            let hi = work.hi.min(lo + stretch);
            for terms in &mut terms {
                bindings[terms.arg].table = terms.room(lo * self.points, hi * self.points);
            }
            run(&Work { bindings: bindings.as_ptr(), lo, hi, ..*work });
            for terms in &mut terms {
                // SAFETY: the work's list has an element for each position.
                unsafe { terms.count(work.list, lo..hi, self) };
            }
            lo = hi;
        }
        for terms in terms {
            let mut totals = terms.sum.totals.lock().unwrap_or_else(PoisonError::into_inner);
            totals.merge(&terms.sum.numbers, &terms.totals);
        }
    }
}

/// Runs a stretch of a loop; where sums are given, their terms are counted.
///
/// # Safety
/// As [`LoopBody::run`](crate::par_loop::body::LoopBody::run); the bindings are those of the work.
pub(crate) unsafe fn run_body(
    the_loop: &LoopRef<'_>,
    work: &Work,
    bindings: &[Binding],
    form: Form,
    sums: Option<&Sums>,
) {
    // SAFETY: the caller's promise.
    let run = |work: &Work| unsafe { the_loop.body.run(work, form) };
    match sums.filter(|sums| !sums.added.is_empty()) {
        // SAFETY: as above.
        Some(sums) => unsafe { sums.record(work, bindings, run) },
        None => run(work),
    }
}

/// Adds the results of all ranks, as [`Sums::to_bytes`] gives them, to the global.
///
/// # Safety
/// Hold the home's turn.
pub(crate) unsafe fn add_all<'a>(global: &GlobalCore, ranks: impl Iterator<Item = &'a [u8]>) {
    let numbers = Numbers::of(&global.kind);
    let mut totals = Totals::new(&numbers);
    for bytes in ranks {
        totals.merge(&numbers, &Totals::from_bytes(&numbers, bytes));
    }
    // SAFETY: the caller's promise.
    unsafe { add_to(global, &numbers, totals) };
}

/// Makes the bits of a minimum or maximum unique.
///
/// # Safety
/// Hold the home's turn.
pub(crate) unsafe fn unify_selected(global: &GlobalCore) {
    // SAFETY: the caller's promise.
    unsafe { unify(global, &Numbers::of(&global.kind)) };
}

/// # Safety
/// Hold the home's turn.
unsafe fn unify(global: &GlobalCore, numbers: &Numbers) {
    let mut value = vec![0; global.bytes];
    // SAFETY: the caller's promise; numbers are replaced by numbers.
    unsafe {
        global.copy_value(&mut value);
        numbers.unify(&mut value);
        global.put_value(&value);
    }
}

/// The old value is one more term.
///
/// # Safety
/// Hold the home's turn.
unsafe fn add_to(global: &GlobalCore, numbers: &Numbers, mut totals: Totals) {
    let mut value = vec![0; global.bytes];
    // SAFETY: the caller's promise; numbers are replaced by numbers.
    unsafe {
        global.copy_value(&mut value);
        totals.add(numbers, &value);
        totals.write(numbers, &mut value);
        global.put_value(&value);
    }
}

/// Room for the terms that one argument gets from a stretch, and the sum of those counted.
struct Terms<'a> {
    sum: &'a Sum,
    arg: usize,
    room: Vec<Line>,
    totals: Totals,
}

/// As aligned as any value must be.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code)] [u8; 64]);

impl<'a> Terms<'a> {
    fn of(sum: &'a Sum) -> impl Iterator<Item = Self> {
        sum.args.iter().map(move |&arg| Self {
            sum,
            arg,
            room: Vec::new(),
            totals: Totals::new(&sum.numbers),
        })
    }

    /// Where the term of position 0 would be, if that of position `lo` is the first.
    fn room(&mut self, lo: usize, hi: usize) -> *const u32 {
        let bytes = self.sum.global.bytes;
        let lines = ((hi - lo) * bytes).div_ceil(size_of::<Line>());
        if self.room.len() < lines {
            self.room.resize(lines, Line([0; 64]));
        }
        self.room.as_mut_ptr().cast::<u8>().wrapping_sub(lo * bytes).cast()
    }

    /// Adds the terms of positions that count.
    ///
    /// # Safety
    /// The list is null, or has an element for each position; terms of all positions were written.
    unsafe fn count(&mut self, list: *const u32, positions: std::ops::Range<usize>, sums: &Sums) {
        let each = self.sum.global.bytes * sums.points;
        let start = self.room.as_ptr().cast::<u8>();
        // SAFETY: `room` has made place for so many terms, and lines have no padding.
        let values = unsafe { std::slice::from_raw_parts(start, positions.len() * each) };
        if list.is_null() {
            return self.totals.add(&self.sum.numbers, values);
        }
        // SAFETY: the caller's promise.
        let elements =
            unsafe { std::slice::from_raw_parts(list.add(positions.start), positions.len()) };
        let counts = |&element: &u32| (element as usize) < sums.owned;
        // Runs of elements that count, or not.
        let mut place = 0;
        for run in elements.chunk_by(|a, b| counts(a) == counts(b)) {
            let bytes = place..place + run.len() * each;
            place = bytes.end;
            if counts(&run[0]) {
                self.totals.add(&self.sum.numbers, &values[bytes]);
            }
        }
    }
}
