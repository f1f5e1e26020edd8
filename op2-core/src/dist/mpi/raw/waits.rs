//! Waits that end: whoever waits long asks those it waits for whether they will ever come.
//!
//! MPI waits for ever where ranks do not call the same things. So every rank counts, for each communicator
//! and each way for messages, in how many things it has taken part; what it waits for is the number of one of
//! them. After [`PATIENCE`] it sends that number to a rank that it waits for, and a second later to the
//! next. A rank that has ended takes such letters while it waits for the end of the others; so does one that
//! waits long itself. If it has not taken part and never will, because it has ended, or because it waits for
//! the other in something in which that one has not taken part, then it says so, and all ranks end.
//! Ranks that compute for long take no letters, and find later that they have taken part.

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::time::{Duration, Instant};

use ::mpi::ffi;

use super::requests::null;
use super::{Ranks, Turn, count, number, process, word};
use crate::base::error::Result;

/// So long nobody is asked: longer than messages take, shorter than a user's patience.
const PATIENCE: Duration = Duration::from_secs(2);

/// From one letter to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// Between two looks, once a wait is long.
const DOZE: Duration = Duration::from_micros(500);

/// So often it is looked before time is.
const LOOKS: u32 = 200;

/// The only tag of letters.
const TAG: c_int = 0;

/// Words of a letter.
const WORDS: usize = 6;

/// What ranks do together, one after the other: all of a communicator, or those at both ends of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Sequence {
    /// Of the communicator.
    pub(super) id: u64,
    /// Of the channel, or one of [`Together`].
    pub(super) tag: i32,
}

/// What all ranks do together: less than any channel's tag.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Together {
    Gather,
    AllToAll = -1,
    StartGather = -2,
    Duplicate = -3,
}

/// One of these things, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Step {
    sequence: Sequence,
    number: u64,
}

impl Step {
    /// What tells calls of all ranks from each other, and from nothing.
    pub(super) fn label(self) -> u64 {
        let kind = u64::from(self.sequence.tag.unsigned_abs()) + 1;
        kind << 48 | self.number & ((1 << 48) - 1)
    }

    /// A number that no other step has, as far as numbers of 64 bits can tell.
    pub(super) fn new_id(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.sequence.id, self.sequence.tag, self.number).hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.sequence.tag {
            ..=0 => {
                "something that all ranks do together (declare, read or write a dat, reduce, ..)"
            }
            _ => "the values of other ranks for a loop or a product",
        })
    }
}

/// Whom a rank waits for.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Others<'a> {
    /// All ranks.
    All,
    /// All of these, which send.
    Senders(&'a [usize]),
    /// Some of these, which receive. Who is not known: MPI may have sent ahead.
    Receivers(&'a [usize]),
}

impl Others<'_> {
    /// Whom to ask for the `i`th time; on different ranks these are different ones.
    fn nth(self, i: usize, rank: usize, size: usize) -> Option<usize> {
        match self {
            Self::All => (size > 1).then(|| (rank + 1 + i % (size - 1)) % size),
            Self::Senders(ranks) | Self::Receivers(ranks) => {
                (!ranks.is_empty()).then(|| ranks[i % ranks.len()])
            }
        }
    }

    /// Whether it is certain that this one is waited for.
    fn contain(self, rank: usize) -> bool {
        match self {
            Self::All => true,
            Self::Senders(ranks) => ranks.contains(&rank),
            Self::Receivers(_) => false,
        }
    }
}

/// In what this rank has taken part, and its letters.
#[derive(Debug)]
pub(super) struct Waits {
    joined: BTreeMap<Sequence, u64>,
    letters: Option<Letters>,
}

/// Letters on a communicator of their own.
#[derive(Debug)]
struct Letters {
    ranks: Ranks,
    /// Never moved while MPI reads them.
    under_way: Vec<(Box<[u64; WORDS]>, ffi::MPI_Request)>,
    /// How many were sent to each rank, and taken from each.
    sent: Vec<u64>,
    taken: Vec<u64>,
}

// SAFETY: requests and memory have no ties to a thread; who hands them to MPI has the turn.
unsafe impl Send for Letters {}

/// What a rank has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    /// I wait for you in this.
    Question(Step),
    /// You wait for me in the first; I have not taken part, and wait for you in the second.
    Answer(Step, Step),
}

impl Waits {
    pub(super) const fn new() -> Self {
        Self { joined: BTreeMap::new(), letters: None }
    }

    /// Counts the next thing of a sequence, in which this rank takes part now.
    pub(super) fn join(&mut self, sequence: Sequence) -> Step {
        let number = self.joined.entry(sequence).or_default();
        *number += 1;
        Step { sequence, number: *number }
    }

