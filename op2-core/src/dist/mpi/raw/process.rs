//! This process as a rank: how MPI begins, and what its end means for the others.
//!
//! A program under MPI hangs if one of its ranks ends without a word. Here nothing has to be said:
//! the system tells at the end of the process with which exit status it ends, be it that `main` returned,
//! an error or not, panicked, or that somebody called `exit`. 0 waits until the others end, too, unless one
//! of them waits for this process (`waits::farewell`), and finalizes MPI; anything else ends them. (A process
//! that is killed is noticed by the launcher.)

use std::ffi::c_int;
use std::panic::{set_hook, take_hook};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ::mpi::ffi;

use super::{Ranks, Turn, collective, turn, turn_if_free, waits};
use crate::base::error::{Error, Result, last};

/// All ranks, once MPI is initialized.
static WORLD: OnceLock<Result<Ranks>> = OnceLock::new();

/// Their numbers, for messages.
static RANK: AtomicUsize = AtomicUsize::new(0);
static SIZE: AtomicUsize = AtomicUsize::new(1);

/// Whether something was noted to have gone wrong.
static NOTED: AtomicBool = AtomicBool::new(false);

/// The last panic, which is the cause if the process ends with the status of one.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// What tells all ranks from other communicators.
const WORLD_ID: u64 = 1;

/// The exit status of a program that panicked.
const PANICKED: c_int = 101;

/// How long a process that ends well waits for a thread that is just calling MPI.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much later than others a rank complains that only knows that another has failed.
const HEARSAY: Duration = Duration::from_secs(2);

/// How much later than the one before a rank complains. Where all fail for the same reason, the first
/// has ended them all before the others say it again.
const POLITENESS: Duration = Duration::from_millis(150);

/// All ranks of this program. Initializes MPI when first called. Collective.
pub(in super::super) fn world() -> Result<Ranks> {
    WORLD.get_or_init(|| start(&mut turn()?)).clone()
}

/// The number of this process among all ranks.
pub(super) fn rank() -> usize {
    RANK.load(Ordering::Relaxed)
}

/// Keeps what went wrong for the message at the end.
pub(in super::super) fn note(error: &Error) {
    NOTED.store(true, Ordering::Relaxed);
    last::keep(error);
}

/// Ends all ranks, which wait for each other for ever.
pub(super) fn end(reason: &str) -> ! {
    sleep(politeness());
    say(reason);
    end_all(1)
}

/// Ends all ranks at once, whatever they do.
pub(in super::super) fn abort(reason: &str) -> ! {
    say(&format!(": {reason}"));
    end_all(1)
}

fn start(turn: &mut Turn) -> Result<Ranks> {
    let refused = |reason: &str| Error::Settings(format!("MPI: {reason}"));
    let (mut initialized, mut finalized) = (0, 0);
    // SAFETY: these may be called at any time; the turn is had.
    unsafe {
        turn.check("MPI_Initialized", ffi::MPI_Initialized(&raw mut initialized))?;
        turn.check("MPI_Finalized", ffi::MPI_Finalized(&raw mut finalized))?;
    }
    if finalized != 0 {
        return Err(refused("it is finalized already"));
    }
    let threads = if initialized == 0 { initialize(turn)? } else { threads(turn)? };
    // SAFETY: a constant of the library.
    if threads < unsafe { ffi::RSMPI_THREAD_SERIALIZED } {
        return Err(refused("it must be initialized for calls from several threads in turn"));
    }
    // SAFETY: MPI is initialized now.
    let world = unsafe { Ranks::duplicate_of(ffi::RSMPI_COMM_WORLD, WORLD_ID, turn) }?;
    // Where all ranks wait here for each other's end, they can ask until then.
    let letters = world.duplicate(turn)?;
    let ours = collective::all_gather_words(turn, &world, u64::from(initialized == 0))?;
    if ours.iter().all(|ours| *ours == 1) {
        turn.state().waits.open(letters);
    }
    RANK.store(world.rank(), Ordering::Relaxed);
    SIZE.store(world.size(), Ordering::Relaxed);
    at_exit::register(initialized == 0);
    keep_panics();
    last::want();
    Ok(world)
}

/// Initializes MPI. Gives how threads may call it.
fn initialize(turn: &mut Turn) -> Result<c_int> {
    let mut threads = 0;
    // SAFETY: MPI is not initialized yet, and nobody does it meanwhile, as the turn is had.
    unsafe {
        let wanted = ffi::RSMPI_THREAD_SERIALIZED;
        let code = ffi::MPI_Init_thread(ptr::null_mut(), ptr::null_mut(), wanted, &raw mut threads);
        turn.check("MPI_Init_thread", code)?;
        // What fails without a communicator counts as failing on these.
        for comm in [ffi::RSMPI_COMM_WORLD, ffi::RSMPI_COMM_SELF] {
            let code = ffi::MPI_Comm_set_errhandler(comm, ffi::RSMPI_ERRORS_RETURN);
            turn.check("MPI_Comm_set_errhandler", code)?;
        }
    }
    Ok(threads)
}

