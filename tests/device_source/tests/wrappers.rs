//! Whole loops as programs for devices, of which some are recorded in `snapshots`: `BLESS=1 cargo test` writes
//! these anew. With the feature `opencl` they run, and must come to the bits of the CPU.

#[cfg(feature = "opencl")]
#[path = "wrappers/device.rs"]
mod device;
#[path = "wrappers/forms.rs"]
mod forms;
#[cfg(feature = "opencl")]
#[path = "wrappers/order.rs"]
mod order;

use std::path::Path;
use std::{env, fs};

use op2_core::base::layout::Layout;
use op2_core::device::order::Races;
use op2_core::device::targets::targets;
use op2_core::device::wrapper::Shape;
use op2_core::kernel::source::Dialect;
use op2_device_source::loops::{Example, examples};

fn examples_by_name() -> Vec<Example> {
    examples().expect("a small mesh can be declared")
}

#[test]
fn loops_are_written_as_recorded() {
    let recorded = [
        ("every_mode_of_some", Races::None, Layout::Aos),
        ("flux", Races::Staging, Layout::Soa),
        ("flux", Races::Atomics, Layout::Aos),
        ("corners", Races::Coloring, Layout::Soa),
        ("entry", Races::Staging, Layout::Aos),
    ];
    let examples = examples_by_name();
    for (name, races, layout) in recorded {
        let example = examples.iter().find(|example| example.name == name).expect("an example");
        for (dialect, extension) in [(Dialect::OpenClC, "cl"), (Dialect::CudaC, "cu")] {
            let text = text(example, races, layout, dialect);
            let file = format!("loop_{name}_{races:?}.{extension}").to_lowercase();
            compare(&file, &text);
        }
    }
}

fn text(example: &Example, races: Races, layout: Layout, dialect: Dialect) -> String {
    example.prepared.with(|the_loop| {
        let rows = vec![100; targets(the_loop).len()];
        let shape = (races == Races::Staging).then_some(Shape { block: 64, rows });
        let facts = forms::facts(dialect);
        let wrapper = forms::written(the_loop, races, layout, shape, &facts);
        wrapper.unwrap_or_else(|reason| panic!("{}: {reason}", example.name)).text
    })
}

fn compare(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if env::var_os("BLESS").is_some() {
        fs::write(path, found).expect("the snapshot is writable");
        return;
    }
    let recorded = fs::read_to_string(path).unwrap_or_default();
    assert!(recorded == found, "{name} differs; found:\n{found}\nrun with BLESS=1 to record it");
}

#[test]
fn every_loop_can_be_written_in_every_form() {
    let mut written = 0;
    for example in examples_by_name() {
        for races in example.prepared.with(forms::races) {
            for layout in [Layout::Aos, Layout::Soa] {
                for dialect in [Dialect::OpenClC, Dialect::CudaC] {
                    let first = text(&example, races, layout, dialect);
                    assert_eq!(first, text(&example, races, layout, dialect), "{}", example.name);
                    if let Some(folder) = env::var_os("WRAPPERS_TO") {
                        let file = format!("{}_{races:?}_{layout}.{dialect:?}", example.name);
                        fs::write(Path::new(&folder).join(file), first).expect("a folder");
                    }
                    written += 1;
                }
            }
        }
    }
    assert!(written > 150, "{written}");
}

#[cfg(feature = "opencl")]
#[test]
fn loops_come_to_the_bits_of_the_cpu_in_every_form() {
    let Some(device) = device::OpenCl::new() else { return };
    let mut wrong = Vec::new();
    for example in examples_by_name() {
        let mut found = Vec::new();
        example.prepared.with(|the_loop| {
            for races in forms::races(the_loop) {
                for layout in [Layout::Aos, Layout::Soa] {
                    found.push((races, layout, device.run(the_loop, races, layout)));
                }
            }
        });
        example.prepared.run().expect("the loop is sound");
        example.prepared.with(|the_loop| {
            for (races, layout, results) in &found {
                for (arg, result) in the_loop.args.iter().zip(results) {
                    let Some(result) = result else { continue };
                    let expected = device::host(arg);
                    if let Some(at) = expected.iter().zip(result).position(|(a, b)| a != b) {
                        let (name, arg) = (example.name, arg.text);
                        wrong.push(format!("{name}, {races:?}, {layout}: {arg}, byte {at}"));
                    }
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{} results differ:\n{}", wrong.len(), wrong.join("\n"));
}