    fn has_joined(&self, step: Step) -> bool {
        self.joined.get(&step.sequence).is_some_and(|number| *number >= step.number)
    }

    /// From now on letters can be sent. The communicator is for nothing else.
    pub(super) fn open(&mut self, ranks: Ranks) {
        let none = || vec![0; ranks.size()];
        let (sent, taken) = (none(), none());
        self.letters = Some(Letters { ranks, under_way: Vec::new(), sent, taken });
    }
}

/// Waits until `is_done` says so. `step` is what this rank waits in, and for whom.
pub(super) fn until(
    turn: &mut Turn,
    step: Step,
    others: Others<'_>,
    mut is_done: impl FnMut(&mut Turn) -> Result<bool>,
) -> Result<()> {
    let mut looks = 0;
    let mut begin = None;
    let mut asked = 0;
    loop {
        if is_done(turn)? {
            return Ok(());
        }
        looks += 1;
        if looks < LOOKS {
            continue;
        }
        looks = 0;
        std::thread::yield_now();
        let waited = begin.get_or_insert_with(Instant::now).elapsed();
        if waited < PATIENCE {
            continue;
        }
        if waited >= PATIENCE + PAUSE * asked {
            ask(turn, step, others, asked as usize)?;
            asked += 1;
        }
        while let Some((from, letter)) = take(turn)? {
            reply(turn, from, letter, step, others)?;
        }
        std::thread::sleep(DOZE);
    }
}

/// Waits for the end of all ranks. If one waits for this rank, it waits in vain: all end then.
pub(super) fn farewell(turn: &mut Turn) -> Result<()> {
    let Some(letters) = &turn.state().waits.letters else { return Ok(()) };
    let (ranks, mut all) = (letters.ranks, null());
    // SAFETY: MPI is initialized and the turn had.
    let code = unsafe { ffi::MPI_Ibarrier(ranks.comm, &raw mut all) };
    turn.check("MPI_Ibarrier", code)?;
    while !test(turn, &mut all)? {
        while let Some((from, letter)) = take(turn)? {
            let Letter::Question(step) = letter else { continue };
            if !turn.state().waits.has_joined(step) {
                process::end(&format!(
                    " ended with status 0, while rank {from} waits for it in {step}"
                ));
            }
        }
        std::thread::sleep(DOZE);
    }
    // No letter is left behind.
    let sent = turn.state().waits.letters.as_ref().map(|letters| letters.sent.clone());
    let announced = super::collective::all_to_all_at_once(turn, &ranks, &sent.unwrap_or_default())?;
    let all_taken = |turn: &mut Turn| {
        let letters = turn.state().waits.letters.as_ref();
        letters.is_none_or(|letters| letters.taken == announced)
    };
    while !all_taken(turn) {
        take(turn)?;
    }
    let letters = turn.state().waits.letters.take();
    // Not dropped should anything fail: MPI may still use them.
    let mut letters = ManuallyDrop::new(letters);
    let under_way = letters.iter_mut().flat_map(|letters| &mut letters.under_way);
    for (_words, request) in under_way {
        while !test(turn, request)? {}
    }
    drop(ManuallyDrop::into_inner(letters));
    Ok(())
}

/// What this rank, which waits itself, makes of a letter.
fn reply(
    turn: &mut Turn,
    from: usize,
    letter: Letter,
    mine: Step,
    others: Others<'_>,
) -> Result<()> {
    match letter {
        Letter::Question(theirs) => {
            if !turn.state().waits.has_joined(theirs) && others.contain(from) {
                send(turn, from, Letter::Answer(theirs, mine))?;
            }
        }
        Letter::Answer(step, theirs) => {
            // They have not come to what this rank waits in, and this rank not to what they wait in.
            if step == mine && !turn.state().waits.has_joined(theirs) {
                process::end(&format!(
                    " waits for rank {from} in {mine}, and that one for this in {theirs}: ranks call different things"
                ));
            }
        }
    }
    Ok(())
}

fn ask(turn: &mut Turn, step: Step, others: Others<'_>, i: usize) -> Result<()> {
    let Some(letters) = &turn.state().waits.letters else { return Ok(()) };
    match others.nth(i, letters.ranks.rank(), letters.ranks.size()) {
        Some(to) => send(turn, to, Letter::Question(step)),
        None => Ok(()),
    }
}

fn send(turn: &mut Turn, to: usize, letter: Letter) -> Result<()> {
    let Some(letters) = &mut turn.state().waits.letters else { return Ok(()) };
    let (words, mut request) = (Box::new(letter.words()), null());
    // SAFETY: MPI is initialized and the turn had; the words stay where they are until this is done.
    let code = unsafe {
        let (from, words_of) = (words.as_ptr().cast(), count(WORDS));
        let comm = letters.ranks.comm;
        ffi::MPI_Isend(from, words_of, word(), number(to), TAG, comm, &raw mut request)
    };
    letters.under_way.push((words, request));
    letters.sent[to] += 1;
    turn.check("MPI_Isend", code)
}

