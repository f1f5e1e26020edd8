//! What the kernel has left in variables goes to its rows.

use crate::device::order::Races;
use crate::matrix::table::DROPPED;
use crate::mesh::access::Access;

use super::atomics;
use super::combine::combined;
use super::gather::{each_leaf, each_row, place};
use super::model::{Arg, Model, Stored, Way};
use super::out::Out;

/// Writes or combines what the kernel has made of one argument.
pub(super) fn scatter(model: &Model<'_>, out: &mut Out, arg: &Arg) {
    let Some(stored) = arg.stored.filter(|_| arg.access.writes()) else { return };
    let masked = matches!(arg.way, Way::Mapped { masked: true, .. });
    each_row(out, arg, |out, k, row| {
        if masked {
            out.text.open(format!("if ({row} != {DROPPED}u)"));
        }
        each_leaf(out, arg, k, |out, part, c| {
            let part = arg.part(&arg.name(), part);
            put(model, out, arg, &place(stored, row, c), &part);
        });
        if masked {
            out.text.close();
        }
    });
}

/// Writes one leaf, or combines it with the one in memory.
fn put(model: &Model<'_>, out: &mut Out, arg: &Arg, place: &str, value: &str) {
    let mapped = matches!(arg.way, Way::Mapped { .. });
    match arg.access {
        Access::Inc | Access::Min | Access::Max if mapped => {
            if model.variant.races == Races::Atomics {
                atomics::change(model, out, arg.access, &arg.leaf, place, value);
            } else {
                let both = combined(out, arg.access, &arg.leaf, place, value);
                out.line(format!("{place} = {both};"));
            }
        }
        _ => out.line(format!("{place} = {value};")),
    }
}

/// Combines one leaf with that of a row of [`Stored`] memory that nobody else changes.
pub(super) fn add(out: &mut Out, arg: &Arg, stored: Stored, row: &str, c: &str, value: &str) {
    let place = place(stored, row, c);
    let both = combined(out, arg.access, &arg.leaf, &place, value);
    out.line(format!("{place} = {both};"));
}
