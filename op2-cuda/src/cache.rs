//! PTX on disk, so that each program is compiled once: by one process, for all runs.
//!
//! An entry is a file `NAME-HASH.compute_NN.ptx`: the loop, a hash of its text and the compiler's options, and
//! the compute capability, times ten. Its first line is a comment with a hash of the rest, so that
//! what was cut off or changed is noticed, and compiled again. Entries lie
//! - in the folder that was shipped with a program, whoever compiled them. There, an entry for an
//!   older GPU serves newer ones;
//! - in the user's cache, in one folder for each version of NVRTC (`nvrtc-13.0`).
//!
//! To ship what a run has compiled, copy such a folder.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

use op2_core::device::api::Fault;
use sha2::{Digest, Sha256};

/// PTX for older GPUs is nobody's.
const OLDEST: u32 = 50;

/// Where compiled programs are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    /// Those that came with the program.
    shipped: Option<PathBuf>,
    /// Those of earlier runs.
    cache: Option<PathBuf>,
}

/// What a program is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    pub(crate) fn new(name: &str, text: &str, options: &[String]) -> Self {
        let mut hash = Sha256::new();
        for part in options.iter().map(String::as_str).chain([text]) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let usual = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let name: String = name.chars().take(80).map(usual).collect();
        Self(format!("{name}-{}", &hex(&hash.finalize())[..32]))
    }

    /// The name of the file for a compute capability, times ten.
    pub(crate) fn file(&self, arch: u32) -> String {
        format!("{}.compute_{arch}.ptx", self.0)
    }
}

impl Store {
    /// `cache` is the folder for compiled programs, or else the user's.
    pub(crate) fn new(shipped: Option<PathBuf>, cache: Option<PathBuf>) -> Self {
        Self { shipped, cache: cache.or_else(users_cache) }
    }

    /// PTX that came with the program: for this GPU, or the newest of those for older ones.
    pub(crate) fn shipped(&self, key: &Key, arch: u32) -> Option<String> {
        let folder = self.shipped.as_ref()?;
        (OLDEST..=arch).rev().find_map(|arch| read(&folder.join(key.file(arch))))
    }

    /// PTX of this or an earlier run, else of `compile`. Of processes that ask at the same time one compiles, and the
    /// others wait for it.
    ///
    /// # Errors
    /// Those of `compile`. A folder that cannot be used only costs time.
    pub(crate) fn compiled(
        &self,
        key: &Key,
        arch: u32,
        version: (i32, i32),
        compile: impl FnOnce() -> Result<String, Fault>,
    ) -> Result<String, Fault> {
        let Some(cache) = &self.cache else { return compile() };
        let path = cache.join(folder(version)).join(key.file(arch));
        if let Some(ptx) = read(&path) {
            return Ok(ptx);
        }
        let lock = Lock::take(&path);
        // Whoever had the lock before may have written it.
        if let Some(ptx) = lock.as_ref().and_then(|_| read(&path)) {
            return Ok(ptx);
        }
        let ptx = compile()?;
        write(&path, &ptx).ok();
        Ok(ptx)
    }

    /// PTX of an earlier run by whatever NVRTC, the newest first: where there is none now.
    pub(crate) fn compiled_before(&self, key: &Key, arch: u32) -> Option<String> {
        let folders = fs::read_dir(self.cache.as_ref()?).ok()?;
        let mut folders: Vec<_> = folders.flatten().map(|entry| entry.path()).collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
        folders.iter().find_map(|folder| read(&folder.join(key.file(arch))))
    }
}

/// Writes an entry, whole or not at all.
///
/// # Errors
/// The folder cannot be made or written.
pub(crate) fn write(path: &Path, ptx: &str) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let unfinished = beside(path, &format!(".{}-{count}", process::id()));
    let written = File::create(&unfinished).and_then(|mut file| {
        writeln!(file, "{}", first_line(ptx))?;
        file.write_all(ptx.as_bytes())?;
        // Else a crash of the machine could leave the name without the content.
        file.sync_all()?;
        fs::rename(&unfinished, path)
    });
    if written.is_err() {
        fs::remove_file(&unfinished).ok();
    }
    written
}

/// The PTX of an entry that is there and as it was written.
fn read(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let (first, ptx) = text.split_once('\n')?;
    (first == first_line(ptx)).then(|| ptx.to_owned())
}

/// A comment in PTX.
fn first_line(ptx: &str) -> String {
    format!("// op2 {}", hex(&Sha256::digest(ptx)))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(four.into(), 16).expect("four bits are a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn folder((major, minor): (i32, i32)) -> String {
    format!("nvrtc-{major}.{minor}")
}

/// The version in the name of a folder.
fn version(folder: &Path) -> Option<(i32, i32)> {
    let name = folder.file_name()?.to_str()?;
    let (major, minor) = name.strip_prefix("nvrtc-")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn users_cache() -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(absolute);
    let cache = named.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    cache.filter(absolute).map(|cache| cache.join("op2").join("ptx"))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(end);
    path.with_file_name(name)
}

/// The right to compile an entry, until dropped. It only saves work: entries are whole without it.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Waits for it; `None` where the file system has none.
    fn take(entry: &Path) -> Option<Self> {
        fs::create_dir_all(entry.parent()?).ok()?;
        let path = beside(entry, ".lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).ok()?;
        file.lock().ok()?;
        Some(Self { path, _file: file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Someone may wait for this very file, and another make a new one: then both find the entry.
        fs::remove_file(&self.path).ok();
    }
}

#[cfg(test)]
#[path = "cache/tests.rs"]
mod tests;
