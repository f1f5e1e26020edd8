//! The rules that only a running program can check, one function each. Nothing runs before all hold.

use crate::base::error::Violation;
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef, Part, Route, Via};
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
        same_matrix_sets(the_loop, arg, &mut report);
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
    let data = match arg.data {
        DataRef::Dat(dat) => Some(("dat", &dat.name, &dat.set.home)),
        DataRef::Mat(mat) => Some(("mat", &mat.name, mat.home())),
        DataRef::Global(global) => Some((global.what(), &global.name, &global.home)),
        DataRef::Value { .. } | DataRef::Index | DataRef::Point(_) => None,
    };
    let maps = arg.via.routes().map(|Route { map, .. }| ("map", &map.name, &map.from.home));
    for (what, name, other) in data.into_iter().chain(maps) {
        if other.id() != home {
            report(format!("{what} `{name}` belongs to another context than the loop's set"));
        }
    }
}

/// Sets fit one by one, where markers alone cannot tell two sets apart.
fn same_sets(the_loop: &LoopRef<'_>, arg: &ArgRef<'_>, report: &mut impl FnMut(String)) {
    let Some(dat) = arg.dat() else { return };
    let set = the_loop.space.set;
    match arg.via.rows() {
        None if dat.set.id != set.id => {
            report(format!(
                "dat `{}` lives on {:?}, the loop runs over {set:?}",
                dat.name, dat.set
            ));
        }
        None => {}
        Some(route) => {
            let map = route.map;
            starts_here(the_loop, route, report);
            if map.to.id != dat.set.id {
                report(format!(
                    "dat `{}` lives on {:?}, but map `{}` leads to {:?}",
                    dat.name, dat.set, map.name, map.to
                ));
            }
        }
    }
}

fn starts_here(the_loop: &LoopRef<'_>, route: Route<'_>, report: &mut impl FnMut(String)) {
    let (map, set) = (route.map, the_loop.space.set);
    if map.from.id != set.id {
        report(format!("map `{}` starts at {:?}, the loop runs over {set:?}", map.name, map.from));
    }
}

/// The maps of a matrix lead to its rows and columns, and these are numbered as when it was made.
fn same_matrix_sets(the_loop: &LoopRef<'_>, arg: &ArgRef<'_>, report: &mut impl FnMut(String)) {
    let Some((mat, rows, cols)) = arg.mat() else { return };
    let sparsity = &mat.sparsity;
    for (route, what, set) in [(rows, "rows", &sparsity.rows), (cols, "columns", &sparsity.cols)] {
        starts_here(the_loop, route, report);
        if route.map.to.id != set.id {
            report(format!(
                "the {what} of mat `{}` are {set:?}, but map `{}` leads to {:?}",
                mat.name, route.map.name, route.map.to
            ));
        }
    }
    if let Err(error) = sparsity.check_numbering() {
        report(format!("mat `{}`: {error}", mat.name));
    }
}

/// No guard is alive that the loop would disturb.
fn not_in_use(arg: &ArgRef<'_>, report: &mut impl FnMut(String)) {
    if let DataRef::Mat(mat) = arg.data
        && let Some(reason) = mat.blocked()
    {
        report(format!("mat `{}` is in use: {reason}", mat.name));
    }
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
        (DataRef::Mat(a), DataRef::Mat(b)) if a.id == b.id => {
            if let Some(rule) = mat_conflict(arg, other) {
                report(format!(
                    "mat `{}` is also argument {position} `{}`: {rule}",
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

fn mat_conflict(a: &ArgRef<'_>, b: &ArgRef<'_>) -> Option<&'static str> {
    if a.access != b.access {
        return Some("one loop either adds to a matrix or writes it");
    }
    let (Via::Maps(rows, cols), Via::Maps(other_rows, other_cols)) = (a.via, b.via) else {
        return None;
    };
    (a.access == Access::Write && rows.is_same(&other_rows) && cols.is_same(&other_cols))
        .then_some("pass it once: both arguments are the same entries")
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
            (Via::Map(a), Via::Map(b)) if a.is_same(&b) && a.part != Part::All => {
                Some("pass it once: both arguments are the same value")
            }
            _ => None,
        };
    }
    // Direct increments start from the stored value, those through a map are added afterwards.
    match (a.via, b.via) {
        (Via::Direct, Via::Direct) | (Via::Map(_), Via::Map(_)) => None,
        _ => Some("one loop increments a dat either directly or through maps"),
    }
}
