//! No test of the suite is forgotten in its list.

use std::path::Path;
use std::{fs, io};

/// `theme::test` of every function that takes a target, as written in the sources.
fn written(folder: &Path) -> io::Result<Vec<String>> {
    let mut tests = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let theme = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for line in fs::read_to_string(&path)?.lines() {
            let name = line.strip_prefix("pub fn ").and_then(|rest| rest.split_once('('));
            if let Some((name, rest)) = name
                && rest.ends_with("target: &Target) {")
            {
                tests.push(format!("{theme}::{name}"));
            }
        }
    }
    Ok(tests)
}

/// `theme::test` of every name in the list.
fn listed(list: &str) -> Vec<String> {
    let mut theme = "";
    let mut tests = Vec::new();
    let list = list.split("tests_of! { $target;").nth(1).unwrap_or_default();
    for line in list.lines().map(str::trim).take_while(|line| *line != "};") {
        match line.strip_suffix(" {") {
            Some(name) => theme = name,
            None if line.is_empty() || line == "}" => {}
            None => tests.push(format!("{theme}::{line}")),
        }
    }
    tests
}

#[test]
fn every_test_is_listed_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut written = written(&folder).unwrap();
    let mut listed = listed(&fs::read_to_string(folder.join("instantiate.rs")).unwrap());
    written.sort();
    listed.sort();
    assert!(written.len() > 100, "tests are found: {}", written.len());
    assert_eq!(listed, written);
}
