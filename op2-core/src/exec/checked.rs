//! The checked mode: everything that other modes take for granted is looked at again.
//!
//! The plan is audited by an independent method, map entries are compared with their sets, rows
//! that two elements overwrite are found, and elements run one by one, so that the first NaN, infinity
//! or panic is laid at the door of its element. Slow, and meant to be.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::base::config::SimdLevel;
use crate::base::error::{Error, Result, Violation};
use crate::exec::bind::Bound;
use crate::exec::cache::{Space, with_request};
use crate::exec::engine::Engine;
use crate::exec::partials::Partials;
use crate::exec::ranks::stale::reads_valid_copies;
use crate::exec::reproducible::{Sums, run_body};
use crate::exec::run::panicked;
use crate::matrix::positions::Positions;
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef, Via};
use crate::par_loop::body::Form;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::Work;
use crate::plan::{Plan, Strategy, audit};

/// Checks a loop and runs it element by element, in the order of its plan.
pub(crate) fn run(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    space: Space<'_>,
    plan: &Plan,
    bound: &Bound,
    constants: *const u8,
    sums: Option<&Sums>,
) -> Result<()> {
    let mut broken = entries_in_range(the_loop, space);
    if broken.is_empty() {
        broken.extend(overwritten_twice(the_loop, space, &bound.places));
        let audited = with_request(the_loop, space, |request| audit(request, plan));
        // A natural order is one block after the other, whatever the loop.
        if let Err(clash) = audited {
            broken.push(Violation { argument: None, reason: format!("unsafe plan: {clash}") });
        }
    }
    if !broken.is_empty() {
        return Err(the_loop.refuse(broken));
    }
    one_by_one(the_loop, engine, space, plan, bound, constants, sums)
}

fn element_at(space: Space<'_>, position: usize) -> usize {
    space.list.map_or(position, |list| list[position] as usize)
}

/// Map entries name elements of the target set.
pub(crate) fn entries_in_range(the_loop: &LoopRef<'_>, space: Space<'_>) -> Vec<Violation> {
    let mut broken = Vec::new();
    for (i, arg) in the_loop.args.iter().enumerate() {
        for route in arg.via.routes() {
            let map = route.map;
            // SAFETY: a loop runs in the home's turn.
            let table = unsafe { map.table() };
            let out =
                (0..space.positions).map(|position| element_at(space, position)).find_map(|e| {
                    let mut entries = route.columns().map(|k| (k, table[e * map.arity + k]));
                    entries
                        .find(|&(_, value)| value as usize >= map.to.rows())
                        .map(|(k, value)| (e, k, value))
                });
            if let Some((element, k, value)) = out {
                let reason = format!(
                    "element {}: entry {k} of map `{}` is {value}, outside {:?}",
                    the_loop.space.set.user_number(element),
                    map.name,
                    map.to
                );
                broken.push(Violation { argument: Some((i + 1, arg.text)), reason });
            }
        }
    }
    broken
}

/// No row of a dat, and no entry of a matrix, is overwritten through maps by two elements: the
/// winner would be left to chance.
pub(crate) fn overwritten_twice(
    the_loop: &LoopRef<'_>,
    space: Space<'_>,
    places: &[Option<Arc<Positions>>],
) -> Vec<Violation> {
    const NOBODY: u32 = u32::MAX;
    let mut broken = Vec::new();
    let mut seen: Vec<(u64, Vec<u32>)> = Vec::new();
    for (i, (arg, places)) in the_loop.args.iter().zip(places).enumerate() {
        let (Some(id), Some(_)) = (arg.stored(), arg.via.rows()) else { continue };
        if !matches!(arg.access, Access::Write | Access::Rw) {
            continue;
        }
        let at = seen.iter().position(|(other, _)| *other == id).unwrap_or_else(|| {
            seen.push((id, vec![NOBODY; num_values(arg)]));
            seen.len() - 1
        });
        let owner = &mut seen[at].1;
        let clash = (0..space.positions).map(|p| element_at(space, p)).find_map(|element| {
            touched(arg, places.as_deref(), element).into_iter().find_map(|value| {
                let before = std::mem::replace(&mut owner[value], element as u32);
                (before != NOBODY && before != element as u32).then_some((before, element, value))
            })
        });
        if let Some((first, second, value)) = clash {
            let user = |element| the_loop.space.set.user_number(element);
            let reason = format!(
                "elements {} and {} both {} {}: which one wins is not defined",
                user(first as usize),
                user(second),
                if arg.access == Access::Write { "write" } else { "change" },
                value_name(arg, value),
            );
            broken.push(Violation { argument: Some((i + 1, arg.text)), reason });
        }
    }
    broken
}

/// How many rows a dat has, how many entries a matrix.
pub(crate) fn num_values(arg: &ArgRef<'_>) -> usize {
    match arg.data {
        DataRef::Dat(dat) => dat.set.rows(),
        DataRef::Mat(mat) => mat.sparsity.pattern().num_entries(),
        _ => 0,
    }
}

