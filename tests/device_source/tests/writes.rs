//! Every kernel can be written in every dialect.

use op2::__private::Kernel;
use op2_core::kernel::source::{Dialect, write};
use op2_device_source::language::{FUNCTIONS, alike, single};
use op2_device_source::{KERNELS, all};

#[test]
fn every_kernel_can_be_written() {
    let kernels = all().into_iter().chain(KERNELS.iter().map(|(_, info)| *info));
    let mut written = 0;
    for info in kernels.filter(|info| !info.host) {
        for dialect in [Dialect::OpenClC, Dialect::CudaC] {
            let program = write(&[info], dialect).unwrap_or_else(|refusal| panic!("{refusal}"));
            assert_eq!(program.entries[0].params.len(), info.params.len(), "{}", info.name);
            written += 1;
        }
    }
    assert!(written > 700, "{written}");
}

#[test]
fn a_host_kernel_is_refused() {
    let host = all().into_iter().find(|info| info.host).expect("the suite has host kernels");
    let refusal = write(&[host], Dialect::OpenClC).expect_err("host kernels hold any Rust");
    assert!(refusal.to_string().contains("it is a host kernel"), "{refusal}");
}

#[test]
fn a_refusal_names_the_kernel_the_line_and_the_reason() {
    let refusal =
        write(&[<alike as Kernel>::INFO], Dialect::CudaC).expect_err("structs are compared");
    let reason =
        "`==` compares numbers here, and arrays of them, not `Particle`: compare its parts";
    let file = "tests/device_source/src/language.rs";
    let text = format!("`alike` cannot run on devices: {reason} ({file}:{})", refusal.line);
    assert_eq!(refusal.to_string(), text);
    let source = include_str!("../src/language.rs");
    let line = source.lines().nth(refusal.line as usize - 1);
    assert_eq!(line.map(str::trim), Some("if *a == *b {"));
}

#[test]
fn a_kernel_that_only_names_doubles_needs_none() {
    for dialect in [Dialect::OpenClC, Dialect::CudaC] {
        let program = write(&[<single as Kernel>::INFO], dialect).expect("it can be written");
        let text = program.text;
        assert!(!program.doubles && text.contains("op2_fn_half_of_f64(f32 f64_0)"), "{text}");
        assert!(!text.contains("double") && !text.contains("fp64"), "{text}");
    }
}

/// The table is for users; what it says is tested.
#[test]
fn the_documentation_has_the_bounds_of_all_functions() {
    let page = include_str!("../../../docs/kernel-language.md");
    let row = |name: &str| {
        let name = format!("`{name}`");
        let mut rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
        rows.find_map(|row| {
            let (names, bound) = row.split_once(" | ")?;
            let bound: f64 = bound.parse().ok()?;
            names.split(", ").any(|other| other == name).then_some(bound)
        })
    };
    for (name, bound) in FUNCTIONS {
        assert_eq!(row(name), Some(bound), "{name}");
    }
}
