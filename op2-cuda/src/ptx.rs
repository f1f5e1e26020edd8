//! CUDA C to PTX without a GPU, and what PTX becomes.
//!
//! [`compile`] and [`assemble`] need NVRTC and `ptxas`, but no driver: so every loop of a program
//! can be compiled where no GPU is, and judged by its registers. [`ship`] writes what production loads.

mod assembled;

use std::path::{Path, PathBuf};

use op2_core::device::api::Fault;
use op2_core::kernel::source::Dialect;

use crate::cache::{self, Key};
use crate::nvrtc::{missing, nvrtc};

pub use assembled::{Assembled, assemble};

/// Compiles CUDA C for a compute capability, times ten (`90` for 9.0). With `contract`, a multiplication
/// and an addition may become one operation that rounds once; without, all is rounded as in Rust.
///
/// # Errors
/// [`Fault::NotCompiled`]: with what the compiler says, or that there is no NVRTC.
pub fn compile(text: &str, arch: u32, contract: bool) -> Result<String, Fault> {
    let nvrtc = nvrtc().ok_or_else(|| missing("op2"))?;
    nvrtc.compile("op2", text, arch, &options(contract))
}

/// Whether there is an NVRTC to compile with.
pub fn can_compile() -> bool {
    nvrtc().is_some()
}

/// Compiles a program into a folder to be shipped (`OP2_PTX_DIR`), under the name by which it will be looked
/// for. `name` is that of the loop, `arch` the least compute capability, times ten, that it shall run on.
///
/// # Errors
/// As [`compile`]; and a folder that cannot be written.
pub fn ship(
    folder: &Path,
    name: &str,
    text: &str,
    arch: u32,
    contract: bool,
) -> Result<PathBuf, Fault> {
    let nvrtc = nvrtc().ok_or_else(|| missing(name))?;
    let options = options(contract);
    let ptx = nvrtc.compile(name, text, arch, &options)?;
    let path = folder.join(Key::new(name, text, &options).file(arch));
    let written = cache::write(&path, &ptx);
    written.map_err(|error| Fault::Driver(format!("{}: {error}", path.display())))?;
    Ok(path)
}

/// The options of the compiler that decide what is computed.
pub(crate) fn options(contract: bool) -> Vec<String> {
    let exact = Dialect::CudaC.exact_options().iter();
    let chosen = |&option: &&str| match option {
        "--fmad=false" if contract => "--fmad=true".to_owned(),
        option => option.to_owned(),
    };
    exact.map(chosen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contraction_is_the_only_difference() {
        let (exact, contracted) = (options(false), options(true));
        let differ: Vec<_> = exact.iter().zip(&contracted).filter(|(a, b)| a != b).collect();
        assert_eq!(differ, [(&"--fmad=false".to_owned(), &"--fmad=true".to_owned())]);
        assert!(exact.contains(&"--prec-sqrt=true".to_owned()), "{exact:?}");
    }
}
