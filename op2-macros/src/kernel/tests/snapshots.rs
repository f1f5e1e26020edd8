//! Compares what the front end makes of each input file with the file beside it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use quote::ToTokens;
use syn::ItemFn;

use super::{compile_fn, describe, fns};
use crate::kernel::ir::Kernel;
use crate::kernel::lower::{Lower, Rust, Text};

#[test]
fn accepted_kernels_have_the_recorded_ir() {
    for_each_file("accepted", "ir", |item| {
        let (kernel, errors) = compile_fn(item);
        assert!(errors.is_empty(), "{}: {}", kernel.name, describe(&errors));
        format!("{}--- the user's tokens\n{}", Text.lower(&kernel), body(&kernel))
    });
}

#[test]
fn refused_kernels_have_the_recorded_messages() {
    for_each_file("refused", "err", |item| {
        let name = item.sig.ident.clone();
        let (_, errors) = compile_fn(item);
        assert!(!errors.is_empty(), "{name} is accepted");
        format!("{name}\n{}", describe(&errors))
    });
}

#[test]
fn rust_made_of_the_ir_alone_means_the_same() {
    for source in inputs("accepted") {
        for item in fns(&fs::read_to_string(source).expect("the input is readable")) {
            let attr = item.attrs.iter().find(|attr| !attr.path().is_ident("doc")).cloned();
            let (kernel, _) = compile_fn(item);
            let text = Text.lower(&kernel);
            let rust = Rust.lower(&kernel).to_string().replace("__const_", "");
            let rust = format!("{}{rust}", attr.to_token_stream());
            let again = syn::parse_str::<ItemFn>(&rust).unwrap_or_else(|e| panic!("{e}: {rust}"));
            let (kernel, errors) = compile_fn(again);
            assert!(errors.is_empty(), "{}{rust}", describe(&errors));
            assert_eq!(without_unknown(&Text.lower(&kernel)), without_unknown(&text));
        }
    }
}

/// Numbers of unknown types are given in the order of their use, which annotations change.
fn without_unknown(text: &str) -> String {
    let mut parts = text.split('?');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('?');
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

/// The user's tokens after renaming and annotation.
fn body(kernel: &Kernel) -> String {
    let (name, body) = (&kernel.name, &kernel.rust_body);
    let file = syn::parse2(quote::quote!(fn #name() #body)).expect("the body stays Rust");
    prettyplease::unparse(&file)
}

fn for_each_file(folder: &str, extension: &str, result: impl Fn(ItemFn) -> String) {
    for source in inputs(folder) {
        let input = fs::read_to_string(&source).expect("the input is readable");
        let found: Vec<String> = fns(&input).into_iter().map(&result).collect();
        compare(&source.with_extension(extension), &found.join("\n"));
    }
}

fn inputs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kernel/tests").join(folder);
    let entries = fs::read_dir(folder).expect("the folder of inputs exists");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut inputs: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|found| found == "rs")).collect();
    inputs.sort();
    assert!(!inputs.is_empty());
    inputs
}

fn compare(recorded: &Path, found: &str) {
    if env::var_os("BLESS").is_some() {
        fs::write(recorded, found).expect("the snapshot is writable");
        return;
    }
    let expected = fs::read_to_string(recorded).unwrap_or_default();
    assert!(
        expected == found,
        "{} differs; found:\n{found}\nrun with BLESS=1 to record it",
        recorded.display()
    );
}
