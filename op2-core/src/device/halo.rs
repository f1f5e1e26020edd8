//! Rows that travel between ranks, out of the memory of a device and into it: no more is copied than
//! travels.
//!
//! All messages of an exchange lie in a room there (`rooms`). For each dat one program puts its rows at their
//! places in it (`wrapper::halo`), or takes them from there. Either a room is copied as a whole, to the host or
//! from it, or messages go straight out of it and into it. Where no programs are compiled,
//! `memcheck::halo` moves rows.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::device::accelerator::Accelerator;
use crate::device::api::{Argument, Compiler, Launch, Memory, Program, Runner, Source};
use crate::device::programs::{dump, group as best_group};
use crate::device::rooms::Rooms;
use crate::device::shape::Shape;
use crate::device::storage::{Array, Values};
use crate::device::wrapper::{Direction, HaloForm, ProgramText, write_halo};
use crate::dist::exchange::{Messages, Side};
use crate::dist::needs::{Lists, RowsByRank};
use crate::kernel::source::Dialect;
use crate::mesh::dat_core::DatCore;

/// What these programs are called in messages and names of files.
const NAME: &str = "halo";

/// What is kept from one exchange to the next.
#[derive(Default)]
pub(super) struct Halos {
    compiled: Mutex<HashMap<HaloForm, Compiled>>,
    dumped: Mutex<HashSet<HaloForm>>,
    tables: Mutex<HashMap<(usize, Direction, Table), TableThere>>,
    /// For rows of one dat alone, on their way out and on their way in.
    alone: [Mutex<Option<Arc<dyn Memory>>>; 2],
}

/// A table for the rows of some lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Table {
    /// Their numbers.
    Rows,
    /// Where they are if they follow each other, so many words each.
    Places(usize),
}

impl Table {
    fn words(self, part: &Part<'_>, direction: Direction) -> Result<Vec<u32>> {
        let rows = part.rows(direction);
        match self {
            Self::Rows => Ok(rows.collect()),
            Self::Places(row) => (0..rows.count()).map(|i| in_words(i * row, 1)).collect(),
        }
    }
}

/// A table on the device. As long as the lists are known here, their address stays theirs.
type TableThere = (Weak<Lists>, Arc<Array>);

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

    /// How many bytes these rows have.
    pub(super) fn bytes(&self, direction: Direction) -> usize {
        let rows: usize = self.by_rank(direction).iter().map(|(_, rows)| rows.len()).sum();
        rows * self.dat.bytes
    }

    fn by_rank(&self, direction: Direction) -> &RowsByRank {
        match direction {
            Direction::Pack => &self.lists.export,
            Direction::Unpack => &self.lists.import,
        }
    }
}

/// A part of an exchange, and its place among its items.
pub(crate) type Placed<'a> = (usize, Part<'a>);

/// One part on its way.
pub(super) struct Move<'a> {
    pub(super) part: Part<'a>,
    pub(super) values: Arc<Values>,
    /// The rows' numbers.
    pub(super) rows: Arc<Array>,
    /// Where each is in the room, in words of the program.
    pub(super) places: Arc<Array>,
    /// What these should be, for a device that looks for mistakes.
    pub(super) expected: Option<Vec<u32>>,
}

impl Halos {
    /// Rows have other numbers now.
    pub(super) fn clear(&self) {
        lock(&self.tables).clear();
    }
}

