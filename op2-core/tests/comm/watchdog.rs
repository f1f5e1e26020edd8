//! A time limit: what hangs fails.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::spawn;
use std::time::Duration;

/// What `work` gives; panics if that takes more than a minute, which is much longer than it should.
pub(crate) fn in_time<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, receiver) = channel();
    let thread = spawn(move || drop(sender.send(work())));
    match receiver.recv_timeout(Duration::from_mins(1)) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("this hangs"),
        Err(RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(thread.join().expect_err("it panicked"))
        }
    }
}
