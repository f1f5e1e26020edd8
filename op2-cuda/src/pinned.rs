//! Copies between a GPU and memory of the host that may be moved: through chunks of pinned memory.
//!
//! The GPU copies by itself only from and to pinned memory. So bytes on their way up are put into a ring
//! of pinned chunks, one behind the other, and the caller goes on; a chunk is used again once the GPU has
//! passed the mark behind it. On their way down, one chunk is filled while the other is emptied.
//! A system that gives no pinned memory (containers limit it) only makes copies slower: the driver then
//! copies through its own.

use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::driver::{Address, Driver, Failure};

/// Bytes of a chunk: few enough to stay in the cache of a core, enough to make up for the start of a copy.
const CHUNK: usize = 4 << 20;
/// Chunks on the way up: one is filled, the others are being emptied.
const UP: usize = 4;
/// Copies start at multiples of this in a chunk, which are faster.
const ALIGN: usize = 256;

/// The chunks of a GPU.
pub(crate) struct Staging<D: Driver> {
    driver: Arc<D>,
    up: Mutex<Ring<D>>,
    down: Mutex<Vec<Chunk<D>>>,
}

impl<D: Driver> Staging<D> {
    /// No memory is pinned before the first copy.
    pub(crate) fn new(driver: &Arc<D>) -> Self {
        let ring = Ring { chunks: Vec::new(), current: 0, used: CHUNK };
        Self { driver: Arc::clone(driver), up: Mutex::new(ring), down: Mutex::new(Vec::new()) }
    }

    /// Starts to copy bytes up; they may change afterwards.
    ///
    /// # Safety
    /// There is room for them at the address, until the copy is done.
    pub(crate) unsafe fn upload(&self, to: Address, bytes: &[u8]) -> Result<(), Failure> {
        let mut ring = lock(&self.up);
        let mut done = 0;
        while done < bytes.len() {
            let Some((chunk, start)) = ring.room(&self.driver)? else {
                // SAFETY: our caller's promise; the bytes stay until all is done, three lines below.
                unsafe { self.upload_as_is(to.after(done), &bytes[done..])? };
                return Ok(());
            };
            let piece = &bytes[done..bytes.len().min(done + CHUNK - start)];
            // SAFETY: the piece fits between start and the end of the chunk, where nothing is under way:
            // `room`. At the address there is room for it: our caller's promise.
            unsafe {
                let from = chunk.memory.as_ptr().add(start);
                ptr::copy_nonoverlapping(piece.as_ptr(), from, piece.len());
                self.driver.upload(to.after(done), from, piece.len())?;
            }
            done += piece.len();
            ring.used = start + piece.len();
        }
        Ok(())
    }

    /// # Safety
    /// There is room for the bytes at the address, until this returns.
    unsafe fn upload_as_is(&self, to: Address, bytes: &[u8]) -> Result<(), Failure> {
        // SAFETY: our caller's promise, and the bytes stay where they are until `finish` has returned.
        unsafe { self.driver.upload(to, bytes.as_ptr(), bytes.len())? };
        self.driver.finish()
    }

    /// Copies bytes down, having waited for all that was asked before.
    ///
    /// # Safety
    /// There are so many at the address.
    pub(crate) unsafe fn download(&self, from: Address, into: &mut [u8]) -> Result<(), Failure> {
        let mut chunks = lock(&self.down);
        while chunks.len() < 2 {
            let Some(chunk) = Chunk::new(&self.driver)? else { break };
            chunks.push(chunk);
        }
        let [even, odd] = chunks.as_slice() else {
            // SAFETY: our caller's promise; the bytes are borrowed until `finish` has returned.
            unsafe { self.driver.download(from, into.as_mut_ptr(), into.len())? };
            return self.driver.finish();
        };
        let mut filling: Option<(&Chunk<D>, &mut [u8])> = None;
        for (i, piece) in into.chunks_mut(CHUNK).enumerate() {
            let chunk = if i % 2 == 0 { even } else { odd };
            // SAFETY: the piece is no longer than the chunk, which was emptied two pieces ago; it is part of what
            // our caller promises.
            unsafe {
                self.driver.download(from.after(i * CHUNK), chunk.memory.as_ptr(), piece.len())?;
            }
            self.driver.set(&chunk.mark)?;
            if let Some((chunk, piece)) = filling.replace((chunk, piece)) {
                chunk.empty(piece)?;
            }
        }
        filling.map_or(Ok(()), |(chunk, piece)| chunk.empty(piece))
    }
}

/// Chunks that are used in turn.
struct Ring<D: Driver> {
    chunks: Vec<Chunk<D>>,
    current: usize,
    /// Bytes of the current one that are taken.
    used: usize,
}

impl<D: Driver> Ring<D> {
    /// A chunk, and where in it nothing is under way up to its end; at least one byte. `None` where there
    /// is no pinned memory.
    fn room(&mut self, driver: &Arc<D>) -> Result<Option<(&Chunk<D>, usize)>, Failure> {
        self.used = self.used.next_multiple_of(ALIGN);
        if self.used >= CHUNK && !self.turn(driver)? {
            return Ok(None);
        }
        Ok(Some((&self.chunks[self.current], self.used)))
    }

    /// Goes on to the next chunk: a new one, or the one that was used first. False where there is none.
    fn turn(&mut self, driver: &Arc<D>) -> Result<bool, Failure> {
        if let Some(full) = self.chunks.get(self.current) {
            driver.set(&full.mark)?;
        }
        let new = if self.chunks.len() < UP { Chunk::new(driver)? } else { None };
        match new {
            Some(chunk) => {
                self.chunks.push(chunk);
                self.current = self.chunks.len() - 1;
            }
            None if self.chunks.is_empty() => return Ok(false),
            None => {
                self.current = (self.current + 1) % self.chunks.len();
                driver.wait(&self.chunks[self.current].mark)?;
            }
        }
        self.used = 0;
        Ok(true)
    }
}

/// A piece of pinned memory, and a mark behind the last copy that uses it.
struct Chunk<D: Driver> {
    driver: Arc<D>,
    memory: NonNull<u8>,
    mark: D::Mark,
}

// SAFETY: the memory is the chunk's own, and chunks stand behind locks.
unsafe impl<D: Driver> Send for Chunk<D> {}

impl<D: Driver> Chunk<D> {
    /// `None` where the system gives none.
    fn new(driver: &Arc<D>) -> Result<Option<Self>, Failure> {
        let mark = driver.mark(false)?;
        let chunk = |memory| Self { driver: Arc::clone(driver), memory, mark };
        Ok(driver.pin(CHUNK).ok().map(chunk))
    }

    /// Waits for the mark and takes the first bytes.
    fn empty(&self, into: &mut [u8]) -> Result<(), Failure> {
        self.driver.wait(&self.mark)?;
        // SAFETY: the chunk is at least as long (`download`), and the copy that filled it is done.
        unsafe {
            ptr::copy_nonoverlapping(self.memory.as_ptr(), into.as_mut_ptr(), into.len());
        }
        Ok(())
    }
}

impl<D: Driver> Drop for Chunk<D> {
    fn drop(&mut self) {
        // Where this fails, a loop has failed: then nothing is copied any more.
        self.driver.finish().ok();
        // SAFETY: from `pin`; nothing uses it, as all that was asked is done.
        unsafe { self.driver.unpin(self.memory) };
    }
}

/// A panic leaves the chunks as good as before: they hold bytes on the way, no state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
