//! Floor 7: running loops on this process's processors.

mod bind;
mod blocks;
mod bytes;
mod cache;
mod checked;
mod copies;
pub mod engine;
mod partials;
pub mod run;
