use std::cell::Cell;
use std::sync::Barrier;
use std::thread;

use super::*;

const VERSION: (i32, i32) = (13, 0);

/// A folder of its own, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("op2-ptx-{name}-{}", process::id()));
        fs::create_dir_all(&folder).expect("temporary files can be made");
        Self(folder)
    }

    fn store(&self) -> Store {
        Store::new(Some(self.0.join("shipped")), Some(self.0.clone()))
    }

    fn files(&self, part: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(part)).expect("the folder was made");
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn key() -> Key {
    Key::new("res_calc", "text", &["--fmad=false".to_owned()])
}

fn never() -> Result<String, Fault> {
    panic!("compiled again")
}

fn entry(folder: &Folder) -> PathBuf {
    folder.0.join("nvrtc-13.0").join(key().file(90))
}

#[test]
fn keys_differ_by_text_and_options() {
    let options = ["--fmad=true".to_owned()];
    assert_ne!(key(), Key::new("res_calc", "text", &options));
    assert_ne!(key(), Key::new("res_calc", "Text", &["--fmad=false".to_owned()]));
    assert_ne!(Key::new("k", "bc", &["a".into()]), Key::new("k", "c", &["ab".into()]));
    assert_eq!(key(), key());
}

#[test]
fn files_tell_the_loop_and_the_gpu() {
    let file = Key::new("../a b<f64>", "text", &[]).file(90);
    assert!(file.starts_with("---a-b-f64--"), "{file}");
    assert!(file.ends_with(".compute_90.ptx"), "{file}");
}

#[test]
fn a_program_is_compiled_once() {
    let folder = Folder::new("once");
    let first = folder.store().compiled(&key(), 90, VERSION, || Ok(".version 9.0\n".to_owned()));
    assert_eq!(first, folder.store().compiled(&key(), 90, VERSION, never));
    assert_eq!(folder.files("nvrtc-13.0"), [key().file(90)], "nothing else is left behind");
}

#[test]
fn threads_that_ask_together_compile_once() {
    let folder = Folder::new("together");
    let (store, start, count) = (folder.store(), Barrier::new(4), AtomicU32::new(0));
    let compile = || {
        count.fetch_add(1, Ordering::Relaxed);
        thread::sleep(std::time::Duration::from_millis(50));
        Ok("ptx".to_owned())
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                assert_eq!(store.compiled(&key(), 90, VERSION, compile), Ok("ptx".to_owned()));
            });
        }
    });
    assert_eq!(count.into_inner(), 1);
}

#[test]
fn another_compiler_compiles_anew() {
    let folder = Folder::new("version");
    let store = folder.store();
    store.compiled(&key(), 90, (12, 9), || Ok("old".to_owned())).unwrap();
    let new = store.compiled(&key(), 90, VERSION, || Ok("new".to_owned()));
    assert_eq!(new, Ok("new".to_owned()));
}

#[test]
fn damaged_entries_are_compiled_again() {
    let folder = Folder::new("damaged");
    let store = folder.store();
    for damage in ["", "// op2", "garbage\nptx", "// op2 0000\nptx"] {
        let compiled = Cell::new(false);
        fs::create_dir_all(entry(&folder).parent().unwrap()).unwrap();
        fs::write(entry(&folder), damage).unwrap();
        let ptx = store.compiled(&key(), 90, VERSION, || {
            compiled.set(true);
            Ok("ptx".to_owned())
        });
        assert_eq!(ptx, Ok("ptx".to_owned()));
        assert!(compiled.get(), "{damage:?}");
        assert_eq!(store.compiled(&key(), 90, VERSION, never), Ok("ptx".to_owned()));
    }
}

#[test]
fn an_entry_that_was_cut_off_is_damaged() {
    let folder = Folder::new("cut");
    let store = folder.store();
    store.compiled(&key(), 90, VERSION, || Ok("a long program".to_owned())).unwrap();
    let whole = fs::read(entry(&folder)).unwrap();
    fs::write(entry(&folder), &whole[..whole.len() - 3]).unwrap();
    let again = store.compiled(&key(), 90, VERSION, || Ok("again".to_owned()));
    assert_eq!(again, Ok("again".to_owned()));
}

#[test]
fn what_is_not_compiled_is_not_kept() {
    let folder = Folder::new("refused");
    let refused = Fault::NotCompiled { log: "no".to_owned() };
    let asked = folder.store().compiled(&key(), 90, VERSION, || Err(refused.clone()));
    assert_eq!(asked, Err(refused));
    assert!(folder.files("nvrtc-13.0").is_empty());
}

#[test]
fn a_folder_that_cannot_be_used_only_costs_time() {
    let folder = Folder::new("unusable");
    let file = folder.0.join("file");
    fs::write(&file, "").unwrap();
    let store = Store::new(None, Some(file));
    assert_eq!(store.compiled(&key(), 90, VERSION, || Ok("ptx".to_owned())), Ok("ptx".to_owned()));
}

#[test]
fn shipped_programs_serve_newer_gpus() {
    let folder = Folder::new("shipped");
    let (store, shipped) = (folder.store(), folder.0.join("shipped"));
    assert_eq!(store.shipped(&key(), 90), None);
    write(&shipped.join(key().file(70)), "for 7.0").unwrap();
    write(&shipped.join(key().file(80)), "for 8.0").unwrap();
    assert_eq!(store.shipped(&key(), 90).as_deref(), Some("for 8.0"));
    assert_eq!(store.shipped(&key(), 75).as_deref(), Some("for 7.0"));
    assert_eq!(store.shipped(&key(), 61), None);
}

#[test]
fn the_cache_may_be_shipped() {
    let folder = Folder::new("copied");
    folder.store().compiled(&key(), 90, VERSION, || Ok("ptx".to_owned())).unwrap();
    let store = Store::new(Some(folder.0.join("nvrtc-13.0")), None);
    assert_eq!(store.shipped(&key(), 90).as_deref(), Some("ptx"));
}

#[test]
fn without_a_compiler_the_newest_of_earlier_runs_is_taken() {
    let folder = Folder::new("before");
    let store = folder.store();
    for version in [(12, 9), (13, 0), (12, 10)] {
        let text = format!("{version:?}");
        store.compiled(&key(), 90, version, || Ok(text)).unwrap();
    }
    assert_eq!(store.compiled_before(&key(), 90).as_deref(), Some("(13, 0)"));
    assert_eq!(store.compiled_before(&key(), 80), None);
}
