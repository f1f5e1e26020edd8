//! The memory bandwidth of this machine: the ruler that loops are measured by.
//!
//! Holds one measurement, STREAM's triad `a[i] = b[i] + s * c[i]`, on arrays that
//! lie in memory as dats do (same [`Buffer`], same huge pages). What share of it a
//! loop reaches is computed by the report. Bandwidth of shared machines drifts
//! within minutes, so measure in the run that is to be judged.
//!
//! Counting: 24 bytes per element, two values read and one written. The line
//! that a cache fetches before it is written (8 bytes more) is not counted, and
//! neither is it in the bytes of a loop.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::buffer::{Buffer, OutOfMemory};
use super::simd::SimdLevel;

/// Bytes counted for one element: read `b` and `c`, write `a`.
pub const BYTES_PER_ELEMENT: usize = 3 * size_of::<f64>();

/// The largest array we use: more would only make the measurement slower.
const MAX_ARRAY_BYTES: usize = 40 << 20;

/// Taken for the last-level cache where the system does not tell.
const USUAL_CACHE_BYTES: usize = 16 << 20;

/// How long to repeat; together with filling the arrays, about 0.2 s.
const BUDGET: Duration = Duration::from_millis(120);

const MIN_REPETITIONS: usize = 3;

/// One measurement of the memory bandwidth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Triad {
    /// The best repetition, in 10^9 bytes per second, 24 bytes per element.
    pub gb_per_s: f64,
    /// Threads that worked at once.
    pub threads: usize,
    /// Repetitions that were timed.
    pub repetitions: usize,
}

/// Measures the bandwidth that `threads` threads reach together (0 counts as 1), in about 0.2 s.
///
/// # Errors
/// Three arrays of at most 40 MiB do not fit the memory.
pub fn triad(threads: usize) -> Result<Triad, OutOfMemory> {
    triad_of(threads, default_array_bytes())
}

/// As [`triad`], on three arrays of `array_bytes` each, shared evenly by the threads.
///
/// # Errors
/// The arrays do not fit the memory.
pub fn triad_of(threads: usize, array_bytes: usize) -> Result<Triad, OutOfMemory> {
    let threads = threads.max(1);
    let num_elements = (array_bytes / size_of::<f64>() / threads).max(1);
    let round = Round::new(threads);
    let times = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (1..threads).map(|_| scope.spawn(|| round.work(num_elements))).collect();
        let times = round.lead(num_elements);
        // A panic goes on in the calling thread, as that of a plain call would.
        let join = |worker: std::thread::ScopedJoinHandle<_>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().try_for_each(join).and(times)
    })?;
    let best = times.iter().min().map_or(0.0, Duration::as_secs_f64);
    let bytes = (threads * num_elements * BYTES_PER_ELEMENT) as f64;
    // A clock too coarse for tiny arrays shows zero; one nanosecond is its finest tick.
    Ok(Triad { gb_per_s: bytes / best.max(1e-9) / 1e9, threads, repetitions: times.len() })
}

/// What the threads of one measurement share: they start and end each repetition together.
struct Round {
    barrier: Barrier,
    done: AtomicBool,
}

impl Round {
    fn new(threads: usize) -> Round {
        Round { barrier: Barrier::new(threads), done: AtomicBool::new(false) }
    }

    /// Works on a share and says when it is enough. Returns the time of each repetition.
    fn lead(&self, num_elements: usize) -> Result<Vec<Duration>, OutOfMemory> {
        let mut share = Share::new(num_elements);
        let mut times = Vec::new();
        let mut spent = Duration::ZERO;
        while times.len() < MIN_REPETITIONS || (share.is_ok() && spent < BUDGET) {
            self.barrier.wait();
            let start = Instant::now();
            Share::run(&mut share);
            self.barrier.wait();
            times.push(start.elapsed());
            spent += start.elapsed();
        }
        self.done.store(true, Ordering::Relaxed);
        self.barrier.wait();
        share.map(|_| times)
    }

    /// Works on a share until the leader is done. The barriers order the flag.
    fn work(&self, num_elements: usize) -> Result<(), OutOfMemory> {
        let mut share = Share::new(num_elements);
        loop {
            self.barrier.wait();
            if self.done.load(Ordering::Relaxed) {
                return share.map(|_| ());
            }
            Share::run(&mut share);
            self.barrier.wait();
        }
    }
}

/// The part of the three arrays that one thread owns and touched first.
struct Share {
    a: Buffer,
    b: Buffer,
    c: Buffer,
}

impl Share {
    fn new(num_elements: usize) -> Result<Share, OutOfMemory> {
        let array = |value: f64| {
            let mut buffer = Buffer::zeroed_by_caller(num_elements * size_of::<f64>())?;
            buffer.typed_mut().fill(value);
            Ok(buffer)
        };
        Ok(Share { a: array(0.0)?, b: array(1.0)?, c: array(2.0)? })
    }

