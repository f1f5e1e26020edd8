//! Compiles every program under `cases`.
//!
//! Each directory is one family of rules, each file one mistake, with the message beside it in
//! `.stderr`; `cases/pass` holds programs that must compile without a warning and run. After a
//! change of messages, `TRYBUILD=overwrite cargo test -p op2-ui` writes the files anew: read the
//! difference as a user would. The texts are those of Rust 1.95.

#[test]
fn the_compiler_speaks_of_the_mesh() {
    let cases = trybuild::TestCases::new();
    cases.pass("cases/pass/*/*.rs");
    for family in ["par_loop/*", "kernel/*", "declare", "element", "hygiene"] {
        cases.compile_fail(format!("cases/{family}/*.rs"));
    }
}
