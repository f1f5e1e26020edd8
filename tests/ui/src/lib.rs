//! Nothing: the programs are under `cases`, the test that compiles them is `tests/ui.rs`.