/// The rows of a dat, or the entries of a matrix, that an element reaches through maps.
fn touched(arg: &ArgRef<'_>, places: Option<&Positions>, element: usize) -> Vec<usize> {
    if let (Some(places), Via::Maps(rows, cols)) = (places, arg.via) {
        let all = places.element(element);
        let picked = rows.columns().flat_map(|a| cols.columns().map(move |b| (a, b)));
        let place = |(a, b)| all[a * places.col_arity() + b];
        // What is left out goes nowhere, what other ranks complete goes behind all entries.
        let stored = num_values(arg);
        return picked.map(|at| place(at) as usize).filter(|&p| p < stored).collect();
    }
    let Some(route) = arg.via.rows() else { return Vec::new() };
    // SAFETY: a loop runs in the home's turn.
    let table = unsafe { route.map.table() };
    route.columns().map(|k| table[element * route.map.arity + k] as usize).collect()
}

/// A row of a dat, or an entry of a matrix, as users know it.
pub(crate) fn value_name(arg: &ArgRef<'_>, value: usize) -> String {
    let map = arg.via.rows().map_or("", |route| &route.map.name);
    match arg.data {
        DataRef::Mat(mat) => {
            let (row, col) = mat.user_entry(value);
            format!("entry ({row}, {col}) of mat `{}`", mat.name)
        }
        DataRef::Dat(dat) => {
            format!("element {} of {:?} through map `{map}`", dat.set.user_number(value), dat.set)
        }
        _ => String::new(),
    }
}

/// Blocks in the order of the plan.
fn order(plan: &Plan) -> Vec<u32> {
    match &plan.strategy {
        Strategy::Colored { colors } => colors.iter().flatten().copied().collect(),
        _ => (0..plan.blocks.len() as u32).collect(),
    }
}

fn one_by_one(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    space: Space<'_>,
    plan: &Plan,
    bound: &Bound,
    constants: *const u8,
    sums: Option<&Sums>,
) -> Result<()> {
    let blocks = plan.blocks.len();
    let mut partials = Partials::new(the_loop, &bound.bindings, bound.partial_bytes, blocks);
    let work = Work {
        bindings: bound.bindings.as_ptr(),
        constants,
        list: space.list.map_or(std::ptr::null(), <[u32]>::as_ptr),
        lo: 0,
        hi: 0,
        partials: partials.base(),
    };
    let stride = partials.stride();
    debug_assert!(engine.settings.checked, "reached in the checked mode only");
    for block in order(plan) {
        for position in plan.blocks[block as usize].clone() {
            let position = position as usize;
            let element = element_at(space, position);
            if engine.ranks.is_some() {
                let rows = |arg: &ArgRef<'_>| match arg.via {
                    Via::Direct => vec![element],
                    _ => touched(arg, None, element),
                };
                // SAFETY: a loop runs in the home's turn; its values were bound on the host.
                unsafe { reads_valid_copies(the_loop, element, rows)? };
            }
            let before = non_finite_arguments(the_loop, bound, element);
            let partials = work.partials.wrapping_add(block as usize * stride);
            let work = Work { lo: position, hi: position + 1, partials, ..work };
            let form = Form { simd: SimdLevel::Scalar, plain: false };
            // SAFETY: the loop was validated and checked; this thread runs alone.
            let run = || unsafe { run_body(the_loop, &work, &bound.bindings, form, sums) };
            catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
                panicked(the_loop, &*panic, Some(the_loop.space.set.user_number(element)))
            })?;
            let after = non_finite_arguments(the_loop, bound, element);
            if let Some(i) = (0..after.len()).find(|&i| after[i] && !before[i]) {
                return Err(appeared(the_loop, i, element));
            }
        }
    }
    catch_unwind(AssertUnwindSafe(|| partials.finish(the_loop, &work, &bound.bindings)))
        .map_err(|panic| panicked(the_loop, &*panic, None))
}

/// For each argument: whether what this element writes holds a NaN or an infinity.
fn non_finite_arguments(the_loop: &LoopRef<'_>, bound: &Bound, element: usize) -> Vec<bool> {
    let non_finite = |(i, arg): (usize, &ArgRef<'_>)| {
        if !arg.access.writes() {
            return false;
        }
        let values = bound.bindings[i].data;
        match arg.data {
            // SAFETY: a loop runs in the home's turn; the dat lives on the loop's set.
            DataRef::Dat(dat) if arg.via.rows().is_none() => unsafe { dat.has_non_finite(element) },
            DataRef::Dat(dat) => {
                let mut rows = touched(arg, None, element).into_iter();
                // SAFETY: as above; entries were checked.
                rows.any(|row| unsafe { dat.has_non_finite(row) })
            }
            DataRef::Mat(mat) => {
                let mut entries = touched(arg, bound.places[i].as_deref(), element).into_iter();
                // SAFETY: a loop runs in the home's turn; the values were bound for it.
                entries.any(|entry| unsafe { mat.has_non_finite(values, entry) })
            }
            _ => false,
        }
    };
    the_loop.args.iter().enumerate().map(non_finite).collect()
}

