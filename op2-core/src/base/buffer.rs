//! Raw, aligned, zeroed memory: the storage below every dat, map and matrix.
//!
//! Holds allocation, alignment, huge pages and the first touch. It knows nothing
//! of element types beyond their size, and nothing of who may read or write
//! when: that is the access protocol of the floors above.
//!
//! Invariants: every byte is initialized from the moment a [`Buffer`] exists;
//! the address is a multiple of [`ALIGN`] and never moves.

use std::alloc::{Layout, alloc, dealloc};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

use bytemuck::{NoUninit, Pod};
use rayon::prelude::*;

/// Alignment of every buffer: one cache line, one AVX-512 register.
pub const ALIGN: usize = 64;

/// The size of a huge page on the machines we know, and the alignment of large buffers.
const HUGE_PAGE: usize = 2 << 20;

/// From this size on a buffer asks for huge pages and is first touched in parallel.
const LARGE: usize = 2 * HUGE_PAGE;

/// Pieces in which a large buffer is touched: enough for threads to share evenly.
const MIN_CHUNKS: usize = 64;

/// Owned memory of a fixed number of bytes, reached through raw pointers.
///
/// The pointer is handed out through `&self`, so that loops on several threads
/// can work on disjoint or agreed parts; keeping them apart is the duty of whoever
/// dereferences it.
#[derive(Debug)]
pub struct Buffer {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: a `Buffer` owns its memory and has no tie to the thread that made it.
unsafe impl Send for Buffer {}

// SAFETY: `&Buffer` by itself gives only an address and a length, both constant.
// Every dereference is an `unsafe` act whose contract (see `as_slice`,
// `as_mut_slice`) excludes data races; the access protocol above establishes it.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// Memory of `bytes` zero bytes. On a thread of a rayon pool, large buffers are zeroed by all
    /// of its threads, so that pages lie near those that will use them.
    ///
    /// # Errors
    /// The system refuses the memory, or the machine does not have as much.
    pub fn zeroed(bytes: usize) -> Result<Buffer, OutOfMemory> {
        if !worth_sharing(bytes) {
            return Buffer::zeroed_by_caller(bytes);
        }
        Buffer::filled(bytes, |memory| {
            memory
                .par_chunks_mut(chunk_size(bytes))
                .for_each(|chunk| chunk.fill(MaybeUninit::zeroed()));
        })
    }

    /// As [`Buffer::zeroed`], but first touched by the calling thread alone.
    ///
    /// # Errors
    /// As [`Buffer::zeroed`].
    pub fn zeroed_by_caller(bytes: usize) -> Result<Buffer, OutOfMemory> {
        Buffer::filled(bytes, |memory| memory.fill(MaybeUninit::zeroed()))
    }

    /// A copy of `values`, made by all threads as in [`Buffer::zeroed`]: the copy is the first touch.
    ///
    /// # Errors
    /// As [`Buffer::zeroed`].
    pub fn from_slice<T: NoUninit>(values: &[T]) -> Result<Buffer, OutOfMemory> {
        let source: &[u8] = bytemuck::cast_slice(values);
        Buffer::filled(source.len(), |memory| {
            if worth_sharing(source.len()) {
                copy_in_parallel(memory, source);
            } else {
                memory.write_copy_of_slice(source);
            }
        })
    }

