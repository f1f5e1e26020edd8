//! Imports go down only.
//!
//! Reads the list of modules in `src/lib.rs`, where each line ends in its floor
//! (`pub mod base; // floor 0`), and every path in `src` that starts at the root of the
//! crate. A module may name modules of lower floors and itself, nothing else:
//! modules of one floor are strangers. Unit tests are held to it like the code
//! beside them; comments may name any floor.
//!
//! The check works on tokens, so a path may run over lines, hide in a group
//! (`use crate::{base::x, mesh::y}`) or climb (`super::super::mesh`).

use std::fmt;
use std::path::{Path, PathBuf};

use tokens::{Token, tokens};

#[path = "floors/tokens.rs"]
mod tokens;

/// The floors as docs/architecture.md has them; `lib.rs` must agree.
const HOUSE: [(&str, u32); 14] = [
    ("base", 0),
    ("mesh", 1),
    ("matrix", 2),
    ("block", 2),
    ("kernel", 3),
    ("par_loop", 4),
    ("plan", 5),
    ("dist", 5),
    ("device", 6),
    ("exec", 7),
    ("schedule", 8),
    ("context", 9),
    ("io", 10),
    ("report", 10),
];

#[test]
fn imports_go_down_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&source, &source, &mut files);
    assert!(files.len() > 2, "no sources were found in {}", source.display());
    let violations = check(&files);
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "the floors are broken:\n{}", lines.join("\n"));
}

/// A source file: its path below `src`, parts joined by `/`, and its text.
struct File {
    path: String,
    text: String,
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the sources can be listed")
        .map(|entry| entry.expect("the sources can be listed").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).expect("files lie below the root");
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            let text = std::fs::read_to_string(&path).expect("sources are text");
            files.push(File { path: parts.join("/"), text });
        }
    }
}

/// A broken rule, where it is broken.
#[derive(Debug, PartialEq)]
struct Violation {
    path: String,
    line: usize,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}:{}: {}", self.path, self.line, self.what)
    }
}

/// The whole check: the contents page first, then every other file against it. The
/// page itself stands above all floors and may name any.
fn check(files: &[File]) -> Vec<Violation> {
    let lib = files.iter().find(|file| file.path == "lib.rs").expect("a crate has a lib.rs");
    let (rooms, mut violations) = read_rooms(&lib.text);
    for file in files.iter().filter(|file| file.path != "lib.rs") {
        let report = |(line, what)| Violation { path: file.path.clone(), line, what };
        violations.extend(check_file(file, &rooms).into_iter().map(report));
    }
    violations
}

/// A module of the root and its floor.
struct Room {
    name: String,
    floor: u32,
}

/// Reads `pub mod base; // floor 0`, in this order and with these numbers.
fn read_rooms(lib: &str) -> (Vec<Room>, Vec<Violation>) {
    let mut rooms: Vec<Room> = Vec::new();
    let mut violations = Vec::new();
    for (line, text) in (1..).zip(lib.lines()) {
        let Some((name, comment)) = module_line(text) else { continue };
        let mut refuse =
            |what| violations.push(Violation { path: "lib.rs".to_owned(), line, what });
        let Some(floor) = floor_of(comment) else {
            refuse(format!("module `{name}` needs its floor, as in `mod {name}; // floor 3`"));
            continue;
        };
        if let Some(house) = house_floor(name).filter(|house| *house != floor) {
            refuse(format!("module `{name}` lives on floor {house}, not {floor}"));
        }
        if let Some(above) = rooms.last().filter(|above| above.floor > floor) {
            let Room { name: upper, floor: upper_floor } = above;
            refuse(format!(
                "`{name}` (floor {floor}) stands after `{upper}` (floor {upper_floor})"
            ));
        }
        rooms.push(Room { name: name.to_owned(), floor });
    }
    (rooms, violations)
}

/// Splits `pub mod name; comment`.
fn module_line(line: &str) -> Option<(&str, &str)> {
    let (code, comment) = line.split_once(';')?;
    let mut words = code.split_whitespace().rev();
    let (name, keyword) = (words.next()?, words.next()?);
    let is_public = words.all(|word| word.starts_with("pub"));
    (keyword == "mod" && is_public).then_some((name, comment))
}

