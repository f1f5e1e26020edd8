//! Counters that every floor writes and only the report reads.
//!
//! Holds calls, seconds, useful bytes, flops and elements per loop, and what the
//! plan of a loop cost and why it was chosen. What the numbers mean for a machine
//! (bandwidth, shares) is left to the report.
//!
//! A loop is known by the place where it is written, and is looked up by address,
//! without touching the letters of its name: [`Profile::entry`] and
//! [`Profile::record`] together cost some twenty nanoseconds.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a loop is written: `LoopKey::new("res_calc", file!(), line!())`.
///
/// Two keys are the same entry when they share addresses and line. Equal names at
/// several places (or copies of one place in several crates) are entries of their
/// own, which the report merges by name.
#[derive(Debug, Clone, Copy)]
pub struct LoopKey {
    name: &'static str,
    file: &'static str,
    line: u32,
}

impl LoopKey {
    /// The loop of kernel `name` written at `line` of `file`.
    pub const fn new(name: &'static str, file: &'static str, line: u32) -> LoopKey {
        LoopKey { name, file, line }
    }

    fn site(self) -> Site {
        let address = |text: &str| (text.as_ptr().addr(), text.len());
        Site { name: address(self.name), file: address(self.file).0, line: self.line }
    }
}

/// The dense number of a loop in one [`Profile`]; valid as long as the profile, also after a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryId(usize);

/// What one call of a loop did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Call {
    /// Wall-clock time.
    pub seconds: f64,
    /// Useful bytes: each value and map entry that the loop must move, counted once.
    pub bytes: u64,
    /// Floating-point operations, as the kernel is written.
    pub flops: u64,
    /// Elements executed.
    pub elements: u64,
}

impl Call {
    /// Counts a further piece of the same call.
    pub fn add(&mut self, piece: &Self) {
        self.seconds += piece.seconds;
        self.bytes += piece.bytes;
        self.flops += piece.flops;
        self.elements += piece.elements;
    }
}

/// The counters of one context.
#[derive(Debug, Default)]
pub struct Profile {
    table: Mutex<Table>,
}

impl Profile {
    /// No loops yet.
    pub fn new() -> Profile {
        Profile::default()
    }

    /// The entry of a loop in the source, made when it is first asked for.
    pub fn entry(&self, key: LoopKey) -> EntryId {
        let mut table = self.table();
        if let Some(&id) = table.sites.get(&key.site()) {
            return id;
        }
        let id = table.add(Cow::Borrowed(key.name), key.file, key.line);
        table.sites.insert(key.site(), id);
        id
    }

    /// The entry of a loop that exists at run time only, such as a fused one.
    ///
    /// Found by comparing names one by one: ask once and keep the answer.
    pub fn entry_named(&self, name: &str) -> EntryId {
        let mut table = self.table();
        let found =
            table.entries.iter().position(|entry| entry.file.is_empty() && entry.name == name);
        found.map_or_else(|| table.add(Cow::Owned(name.to_owned()), "", 0), EntryId)
    }

    /// Counts one call.
    pub fn record(&self, id: EntryId, call: Call) {
        self.change(id, |entry| {
            entry.calls += 1;
            entry.seconds += call.seconds;
            if call.seconds > 0.0 {
                entry.min_seconds = entry.min_seconds.min(call.seconds);
            }
            entry.bytes += call.bytes;
            entry.flops += call.flops;
            entry.elements += call.elements;
        });
    }

    /// Adds time to calls that were counted before it was known.
    pub fn add_seconds(&self, id: EntryId, seconds: f64) {
        self.change(id, |entry| {
            entry.seconds += seconds;
            entry.min_seconds = entry.min_seconds.min(seconds);
        });
    }

    /// Counts the making of a plan; `text` is one sentence on what was chosen and why.
    pub fn record_plan(&self, id: EntryId, seconds: f64, text: impl Into<String>) {
        self.change(id, |entry| {
            entry.plan_seconds += seconds;
            entry.plan = Some(text.into());
        });
    }

    /// Keeps a sentence for the report, such as a fall-back and its reason; once, however often it is given.
    pub fn note(&self, id: EntryId, text: &str) {
        self.change(id, |entry| {
            if entry.notes.iter().all(|note| note != text) {
                entry.notes.push(text.to_owned());
            }
        });
    }

    /// What was counted so far, in the order in which loops first ran. Loops
    /// without a call or a plan since the last reset are left out.
    pub fn snapshot(&self) -> Vec<LoopCounters> {
        let table = self.table();
        let used = |entry: &&LoopCounters| entry.calls > 0 || entry.plan_seconds > 0.0;
        table.entries.iter().filter(used).cloned().collect()
    }

    /// Sets all counters to zero. Entries stay valid; plans are still in use, so
    /// their sentences stay too, as do notes.
    pub fn reset(&self) {
        for entry in &mut self.table().entries {
            entry.clear();
        }
    }

    fn change(&self, id: EntryId, change: impl FnOnce(&mut LoopCounters)) {
        let mut table = self.table();
        let entry = table.entries.get_mut(id.0);
        debug_assert!(entry.is_some(), "entry {id:?} belongs to another profile");
        entry.map(change);
    }