    /// Allocates and has `fill` write every byte; bytes it left out would be a bug of ours.
    fn filled(
        bytes: usize,
        fill: impl FnOnce(&mut [MaybeUninit<u8>]),
    ) -> Result<Buffer, OutOfMemory> {
        let start = allocate(bytes)?;
        // The `Buffer` exists before `fill` runs, so that a panic in it frees the memory.
        let buffer = Buffer { start, bytes };
        // SAFETY: `allocate` gave `bytes` writable bytes that nobody else knows of, and
        // `MaybeUninit` does not ask them to be initialized.
        fill(unsafe { slice::from_raw_parts_mut(start.as_ptr().cast(), bytes) });
        Ok(buffer)
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The address of the first byte; aligned, but not to be read when the buffer is empty.
    pub fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// The address of the first byte, for writing through the access protocol above.
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// The bytes as values of `T`: `len() / size_of::<T>()` of them, a rest is left out.
    ///
    /// # Safety
    /// - Every value is a valid `T`: it was written as one, or all zero bytes are one.
    /// - While the slice lives nobody writes to this buffer.
    pub unsafe fn as_slice<T: NoUninit>(&self) -> &[T] {
        let num_values = self.count_of::<T>();
        // SAFETY: address and size by `count_of`, bytes initialized by `filled`;
        // validity and the absence of writers are the caller's promise.
        unsafe { slice::from_raw_parts(self.as_ptr().cast(), num_values) }
    }

    /// The bytes as values of `T` that may be changed.
    ///
    /// # Safety
    /// - Every value is a valid `T`: it was written as one, or all zero bytes are one.
    /// - While the slice lives nobody else reads or writes this buffer.
    #[expect(clippy::mut_from_ref, reason = "exclusive use is the caller's promise, see Safety")]
    pub unsafe fn as_mut_slice<T: NoUninit>(&self) -> &mut [T] {
        let num_values = self.count_of::<T>();
        // SAFETY: as in `as_slice`; exclusive use is the caller's promise.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr().cast(), num_values) }
    }

    /// The bytes as values of `T`, for an owner who has the buffer to himself.
    pub fn typed_mut<T: Pod>(&mut self) -> &mut [T] {
        // SAFETY: any bytes are a `T: Pod`, and `&mut self` excludes other users: whoever
        // dereferences a pointer taken earlier breaks the contract of that dereference.
        unsafe { self.as_mut_slice() }
    }

    /// How many `T` fit, having checked that one may lie here at all.
    fn count_of<T>(&self) -> usize {
        const {
            assert!(align_of::<T>() <= ALIGN, "a buffer is aligned to 64 bytes, no more");
            assert!(size_of::<T>() > 0, "a type of size zero needs no buffer");
        }
        self.bytes / size_of::<T>()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes > 0 {
            let layout = layout(self.bytes).expect("the layout was valid when allocating");
            // SAFETY: `allocate` took this address from `alloc` under the same layout.
            unsafe { dealloc(self.start.as_ptr(), layout) }
        }
    }
}

/// The system did not give the memory that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("out of memory: {bytes} bytes were asked for and could not be had")]
pub struct OutOfMemory {
    /// The size that was asked for.
    pub bytes: usize,
}

/// Uninitialized memory; no memory and a well aligned address for zero bytes.
fn allocate(bytes: usize) -> Result<NonNull<u8>, OutOfMemory> {
    if bytes == 0 {
        return Ok(layout(0).expect("no bytes always fit").dangling_ptr());
    }
    let refused = OutOfMemory { bytes };
    // Linux may promise more than it has and kill the process at the first touch.
    if bytes > physical_memory() {
        return Err(refused);
    }
    let layout = layout(bytes).ok_or(refused)?;
    // SAFETY: the layout has a size above zero.
    let start = NonNull::new(unsafe { alloc(layout) }).ok_or(refused)?;
    if bytes >= LARGE {
        ask_for_huge_pages(start, bytes);
    }
    Ok(start)
}

fn layout(bytes: usize) -> Option<Layout> {
    let align = if bytes < LARGE { ALIGN } else { HUGE_PAGE };
    Layout::from_size_align(bytes, align).ok()
}

/// Must come before the first touch, which decides the size of the pages.
#[cfg(target_os = "linux")]
fn ask_for_huge_pages(start: NonNull<u8>, bytes: usize) {
    // SAFETY: the range is ours and starts on a page; the advice does not change its
    // content. A refusal costs speed only, so the result is ignored.
    unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages(_start: NonNull<u8>, _bytes: usize) {}

#[cfg(target_os = "linux")]
fn physical_memory() -> usize {
    // SAFETY: `sysconf` only reads its argument.
    let (pages, page) =
        unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    match (usize::try_from(pages), usize::try_from(page)) {
        (Ok(pages), Ok(page)) if pages > 0 => pages.saturating_mul(page),
        _ => usize::MAX,
    }
}

#[cfg(not(target_os = "linux"))]
fn physical_memory() -> usize {
    usize::MAX
}

fn copy_in_parallel(memory: &mut [MaybeUninit<u8>], source: &[u8]) {
    let chunk = chunk_size(source.len());
    memory.par_chunks_mut(chunk).zip(source.par_chunks(chunk)).for_each(|(to, from)| {
        to.write_copy_of_slice(from);
    });
}

/// Large memory, and other threads to touch it with. A program that wants no threads gets none: the
/// global pool is not started for this.
fn worth_sharing(bytes: usize) -> bool {
    bytes >= LARGE && rayon::current_thread_index().is_some()
}

/// Whole pages of 4 KiB, so that two threads never fight for the first touch of one.
fn chunk_size(bytes: usize) -> usize {
    let chunks = MIN_CHUNKS.max(4 * rayon::current_num_threads());
    (bytes / chunks).next_multiple_of(4096).max(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [usize; 6] = [1, 63, 64, 4096, LARGE - 1, LARGE + 4097];

    fn bytes(buffer: &Buffer) -> &[u8] {
        // SAFETY: no test here writes while it reads.
        unsafe { buffer.as_slice() }
    }

    #[test]
    fn every_byte_starts_as_zero_at_an_aligned_address() {
        for size in SIZES {
            let buffer = Buffer::zeroed(size).unwrap();
            assert_eq!(buffer.len(), size);
            assert!(bytes(&buffer).iter().all(|&byte| byte == 0), "{size} bytes");
            assert!(buffer.as_ptr().addr().is_multiple_of(ALIGN));
        }
    }

    #[test]
    fn large_buffers_start_on_a_huge_page() {
        let buffer = Buffer::zeroed(LARGE).unwrap();
        assert!(buffer.as_ptr().addr().is_multiple_of(HUGE_PAGE));
    }

    #[test]
    fn no_bytes_need_no_memory() {
        let mut buffer = Buffer::zeroed(0).unwrap();
        assert!(buffer.is_empty());
        assert!(buffer.as_ptr().addr().is_multiple_of(ALIGN));
        assert!(buffer.typed_mut::<f64>().is_empty());
        assert!(Buffer::from_slice::<u64>(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_copy_holds_the_values_in_order() {
        for size in SIZES {
            let values: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            assert_eq!(bytes(&Buffer::from_slice(&values).unwrap()), values, "{size} bytes");
        }
    }

    #[test]
    fn values_are_seen_as_the_type_they_were_written_as() {
        let rows = [[1.0, 2.0], [3.0, 4.0]];
        let mut buffer = Buffer::from_slice(&rows).unwrap();
        buffer.typed_mut::<[f64; 2]>()[1][0] = -3.0;
        // SAFETY: nobody writes while the slice lives, and any bytes are floats.
        assert_eq!(unsafe { buffer.as_slice::<f64>() }, [1.0, 2.0, -3.0, 4.0]);
    }

    #[test]
    fn a_rest_that_is_no_whole_value_is_left_out() {
        assert_eq!(Buffer::zeroed(17).unwrap().typed_mut::<u64>().len(), 2);
    }

    #[test]
    fn absurd_sizes_are_an_error() {
        for size in [1 << (usize::BITS - 6), isize::MAX as usize, usize::MAX] {
            assert_eq!(Buffer::zeroed(size).unwrap_err(), OutOfMemory { bytes: size });
        }
    }

    #[test]
    fn threads_write_their_own_parts() {
        let buffer = Buffer::zeroed(LARGE).unwrap();
        let part = LARGE / 4;
        std::thread::scope(|scope| {
            for thread in 0..4_u8 {
                let buffer = &buffer;
                scope.spawn(move || {
                    // SAFETY: each thread has a part of its own, and the parts fill the buffer.
                    unsafe {
                        let start = buffer.as_mut_ptr().add(usize::from(thread) * part);
                        start.write_bytes(thread + 1, part);
                    }
                });
            }
        });
        for (part, thread) in bytes(&buffer).chunks(part).zip(1_u8..) {
            assert!(part.iter().all(|&byte| byte == thread));
        }
    }
}