/// How threads may call MPI, where the program has initialized it.
fn threads(turn: &mut Turn) -> Result<c_int> {
    let mut threads = 0;
    // SAFETY: MPI is initialized, and the turn is had.
    turn.check("MPI_Query_thread", unsafe { ffi::MPI_Query_thread(&raw mut threads) })?;
    Ok(threads)
}

/// Has panics kept, besides what is done with them anyway.
fn keep_panics() {
    let before = take_hook();
    set_hook(Box::new(move |panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        let text = panic.payload_as_str().unwrap_or("(not a text)");
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(format!("panicked{place}: {text}"));
        before(panic);
    }));
}

/// The process ends, and all its destructors have run.
fn ended(status: c_int, ours: bool) {
    let mut finalized = 0;
    // SAFETY: may be called at any time.
    if unsafe { ffi::MPI_Finalized(&raw mut finalized) } != 0 || finalized != 0 {
        return;
    }
    let failed = match patient_turn() {
        Some(mut turn) if status == 0 && turn.0.failure.is_none() => {
            // Whoever initialized MPI also finalizes it. Other threads of the program find it failed.
            if ours {
                turn.fail("the process has ended".into());
                // What fails here fails when MPI is finalized, too.
                waits::farewell(&mut turn).ok();
                // SAFETY: MPI is initialized and not finalized, and the turn is had.
                unsafe { ffi::MPI_Finalize() };
            }
            return;
        }
        Some(_) => "",
        None => " while one of its threads waits for others",
    };
    sleep(politeness());
    let cause = match status {
        PANICKED => PANIC.try_lock().ok().and_then(|panic| panic.clone()),
        _ => last::get().map(|last| {
            // The other rank can say it better, and is about to.
            if last.of_rank.is_some_and(|other| other != rank()) {
                sleep(HEARSAY);
            }
            last.text
        }),
    };
    let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
    say(&format!(" ended with status {status}{failed}{cause}"));
    end_all(status)
}

/// The turn; nothing if another thread keeps it.
fn patient_turn() -> Option<Turn> {
    let begin = Instant::now();
    loop {
        let turn = turn_if_free();
        if turn.is_some() || begin.elapsed() > PATIENCE {
            return turn;
        }
        sleep(Duration::from_millis(5));
    }
}

/// Says why all ranks end, in one piece, so that lines of several ranks do not mix.
fn say(reason: &str) {
    let (rank, size) = (rank(), SIZE.load(Ordering::Relaxed));
    let line = format!("op2: rank {rank} of {size}{reason}; all ranks end\n");
    // Not by the standard library: its streams may be gone when a process ends.
    // SAFETY: the bytes are there. If nobody can read them, there is nobody to tell.
    unsafe { libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len()) };
}

fn politeness() -> Duration {
    POLITENESS * rank().min(10) as u32
}

fn end_all(status: c_int) -> ! {
    let status = if status == 0 { 1 } else { status };
    // SAFETY: MPI is initialized and not finalized. That another thread may be in a call of MPI
    // must not matter: ending all is what this call is for.
    unsafe { ffi::MPI_Abort(ffi::RSMPI_COMM_WORLD, status) };
    // SAFETY: if the launcher did not end this process, nothing is left to do here.
    unsafe { libc::_exit(status) }
}

/// The end of the process, with its exit status: glibc tells it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod at_exit {
    use std::ffi::{c_int, c_void};
    use std::ptr;

    unsafe extern "C" {
        fn on_exit(
            function: extern "C" fn(status: c_int, argument: *mut c_void),
            argument: *mut c_void,
        ) -> c_int;
    }

    pub(super) fn register(ours: bool) {
        let argument = if ours { ptr::dangling_mut() } else { ptr::null_mut() };
        // SAFETY: the function lasts as long as the process, and takes the argument for a flag.
        unsafe { on_exit(ended, argument) };
    }

    extern "C" fn ended(status: c_int, argument: *mut c_void) {
        super::ended(status, !argument.is_null());
    }
}

/// The end of the process. Nobody tells the exit status here, so it counts as failed if something was noted to
/// have gone wrong, even if it was dealt with.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod at_exit {
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Whether MPI was initialized here.
    static OURS: AtomicBool = AtomicBool::new(false);

    pub(super) fn register(ours: bool) {
        OURS.store(ours, Ordering::Relaxed);
        // SAFETY: the function lasts as long as the process.
        unsafe { libc::atexit(ended) };
    }

    extern "C" fn ended() {
        let noted = super::NOTED.load(Ordering::Relaxed);
        super::ended(i32::from(noted), OURS.load(Ordering::Relaxed));
    }
}
