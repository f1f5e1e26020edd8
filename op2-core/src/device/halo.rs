//! Rows that travel between ranks, out of the memory of a device and into it: no more is copied than
//! travels.
//!
//! All rows that a rank sends of one dat are put side by side by one program (`wrapper::halo`), those of several
//! dats one after the other, and one copy brings them to the host; and so back. Where no programs are
//! compiled, `memcheck::halo` moves them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::base::error::Result;
use crate::base::layout::Layout;
use crate::device::accelerator::Accelerator;
use crate::device::api::{Argument, Compiler, Launch, Memory, Program, Runner, Source};
use crate::device::programs::{dump, group as best_group};
use crate::device::shape::Shape;
use crate::device::storage::{Array, Values};
use crate::device::wrapper::{Direction, HaloForm, ProgramText, write_halo};
use crate::dist::needs::{Lists, RowsByRank};
use crate::kernel::source::Dialect;
use crate::mesh::dat_core::DatCore;

/// What these programs are called in messages and names of files.
const NAME: &str = "halo";

/// Rows of a dat begin at multiples of this among those of others.
const ALIGNMENT: usize = 8;

/// What is kept from one exchange to the next.
#[derive(Default)]
pub(super) struct Halos {
    compiled: Mutex<HashMap<HaloForm, Compiled>>,
    dumped: Mutex<HashSet<HaloForm>>,
    rows: Mutex<HashMap<(usize, Direction), RowsThere>>,
    /// Rows side by side, on their way out and on their way in.
    packed: [Mutex<Option<Arc<dyn Memory>>>; 2],
}

/// The rows of some lists on the device. As long as the lists are known here, their address stays theirs.
type RowsThere = (Weak<Lists>, Arc<Array>);

/// A program, and the work-items of each of its groups.
type Compiled = (Arc<dyn Program>, usize);

/// The rows of one dat in an exchange.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The dat.
    pub dat: &'a DatCore,
    /// Which rows.
    pub lists: &'a Arc<Lists>,
}

impl Part<'_> {
    /// The rows that go this way, rank after rank.
    pub(super) fn rows(&self, direction: Direction) -> impl Iterator<Item = u32> {
        self.by_rank(direction).iter().flat_map(|(_, rows)| rows).copied()
    }

    fn num_rows(&self, direction: Direction) -> usize {
        self.by_rank(direction).iter().map(|(_, rows)| rows.len()).sum()
    }

    fn by_rank(&self, direction: Direction) -> &RowsByRank {
        match direction {
            Direction::Pack => &self.lists.export,
            Direction::Unpack => &self.lists.import,
        }
    }
}

/// Where the rows of each part lie among those of all.
pub fn ranges(parts: &[Part<'_>], direction: Direction) -> Vec<Range<usize>> {
    let mut end: usize = 0;
    let range = |part: &Part<'_>| {
        let start = end.next_multiple_of(ALIGNMENT);
        end = start + part.num_rows(direction) * part.dat.bytes;
        start..end
    };
    parts.iter().map(range).collect()
}

/// One part on its way.
pub(super) struct Move<'a> {
    pub(super) part: Part<'a>,
    pub(super) values: Arc<Values>,
    /// The rows' numbers.
    pub(super) rows: Arc<Array>,
    /// Where they are among the rows of all parts.
    pub(super) range: Range<usize>,
}

impl Halos {
    /// Rows have other numbers now.
    pub(super) fn clear(&self) {
        lock(&self.rows).clear();
    }
}

