//! Increments that a group sums in its own memory before it adds them to the rows of dats and matrices.
//!
//! Each work-item keeps what its element adds in variables. Then the colors of the block take turns: elements of
//! one color change no row in common. At last the work-items share out the rows, and add the sums to those in memory,
//! which no other block of the launch changes.

use crate::base::element::ElementKind;
use crate::device::order::NOWHERE;
use crate::device::targets::{Reach, Target};
use crate::mesh::access::Access;

use super::combine::combined;
use super::gather::{nothing, place};
use super::model::{Arg, Columns, Model, Way, index};
use super::out::Out;
use super::scatter;

/// Rows of a block are rounded up to a multiple of this, so that meshes of a kind share a program.
const ROWS: usize = 64;

/// A target's rows in the memory of a group, leaf by leaf: all first leaves, all second ones, ..
pub(super) struct Rows {
    /// How many there is room for.
    pub(super) most: usize,
    /// Where they begin, in bytes.
    start: usize,
}

/// Places all targets' rows, and says how many bytes they take. Rounded up if they fit then.
pub(super) fn rows(model: &Model<'_>, exact: &[usize]) -> (Vec<Rows>, usize) {
    let rounded: Vec<usize> = exact.iter().map(|rows| rows.next_multiple_of(ROWS)).collect();
    let (rows, bytes) = placed(model, &rounded);
    if bytes <= model.facts.local_bytes { (rows, bytes) } else { placed(model, exact) }
}

fn placed(model: &Model<'_>, most: &[usize]) -> (Vec<Rows>, usize) {
    let mut end: usize = 0;
    let place = |(target, most): (&Target, &usize)| {
        let arg = &model.args[target.first];
        let start = end.next_multiple_of(size_of::<u64>());
        end = start + most * dim(arg) * arg.leaf.kind.bytes();
        Rows { most: *most, start }
    };
    let rows = model.targets.iter().zip(most).map(place).collect();
    (rows, end)
}

fn dim(arg: &Arg) -> usize {
    arg.stored.map_or(1, |stored| stored.dim)
}

/// A leaf of a row in the group's memory.
fn staged(target: &Target, rows: &Rows, row: &str, c: &str) -> String {
    let first = target.first;
    match c {
        "0" => format!("sums{first}[{row}]"),
        c => format!("sums{first}[{c} * {} + {row}]", rows.most),
    }
}

/// Names the rows of each target, and gives them what their sums start from.
pub(super) fn begin(model: &Model<'_>, out: &mut Out, rows: &[Rows]) {
    for (target, rows) in model.targets.iter().zip(rows) {
        let arg = &model.args[target.first];
        let (first, c, shared) = (target.first, &arg.leaf.c, model.words.shared);
        out.line(format!(
            "{shared}{c} *const sums{first} = ({shared}{c} *)(shared + {});",
            rows.start / 8
        ));
        out.line(format!("const u32 start{first} = offsets{first}[block];"));
        out.line(format!("const u32 count{first} = offsets{first}[block + 1] - start{first};"));
        if arg.access == Access::Inc {
            clear(model, out, target, rows);
        } else {
            copy(model, out, target, rows);
        }
    }
    out.line(model.words.barrier);
}

/// Sums start from zero.
fn clear(model: &Model<'_>, out: &mut Out, target: &Target, rows: &Rows) {
    let (arg, first) = (&model.args[target.first], target.first);
    let mut zero = "0".to_owned();
    if matches!(arg.leaf.kind, ElementKind::Struct { .. }) {
        zero = format!("zero{first}");
        out.line(format!("const {} {zero} = {{0}};", arg.leaf.c));
    }
    let step = model.group;
    out.text.open(format!("for (u32 r = item; r < count{first}; r += {step})"));
    out.each("c", dim(arg), 1, |out, c| {
        out.line(format!("{} = {zero};", staged(target, rows, "r", c)));
    });
    out.text.close();
}

/// Minima and maxima start from the rows' values.
fn copy(model: &Model<'_>, out: &mut Out, target: &Target, rows: &Rows) {
    let arg = &model.args[target.first];
    let Some(stored) = arg.stored else { return };
    each_row_of_block(model, out, target, |out| {
        out.each("c", dim(arg), 1, |out, c| {
            let value = place(stored, "row", c);
            out.line(format!("{} = {value};", staged(target, rows, "r", c)));
        });
    });
}

/// The work-items share out the rows of the block: `r` in the group's memory, `row` in the dat.
fn each_row_of_block(
    model: &Model<'_>,
    out: &mut Out,
    target: &Target,
    body: impl FnOnce(&mut Out),
) {
    let first = target.first;
    out.text.open(format!("for (u32 r = item; r < count{first}; r += {})", model.group));
    out.line(format!("const u32 row = rows{first}[start{first} + r];"));
    body(out);
    out.text.close();
}

