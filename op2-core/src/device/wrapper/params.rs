//! The parameters of the entry, in order.

use crate::device::order::Races;

use super::layout::values_layout;
use super::model::{Model, Way};

/// What the host passes for a parameter of the entry. Numbers are `u32`, all else is memory of the device.
///
/// Indices are those of arguments: the first one that names this dat, matrix or map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Param {
    /// The first position, or the first place in [`Blocks`](Self::Blocks).
    Lo,
    /// One after the last position.
    Hi,
    /// The element of each position: a subset, or the elements of a coloring.
    List,
    /// The kernel's constants, as `LoopBody::store_constants` writes them.
    Constants,
    /// The values of [`values_layout`](super::values_layout).
    Values,
    /// The partial results of all groups, as [`partials_layout`](super::partials_layout) has them.
    Partials,
    /// How many groups have left theirs in earlier launches.
    PartialsFirst,
    /// The rows of a dat, or the entries of a matrix. Of numbers of one byte, the memory must end at a
    /// multiple of four: atomics change whole words.
    Data(usize),
    /// Elements of the dat's set: from one leaf of a row to the next.
    DataStride(usize),
    /// `[columns, elements]`: a map; of a matrix argument the places of its entries; of `index()` the users'
    /// numbers.
    Table(usize),
    /// Elements that the table has: from one column to the next.
    TableStride(usize),
    /// [`Staging::blocks`](crate::device::order::Staging::blocks).
    Blocks,
    /// [`Staging::colors`](crate::device::order::Staging::colors), two bytes each.
    Colors,
    /// [`Staging::num_colors`](crate::device::order::Staging::num_colors).
    NumColors,
    /// How many positions the loop has.
    Positions,
    /// The `offsets` of the target whose first argument this is.
    Offsets(usize),
    /// Its `rows`.
    Rows(usize),
    /// Its `places`, two bytes each.
    Places(usize),
}

/// All parameters, with their declarations.
pub(super) fn params(model: &Model<'_>) -> Vec<(Param, String)> {
    let mut out =
        Declared { global: model.words.global, restrict: model.words.restrict, params: Vec::new() };
    positions(model, &mut out);
    shared_by_all(model, &mut out);
    for arg in &model.args {
        stored_in(model, arg.index, &mut out);
    }
    if model.variant.races == Races::Staging {
        staging(model, &mut out);
    }
    out.params
}

struct Declared {
    global: &'static str,
    restrict: &'static str,
    params: Vec<(Param, String)>,
}

impl Declared {
    fn number(&mut self, param: Param, name: &str) {
        self.params.push((param, format!("const u32 {name}")));
    }

    fn memory(&mut self, param: Param, ty: &str, name: &str) {
        let Self { global, restrict, .. } = self;
        self.params.push((param, format!("{global}{ty} *{restrict}{name}")));
    }

    fn has(&self, param: Param) -> bool {
        self.params.iter().any(|(known, _)| *known == param)
    }
}

fn positions(model: &Model<'_>, out: &mut Declared) {
    out.number(Param::Lo, "lo");
    if model.variant.races == Races::Staging {
        out.number(Param::Positions, "positions");
    }
    if model.variant.races != Races::Staging || model.reduces() {
        out.number(Param::Hi, "hi");
    }
    if model.variant.list {
        out.memory(Param::List, "const u32", "list");
    }
}

fn shared_by_all(model: &Model<'_>, out: &mut Declared) {
    if model.kernel.constants {
        out.params.push((Param::Constants, format!("{}constants", model.words.constants)));
    }
    if values_layout(model.the_loop).0.iter().any(Option::is_some) {
        out.memory(Param::Values, "const u8", "values");
    }
    if model.reduces() {
        out.memory(Param::Partials, "u8", "partials");
        out.number(Param::PartialsFirst, "partials_first");
    }
}

/// The dat or matrix of an argument, and its table.
fn stored_in(model: &Model<'_>, i: usize, out: &mut Declared) {
    let arg = &model.args[i];
    if let Some(stored) = arg.stored
        && !out.has(Param::Data(stored.first))
    {
        let first = stored.first;
        let constant = if arg.access.writes() { "" } else { "const " };
        out.memory(
            Param::Data(first),
            &format!("{constant}{}", arg.leaf.c),
            &format!("data{first}"),
        );
        if stored.apart {
            out.number(Param::DataStride(first), &format!("data{first}_stride"));
        }
    }
    if let Some(table) = arg.table.filter(|_| model.uses_table(arg))
        && !out.has(Param::Table(table.first))
    {
        let first = table.first;
        out.memory(Param::Table(first), "const u32", &format!("table{first}"));
        if table.arity > 1 && !matches!(arg.way, Way::Number) {
            out.number(Param::TableStride(first), &format!("table{first}_stride"));
        }
    }
}

fn staging(model: &Model<'_>, out: &mut Declared) {
    out.memory(Param::Blocks, "const u32", "blocks");
    out.memory(Param::Colors, "const u16", "colors");
    out.memory(Param::NumColors, "const u32", "num_colors");
    for target in model.targets {
        let first = target.first;
        out.memory(Param::Offsets(first), "const u32", &format!("offsets{first}"));
        out.memory(Param::Rows(first), "const u32", &format!("rows{first}"));
        out.memory(Param::Places(first), "const u16", &format!("places{first}"));
    }
}
