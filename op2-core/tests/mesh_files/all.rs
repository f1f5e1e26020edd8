//! The mesh files of all tests at once.

use std::path::PathBuf;

/// All files of `tests/data` and of the shared folder.
pub(crate) fn files() -> Vec<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let shared = std::env::var_os("SHARED_MESHES").map(PathBuf::from);
    if shared.is_none() {
        println!("skipped: shared meshes (the variable SHARED_MESHES is not set)");
    }
    let folders = [Some(own), shared].into_iter().flatten();
    let entries = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file() && path.extension().is_none_or(|ending| ending != "md"));
    files.sort();
    files
}