/// Declares the variables in which a work-item keeps what its element adds.
pub(super) fn declare(model: &Model<'_>, out: &mut Out) {
    for (arg, _) in reaches(model) {
        match slots(arg) {
            1 => nothing(model, out, arg, &own(arg)),
            slots => {
                out.line(format!("{} {}[{slots}];", arg.c, own(arg)));
                out.each("k", slots, arg.num_leaves(), |out, k| {
                    nothing(model, out, arg, "none");
                    out.line(format!("{}[{k}] = none;", own(arg)));
                });
            }
        }
    }
}

fn reaches<'m>(model: &'m Model<'_>) -> impl Iterator<Item = (&'m Arg, &'m Reach)> {
    let reaches = model.targets.iter().flat_map(|target| &target.reaches);
    reaches.map(|reach| (&model.args[reach.arg], reach))
}

fn own(arg: &Arg) -> String {
    format!("own{}", arg.index)
}

/// How many values a work-item keeps for one argument: one for each column that local indices may pick.
fn slots(arg: &Arg) -> usize {
    match arg.way {
        Way::Mapped { columns: Columns::Picked { slots, .. }, .. } => slots,
        _ => 1,
    }
}

/// Keeps what the kernel has made of one argument at one point of the element.
pub(super) fn keep(model: &Model<'_>, out: &mut Out, arg: &Arg) {
    let (own, name) = (own(arg), arg.name());
    if model.the_loop.body.points().is_empty() {
        out.line(format!("{own} = {name};"));
        return;
    }
    let kept = match &arg.way {
        Way::Mapped { columns: Columns::Picked { slot, .. }, .. } if slots(arg) > 1 => {
            format!("{own}[{slot}]")
        }
        _ => own,
    };
    out.each("c", arg.num_leaves(), 1, |out, c| {
        let (kept, value) = (arg.part(&kept, c), arg.part(&name, c));
        let both = combined(out, arg.access, &arg.leaf, &kept, &value);
        out.line(format!("{kept} = {both};"));
    });
}

/// The colors take turns.
pub(super) fn turns(model: &Model<'_>, out: &mut Out, rows: &[Rows]) {
    places(model, out);
    out.line("const u32 color = active ? colors[at] : 0xffffffffu;");
    out.line("const u32 turns = num_colors[block];");
    out.text.open("for (u32 turn = 0; turn < turns; ++turn)");
    out.text.open("if (turn == color)");
    for (target, rows) in model.targets.iter().zip(rows) {
        for reach in &target.reaches {
            spread(model, out, target, rows, reach);
        }
    }
    out.text.close();
    out.line(model.words.barrier);
    out.text.close();
}

/// Where the element's rows are among those of the block: read before the turns, which all wait for each other.
fn places(model: &Model<'_>, out: &mut Out) {
    for (arg, reach) in reaches(model) {
        out.line(format!("u16 place{}[{}];", arg.index, reach.columns.len().max(1)));
    }
    out.text.open("if (active)");
    for target in model.targets {
        for reach in &target.reaches {
            out.each("k", reach.columns.len(), 1, |out, k| {
                let entry = match (reach.first_entry, k) {
                    (0, "0") => String::new(),
                    (0, k) => format!("(usize){k} * positions + "),
                    (first, "0") => format!("(usize){first} * positions + "),
                    (first, k) => format!("(usize)({first} + {k}) * positions + "),
                };
                out.line(format!("place{}[{k}] = places{}[{entry}at];", reach.arg, target.first));
            });
        }
    }
    out.text.close();
}

/// Combines what was kept for one argument with the rows in the group's memory.
fn spread(model: &Model<'_>, out: &mut Out, target: &Target, rows: &Rows, reach: &Reach) {
    let arg = &model.args[reach.arg];
    let masked = matches!(arg.way, Way::Mapped { masked: true, .. });
    out.each("k", reach.columns.len(), dim(arg), |out, k| {
        let row = format!("place{}[{k}]", arg.index);
        if masked {
            out.text.open(format!("if ({row} != {NOWHERE}u)"));
        }
        out.each("c", dim(arg), 1, |out, c| {
            let value = if slots(arg) == 1 {
                arg.part(&own(arg), &arg.leaf_of_column(k, c))
            } else {
                let leaf = index(k, arg.num_leaves(), c);
                format!("(({} *){})[{leaf}]", arg.leaf.c, own(arg))
            };
            let sum = staged(target, rows, &row, c);
            let both = combined(out, arg.access, &arg.leaf, &sum, &value);
            out.line(format!("{sum} = {both};"));
        });
        if masked {
            out.text.close();
        }
    });
}

/// The rows' sums are added to the rows in memory.
pub(super) fn end(model: &Model<'_>, out: &mut Out, rows: &[Rows]) {
    for (target, rows) in model.targets.iter().zip(rows) {
        let arg = &model.args[target.first];
        let Some(stored) = arg.stored else { continue };
        each_row_of_block(model, out, target, |out| {
            out.each("c", dim(arg), 1, |out, c| {
                scatter::add(out, arg, stored, "row", c, &staged(target, rows, "r", c));
            });
        });
    }
    if model.reduces() {
        // Another block may come, or results that are combined in the same memory.
        out.line(model.words.barrier);
    }
}
