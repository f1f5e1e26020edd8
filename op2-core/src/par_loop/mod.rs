//! Floor 4: the loop as plain data, the rules it must keep, and the code of one loop body.

#[forbid(unsafe_code)]
pub mod arg;
pub mod body;
#[forbid(unsafe_code)]
pub mod check;
#[forbid(unsafe_code)]
pub mod descriptor;
#[forbid(unsafe_code)]
pub mod number;
#[forbid(unsafe_code)]
pub mod piece;
#[forbid(unsafe_code)]
pub mod validate;
pub mod view;