    /// Counters stay meaningful when a thread panicked between two of them.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything counted for one loop.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopCounters {
    /// The name of the kernel, or of a fused loop.
    pub name: Cow<'static, str>,
    /// Where the loop is written; empty for a loop made at run time.
    pub file: &'static str,
    /// The line in `file`, from 1.
    pub line: u32,
    /// Calls.
    pub calls: u64,
    /// Time of all calls.
    pub seconds: f64,
    /// Time of the fastest call; infinite without a call.
    pub min_seconds: f64,
    /// Useful bytes of all calls.
    pub bytes: u64,
    /// Floating-point operations of all calls.
    pub flops: u64,
    /// Elements of all calls.
    pub elements: u64,
    /// Time spent on making plans, not part of `seconds`.
    pub plan_seconds: f64,
    /// The latest plan in one sentence.
    pub plan: Option<String>,
    /// Other sentences for the report, each once.
    pub notes: Vec<String>,
}

impl LoopCounters {
    /// Counters at zero for the loop `name` at `line` of `file`.
    pub fn new(name: impl Into<Cow<'static, str>>, file: &'static str, line: u32) -> LoopCounters {
        LoopCounters {
            name: name.into(),
            file,
            line,
            calls: 0,
            seconds: 0.0,
            min_seconds: f64::INFINITY,
            bytes: 0,
            flops: 0,
            elements: 0,
            plan_seconds: 0.0,
            plan: None,
            notes: Vec::new(),
        }
    }

    fn clear(&mut self) {
        let empty = LoopCounters::new(std::mem::take(&mut self.name), self.file, self.line);
        let (plan, notes) = (self.plan.take(), std::mem::take(&mut self.notes));
        *self = LoopCounters { plan, notes, ..empty };
    }
}

#[derive(Debug, Default)]
struct Table {
    entries: Vec<LoopCounters>,
    sites: HashMap<Site, EntryId, BuildHasherDefault<AddressHasher>>,
}

impl Table {
    fn add(&mut self, name: Cow<'static, str>, file: &'static str, line: u32) -> EntryId {
        self.entries.push(LoopCounters::new(name, file, line));
        EntryId(self.entries.len() - 1)
    }
}

/// A place in the source by the addresses of its texts. Names carry their length,
/// since a compiler may store a short one inside a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Site {
    name: (usize, usize),
    file: usize,
    line: u32,
}

/// Mixes a few words; the standard hasher would take half of our time.
#[derive(Debug, Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The product spreads low bits upward only; folding its halves brings the upper
        // bits, which saw all others, back to the bottom, where the map picks its bucket.
        let product = u128::from(self.0 ^ word) * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RES_CALC: LoopKey = LoopKey::new("res_calc", "airfoil.rs", 10);
    const CALL: Call = Call { seconds: 0.5, bytes: 100, flops: 30, elements: 10 };

    #[test]
    fn calls_of_one_place_add_up() {
        let profile = Profile::new();
        profile.record(profile.entry(RES_CALC), CALL);
        profile.record(profile.entry(RES_CALC), Call { seconds: 0.25, ..CALL });
        let [counters] = profile.snapshot().try_into().expect("one loop");
        assert_eq!((counters.calls, counters.seconds, counters.min_seconds), (2, 0.75, 0.25));
        assert_eq!((counters.bytes, counters.flops, counters.elements), (200, 60, 20));
    }

    #[test]
    fn places_are_kept_apart_in_the_order_of_first_use() {
        let profile = Profile::new();
        for line in [30, 10, 20] {
            profile.record(profile.entry(LoopKey { line, ..RES_CALC }), CALL);
        }
        let lines: Vec<u32> = profile.snapshot().iter().map(|counters| counters.line).collect();
        assert_eq!(lines, [30, 10, 20]);
    }

    #[test]
    fn plans_and_notes_are_kept_and_notes_are_not_repeated() {
        let profile = Profile::new();
        let id = profile.entry(RES_CALC);
        profile.record_plan(id, 0.1, "88 blocks in 2 colors");
        profile.note(id, "too many colors");
        profile.note(id, "too many colors");
        let [counters] = profile.snapshot().try_into().expect("one loop");
        assert_eq!(counters.plan.as_deref(), Some("88 blocks in 2 colors"));
        assert_eq!(counters.plan_seconds, 0.1);
        assert_eq!(counters.notes, ["too many colors"]);
    }

    #[test]
    fn a_reset_forgets_counts_and_keeps_entries_and_plans() {
        let profile = Profile::new();
        let id = profile.entry(RES_CALC);
        profile.record_plan(id, 0.1, "direct");
        profile.record(id, CALL);
        profile.reset();
        assert!(profile.snapshot().is_empty());
        assert_eq!(profile.entry(RES_CALC), id);
        profile.record(id, CALL);
        let [counters] = profile.snapshot().try_into().expect("one loop");
        assert_eq!((counters.calls, counters.plan_seconds), (1, 0.0));
        assert_eq!(counters.plan.as_deref(), Some("direct"));
    }

    #[test]
    fn loops_made_at_run_time_are_found_by_name() {
        let profile = Profile::new();
        let fused = profile.entry_named("save_soln + adt_calc");
        assert_eq!(profile.entry_named(&String::from("save_soln + adt_calc")), fused);
        assert_ne!(profile.entry_named("update"), fused);
    }

    #[test]
    fn threads_lose_no_call() {
        let profile = Profile::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        profile.record(profile.entry(RES_CALC), CALL);
                    }
                });
            }
        });
        assert_eq!(profile.snapshot()[0].calls, 4000);
    }

    #[test]
    fn places_of_one_file_spread_over_the_buckets() {
        let hash = |line: u32| {
            let mut hasher = AddressHasher::default();
            hasher.write_usize(0x5555_0000_1000);
            hasher.write_u32(line);
            hasher.finish()
        };
        let buckets: std::collections::HashSet<u64> = (1..=128).map(|l| hash(l) % 256).collect();
        // 128 balls in 256 boxes fill about 100 of them.
        assert!(buckets.len() > 70, "only {} buckets", buckets.len());
    }
}
