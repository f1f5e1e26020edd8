//! Whole loops as programs for devices, of which some are recorded in `snapshots`: `BLESS=1 cargo test` writes
//! these anew. What they compute is tested by the suite, on devices.

mod recorded;

use op2_core::base::layout::Layout;
use op2_core::device::api::{Atomics, Facts};
use op2_core::device::order::Races;
use op2_core::device::targets::targets;
use op2_core::device::wrapper::Shape;
use op2_core::kernel::source::Dialect;
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
    let some = [
        ("every_mode_of_some", Races::None, Layout::Aos),
        ("flux", Races::Staging, Layout::Soa),
        ("flux", Races::Atomics, Layout::Aos),
        ("corners", Races::Coloring, Layout::Soa),
        ("entry", Races::Staging, Layout::Aos),
    ];
    for (name, races, layout) in some {
        let example = named(name);
        for (dialect, extension) in [(Dialect::OpenClC, "cl"), (Dialect::CudaC, "cu")] {
            let text = text(&example, races, layout, dialect);
            let file = format!("loop_{name}_{races:?}.{extension}").to_lowercase();
            recorded::compare(&file, &text);
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
        swap.contains(
            "argument 5 `r(Inc, edge_cells[0])`: device `test` cannot add to numbers of 64 bits"
        ),
        "{swap}"
    );
    let bytes = refusal("bytes", Races::Atomics, |_| {});
    assert!(bytes.ends_with("device `test` cannot add to single bytes in one piece"), "{bytes}");
    let write = refusal("through", Races::Atomics, |_| {});
    assert!(write.contains("argument 2 `u(Rw, own[0])`: elements that write one row"), "{write}");
    let memory = refusal("flux", Races::Staging, |facts| facts.local_bytes = 2048);
    assert!(
        memory.contains("needs 3200 bytes of memory of a group, device `test` has 2048"),
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
