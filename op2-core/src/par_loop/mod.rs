//! Floor 4: the loop as plain data, the rules it must keep, and the code of one loop body.

pub mod arg;
pub mod body;
pub mod check;
pub mod descriptor;
pub mod number;
pub mod validate;
pub mod view;
