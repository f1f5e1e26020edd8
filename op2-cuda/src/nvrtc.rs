//! NVRTC: CUDA C to PTX, by a library that is loaded when first needed.

use std::ffi::{CString, c_int};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, ptr};

use ::cudarc::nvrtc::sys::{self, nvrtcProgram, nvrtcResult};
use op2_core::device::api::Fault;

/// The library, loaded.
#[derive(Debug)]
pub(crate) struct Nvrtc {
    /// Major and minor.
    pub(crate) version: (i32, i32),
    /// The compute capabilities that it compiles for, times ten, in order.
    archs: Vec<u32>,
}

/// Finds the library; `None` where there is none.
pub(crate) fn nvrtc() -> Option<&'static Nvrtc> {
    static FOUND: OnceLock<Option<Nvrtc>> = OnceLock::new();
    FOUND.get_or_init(load).as_ref()
}

/// What to do where there is none.
pub(crate) fn missing(name: &str) -> Fault {
    let log = format!(
        "{name}: NVRTC, which compiles programs for GPUs, was not found (libnvrtc), and no compiled \
         program was, neither in OP2_PTX_DIR nor in the cache. Install the CUDA toolkit's NVRTC, and put its \
         folder on LD_LIBRARY_PATH or the toolkit's into CUDA_HOME; or bring compiled programs along"
    );
    Fault::NotCompiled { log }
}

impl Nvrtc {
    /// Compiles for a compute capability (times ten), or for the one next below that NVRTC knows.
    ///
    /// # Errors
    /// What the compiler says.
    pub(crate) fn compile(
        &self,
        name: &str,
        text: &str,
        arch: u32,
        options: &[String],
    ) -> Result<String, Fault> {
        let mut all = vec![format!("--gpu-architecture=compute_{}", self.target(arch)?)];
        all.extend_from_slice(options);
        let program = Program::new(name, text).map_err(|reason| refused(name, &reason))?;
        match program.compile(&all) {
            Ok(()) => program.ptx().map_err(|reason| refused(name, &reason)),
            Err(reason) => Err(refused(name, &format!("{reason}\n{}", program.log()))),
        }
    }

    /// PTX runs on what is newer than what it is for.
    fn target(&self, arch: u32) -> Result<u32, Fault> {
        self.archs.iter().copied().rfind(|&known| known <= arch).ok_or_else(|| {
            let ((major, minor), least) = (self.version, self.archs.first().copied().unwrap_or(0));
            let log = format!(
                "the GPU (compute capability {}.{}) is too old for NVRTC {major}.{minor}, which starts at \
                 {}.{}; an older NVRTC compiles for it",
                arch / 10,
                arch % 10,
                least / 10,
                least % 10
            );
            Fault::NotCompiled { log }
        })
    }
}

fn refused(name: &str, reason: &str) -> Fault {
    let hint = if reason.contains("libnvrtc-builtins") {
        "\n(libnvrtc-builtins stands beside libnvrtc; that folder must be on LD_LIBRARY_PATH)"
    } else {
        ""
    };
    Fault::NotCompiled { log: format!("{name}: {}{hint}", reason.trim_end()) }
}

fn load() -> Option<Nvrtc> {
    load_from_toolkits();
    // SAFETY: loads NVIDIA's library, whose initializers are made to run anywhere.
    if !unsafe { sys::is_culib_present() } {
        return None;
    }
    let (mut major, mut minor, mut count) = (0, 0, 0);
    // SAFETY: the library is there; what is written to lives through the calls.
    let codes = unsafe {
        [
            sys::nvrtcVersion(&raw mut major, &raw mut minor),
            sys::nvrtcGetNumSupportedArchs(&raw mut count),
        ]
    };
    codes.into_iter().try_for_each(check).ok()?;
    let mut archs: Vec<c_int> = vec![0; count as usize];
    // SAFETY: there are as many as the library says that it writes.
    check(unsafe { sys::nvrtcGetSupportedArchs(archs.as_mut_ptr()) }).ok()?;
    archs.sort_unstable();
    let archs = archs.into_iter().map(|arch| arch as u32).collect();
    Some(Nvrtc { version: (major, minor), archs })
}

/// Toolkits are seldom where the loader looks. A library that is loaded already is found by its name, so
/// those of a toolkit that is named or in the usual place are loaded here, unless the loader finds one.
fn load_from_toolkits() {
    // SAFETY: as in `load`.
    if cfg!(not(target_os = "linux")) || unsafe { sys::is_culib_present() } {
        return;
    }
    toolkit_folders().find(|folder| {
        let nvrtc = ["libnvrtc.so.13", "libnvrtc.so.12"].map(|name| folder.join(name));
        let loaded = nvrtc.iter().any(|file| keep(file));
        if loaded {
            builtins(folder).iter().for_each(|file| _ = keep(file));
        }
        loaded
    });
}

