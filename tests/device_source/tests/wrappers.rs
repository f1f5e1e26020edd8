//! Whole loops as programs for devices, of which some are recorded in `snapshots`: `BLESS=1 cargo test` writes
//! these anew. With the feature `opencl` they run, and must come to the bits of the CPU.

#[cfg(feature = "opencl")]
#[path = "wrappers/device.rs"]
mod device;
#[cfg(feature = "opencl")]
#[path = "wrappers/order.rs"]
mod order;

use std::path::Path;
use std::{env, fs};

use op2_core::base::layout::Layout;
use op2_core::device::api::{Atomics, Facts};
use op2_core::device::order::Races;
use op2_core::device::targets::targets;
use op2_core::device::wrapper::Shape;
use op2_core::kernel::source::Dialect;
use op2_core::mesh::dat::Layout;
use op2_device_source::forms;
use op2_device_source::loops::{Example, examples};

fn all() -> Vec<Example> {
    examples().expect("a small mesh can be declared")
}

fn named(name: &str) -> Example {
    all().into_iter().find(|example| example.name == name).expect("an example")
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
    for (name, races, layout) in recorded {
        let example = named(name);
        for (dialect, extension) in [(Dialect::OpenClC, "cl"), (Dialect::CudaC, "cu")] {
            let text = text(&example, races, layout, dialect);
            let file = format!("loop_{name}_{races:?}.{extension}").to_lowercase();
            compare(&file, &text);
        }
    }
}

fn text(example: &Example, races: Races, layout: Layout, dialect: Dialect) -> String {
    written(example, races, layout, &forms::facts(dialect))
        .unwrap_or_else(|reason| panic!("{}: {reason}", example.name))
}

fn written(
    example: &Example,
    races: Races,
    layout: Layout,
    facts: &Facts,
) -> Result<String, String> {
    example.prepared.with(|the_loop| {
        let rows = vec![100; targets(the_loop).len()];
        let shape = (races == Races::Staging).then_some(Shape { block: 64, rows });
        let wrapper = forms::written(the_loop, races, layout, shape, facts)?;
        assert!(wrapper.local_bytes <= facts.local_bytes);
        Ok(wrapper.text)
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
    for example in all() {
        for races in example.prepared.with(forms::races) {
            for layout in [Layout::Aos, Layout::Soa] {
                for dialect in [Dialect::OpenClC, Dialect::CudaC] {
                    let first = text(&example, races, layout, dialect);
                    assert_eq!(first, text(&example, races, layout, dialect), "{}", example.name);
                    written += 1;
                }
            }
        }
    }
    assert!(written > 150, "{written}");
}

/// What cannot be, and why.
#[test]
fn what_a_device_lacks_is_named() {
    let refusal = |name, races, change: fn(&mut Facts)| {
        let mut facts = forms::facts(Dialect::OpenClC);
        change(&mut facts);
        written(&named(name), races, Layout::Aos, &facts).expect_err("the loop is refused")
    };
    let doubles = refusal("flux", Races::Coloring, |facts| facts.doubles = false);
    assert_eq!(doubles, "it computes with f64, which device `test` does not have: use f32");
    let swap = refusal("flux", Races::Atomics, |facts| facts.atomics = Atomics::default());
    assert!(
        swap.contains("argument 5 `r(Inc, edge_cells[0])`: device `test` cannot add"),
        "{swap}"
    );
    let write = refusal("through", Races::Atomics, |_| {});
    assert!(write.contains("argument 2 `u(Rw, own[0])`: elements that write one row"), "{write}");
    let memory = refusal("flux", Races::Staging, |facts| facts.local_bytes = 2048);
    assert!(
        memory.contains("need 3200 bytes of shared memory, device `test` has 2048"),
        "{memory}"
    );
    let group = refusal("flux", Races::Staging, |facts| facts.max_group = 32);
    assert!(group.contains("blocks of 64 do not fit into the groups"), "{group}");
}

#[test]
fn a_loop_without_doubles_runs_on_any_device() {
    let mut facts = forms::facts(Dialect::OpenClC);
    facts.doubles = false;
    facts.atomics = Atomics::default();
    let text = written(&named("flat"), Races::Atomics, Layout::Aos, &facts);
    assert!(!text.expect("the loop takes f32 only").contains("double"));
}

/// How a loop went on a device, and what it has made of each argument.
#[cfg(feature = "opencl")]
type Found = (Races, Layout, device::Results);

#[cfg(feature = "opencl")]
#[test]
fn loops_come_to_the_bits_of_the_cpu_in_every_form() {
    let Some(device) = device::OpenCl::new() else { return };
    let mut wrong = Vec::new();
    for example in all() {
        let host = || {
            example
                .prepared
                .with(|the_loop| the_loop.args.iter().map(device::host).collect::<Vec<_>>())
        };
        let before = host();
        let found: Vec<Found> = example.prepared.with(|the_loop| {
            let run = |(races, layout)| (races, layout, device.run(the_loop, races, layout));
            forms_to_run(the_loop).into_iter().map(run).collect()
        });
        assert_eq!(host(), before, "{}: a device changes no memory of the host", example.name);
        example.prepared.run().expect("the loop is sound");
        let expected = host();
        assert_ne!(expected, before, "{}: the loop does something", example.name);
        for (races, layout, results) in &found {
            for (i, (expected, result)) in expected.iter().zip(results).enumerate() {
                if result.as_ref().is_some_and(|result| result != expected) {
                    wrong.push(format!(
                        "{}, {races:?}, {layout}: argument {}",
                        example.name,
                        i + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} results differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// All ways to keep work-items apart, and both layouts: not all pairs, since compiling takes long.
#[cfg(feature = "opencl")]
fn forms_to_run(the_loop: &op2_core::par_loop::descriptor::LoopRef<'_>) -> Vec<(Races, Layout)> {
    let races = forms::races(the_loop);
    let first = (races[0], Layout::Aos);
    races.into_iter().map(|races| (races, Layout::Soa)).chain([first]).collect()
}
