//! Halo values between messages and wherever the values are: on the host, on a device, or on both.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::base::error::Result;
use crate::device::halo::{Part, ranges};
use crate::device::wrapper::Direction;
use crate::dist::exchange::{Exchange, Item, Sent};
use crate::exec::engine::Engine;
use crate::exec::ranks::Ranks;
use crate::mesh::dat_core::DatCore;
use crate::mesh::mirror::Fresh;

/// Stale copies of the rows of a dat.
#[derive(Clone, Copy)]
pub(super) struct Stale<'a> {
    pub(super) part: Part<'a>,
    /// The number of the need for these rows.
    pub(super) need: u64,
}

/// Brings copies up to date, and does something else while their values travel: messages make progress
/// when that calls what it is given. Whatever has become of it: neighbors have sent, and the way is used
/// again. Collective.
///
/// # Errors
/// Those of the device and of the ranks.
///
/// # Safety
/// Hold the home's turn, with no guard that writes the dats; `meanwhile` touches no copy of other ranks' rows.
pub(super) unsafe fn bring<R>(
    ranks: &Ranks,
    engine: &Engine,
    stale: &[Stale<'_>],
    meanwhile: impl FnOnce(Option<&(dyn Fn() + Sync)>) -> R,
) -> Result<R> {
    if stale.is_empty() {
        return Ok(meanwhile(None));
    }
    let item = |stale: &Stale<'_>| {
        let Part { dat, lists } = stale.part;
        (stale.need, Item { lists: lists.clone(), row_bytes: dat.bytes })
    };
    let open = ranks.exchange(&stale.iter().map(item).collect::<Vec<_>>())?;
    let mut exchange = open.lock().unwrap_or_else(PoisonError::into_inner);
    let parts: Vec<Part<'_>> = stale.iter().map(|stale| stale.part).collect();
    // SAFETY: the caller's promise; the exchange is that of these parts.
    ranks.traffic.sent(unsafe { send(engine, &parts, &mut exchange)? });
    let left = Instant::now();
    let moving = Mutex::new(&mut *exchange);
    let done = meanwhile(Some(&|| {
        // One thread is enough. What fails here fails when it is waited for, too.
        if let Ok(mut moving) = moving.try_lock() {
            moving.progress().ok();
        }
    }));
    let waiting = Instant::now();
    // SAFETY: as above; rows of the halo are shown by no guard, and `meanwhile` is over.
    unsafe { receive(engine, &parts, &mut exchange)? };
    stale.iter().for_each(|stale| stale.part.dat.halo.arrived(stale.need));
    ranks.traffic.waited(waiting - left, waiting.elapsed());
    Ok(done)
}

/// Sends rows of dats on their way, from a device those alone.
///
/// # Errors
/// Those of the device and of the ranks.
///
/// # Safety
/// Hold the home's turn, with no guard that writes; the exchange was opened for these parts.
unsafe fn send(engine: &Engine, parts: &[Part<'_>], exchange: &mut Exchange) -> Result<Sent> {
    let remote = Remote::of(parts, Direction::Pack, |dat| dat.mirror().fresh() == Fresh::Device);
    let packed = match &engine.device {
        // SAFETY: the caller's promise.
        Some(accelerator) => unsafe { accelerator.pack(&remote.parts)? },
        None => Vec::new(),
    };
    let mut next = remote.next;
    exchange.start(names(parts), |item, rows, message| {
        match &mut next[item] {
            Some(next) => message.copy_from_slice(&packed[take(next, message.len())]),
            // SAFETY: the caller's promise; the host's values are valid.
            None => unsafe { parts[item].dat.pack(rows, message) },
        }
        Ok(())
    })
}

/// Tells exchanges of other dats from this one.
fn names(parts: &[Part<'_>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.iter().for_each(|part| part.dat.name.hash(&mut hasher));
    hasher.finish()
}

/// Waits for rows and puts them wherever the present values are.
///
/// # Errors
/// As [`send`].
///
/// # Safety
/// As [`send`].
unsafe fn receive(engine: &Engine, parts: &[Part<'_>], exchange: &mut Exchange) -> Result<()> {
    let remote = Remote::of(parts, Direction::Unpack, |dat| dat.mirror().fresh() != Fresh::Host);
    let mut packed = vec![0; remote.bytes];
    let mut next = remote.next;
    exchange.finish(|item, rows, message| {
        let dat = parts[item].dat;
        if let Some(next) = &mut next[item] {
            packed[take(next, message.len())].copy_from_slice(message);
        }
        if dat.mirror().fresh() != Fresh::Device {
            // SAFETY: the caller's promise: the owner packed rows of the same dat.
            unsafe { dat.unpack(rows, message) };
        }
        Ok(())
    })?;
    match &engine.device {
        // SAFETY: as above.
        Some(accelerator) => unsafe { accelerator.unpack(&remote.parts, &packed) },
        None => Ok(()),
    }
}

/// The parts whose values a device has.
struct Remote<'a> {
    parts: Vec<Part<'a>>,
    /// For each of all parts: where its next rows are among those of the device. An exchange asks for
    /// them rank after rank, as they lie there.
    next: Vec<Option<usize>>,
    bytes: usize,
}

impl<'a> Remote<'a> {
    fn of(parts: &[Part<'a>], direction: Direction, is_there: impl Fn(&DatCore) -> bool) -> Self {
        let there: Vec<bool> = parts.iter().map(|part| is_there(part.dat)).collect();
        let all = parts.iter().zip(&there);
        let parts: Vec<Part<'a>> =
            all.filter(|(_, there)| **there).map(|(part, _)| *part).collect();
        let ranges = ranges(&parts, direction);
        let bytes = ranges.last().map_or(0, |range| range.end);
        let mut starts = ranges.into_iter().map(|range| range.start);
        let next =
            there.into_iter().map(|there| if there { starts.next() } else { None }).collect();
        Self { parts, next, bytes }
    }
}

fn take(next: &mut usize, bytes: usize) -> Range<usize> {
    let start = *next;
    *next += bytes;
    start..*next
}