fn toolkit_folders() -> impl Iterator<Item = PathBuf> {
    let named = ["CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"].into_iter().filter_map(env::var_os);
    let toolkits = named.map(PathBuf::from).chain([PathBuf::from("/usr/local/cuda")]);
    toolkits.flat_map(|toolkit| ["lib64", "lib"].map(|part| toolkit.join(part)))
}

/// What NVRTC loads by itself once it compiles: a file whose name ends in its version.
fn builtins(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let named = |file: &PathBuf| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with("libnvrtc-builtins.so."))
    };
    files.filter(named).collect()
}

/// Loads a library for the rest of the process; false where it is none.
fn keep(file: &Path) -> bool {
    // SAFETY: as in `load`.
    let library = unsafe { libloading::Library::new(file) };
    library.map(std::mem::forget).is_ok()
}

/// A program in NVRTC's hands, which may look at the text as long as it has it.
struct Program {
    handle: nvrtcProgram,
    _text: CString,
    _name: CString,
}

impl Program {
    fn new(name: &str, text: &str) -> Result<Self, String> {
        let text = CString::new(text).map_err(|_| "the text has a null character".to_owned())?;
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let name = CString::new(name + ".cu").expect("nulls are control characters");
        let mut handle = ptr::null_mut();
        // SAFETY: both texts end in a null, and live as long as the program; no headers are given.
        check(unsafe {
            sys::nvrtcCreateProgram(
                &raw mut handle,
                text.as_ptr(),
                name.as_ptr(),
                0,
                ptr::null(),
                ptr::null(),
            )
        })?;
        Ok(Self { handle, _text: text, _name: name })
    }

    fn compile(&self, options: &[String]) -> Result<(), String> {
        let options = options.iter().map(|option| CString::new(option.as_str()));
        let options: Vec<_> =
            options.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let pointers: Vec<_> = options.iter().map(|option| option.as_ptr()).collect();
        let count = pointers.len() as c_int;
        // SAFETY: the program lives; there are as many options as said, and each ends in a null.
        check(unsafe { sys::nvrtcCompileProgram(self.handle, count, pointers.as_ptr()) })
    }

    fn ptx(&self) -> Result<String, String> {
        let mut size = 0;
        // SAFETY: the program lives and was compiled.
        check(unsafe { sys::nvrtcGetPTXSize(self.handle, &raw mut size) })?;
        let mut ptx = vec![0_u8; size];
        // SAFETY: as many bytes are written as was said.
        check(unsafe { sys::nvrtcGetPTX(self.handle, ptx.as_mut_ptr().cast()) })?;
        without_null(ptx)
    }

    /// What the compiler says; nothing if it says nothing.
    fn log(&self) -> String {
        let mut size = 0;
        // SAFETY: the program lives.
        if check(unsafe { sys::nvrtcGetProgramLogSize(self.handle, &raw mut size) }).is_err() {
            return String::new();
        }
        let mut log = vec![0_u8; size];
        // SAFETY: as many bytes are written as was said.
        let got = check(unsafe { sys::nvrtcGetProgramLog(self.handle, log.as_mut_ptr().cast()) });
        got.and_then(|()| without_null(log)).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: made by `new`, used by nothing else.
        unsafe { sys::nvrtcDestroyProgram(&raw mut self.handle) };
    }
}

fn without_null(mut bytes: Vec<u8>) -> Result<String, String> {
    bytes.truncate(bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len()));
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn check(code: nvrtcResult) -> Result<(), String> {
    match code {
        nvrtcResult::NVRTC_SUCCESS => Ok(()),
        code => Err(format!("{code:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [u32; 3] = [75, 80, 90];

    #[test]
    fn a_gpu_gets_the_newest_code_that_it_runs() {
        let nvrtc = Nvrtc { version: (13, 0), archs: KNOWN.to_vec() };
        assert_eq!(nvrtc.target(80), Ok(80));
        assert_eq!(nvrtc.target(89), Ok(80));
        assert_eq!(nvrtc.target(120), Ok(90));
    }

    #[test]
    fn a_gpu_that_is_too_old_for_the_compiler_is_told_so() {
        let nvrtc = Nvrtc { version: (13, 0), archs: KNOWN.to_vec() };
        let Err(Fault::NotCompiled { log }) = nvrtc.target(61) else { panic!() };
        assert!(log.contains("(compute capability 6.1) is too old for NVRTC 13.0"), "{log}");
        assert!(log.contains("starts at 7.5"), "{log}");
    }
}