pub(crate) fn appeared(the_loop: &LoopRef<'_>, argument: usize, element: usize) -> Error {
    let arg = &the_loop.args[argument];
    let (what, name) = match arg.data {
        DataRef::Mat(mat) => ("mat", &mat.name),
        _ => ("dat", &arg.dat().expect("only dats and matrices are looked at").name),
    };
    let reason = format!(
        "element {}: a NaN or infinity appeared in {what} `{name}`",
        the_loop.space.set.user_number(element),
    );
    the_loop.refuse(vec![Violation { argument: Some((argument + 1, arg.text)), reason }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::{Backend, Settings};
    use crate::base::error::Site;
    use crate::base::layout::Layout;
    use crate::kernel::{Cost, KernelInfo};
    use crate::mesh::dat::Dat;
    use crate::mesh::home::Home;
    use crate::mesh::map::Map;
    use crate::mesh::set::{Set, SetMarker};
    use crate::par_loop::arg::{Part, Route, SpaceRef};
    use crate::par_loop::body::LoopBody;

    struct Nodes;
    impl SetMarker for Nodes {
        const NAME: &'static str = "nodes";
    }
    struct Edges;
    impl SetMarker for Edges {
        const NAME: &'static str = "edges";
    }

    static KERNEL: KernelInfo = KernelInfo {
        name: "nothing",
        file: "",
        line: 0,
        params: &[],
        cost: Cost { flops: 0, divisions: 0, square_roots: 0, transcendentals: 0 },
        host: true,
        lanes: 1,
        code: None,
    };

    /// A kernel that does nothing: only the order of elements matters here.
    struct Nothing;

    // SAFETY: touches nothing.
    unsafe impl LoopBody for Nothing {
        fn kernel(&self) -> &'static KernelInfo {
            &KERNEL
        }
        fn points(&self) -> &'static [usize] {
            &[]
        }
        fn constant_bytes(&self) -> usize {
            0
        }
        unsafe fn store_constants(&self, _: *mut u8) -> Result<(), &'static str> {
            Ok(())
        }
        unsafe fn run(&self, _: &Work, _: Form) {}
        unsafe fn combine_partials(&self, _: &Work, _: *mut u8, _: *const u8) {}
    }

    /// 4000 edges along a line of nodes, each adding to both ends, with `plan` in place of the right
    /// one.
    fn run_planted(plan: Option<Plan>) -> Result<()> {
        let settings = Settings { backend: Backend::Seq, checked: true, ..Settings::default() };
        let home = Home::new(Box::new(Engine::new(settings, None)?));
        let nodes = Set::<Nodes>::declare(&home, None, 4001)?;
        let edges = Set::<Edges>::declare(&home, None, 4000)?;
        let ends: Vec<[u32; 2]> = (0..4000).map(|i| [i, i + 1]).collect();
        let ends: Map<Edges, Nodes, 2> = Map::declare("ends", &edges, &nodes, &ends)?;
        let sums: Dat<Nodes, f64> = Dat::declare("sums", &nodes, None, Layout::Aos)?;
        let args = [ArgRef {
            data: DataRef::Dat(sums.core()),
            access: Access::Inc,
            via: Via::Map(Route::new(ends.core(), Part::All)),
            text: "sums(Inc, ends)",
        }];
        let space = SpaceRef { set: edges.core(), subset: None };
        let site = Site { file: "test.rs", line: 1 };
        let the_loop = LoopRef { body: &Nothing, space, args: &args, site };
        if let Some(plan) = plan {
            home.engine::<Engine>().plans.plant(&the_loop, plan);
        }
        // SAFETY: the body does nothing.
        unsafe { crate::exec::run::run(&the_loop) }
    }

    fn plan_with(colors: Vec<Vec<u32>>) -> Plan {
        let blocks = crate::plan::blocks::cut(4000, 1000);
        let strategy = Strategy::Colored { colors };
        Plan { blocks, strategy, reason: String::new(), seconds: 0.0 }
    }

    #[test]
    fn a_right_plan_passes() {
        run_planted(None).unwrap();
        run_planted(Some(plan_with(vec![vec![0, 2], vec![1, 3]]))).unwrap();
    }

    #[test]
    fn a_planted_bad_coloring_is_caught() {
        let error = run_planted(Some(plan_with(vec![vec![0, 1], vec![2, 3]]))).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("loop `nothing` (test.rs:1)"), "{text}");
        assert!(text.contains("unsafe plan: color 0"), "{text}");
        assert!(text.contains("element 999") && text.contains("element 1000"), "{text}");
    }

    #[test]
    fn a_plan_that_forgets_a_block_is_caught() {
        let error = run_planted(Some(plan_with(vec![vec![0, 2], vec![1]]))).unwrap_err();
        assert!(error.to_string().contains("block 3 runs 0 times"), "{error}");
    }
}
