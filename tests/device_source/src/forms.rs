//! The forms in which a loop can be written, for devices of both kinds.

use op2_core::base::layout::Layout;
use op2_core::device::api::{Atomics, Facts};
use op2_core::device::order::Races;
use op2_core::device::order::leaves::atomic;
use op2_core::device::targets::{Target, targets};
use op2_core::device::wrapper::{Shape, Variant, Wrapper, write};
use op2_core::kernel::source::Dialect;
use op2_core::par_loop::arg::DataRef;
use op2_core::par_loop::descriptor::LoopRef;

/// A usual device.
pub fn facts(dialect: Dialect) -> Facts {
    Facts {
        name: "test".to_owned(),
        dialect,
        doubles: true,
        atomics: Atomics { swap_64: true, native_add: dialect == Dialect::CudaC },
        local_bytes: 48 << 10,
        max_group: 1024,
        usual_group: 128,
        memory_bytes: 1 << 30,
        layout: Layout::Soa,
    }
}

/// How the work-items of a loop can be kept apart.
pub fn races(the_loop: &LoopRef<'_>) -> Vec<Races> {
    let targets = targets(the_loop);
    if targets.is_empty() {
        return vec![Races::None, Races::Serial];
    }
    let mut races = vec![Races::Coloring, Races::Serial];
    if targets.iter().all(|target| target.access.combines()) {
        races.push(Races::Staging);
        let atomics = facts(Dialect::CudaC).atomics;
        let whole = |target: &Target| match the_loop.args[target.first].data {
            DataRef::Dat(dat) => atomic(&dat.kind, atomics),
            DataRef::Mat(mat) => atomic(&mat.kind, atomics),
            ref other => unreachable!("{other:?} is not changed through maps"),
        };
        races.extend(targets.iter().all(whole).then_some(Races::Atomics));
    }
    races
}

/// Writes a loop in one form.
///
/// # Errors
/// As [`write()`]: the device lacks something.
pub fn written(
    the_loop: &LoopRef<'_>,
    races: Races,
    layout: Layout,
    shape: Option<Shape>,
    facts: &Facts,
) -> Result<Wrapper, String> {
    let layouts = vec![layout; the_loop.args.len()];
    let numbered = the_loop.args.iter().any(|arg| matches!(arg.data, DataRef::Index));
    let variant = Variant {
        races,
        layouts: &layouts,
        list: the_loop.space.subset.is_some() || races == Races::Coloring,
        renumbered: numbered && the_loop.space.set.order().is_some(),
        shape,
    };
    write(the_loop, &targets(the_loop), &variant, facts)
}
