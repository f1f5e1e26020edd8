//! Where the mesh files of the tests are.

use std::path::{Path, PathBuf};

/// The path of a file in `tests/data` or in the folder that `SHARED_MESHES` names.
///
/// `None`, said aloud, when it is not in the first and there is no second.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    if own.exists() {
        return Some(own);
    }
    let Some(folder) = std::env::var_os("SHARED_MESHES") else {
        println!("skipped: {name} (the variable SHARED_MESHES is not set)");
        return None;
    };
    let path = Path::new(&folder).join(name);
    assert!(path.exists(), "{name} is not in {}", path.display());
    Some(path)
}