fn floor_of(comment: &str) -> Option<u32> {
    let (_, number) = comment.split_once("// floor ")?;
    let digits = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

fn house_floor(name: &str) -> Option<u32> {
    HOUSE.iter().find(|(room, _)| *room == name).map(|(_, floor)| *floor)
}

/// What is wrong in one file, with its lines.
fn check_file(file: &File, rooms: &[Room]) -> Vec<(usize, String)> {
    let modules = modules_of(&file.path);
    let Some(here) = rooms.iter().find(|room| room.name == modules[0]) else {
        return vec![(1, format!("module `{}` is not listed in lib.rs", modules[0]))];
    };
    let mut found = Vec::new();
    for (line, name) in root_names(&tokens(&file.text), modules.len()) {
        let what = match rooms.iter().find(|room| room.name == name) {
            _ if name == here.name => continue,
            Some(room) if room.floor < here.floor => continue,
            Some(room) => refuse_import(here, room),
            None => format!("`crate::{name}` hides its floor: name the module it lives in"),
        };
        found.push((line, what));
    }
    found
}

fn refuse_import(here: &Room, there: &Room) -> String {
    let (from, to) = (&here.name, &there.name);
    let why = if here.floor == there.floor {
        "modules of one floor are strangers"
    } else {
        "imports go down only"
    };
    let floors = (here.floor, there.floor);
    format!("`{from}` (floor {}) names `{to}` (floor {}): {why}", floors.0, floors.1)
}

/// `plan/color.rs` is `plan::color`; `plan/mod.rs` and `plan.rs` are `plan`.
fn modules_of(path: &str) -> Vec<&str> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    stem.strip_suffix("/mod").unwrap_or(stem).split('/').collect()
}

/// The names that follow the root of the crate in any path, with their lines.
///
/// `depth` is how many modules deep the file is, to know which `super` is the root.
fn root_names<'t>(tokens: &[Token<'t>], depth: usize) -> Vec<(usize, &'t str)> {
    let mut names = Vec::new();
    let mut open = Vec::new(); // For each open brace, whether it is that of a module.
    let mut at = 0;
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    while at < tokens.len() {
        match text(at) {
            "{" => open.push(at >= 2 && text(at - 2) == "mod"),
            "}" => drop(open.pop()),
            "crate" if text(at + 1) == "::" => heads(tokens, at + 2, &mut names),
            "super" if at == 0 || text(at - 1) != "::" => {
                let ahead = tokens[at..].iter().step_by(2);
                let climbed = ahead.take_while(|token| token.text == "super").count();
                at += 2 * climbed - 1; // Now at the `::` behind the last `super`.
                let inline = open.iter().filter(|is_module| **is_module).count();
                if climbed == depth + inline {
                    heads(tokens, at + 1, &mut names);
                }
            }
            _ => {}
        }
        at += 1;
    }
    names
}

/// The first names of a path's rest: one, or those of each member of a group.
fn heads<'t>(tokens: &[Token<'t>], start: usize, names: &mut Vec<(usize, &'t str)>) {
    let Some(first) = tokens.get(start) else { return };
    if first.text != "{" {
        // A macro lives at the root wherever it is written, and belongs to no floor.
        if tokens.get(start + 1).is_none_or(|next| next.text != "!") {
            names.push((first.line, first.text));
        }
        return;
    }
    let (mut level, mut begins) = (0, true);
    for token in &tokens[start..] {
        match token.text {
            "{" => level += 1,
            "}" => level -= 1,
            "," => begins |= level == 1,
            name if begins && level == 1 => {
                names.push((token.line, name));
                begins = false;
            }
            _ => {}
        }
        if level == 0 {
            return;
        }
    }
}

mod the_check_can_fail {
    use super::{File, check};

    const LIB: &str = "\
//! Contents.
#[forbid(unsafe_code)]
pub mod base; // floor 0
pub mod mesh; // floor 1: what a user declares
pub(crate) mod plan; // floor 5
pub mod dist; // floor 5
mod exec; // floor 7
";

    /// The messages for a made-up tree of `LIB` and one more file.
    fn messages(path: &str, text: &str) -> Vec<String> {
        messages_of(&[("lib.rs", LIB), (path, text)])
    }