impl Accelerator {
    /// Brings the rows that this rank sends to the host, those of each part at its place in [`ranges`].
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Panics
    /// The device does not hold the present values of a part.
    ///
    /// # Safety
    /// Hold the turn of the dats' home; the lists are of the dats' sets.
    pub(crate) unsafe fn pack(&self, parts: &[Part<'_>]) -> Result<Vec<u8>> {
        let bytes = ranges(parts, Direction::Pack).last().map_or(0, |range| range.end);
        let mut packed = vec![0; bytes];
        if bytes > 0 {
            let moves = self.moves(parts, Direction::Pack)?;
            let memory = self.packed(Direction::Pack, bytes)?;
            // SAFETY: the caller's promise.
            unsafe { self.start_moves(&moves, Direction::Pack, &*memory)? };
            let copied = self.device().download(&*memory, 0, &mut packed);
            copied.map_err(|fault| self.store.failed("copying halo values", fault))?;
            moves.iter().for_each(|one| self.store.counters.fetched(one.range.len()));
        }
        Ok(packed)
    }

    /// Puts rows that have arrived from other ranks, each part's at its place in [`ranges`], into the
    /// device's copies of the dats.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Panics
    /// As [`pack`](Self::pack).
    ///
    /// # Safety
    /// As [`pack`](Self::pack), and the bytes are rows of the dats.
    pub(crate) unsafe fn unpack(&self, parts: &[Part<'_>], packed: &[u8]) -> Result<()> {
        if packed.is_empty() {
            return Ok(());
        }
        let moves = self.moves(parts, Direction::Unpack)?;
        let memory = self.packed(Direction::Unpack, packed.len())?;
        let copied = self.device().upload(&*memory, 0, packed);
        copied.map_err(|fault| self.store.failed("copying halo values", fault))?;
        moves.iter().for_each(|one| self.store.counters.sent(one.range.len()));
        // SAFETY: the caller's promise.
        unsafe { self.start_moves(&moves, Direction::Unpack, &*memory) }
    }

    /// The parts that have rows.
    fn moves<'a>(&self, parts: &[Part<'a>], direction: Direction) -> Result<Vec<Move<'a>>> {
        let mut moves = Vec::with_capacity(parts.len());
        for (part, range) in parts.iter().zip(ranges(parts, direction)) {
            if range.is_empty() {
                continue;
            }
            let values = part.dat.mirror().valid_on_device().expect("values on the device");
            let rows = self.rows_there(part, direction)?;
            moves.push(Move { part: *part, values, rows, range });
        }
        Ok(moves)
    }

    /// The numbers of the rows of a part, which go to the device once.
    fn rows_there(&self, part: &Part<'_>, direction: Direction) -> Result<Arc<Array>> {
        let mut known = lock(&self.halos.rows);
        let key = (Arc::as_ptr(part.lists).addr(), direction);
        if let Some((_, there)) = known.get(&key) {
            return Ok(there.clone());
        }
        let rows: Vec<u32> = part.rows(direction).collect();
        let there = Arc::new(self.store.words("the rows of a halo", &rows)?);
        known.retain(|_, (lists, _)| lists.strong_count() > 0);
        known.insert(key, (Arc::downgrade(part.lists), there.clone()));
        Ok(there)
    }

    /// Room for rows side by side, kept.
    fn packed(&self, direction: Direction, bytes: usize) -> Result<Arc<dyn Memory>> {
        let mut kept = lock(&self.halos.packed[direction as usize]);
        if let Some(memory) = kept.as_ref().filter(|memory| memory.bytes() >= bytes) {
            return Ok(memory.clone());
        }
        let room = bytes.next_multiple_of(ALIGNMENT);
        Ok(kept.insert(self.store.allocate("halo values", room)?.into()).clone())
    }

    /// # Safety
    /// As [`pack`](Self::pack).
    unsafe fn start_moves(
        &self,
        moves: &[Move<'_>],
        direction: Direction,
        packed: &dyn Memory,
    ) -> Result<()> {
        for one in moves {
            let form = form(&one.values.shape, direction);
            match self.device().runner() {
                // SAFETY: the caller's promise.
                Runner::Compiler(compiler) => unsafe {
                    self.start_move(one, &form, packed, compiler)?;
                },
                Runner::Memcheck => {
                    self.dump_halo_for_others(&form)?;
                    // SAFETY: as above.
                    unsafe { self.check_move(one, direction, packed)? };
                }
            }
        }
        Ok(())
    }

    /// # Safety
    /// As [`pack`](Self::pack).
    unsafe fn start_move(
        &self,
        one: &Move<'_>,
        form: &HaloForm,
        packed: &dyn Memory,
        compiler: &dyn Compiler,
    ) -> Result<()> {
        let (program, group) = self.halo_program(form, compiler)?;
        let num_rows = one.rows.stride;
        let arguments = [
            Argument::U32(num_rows as u32),
            Argument::Memory(&*one.rows.memory),
            Argument::Memory(&*one.values.memory),
            Argument::U32(one.values.shape.stride as u32),
            Argument::Memory(packed),
            Argument::U32((one.range.start / form.word) as u32),
        ];
        let groups = (num_rows * form.row).div_ceil(group);
        let launch = Launch { groups, group, arguments: &arguments, timed: false };
        // SAFETY: the arguments are those that `write_halo` names; the rows are those of lists for the dat's set, and
        // there is room for them (`packed`).
        unsafe { compiler.launch(&*program, &launch) }
            .map(drop)
            .map_err(|fault| self.store.failed(&named(one.part.dat), fault))
    }

    /// The program that moves such rows, compiled when it is first asked for.
    fn halo_program(&self, form: &HaloForm, compiler: &dyn Compiler) -> Result<Compiled> {
        let mut programs = lock(&self.halos.compiled);
        if let Some(known) = programs.get(form) {
            return Ok(known.clone());
        }
        let (group, dialect) = (self.group(), self.facts().dialect);
        let ProgramText { text, entry, most_group } = write_halo(form, dialect, group);
        if let Some(folder) = &self.settings.dump {
            dump(folder, NAME, &text, dialect)?;
        }
        let source = Source { name: NAME, entry, text: &text, group };
        let program = compiler.compile(&source);
        let program: Arc<dyn Program> =
            program.map_err(|fault| self.store.failed("moving halo values", fault))?.into();
        let group = best_group(compiler, &*program, group, most_group);
        programs.insert(*form, (program.clone(), group));
        Ok((program, group))
    }

    /// Writes the sources that other devices would be given, where the user wants to see them.
    fn dump_halo_for_others(&self, form: &HaloForm) -> Result<()> {
        let Some(folder) = &self.settings.dump else { return Ok(()) };
        let mut dumped = lock(&self.halos.dumped);
        if dumped.insert(*form) {
            for dialect in [Dialect::OpenClC, Dialect::CudaC] {
                dump(folder, NAME, &write_halo(form, dialect, self.group()).text, dialect)?;
            }
        }
        Ok(())
    }
}

/// The halo values of a dat, as messages call them.
pub(super) fn named(dat: &DatCore) -> String {
    format!("halo values of dat `{}`", dat.name)
}

fn form(shape: &Shape, direction: Direction) -> HaloForm {
    HaloForm::new(direction, shape.dim, shape.leaf, shape.layout == Layout::Soa)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
