//! Texts as recorded in `snapshots`.

use std::path::Path;
use std::{env, fs};

/// Compares a text with the recorded one of that name; where `BLESS` is set, records it.
///
/// # Panics
/// They differ.
pub(crate) fn compare(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if env::var_os("BLESS").is_some() {
        fs::write(path, found).expect("the snapshot is writable");
        return;
    }
    let recorded = fs::read_to_string(path).unwrap_or_default();
    assert!(recorded == found, "{name} differs; found:\n{found}\nrun with BLESS=1 to record it");
}