impl Accelerator {
    /// Starts to put rows into the room of messages to send.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Panics
    /// The device does not hold the present values of a part.
    ///
    /// # Safety
    /// Hold the turn of the dats' home; the lists are of the dats' sets, and the rooms those of the messages;
    /// no message is under way.
    pub(crate) unsafe fn pack(
        &self,
        messages: &Messages,
        rooms: &Rooms,
        parts: &[Placed<'_>],
    ) -> Result<()> {
        let moves = self.moves(messages, rooms, parts, Direction::Pack)?;
        // SAFETY: the caller's promise.
        unsafe { self.start_moves(&moves, Direction::Pack, &*rooms.memory[0]) }
    }

    /// All messages to send, with the rows of these parts in them.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Safety
    /// No message is under way.
    pub(crate) unsafe fn fetch(&self, rooms: &Rooms, parts: &[Placed<'_>]) -> Result<Vec<u8>> {
        let mut bytes = vec![0; rooms.bytes[0]];
        self.download(&*rooms.memory[0], &mut bytes)?;
        for bytes in bytes_of(parts, Direction::Pack) {
            self.store.counters.fetched(bytes);
        }
        Ok(bytes)
    }

    /// Puts messages that have arrived, with the rows of these parts in them, into their room.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Safety
    /// No message is under way.
    pub(crate) unsafe fn put(
        &self,
        rooms: &Rooms,
        parts: &[Placed<'_>],
        bytes: &[u8],
    ) -> Result<()> {
        self.upload(&*rooms.memory[1], bytes)?;
        for bytes in bytes_of(parts, Direction::Unpack) {
            self.store.counters.sent(bytes);
        }
        Ok(())
    }

    /// Starts to take rows from the room of messages that have arrived into the device's copies of the dats.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Panics
    /// As [`pack`](Self::pack).
    ///
    /// # Safety
    /// As [`pack`](Self::pack), and there are rows of the dats in the room.
    pub(crate) unsafe fn unpack(
        &self,
        messages: &Messages,
        rooms: &Rooms,
        parts: &[Placed<'_>],
    ) -> Result<()> {
        let moves = self.moves(messages, rooms, parts, Direction::Unpack)?;
        // SAFETY: the caller's promise.
        unsafe { self.start_moves(&moves, Direction::Unpack, &*rooms.memory[1])? };
        self.device().forget(&*rooms.memory[1]);
        Ok(())
    }

    /// The rows of a part, one after the other.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Panics
    /// As [`pack`](Self::pack).
    ///
    /// # Safety
    /// As [`pack`](Self::pack).
    pub(super) unsafe fn fetch_rows(&self, part: &Part<'_>) -> Result<Vec<u8>> {
        let mut bytes = vec![0; part.bytes(Direction::Pack)];
        if let Some((one, memory)) = self.move_alone(part, Direction::Pack)? {
            // SAFETY: the caller's promise.
            unsafe { self.start_moves(&[one], Direction::Pack, &*memory)? };
            self.download(&*memory, &mut bytes)?;
            self.store.counters.fetched(bytes.len());
        }
        Ok(bytes)
    }

    /// Puts the rows of a part, one after the other, into the device's copy of its dat.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Panics
    /// As [`pack`](Self::pack).
    ///
    /// # Safety
    /// As [`pack`](Self::pack), and the bytes are rows of the dat.
    pub(super) unsafe fn put_rows(&self, part: &Part<'_>, bytes: &[u8]) -> Result<()> {
        let Some((one, memory)) = self.move_alone(part, Direction::Unpack)? else { return Ok(()) };
        self.upload(&*memory, bytes)?;
        self.store.counters.sent(bytes.len());
        // SAFETY: the caller's promise.
        unsafe { self.start_moves(&[one], Direction::Unpack, &*memory) }
    }

    fn download(&self, memory: &dyn Memory, bytes: &mut [u8]) -> Result<()> {
        let copied = self.device().download(memory, 0, bytes);
        copied.map_err(|fault| self.store.failed("copying halo values", fault))
    }

    fn upload(&self, memory: &dyn Memory, bytes: &[u8]) -> Result<()> {
        let copied = self.device().upload(memory, 0, bytes);
        copied.map_err(|fault| self.store.failed("copying halo values", fault))
    }

    /// The parts that have rows.
    fn moves<'a>(
        &self,
        messages: &Messages,
        rooms: &Rooms,
        parts: &[Placed<'a>],
        direction: Direction,
    ) -> Result<Vec<Move<'a>>> {
        let side = match direction {
            Direction::Pack => Side::Send,
            Direction::Unpack => Side::Receive,
        };
        let mut moves = Vec::with_capacity(parts.len());
        for (item, part) in parts.iter().filter(|(_, part)| part.bytes(direction) > 0) {
            let values = values(part.dat);
            let word = form(&values.shape, direction).word;
            let in_words = || -> Result<Vec<u32>> {
                let places = messages.places(side, *item).into_iter();
                places.map(|byte| in_words(byte, word)).collect()
            };
            let places = self.places(rooms, (side, *item, word), in_words)?;
            let expected = self.finds_mistakes().then(in_words).transpose()?;
            let rows = self.table(part, direction, Table::Rows)?;
            moves.push(Move { part: *part, values, rows, places, expected });
        }
        Ok(moves)
    }

    /// Where the rows of an item are, in words of so many bytes; goes to the device once.
    fn places(
        &self,
        rooms: &Rooms,
        which: (Side, usize, usize),
        places: impl FnOnce() -> Result<Vec<u32>>,
    ) -> Result<Arc<Array>> {
        let mut known = lock(&rooms.places);
        if let Some(there) = known.get(&which) {
            return Ok(there.clone());
        }
        let there = Arc::new(self.store.words("the places of halo values", &places()?)?);
        known.insert(which, there.clone());
        Ok(there)
    }

    fn finds_mistakes(&self) -> bool {
        matches!(self.device().runner(), Runner::Memcheck)
    }

    /// The rows of a part by themselves, with memory for them; nothing if there are none.
    fn move_alone<'a>(
        &self,
        part: &Part<'a>,
        direction: Direction,
    ) -> Result<Option<(Move<'a>, Arc<dyn Memory>)>> {
        let bytes = part.bytes(direction);
        if bytes == 0 {
            return Ok(None);
        }
        let values = values(part.dat);
        let row_words = form(&values.shape, direction).row;
        let rows = self.table(part, direction, Table::Rows)?;
        let table = Table::Places(row_words);
        let places = self.table(part, direction, table)?;
        let expected = self.finds_mistakes().then(|| table.words(part, direction)).transpose()?;
        let mut kept = lock(&self.halos.alone[direction as usize]);
        let memory = match kept.as_ref().filter(|memory| memory.bytes() >= bytes) {
            Some(memory) => memory.clone(),
            None => kept.insert(self.room(bytes)?).clone(),
        };
        Ok(Some((Move { part: *part, values, rows, places, expected }, memory)))
    }

    /// A table for the rows of a part, which goes to the device once.
    fn table(&self, part: &Part<'_>, direction: Direction, table: Table) -> Result<Arc<Array>> {
        let mut known = lock(&self.halos.tables);
        let key = (Arc::as_ptr(part.lists).addr(), direction, table);
        if let Some((_, there)) = known.get(&key) {
            return Ok(there.clone());
        }
        let words = table.words(part, direction)?;
        let there = Arc::new(self.store.words("the rows of a halo", &words)?);
        known.retain(|_, (lists, _)| lists.strong_count() > 0);
        known.insert(key, (Arc::downgrade(part.lists), there.clone()));
        Ok(there)
    }

    /// # Safety
    /// As [`pack`](Self::pack).
    unsafe fn start_moves(
        &self,
        moves: &[Move<'_>],
        direction: Direction,
        room: &dyn Memory,
    ) -> Result<()> {
        for one in moves {
            let form = form(&one.values.shape, direction);
            match self.device().runner() {
                // SAFETY: the caller's promise.
                Runner::Compiler(compiler) => unsafe {
                    self.start_move(one, &form, room, compiler)?;
                },
                Runner::Memcheck => {
                    self.dump_halo_for_others(&form)?;
                    // SAFETY: as above.
                    unsafe { self.check_move(one, &form, room)? };
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
        room: &dyn Memory,
        compiler: &dyn Compiler,
    ) -> Result<()> {
        let (program, group) = self.halo_program(form, compiler)?;
        let num_rows = one.rows.stride;
        let arguments = [
            Argument::U32(num_rows as u32),
            Argument::Memory(&*one.rows.memory),
            Argument::Memory(&*one.places.memory),
            Argument::Memory(&*one.values.memory),
            Argument::U32(one.values.shape.stride as u32),
            Argument::Memory(room),
        ];
        let groups = (num_rows * form.row).div_ceil(group);
        let launch = Launch { groups, group, arguments: &arguments, timed: false };
        // SAFETY: the arguments are those that `write_halo` names; the rows are those of lists for the dat's
        // set, and there is room for them at their places: our caller's promise.
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

fn values(dat: &DatCore) -> Arc<Values> {
    dat.mirror().valid_on_device().expect("values on the device")
}

fn bytes_of(parts: &[Placed<'_>], direction: Direction) -> impl Iterator<Item = usize> {
    parts.iter().map(move |(_, part)| part.bytes(direction)).filter(|bytes| *bytes > 0)
}

/// A place in bytes as programs want it.
fn in_words(byte: usize, word: usize) -> Result<u32> {
    u32::try_from(byte / word)
        .map_err(|_| Error::other("more halo values than a device can number"))
}

fn form(shape: &Shape, direction: Direction) -> HaloForm {
    HaloForm::new(direction, shape.dim, shape.leaf, shape.layout == Layout::Soa)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