    fn messages_of(files: &[(&str, &str)]) -> Vec<String> {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        let files: Vec<File> = files.iter().map(file).collect();
        check(&files).iter().map(ToString::to_string).collect()
    }

    const UPWARD: &str = "`plan` (floor 5) names `exec` (floor 7): imports go down only";

    #[test]
    fn downward_and_own_imports_are_accepted() {
        let text = "use crate::base::{csr, index};\nuse crate::{mesh::Map, plan::color};\n\
                    pub(crate) fn f() { crate::mesh::set::g(); crate::plan::cut(); }";
        assert_eq!(messages("plan/blocks.rs", text), [""; 0]);
        assert_eq!(messages("plan.rs", text), [""; 0]);
    }

    #[test]
    fn an_upward_import_is_named_with_file_and_line() {
        let expected = format!("src/plan/color.rs:2: {UPWARD}");
        assert_eq!(messages("plan/color.rs", "use std::fmt;\nuse crate::exec::run;\n"), [expected]);
    }

    #[test]
    fn neighbors_on_one_floor_are_strangers() {
        let expected = "src/plan/mod.rs:1: `plan` (floor 5) names `dist` (floor 5): \
             modules of one floor are strangers";
        assert_eq!(messages("plan/mod.rs", "use crate::dist::comm::Comm;"), [expected]);
    }

    #[test]
    fn groups_paths_in_code_and_macros_are_seen() {
        let sources = [
            "use crate::{\n    base::csr::Csr,\n    mesh::{set, map::{self, exec}},\n    exec::run,\n};",
            "fn f() {\n\n\n    let x = crate::exec::run();\n}",
            "macro_rules! m {\n\n () => {\n $crate::exec::run() } }",
            "use\n\n  crate\n  ::exec;",
            "const Q: char = '\"';\nconst E: char = '\\'';\nfn f<'a>(x: &'a str) {}\nuse crate::exec;",
        ];
        for source in sources {
            let expected = format!("src/plan/color.rs:4: {UPWARD}");
            assert_eq!(messages("plan/color.rs", source), [expected], "{source}");
        }
    }

    #[test]
    fn climbing_to_the_root_is_seen() {
        let expected = [format!("src/plan/color.rs:1: {UPWARD}")];
        assert_eq!(messages("plan/color.rs", "use super::super::exec::run;"), expected);
        let inline = "mod tests { use super::super::super::exec; use super::*; }";
        assert_eq!(messages("plan/color.rs", inline), expected);
        let shallow = "mod tests { use super::super::exec; }"; // This is `plan::exec`.
        assert_eq!(messages("plan/color.rs", shallow), [""; 0]);
    }

    #[test]
    fn comments_and_texts_may_name_any_floor() {
        let text = "//! See [`crate::exec`].\n/* crate::exec /* nested */ crate::exec */\n\
                    const A: &str = \"crate::exec \\\" crate::exec\";\n\
                    const B: &str = r#\"crate::exec \" crate::exec\"#;\nlet r = b\"crate::exec\";";
        assert_eq!(messages("plan/color.rs", text), [""; 0]);
    }

    #[test]
    fn a_name_at_the_root_hides_its_floor() {
        for (source, name) in [("use crate::Map;", "Map"), ("use crate::*;", "*")] {
            let [message] = &messages("plan/color.rs", source)[..] else { panic!("{source}") };
            assert!(message.contains(&format!("`crate::{name}` hides its floor")), "{message}");
        }
        assert_eq!(messages("plan/color.rs", "crate::mesh_error!(x);"), [""; 0]);
    }

    #[test]
    fn the_contents_page_is_checked_too() {
        let cases = [
            ("pub mod base;", "src/lib.rs:1: module `base` needs its floor"),
            ("pub mod base; // floor 1", "src/lib.rs:1: module `base` lives on floor 0, not 1"),
            (
                "mod mesh; // floor 1\nmod base; // floor 0",
                "src/lib.rs:2: `base` (floor 0) stands after `mesh` (floor 1)",
            ),
        ];
        for (lib, expected) in cases {
            let found = messages_of(&[("lib.rs", lib)]);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
        }
        let expected = ["src/attic/box.rs:1: module `attic` is not listed in lib.rs"];
        assert_eq!(messages("attic/box.rs", ""), expected);
    }
}