    /// A thread without memory keeps step with the others, who would wait for it forever.
    fn run(share: &mut Result<Share, OutOfMemory>) {
        if let Ok(Share { a, b, c }) = share {
            scaled_sum_widest(a.typed_mut(), b.typed_mut(), c.typed_mut(), black_box(0.5));
            black_box(a.as_ptr());
        }
    }
}

/// `a = b + s * c` in pieces of eight, which the compiler turns into vector code.
#[inline(always)]
fn scaled_sum(a: &mut [f64], b: &[f64], c: &[f64], s: f64) {
    let (a_chunks, a_rest) = a.as_chunks_mut::<8>();
    let ((b_chunks, b_rest), (c_chunks, c_rest)) = (b.as_chunks::<8>(), c.as_chunks::<8>());
    for ((a, b), c) in a_chunks.iter_mut().zip(b_chunks).zip(c_chunks) {
        for lane in 0..8 {
            a[lane] = b[lane] + s * c[lane];
        }
    }
    for ((a, b), c) in a_rest.iter_mut().zip(b_rest).zip(c_rest) {
        *a = b + s * c;
    }
}

/// `scaled_sum` with the widest vectors, as loops have them: 128-bit ones reach a
/// sixth less bandwidth, and a ruler that is too short flatters everyone.
fn scaled_sum_widest(a: &mut [f64], b: &[f64], c: &[f64], s: f64) {
    match SimdLevel::detect() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `detect` found the instructions on this processor.
        SimdLevel::Avx512 => unsafe { scaled_sum_avx512(a, b, c, s) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        SimdLevel::Avx2 => unsafe { scaled_sum_avx2(a, b, c, s) },
        _ => scaled_sum(a, b, c, s),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
fn scaled_sum_avx512(a: &mut [f64], b: &[f64], c: &[f64], s: f64) {
    scaled_sum(a, b, c, s);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn scaled_sum_avx2(a: &mut [f64], b: &[f64], c: &[f64], s: f64) {
    scaled_sum(a, b, c, s);
}

/// Four times the last-level cache, so that the arrays do not stay in it, up to a limit.
///
/// Servers report hundreds of megabytes, most of which belong to other cores.
fn default_array_bytes() -> usize {
    let cache = last_level_cache().unwrap_or(USUAL_CACHE_BYTES);
    cache.saturating_mul(4).clamp(USUAL_CACHE_BYTES, MAX_ARRAY_BYTES)
}

/// The largest cache that Linux lists for the first processor.
fn last_level_cache() -> Option<usize> {
    let caches = std::fs::read_dir("/sys/devices/system/cpu/cpu0/cache").ok()?;
    let sizes = caches.flatten().filter_map(|cache| {
        std::fs::read_to_string(cache.path().join("size")).ok().and_then(|text| parse_size(&text))
    });
    sizes.max()
}

/// Reads sizes as Linux writes them: `48K`, `32M`.
fn parse_size(text: &str) -> Option<usize> {
    let text = text.trim();
    let (digits, unit) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 1 << 10),
        b'M' => (&text[..text.len() - 1], 1 << 20),
        b'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_computed_once() {
        for len in [0, 1, 8, 21] {
            let b: Vec<f64> = (0..len).map(f64::from).collect();
            let c: Vec<f64> = b.iter().map(|b| 10.0 * b).collect();
            let mut a = vec![-1.0; b.len()];
            scaled_sum_widest(&mut a, &b, &c, 0.5);
            assert!(a.iter().zip(&b).all(|(a, b)| *a == 6.0 * b), "{a:?}");
        }
    }

    #[test]
    fn a_measurement_says_how_it_was_made() {
        for threads in [0, 1, 2, 3] {
            let triad = triad_of(threads, 1 << 20).unwrap();
            assert_eq!(triad.threads, threads.max(1));
            assert!(triad.repetitions >= MIN_REPETITIONS);
            // No machine moves less than 10 MB/s or more than 100 TB/s.
            assert!(triad.gb_per_s > 0.01 && triad.gb_per_s < 1e5, "{triad:?}");
        }
    }

    #[test]
    fn missing_memory_is_an_error_and_no_thread_waits_forever() {
        assert!(triad_of(2, isize::MAX as usize).is_err());
    }

    #[test]
    fn arrays_are_larger_than_usual_caches_and_no_larger_than_needed() {
        let bytes = default_array_bytes();
        assert!((USUAL_CACHE_BYTES..=MAX_ARRAY_BYTES).contains(&bytes));
    }

    #[test]
    fn cache_sizes_are_read_as_linux_writes_them() {
        assert_eq!(parse_size("48K\n"), Some(48 << 10));
        assert_eq!(parse_size("480M"), Some(480 << 20));
        assert_eq!(parse_size("512"), Some(512));
        assert_eq!(parse_size("K"), None);
        assert_eq!(parse_size(""), None);
    }
}
