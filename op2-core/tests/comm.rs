//! Communicators: what every one must do, by whatever means its ranks talk, and what happens when a
//! rank fails, ends early or does something else than the others.

#[path = "comm/conformance.rs"]
mod conformance;
#[path = "comm/failures.rs"]
mod failures;
#[path = "comm/random.rs"]
mod random;
#[path = "comm/rooms.rs"]
mod rooms;
#[path = "comm/threads.rs"]
mod threads;
#[path = "comm/watchdog.rs"]
mod watchdog;
