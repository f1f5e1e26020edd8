//! The results of a group: those of its work-items in halves, in memory that they share, number by number.

use crate::base::element::ScalarKind;
use crate::mesh::access::Access;

use super::combine::{combine_numbers, word};
use super::dialect::c_name;
use super::layout::partials_layout;
use super::model::{Arg, Model, Way};
use super::out::{Out, sum};
use super::text::comment;

/// Bytes of the memory of a group that this takes.
pub(super) fn shared_bytes(model: &Model<'_>) -> usize {
    if model.reduces() { model.group * size_of::<u64>() } else { 0 }
}

/// Combines what the work-items have collected; the first one leaves it as the group's partial result.
pub(super) fn reduce(model: &Model<'_>, out: &mut Out) {
    let (places, stride) = partials_layout(model.the_loop);
    if !model.reduces() {
        return;
    }
    let global = model.words.global;
    out.text.blank();
    out.line(format!(
        "{global}u8 *const partial = partials + (usize)(partials_first + {}) * {stride};",
        model.words.group
    ));
    for arg in &model.args {
        if let (Way::Reduced, Some(place)) = (&arg.way, places[arg.index]) {
            out.line(format!("// {}: {}", arg.index, comment(arg.text)));
            one(model, out, arg, place);
        }
    }
}

fn one(model: &Model<'_>, out: &mut Out, arg: &Arg, place: usize) {
    let (name, global, shared) = (arg.name(), model.words.global, model.words.shared);
    out.numbers(&arg.kind, &mut |out, number| {
        let c = c_name(number.scalar);
        let total = total(model, out, arg.access, number.scalar);
        let own = format!("{name}{}", number.path);
        out.line(format!("{own} = {total}(({shared}{c} *)shared, item, {own});"));
        out.text.open("if (item == 0)");
        let offset = sum(&place.to_string(), &number.offset);
        out.line(format!("*({global}{c} *)(partial + {offset}) = {own};"));
        out.text.close();
    });
}

/// The function that all work-items call with a number of their own.
fn total(model: &Model<'_>, out: &mut Out, access: Access, scalar: ScalarKind) -> String {
    let c = c_name(scalar);
    let name = format!("loop_total_{}_{c}", word(access));
    out.helper(&name, |out| {
        let combine = combine_numbers(out, access, scalar);
        format!(
            "OP2_FUNCTION {c} {name}({shared}{c} *shared, u32 item, {c} own) {{
    shared[item] = own;
    {barrier}
    for (u32 width = {width}; width > 0; width /= 2) {{
        if (item < width) shared[item] = {combine}(shared[item], shared[item + width]);
        {barrier}
    }}
    own = shared[0];
    {barrier}
    return own;
}}
",
            shared = model.words.shared,
            barrier = model.words.barrier,
            width = model.group / 2,
        )
    });
    name
}
