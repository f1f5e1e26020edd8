//! Writes random kernels, and collects those of the suite and of the examples.

use std::path::PathBuf;
use std::{env, fs};

#[path = "generate/collect.rs"]
mod collect;
#[path = "generate/random.rs"]
mod random;

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("random.rs"), random::kernels(200)).expect("the folder is writable");
    let collected = collect::kernels(&here);
    fs::write(out.join("collected.rs"), collected).expect("the folder is writable");
    println!("cargo::rerun-if-changed=generate");
}
