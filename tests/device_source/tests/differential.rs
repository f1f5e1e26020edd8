//! Kernels as C compute what they compute in Rust, bit for bit, on many inputs.
//!
//! Functions of the mathematical library are held to the bounds that OpenCL promises.
#![cfg(feature = "opencl")]

#[path = "differential/inputs.rs"]
mod inputs;
#[path = "differential/opencl.rs"]
mod opencl;

use op2::__private::Kernel;
use op2_core::kernel::KernelInfo;
use op2_device_source::language::{
    FUNCTIONS, Row, advance, bounds, flux, functions, lengths, search, walk,
};
use op2_device_source::{Case, In, KERNELS, all};
use opencl::OpenCl;

/// Kernels in one program: the compiler of a device takes long to start.
const TOGETHER: usize = 20;

#[test]
fn random_kernels_compute_the_same_in_c() {
    let Some(device) = OpenCl::new() else { return };
    let inputs = inputs::rows(96);
    let mut wrong = Vec::new();
    for cases in KERNELS.chunks(TOGETHER) {
        let infos: Vec<&KernelInfo> = cases.iter().map(|(_, info)| *info).collect();
        let found = device.run(&infos, &[], &inputs, &inputs);
        for (k, (function, info)) in cases.iter().enumerate() {
            for (row, input) in inputs.iter().enumerate() {
                let expected = in_rust(*function, input);
                let found = &found[k * inputs.len() + row];
                if let Some(what) = difference(&expected, found) {
                    wrong.push(format!("{}, row {row}: {what}", info.name));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} kernels differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn in_rust(function: fn(&In, &mut In), input: &In) -> In {
    let mut out = *input;
    function(input, &mut out);
    out
}

/// The first value that differs. All NaNs are equal: which one an operation gives is not defined.
fn difference(expected: &In, found: &In) -> Option<String> {
    let mut what = None;
    macro_rules! compare {
        ($($field:ident $same:expr;)*) => {$(
            for (k, (a, b)) in expected.$field.iter().zip(&found.$field).enumerate() {
                let same: fn(_, _) -> bool = $same;
                if what.is_none() && !same(*a, *b) {
                    what = Some(format!("{}[{k}] is {b:?} in C, {a:?} in Rust", stringify!($field)));
                }
            }
        )*};
    }
    compare! {
        f64s |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        f32s |a: f32, b: f32| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        i64s |a: i64, b: i64| a == b;
        u64s |a: u64, b: u64| a == b;
        i32s |a: i32, b: i32| a == b;
        u32s |a: u32, b: u32| a == b;
        u8s |a: u8, b: u8| a == b;
    }
    what
}

#[test]
fn a_wrong_kernel_would_be_found() {
    let Some(device) = OpenCl::new() else { return };
    let inputs = inputs::rows(8);
    let ((function, _), (_, other)): (Case, Case) = (KERNELS[0], KERNELS[1]);
    let found = device.run(&[other], &[], &inputs, &inputs);
    let mut pairs = inputs.iter().zip(&found);
    let differs =
        pairs.any(|(input, found)| difference(&in_rust(function, input), found).is_some());
    assert!(differs, "two random kernels compute the same");
}

#[test]
fn the_kernels_of_the_suite_and_the_examples_compile() {
    let Some(device) = OpenCl::new() else { return };
    let infos: Vec<&KernelInfo> = all().into_iter().filter(|info| !info.host).collect();
    device.compile(&infos);
}

#[test]
fn the_compiler_of_a_device_names_the_line_of_rust() {
    let Some(device) = OpenCl::new() else { return };
    let text = opencl::program(&[<flux as Kernel>::INFO]).text;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/language.rs");
    let source = std::fs::read_to_string(file).expect("the kernel stands there");
    let line = 1 + source.lines().position(|line| line.contains("let ri =")).expect("in flux");
    let wrong = text.replace("f64 ri_", "f64 misspelled_");
    let complaint = device.complaint(&wrong);
    // `ri` is first missed in the line after.
    let place = format!("src/language.rs:{}:", line + 1);
    assert!(complaint.contains(&place), "{place}\n{complaint}");
    // What is added to the program is not in the user's file.
    let complaint = device.complaint(&(text + "missing here;\n"));
    assert!(complaint.contains("op2:1:") && !complaint.contains("language.rs"), "{complaint}");
}

#[test]
fn searches_and_labels_end_where_they_end_in_rust() {
    let Some(device) = OpenCl::new() else { return };
    let tables: Vec<[[u8; 4]; 4]> = (0..256_u32)
        .map(|k| [0, 1, 2, 3].map(|i| [0, 1, 2, 3].map(|j| (k * 37 + i * 11 + j * (k % 7)) as u8)))
        .collect();
    let found = device.run(&[<search as Kernel>::INFO], &[], &tables, &[[0_u32; 2]; 256]);
    for (table, found) in tables.iter().zip(&found) {
        let mut expected = [0; 2];
        search(table, &mut expected);
        assert_eq!(*found, expected, "{table:?}");
    }
}

#[test]
fn an_index_with_effects_leaves_the_one_before_it() {
    let Some(device) = OpenCl::new() else { return };
    let tables: Vec<[[u8; 4]; 4]> = (0..16_u32)
        .map(|k| [0, 1, 2, 3].map(|i| [0, 1, 2, 3].map(|j| (k * 37 + i * 11 + j) as u8)))
        .collect();
    let found = device.run(&[<walk as Kernel>::INFO], &[], &tables, &[[0_u32; 2]; 16]);
    for (table, found) in tables.iter().zip(&found) {
        let mut expected = [0; 2];
        walk(table, &mut expected);
        assert_eq!(*found, expected, "{table:?}");
    }
}

#[test]
fn lengths_are_found() {
    let Some(device) = OpenCl::new() else { return };
    let rows: Vec<Row<3>> =
        (0..8_u8).map(|k| Row { values: [1.5, 0.25, -3.0].map(|x| x * f64::from(k)) }).collect();
    // Bytes: a struct with const parameters does not know that it has no padding.
    let bytes: Vec<[f64; 3]> = rows.iter().map(|row| row.values).collect();
    let found = device.run(&[<lengths as Kernel>::INFO], &[], &bytes, &[[0.0_f64; 4]; 8]);
    for (row, found) in rows.iter().zip(&found) {
        let mut expected = [0.0; 4];
        lengths(row, &mut expected);
        assert_eq!(*found, expected, "{row:?}");
    }
}

#[test]
fn nan_stays_or_gives_way_as_in_rust() {
    let Some(device) = OpenCl::new() else { return };
    let values = [f64::NAN, -1.0, 0.5, 2.0, f64::INFINITY];
    let all: Vec<[f64; 3]> =
        (0..125).map(|k| [k / 25, k / 5 % 5, k % 5].map(|i| values[i])).collect();
    let found = device.run(&[<bounds<f64> as Kernel>::INFO], &[], &all, &[[0.0_f64; 3]; 125]);
    for (x, found) in all.iter().zip(&found) {
        let mut expected = [0.0; 3];
        bounds(x, &mut expected);
        assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{x:?}");
    }
}

#[test]
fn constants_arrive_where_each_function_looks_for_them() {
    let Some(device) = OpenCl::new() else { return };
    let mut buffer = vec![0_u128; <advance as Kernel>::CONSTANT_BYTES.div_ceil(16)];
    // SAFETY: large enough, and aligned to 16 bytes.
    let stored = unsafe { <advance as Kernel>::store_constants(buffer.as_mut_ptr().cast()) };
    stored.expect("all constants have values");
    let bytes: Vec<u8> = buffer.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let rows = [[0.5, 0.25, 4.0], [1.0, -3.0, 0.1]];
    let found = device.run(&[<advance as Kernel>::INFO], &bytes, &rows, &[[0.0_f64; 3]; 2]);
    for (row, found) in rows.iter().zip(&found) {
        let mut expected = [0.0; 3];
        advance(row, &mut expected);
        assert_eq!(*found, expected);
    }
}

#[test]
fn functions_of_doubles_are_within_their_bounds() {
    let Some(device) = OpenCl::new() else { return };
    let rows = inputs::rows(400);
    let doubles = rows.iter().map(|row| [row.f64s[0] % 50.0, row.f64s[1] % 7.0]);
    let doubles: Vec<_> = doubles.filter(|[a, b]| a.is_normal() && b.is_normal()).collect();
    let start = vec![[0.0_f64; FUNCTIONS.len()]; doubles.len()];
    let found = device.run(&[<functions<f64> as Kernel>::INFO], &[], &doubles, &start);
    for (x, found) in doubles.iter().zip(&found) {
        let mut expected = [0.0_f64; FUNCTIONS.len()];
        functions(x, &mut expected);
        for (k, (name, bound)) in FUNCTIONS.into_iter().enumerate() {
            let (a, b) = (expected[k], found[k]);
            let size = a.abs().max(f64::MIN_POSITIVE);
            let units = (a - b).abs() / (size.next_up() - size);
            assert!(
                is_within(bound, units) || a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                "`{name}` of {x:?}: {b:e}, {a:e} in Rust"
            );
        }
    }
}

#[test]
fn functions_of_singles_are_within_their_bounds() {
    let Some(device) = OpenCl::new() else { return };
    let rows = inputs::rows(400);
    let singles = rows.iter().map(|row| [row.f32s[0] % 50.0, row.f32s[1] % 7.0]);
    let singles: Vec<_> = singles.filter(|[a, b]| a.is_normal() && b.is_normal()).collect();
    let start = vec![[0.0_f32; FUNCTIONS.len()]; singles.len()];
    let found = device.run(&[<functions<f32> as Kernel>::INFO], &[], &singles, &start);
    for (x, found) in singles.iter().zip(&found) {
        let mut expected = [0.0_f32; FUNCTIONS.len()];
        functions(x, &mut expected);
        for (k, (name, bound)) in FUNCTIONS.into_iter().enumerate() {
            let (a, b) = (expected[k], found[k]);
            let size = a.abs().max(f32::MIN_POSITIVE);
            let units = (a - b).abs() / (size.next_up() - size);
            assert!(
                is_within(bound, units.into())
                    || a.to_bits() == b.to_bits()
                    || a.is_nan() && b.is_nan(),
                "`{name}` of {x:?}: {b:e}, {a:e} in Rust"
            );
        }
    }
}

/// One more for Rust's own, where these are not exact.
fn is_within(bound: f64, units: f64) -> bool {
    bound > 0.0 && units <= bound + 1.0
}
