//! What the kernel starts from: rows, values and numbers go to variables.

use crate::mesh::access::Access;

use super::combine::identity;
use super::layout::values_layout;
use super::model::{Arg, Columns, Model, Stored, Table, Way, index};
use super::out::Out;

/// Declares what is the same for all elements: plain values, and what results are collected in.
pub(super) fn once(model: &Model<'_>, out: &mut Out) {
    let (places, _) = values_layout(model.the_loop);
    for arg in &model.args {
        match (&arg.way, places[arg.index]) {
            (Way::Uniform, Some(place)) => value(model, out, arg, place),
            (Way::Reduced, _) => nothing(model, out, arg, &arg.name()),
            _ => {}
        }
    }
}

fn value(model: &Model<'_>, out: &mut Out, arg: &Arg, place: usize) {
    let (name, leaf, global) = (arg.name(), &arg.leaf.c, model.words.global);
    out.line(format!("{} {name};", arg.c));
    out.each("c", arg.num_leaves(), 1, |out, c| {
        let part = arg.part(&name, c);
        out.line(format!("{part} = (({global}const {leaf} *)(values + {place}))[{c}];"));
    });
}

/// Declares a variable with the value that changes nothing.
pub(super) fn nothing(model: &Model<'_>, out: &mut Out, arg: &Arg, name: &str) {
    if arg.access == Access::Inc || arg.kind.bytes() == 0 {
        out.line(format!("{} {name} = {{0}};", arg.c));
        return;
    }
    out.line(format!("{} {name};", arg.c));
    out.numbers(&arg.kind, &mut |out, number| {
        let value = identity(arg.access, number.scalar, model.facts.dialect);
        out.line(format!("{name}{} = {value};", number.path));
    });
}

/// Declares the rows of an element that are the same for all its points, each once.
pub(super) fn rows(model: &Model<'_>, out: &mut Out) {
    let mut known = Vec::new();
    for arg in model.args.iter().filter(|arg| model.uses_table(arg)) {
        let (Way::Mapped { columns: Columns::One(k), .. }, Some(table)) = (&arg.way, arg.table)
        else {
            continue;
        };
        if !known.contains(&(table.first, *k)) {
            known.push((table.first, *k));
            let entry = entry(table, &k.to_string());
            out.line(format!("const u32 row{}_{k} = {entry};", table.first));
        }
    }
}

/// An element's entry of a table.
pub(super) fn entry(table: Table, column: &str) -> String {
    let Table { first, arity } = table;
    match (arity, column) {
        (0 | 1, _) | (_, "0") => format!("table{first}[element]"),
        (_, "1") => format!("table{first}[(usize)table{first}_stride + element]"),
        _ => format!(
            "table{first}[(usize){} * table{first}_stride + element]",
            parenthesized(column)
        ),
    }
}

fn parenthesized(column: &str) -> String {
    if column.contains(' ') { format!("({column})") } else { column.to_owned() }
}

/// A leaf of a row in memory.
pub(super) fn place(stored: Stored, row: &str, c: &str) -> String {
    let Stored { first, dim, apart } = stored;
    match (apart, c) {
        (true, "0") => format!("data{first}[{row}]"),
        (true, c) => format!("data{first}[(usize){c} * data{first}_stride + {row}]"),
        (false, _) if dim == 1 => format!("data{first}[{row}]"),
        (false, c) => format!("data{first}[{}]", index(&format!("(usize){row}"), dim, c)),
    }
}

/// Declares what the kernel is given for one argument, at one point of an element.
pub(super) fn gather(model: &Model<'_>, out: &mut Out, arg: &Arg) {
    let name = arg.name();
    match &arg.way {
        Way::Uniform | Way::Reduced => {}
        Way::Number => {
            let number = arg.table.map_or("element".to_owned(), |table| entry(table, "0"));
            out.line(format!("const u64 {name} = {number};"));
        }
        Way::Point(axis) => out.line(format!("const u64 {name} = point{axis};")),
        Way::Own | Way::Mapped { .. } => {
            picked_row(model, out, arg);
            if arg.loads() {
                out.line(format!("{} {name};", arg.c));
                load(out, arg, &name);
            } else {
                out.line(format!("{} {name} = {{0}};", arg.c));
            }
        }
    }
}

/// Declares the row that local indices pick.
fn picked_row(model: &Model<'_>, out: &mut Out, arg: &Arg) {
    if let (Way::Mapped { columns: Columns::Picked { column, .. }, .. }, Some(table), true) =
        (&arg.way, arg.table, model.uses_table(arg))
    {
        out.line(format!("const u32 row{} = {};", arg.index, entry(table, column)));
    }
}

fn load(out: &mut Out, arg: &Arg, name: &str) {
    each_row(out, arg, |out, k, row| {
        each_leaf(out, arg, k, |out, part, c| {
            let Some(stored) = arg.stored else { return };
            let part = arg.part(name, part);
            out.line(format!("{part} = {};", place(stored, row, c)));
        });
    });
}

/// Does something for each row of an argument: its column among those of the argument, and its text.
pub(super) fn each_row(out: &mut Out, arg: &Arg, body: impl FnOnce(&mut Out, &str, &str)) {
    let dim = arg.stored.map_or(1, |stored| stored.dim);
    match (&arg.way, arg.table) {
        (Way::Mapped { columns: Columns::One(k), .. }, Some(table)) => {
            body(out, "0", &format!("row{}_{k}", table.first));
        }
        (Way::Mapped { columns: Columns::Picked { .. }, .. }, _) => {
            body(out, "0", &format!("row{}", arg.index));
        }
        (Way::Mapped { columns: Columns::All(count), .. }, Some(table)) => {
            out.each("k", *count, dim, |out, k| {
                if *count == 1 {
                    out.text.scope();
                }
                out.line(format!("const u32 row = {};", entry(table, k)));
                body(out, k, "row");
                if *count == 1 {
                    out.text.close();
                }
            });
        }
        _ => body(out, "0", "element"),
    }
}

/// Does something for each leaf of a row of an argument: where it is in what the kernel takes, and in
/// the row.
pub(super) fn each_leaf(
    out: &mut Out,
    arg: &Arg,
    k: &str,
    body: impl FnOnce(&mut Out, &str, &str),
) {
    let dim = arg.stored.map_or(1, |stored| stored.dim);
    out.each("c", dim, 1, |out, c| body(out, &arg.leaf_of_column(k, c), c));
}
