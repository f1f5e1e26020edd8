//! The kernels of other packages, copied out of the programs around them.
//!
//! Of each file stays what kernels need: kernels, functions, constants, element structs, aliases and imports from
//! `op2` and `std`. A generic kernel is taken for several types and lengths.

use std::fs;
use std::path::{Path, PathBuf};

use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, Item, ItemFn};

/// The files of each example that hold its kernels, the functions that these call, and their constants.
const EXAMPLES: [&[&str]; 6] = [
    &["jac.rs"],
    &["airfoil/kernels.rs"],
    &["aero/kernels.rs"],
    &["poisson/kernels.rs", "poisson/problem.rs"],
    &["elasticity/kernels.rs", "elasticity/problem.rs", QUADRATURE],
    &["stokes/kernels.rs", "stokes/flow.rs", QUADRATURE],
];
/// Constants that are made by plain Rust: all of the file stays.
const QUADRATURE: &str = "common/quadrature.rs";

/// Source text: a module per file of the suite and per example, and `all()` with every kernel.
pub(crate) fn kernels(here: &Path) -> String {
    let root = here.join("../..");
    let mut programs: Vec<Vec<PathBuf>> =
        rust_files(&root.join("tests/suite/src")).into_iter().map(|path| vec![path]).collect();
    for example in EXAMPLES {
        programs.push(example.iter().map(|path| root.join("examples").join(path)).collect());
    }
    let mut text = String::new();
    let mut modules = Vec::new();
    for (k, files) in programs.iter().enumerate() {
        if let Some(module) = module(k, files.iter().flat_map(|path| items(path)).collect()) {
            text.push_str(&module);
            modules.push(k);
        }
    }
    let calls: Vec<String> =
        modules.iter().map(|k| format!("all.extend(file_{k}::all());")).collect();
    text + &format!(
        "/// The kernels of the suite and of the examples.\n\
         pub fn all() -> Vec<&'static op2_core::kernel::KernelInfo> {{\n\
         let mut all = Vec::new();\n{}\nall\n}}\n",
        calls.join("\n")
    )
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the suite exists");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    files.sort();
    files
}

/// What stands in a file, and whether all of it stays.
fn items(path: &Path) -> Vec<(bool, Item)> {
    println!("cargo::rerun-if-changed={}", path.display());
    let source = fs::read_to_string(path).expect("sources are readable");
    let items = syn::parse_file(&source).expect("sources are Rust").items;
    items.into_iter().map(|item| (path.ends_with(QUADRATURE), item)).collect()
}

fn module(k: usize, items: Vec<(bool, Item)>) -> Option<String> {
    let mut kept = Vec::new();
    let mut names = Vec::new();
    for (whole, item) in items {
        let keep = match &item {
            Item::Mod(_) => false,
            _ if whole => true,
            Item::Fn(function) => {
                if has(&function.attrs, "kernel") {
                    names.extend(instances(function));
                }
                has(&function.attrs, "kernel") || has(&function.attrs, "function")
            }
            Item::Use(import) => {
                let text = import.to_token_stream().to_string();
                text.contains("use op2 ::") || text.contains("use std ::")
            }
            Item::Macro(inner) => {
                let name = inner.mac.path.to_token_stream().to_string();
                name.ends_with("constants") || name.ends_with("sets")
            }
            Item::Struct(inner) => inner
                .attrs
                .iter()
                .any(|attr| attr.to_token_stream().to_string().contains("Element")),
            Item::Const(_) | Item::Type(_) => true,
            _ => false,
        };
        if keep {
            kept.push(item.to_token_stream().to_string());
        }
    }
    let infos: Vec<String> =
        names.iter().map(|name| format!("<{name} as op2::__private::Kernel>::INFO")).collect();
    (!names.is_empty()).then(|| {
        format!(
            "mod file_{k} {{\n#![allow(unused, clippy::all, clippy::pedantic)]\n\
             use op2::prelude::*;\n{}\n\
             pub(super) fn all() -> Vec<&'static op2_core::kernel::KernelInfo> {{\n\
             vec![{}]\n}}\n}}\n",
            kept.join("\n"),
            infos.join(", ")
        )
    })
}

fn has(attrs: &[Attribute], word: &str) -> bool {
    attrs.iter().any(|attr| {
        let path = attr.path();
        path.segments.last().is_some_and(|last| last.ident == word)
    })
}

/// The kernel's type, of a generic one for two precisions and lengths.
fn instances(function: &ItemFn) -> Vec<String> {
    let name = &function.sig.ident;
    let params = &function.sig.generics.params;
    if params.is_empty() {
        return vec![name.to_string()];
    }
    let choices = [("f64", "3"), ("f32", "2")];
    let instance = |(real, len): (&str, &str)| {
        let args = params.iter().map(|param| match param {
            GenericParam::Const(_) => len.to_owned(),
            _ => real.to_owned(),
        });
        format!("{}<{}>", quote!(#name), args.collect::<Vec<_>>().join(", "))
    };
    choices.into_iter().map(instance).collect()
}
