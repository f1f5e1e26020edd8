//! Halo values between messages and wherever the values are: on the host, on a device, or on both.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::base::comm::{Ends, Progress};
use crate::base::error::Result;
use crate::device::accelerator::Accelerator;
use crate::device::halo::Part;
use crate::device::rooms::Rooms;
use crate::dist::exchange::{Exchange, Item, Messages, Sent};
use crate::exec::engine::Engine;
use crate::exec::ranks::{Ranks, Way};
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
    meanwhile: impl FnOnce(Progress<'_>) -> R,
) -> Result<R> {
    if stale.is_empty() {
        return Ok(meanwhile(None));
    }
    let item = |stale: &Stale<'_>| {
        let Part { dat, lists } = stale.part;
        (stale.need, Item { lists: lists.clone(), row_bytes: dat.bytes })
    };
    let device = engine.device.as_deref();
    let way = ranks.way(&stale.iter().map(item).collect::<Vec<_>>(), device)?;
    let Way { exchange, rooms } = &mut *way.lock().unwrap_or_else(PoisonError::into_inner);
    let there = device.zip(rooms.as_ref());
    let parts: Vec<Part<'_>> = stale.iter().map(|stale| stale.part).collect();
    let ends = ends(ranks, engine, &parts);
    // SAFETY: the caller's promise; the way is that of these parts.
    let sent = unsafe { send(there, &parts, exchange, ends)? };
    ranks.traffic.sent(sent, ends);
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
    unsafe { receive(there, &parts, exchange, ends)? };
    stale.iter().for_each(|stale| stale.part.dat.halo.arrived(stale.need));
    ranks.traffic.waited(waiting - left, waiting.elapsed());
    Ok(done)
}

/// The device, and the memory there for all messages of an exchange.
type There<'a> = (&'a Accelerator, &'a Rooms);

/// Which messages stay on devices: all dats of an exchange are in one message.
///
/// Into the device's memory only where the host has no copy that would become stale, nor gets one meanwhile: the
/// checked mode looks at what a loop has written.
fn ends(ranks: &Ranks, engine: &Engine, parts: &[Part<'_>]) -> Ends {
    let all = |is: fn(Fresh) -> bool| parts.iter().all(|part| is(part.dat.mirror().fresh()));
    let unseen = !engine.settings.checked;
    Ends {
        out_of_room: ranks.direct && all(|fresh| fresh != Fresh::Host),
        into_room: ranks.direct && unseen && all(|fresh| fresh == Fresh::Device),
    }
}

/// Sends rows of dats on their way, from a device those alone.
///
/// # Errors
/// Those of the device and of the ranks.
///
/// # Safety
/// Hold the home's turn, with no guard that writes; the way was opened for these parts.
unsafe fn send(
    there: Option<There<'_>>,
    parts: &[Part<'_>],
    exchange: &mut Exchange,
    ends: Ends,
) -> Result<Sent> {
    let is_there = |dat: &DatCore| ends.out_of_room || dat.mirror().fresh() == Fresh::Device;
    let packed = match there {
        // SAFETY: the caller's promise.
        Some(there) => unsafe { pack(there, &select(parts, is_there), exchange.messages(), ends) },
        None => Ok(Vec::new()),
    };
    let packed = packed.inspect_err(|_| exchange.give_up(names(parts)))?;
    exchange.start(names(parts), ends, |rows, message| {
        let dat = parts[rows.item].dat;
        if is_there(dat) {
            message.copy_from_slice(&packed[rows.range]);
        } else {
            // SAFETY: the caller's promise; the host's values are valid.
            unsafe { dat.pack(rows.numbers, message) };
        }
        Ok(())
    })
}

/// Puts rows into the room of messages to send. Gives all messages, if they go through the host.
///
/// # Errors
/// Those of the device.
///
/// # Safety
/// As [`send`].
unsafe fn pack(
    (device, rooms): There<'_>,
    parts: &[(usize, Part<'_>)],
    messages: &Messages,
    ends: Ends,
) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    if !parts.is_empty() {
        // SAFETY: the caller's promise; no message is under way.
        unsafe {
            device.pack(messages, rooms, parts)?;
            if !ends.out_of_room {
                packed = device.fetch(rooms, parts)?;
            }
        }
    }
    if ends != Ends::default() {
        device.hand_over()?;
    }
    Ok(packed)
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
unsafe fn receive(
    there: Option<There<'_>>,
    parts: &[Part<'_>],
    exchange: &mut Exchange,
    ends: Ends,
) -> Result<()> {
    let Some((device, rooms)) = there else {
        return exchange.finish(ends, |rows, message| {
            // SAFETY: the caller's promise: the owner packed rows of the same dat.
            unsafe { parts[rows.item].dat.unpack(rows.numbers, message) };
            Ok(())
        });
    };
    let on_device = select(parts, |dat| dat.mirror().fresh() != Fresh::Host);
    let mut packed = vec![0; if ends.into_room { 0 } else { rooms.bytes_to_receive() }];
    exchange.finish(ends, |rows, message| {
        let dat = parts[rows.item].dat;
        if dat.mirror().fresh() != Fresh::Device {
            // SAFETY: as above.
            unsafe { dat.unpack(rows.numbers, message) };
        }
        packed[rows.range].copy_from_slice(message);
        Ok(())
    })?;
    if on_device.is_empty() {
        return Ok(());
    }
    let only_there = |part: &Part<'_>| part.dat.mirror().fresh() == Fresh::Device;
    assert!(!ends.into_room || parts.iter().all(only_there), "nothing was fetched meanwhile");
    // SAFETY: as above; no message is under way any more.
    unsafe {
        if !ends.into_room {
            device.put(rooms, &on_device, &packed)?;
        }
        device.unpack(exchange.messages(), rooms, &on_device)
    }
}

/// Some parts, with their places among all.
fn select<'a>(parts: &[Part<'a>], wanted: impl Fn(&DatCore) -> bool) -> Vec<(usize, Part<'a>)> {
    parts.iter().copied().enumerate().filter(|(_, part)| wanted(part.dat)).collect()
}
