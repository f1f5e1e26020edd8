//! The machine room of op2.