/// A letter that has arrived, and from whom.
fn take(turn: &mut Turn) -> Result<Option<(usize, Letter)>> {
    let Some(letters) = &turn.state().waits.letters else { return Ok(None) };
    let comm = letters.ranks.comm;
    let (mut is_there, mut status) = (0, MaybeUninit::<ffi::MPI_Status>::zeroed());
    // SAFETY: MPI is initialized and the turn had.
    let code = unsafe {
        let anybody = ffi::RSMPI_ANY_SOURCE;
        ffi::MPI_Iprobe(anybody, TAG, comm, &raw mut is_there, status.as_mut_ptr())
    };
    turn.check("MPI_Iprobe", code)?;
    if is_there == 0 {
        return Ok(None);
    }
    // SAFETY: numbers, all of which may be zero; MPI has written those of the letter.
    let from = unsafe { status.assume_init() }.MPI_SOURCE;
    let mut words = [0_u64; WORDS];
    // SAFETY: as above; a letter has as many words.
    let code = unsafe {
        let to = words.as_mut_ptr().cast();
        ffi::MPI_Recv(to, count(WORDS), word(), from, TAG, comm, ffi::RSMPI_STATUS_IGNORE)
    };
    turn.check("MPI_Recv", code)?;
    let from = from.cast_unsigned() as usize;
    if let Some(letters) = &mut turn.state().waits.letters {
        letters.taken[from] += 1;
    }
    Ok(Some((from, Letter::of(words))))
}

/// Whether a request is done.
pub(super) fn test(turn: &mut Turn, request: &mut ffi::MPI_Request) -> Result<bool> {
    let mut is_done = 0;
    // SAFETY: the turn is had; this is a request of MPI, or none, which is done.
    let code = unsafe { ffi::MPI_Test(request, &raw mut is_done, ffi::RSMPI_STATUS_IGNORE) };
    turn.check("MPI_Test", code)?;
    Ok(is_done != 0)
}

impl Letter {
    fn words(self) -> [u64; WORDS] {
        let words = |step: Step| {
            [step.sequence.id, u64::from(step.sequence.tag.cast_unsigned()), step.number]
        };
        let (first, second) = match self {
            Self::Question(step) => (words(step), [0; 3]),
            Self::Answer(step, mine) => (words(step), words(mine)),
        };
        [first[0], first[1], first[2], second[0], second[1], second[2]]
    }

    fn of(words: [u64; WORDS]) -> Self {
        let step = |words: &[u64]| Step {
            sequence: Sequence { id: words[0], tag: words[1] as i32 },
            number: words[2],
        };
        let (first, second) = (step(&words[..3]), step(&words[3..]));
        // Numbers begin at 1.
        if second.number == 0 { Self::Question(first) } else { Self::Answer(first, second) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_as_written() {
        let step = |tag, number| Step { sequence: Sequence { id: u64::MAX - 5, tag }, number };
        for letter in [Letter::Question(step(0, 1)), Letter::Answer(step(7, 3), step(0, 1 << 40))] {
            assert_eq!(Letter::of(letter.words()), letter);
        }
    }

    #[test]
    fn labels_tell_calls_from_each_other() {
        let label = |what: Together, number| {
            Step { sequence: Sequence { id: 1, tag: what as i32 }, number }.label()
        };
        let all = [
            label(Together::Gather, 1),
            label(Together::Gather, 2),
            label(Together::AllToAll, 1),
            label(Together::Duplicate, 1),
            0,
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|other| other != one), "{all:?}");
        }
    }

    #[test]
    fn things_are_counted_for_each_sequence() {
        let mut waits = Waits::new();
        let (one, other) = (Sequence { id: 1, tag: 0 }, Sequence { id: 1, tag: 1 });
        let first = waits.join(one);
        assert!(waits.has_joined(first));
        let second = Step { number: 2, ..first };
        waits.join(other);
        assert!(!waits.has_joined(second));
        waits.join(one);
        assert!(waits.has_joined(second));
    }

    #[test]
    fn all_others_are_asked_in_turn() {
        let asked: Vec<_> = (0..4).filter_map(|i| Others::All.nth(i, 2, 4)).collect();
        assert_eq!(asked, [3, 0, 1, 3]);
        assert_eq!(Others::All.nth(0, 0, 1), None);
        let asked: Vec<_> = (0..3).filter_map(|i| Others::Senders(&[5, 1]).nth(i, 2, 9)).collect();
        assert_eq!(asked, [5, 1, 5]);
        assert_eq!(Others::Receivers(&[]).nth(0, 0, 2), None);
    }
}
