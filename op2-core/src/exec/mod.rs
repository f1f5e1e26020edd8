//! Floor 7: running loops: on this process's processors, or on a device.

mod bind;
mod blocks;
#[forbid(unsafe_code)]
mod bytes;
mod cache;
mod checked;
mod copies;
mod device;
#[forbid(unsafe_code)]
pub mod engine;
mod non_finite;
mod partials;
pub mod ranks;
mod reproducible;
pub mod run;
