//! The rules that only a running program can check, one function each. Nothing runs before all hold.

use crate::base::error::Violation;
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef, Via};
use crate::par_loop::descriptor::LoopRef;

/// Every broken rule of a loop; empty for a sound one.
pub fn validate(the_loop: &LoopRef<'_>) -> Vec<Violation> {
    let mut broken = Vec::new();
    for (i, arg) in the_loop.args.iter().enumerate() {
        let mut report = |reason: String| {
            broken.push(Violation { argument: Some((i + 1, arg.text)), reason });
        };
        same_context(the_loop, arg, &mut report);
        same_sets(the_loop, arg, &mut report);
        not_in_use(arg, &mut report);
        same_reduction(arg, &mut report);
        for (j, other) in the_loop.args[..i].iter().enumerate() {
            no_conflict(arg, j + 1, other, &mut report);
        }
    }
    broken
}

/// All data belongs to the context of the loop's set.
fn same_context(the_loop: &LoopRef<'_>, arg: &ArgRef<'_>, report: &mut impl FnMut(String)) {
    let home = the_loop.space.set.home.id();
    let other = match arg.data {
        DataRef::Dat(dat) => dat.set.home.id(),
        DataRef::Global(global) => global.home.id(),
        DataRef::Value { .. } | DataRef::Index => home,
    };
    if other != home {
        let (what, name) = match arg.data {
            DataRef::Global(global) => (global.what(), &global.name),
            _ => ("dat", &arg.dat().expect("values have no context").name),
        };
        report(format!("{what} `{name}` belongs to another context than the loop's set"));
    }
    if let Some(map) = arg.via.map()
        && map.from.home.id() != home
    {
        report(format!("map `{}` belongs to another context than the loop's set", map.name));
    }
}

/// Sets fit one by one, where markers alone cannot tell two sets apart.
fn same_sets(the_loop: &LoopRef<'_>, arg: &ArgRef<'_>, report: &mut impl FnMut(String)) {
    let Some(dat) = arg.dat() else { return };
    let set = the_loop.space.set;
    match arg.via.map() {
        None if dat.set.id != set.id => {
            report(format!(
                "dat `{}` lives on {:?}, the loop runs over {set:?}",
                dat.name, dat.set
            ));
        }
        None => {}
        Some(map) => {
            if map.from.id != set.id {
                report(format!(
                    "map `{}` starts at {:?}, the loop runs over {set:?}",
                    map.name, map.from
                ));
            }
            if map.to.id != dat.set.id {
                report(format!(
                    "dat `{}` lives on {:?}, but map `{}` leads to {:?}",
                    dat.name, dat.set, map.name, map.to
                ));
            }
        }
    }
}

/// No guard is alive that the loop would disturb.
fn not_in_use(arg: &ArgRef<'_>, report: &mut impl FnMut(String)) {
    if let Some(dat) = arg.dat()
        && let Some(reason) = dat.blocked(arg.access.writes())
    {
        report(format!("dat `{}` is in use: {reason}", dat.name));
    }
}

/// A reduction handle collects one kind of result until it is read.
fn same_reduction(arg: &ArgRef<'_>, report: &mut impl FnMut(String)) {
    let Some(global) = arg.global() else { return };
    let Some(pending) = &global.pending else { return };
    let pending = *pending.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(before) = pending
        && before != arg.access
        && arg.access.writes()
    {
        report(format!(
            "reduction `{}` holds a {before} that was not read: call `value()` before using it as {}",
            global.name, arg.access
        ));
    }
}

/// The same data twice in one loop does not depend on the order of elements.
fn no_conflict(
    arg: &ArgRef<'_>,
    position: usize,
    other: &ArgRef<'_>,
    report: &mut impl FnMut(String),
) {
    if !(arg.access.writes() || other.access.writes()) {
        return;
    }
    match (arg.data, other.data) {
        (DataRef::Dat(a), DataRef::Dat(b)) if a.id == b.id => {
            if let Some(rule) = dat_conflict(arg, other) {
                report(format!(
                    "dat `{}` is also argument {position} `{}`: {rule}",
                    a.name, other.text
                ));
            }
        }
        (DataRef::Global(a), DataRef::Global(b)) if a.id == b.id && arg.access != other.access => {
            report(format!(
                "{} `{}` is also argument {position} `{}`: one loop uses it in one mode",
                a.what(),
                a.name,
                other.text
            ));
        }
        _ => {}
    }
}

fn dat_conflict(a: &ArgRef<'_>, b: &ArgRef<'_>) -> Option<&'static str> {
    if a.access != b.access {
        return Some(
            "one loop uses a dat in one mode, or the answer depends on the order of elements",
        );
    }
    if a.access.combines() && matches!((a.via, b.via), (Via::Direct, Via::Direct)) {
        return Some("pass it once: both arguments are the same value");
    }
    if matches!(a.access, Access::Write | Access::Rw) {
        return match (a.via, b.via) {
            (Via::Direct, _) | (_, Via::Direct) => Some("one loop writes a value in one place"),
            (Via::Entry(m, i), Via::Entry(n, j)) if m.id == n.id && i == j => {
                Some("pass it once: both arguments are the same value")
            }
            _ => None,
        };
    }
    // Direct increments start from the stored value, those through a map are added afterwards.
    match (a.via, b.via) {
        (Via::Direct, Via::Direct)
        | (Via::Entry(..) | Via::Whole(_), Via::Entry(..) | Via::Whole(_)) => None,
        _ => Some("one loop increments a dat either directly or through maps"),
    }
}
