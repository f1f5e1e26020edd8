//! Writes the program of one loop for a device: the kernel's C, and an entry that gathers each element's
//! arguments into variables, calls the kernel, and scatters what it has changed.
//!
//! The text follows the CPU's code step by step (`par_loop::view`, `exec::partials`), so that results agree
//! to rounding. It depends on no size of a set; of a staged loop, on the block and on the rows that a block
//! changes, rounded up. `programs` has it compiled, `launch` passes what the entry wants.
//!
//! `model` is the loop as the text needs it; `params`, `gather`, `scatter`, `reduce` and `staged` write the parts of
//! the entry; `combine` and `atomics` the functions that combine two values; `dialect` has what differs between languages.

mod atomics;
mod combine;
mod dialect;
mod gather;
mod halo;
mod layout;
mod model;
mod out;
mod params;
mod product;
mod reduce;
mod scatter;
mod staged;
mod text;

use crate::base::layout::Layout;
use crate::device::api::{Atomics, Facts};
use crate::device::order::leaves::atomic;
use crate::device::order::{Races, Staging};
use crate::device::targets::Target;
use crate::kernel::source;
use crate::mesh::access::Access;
use crate::par_loop::descriptor::LoopRef;

pub use halo::{Direction, HaloForm, write_halo};
pub use layout::{groups, partials_layout, values_layout};
pub use params::Param;
pub use product::{ProductForm, write_product};
pub use text::ProgramText;

use model::Model;
use out::Out;
use text::comment;

/// The program of one loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapper {
    /// All of it.
    pub text: String,
    /// The function to start.
    pub entry: String,
    /// Work-items of each group.
    pub group: usize,
    /// Groups may be of any other size up to this one; of no other where it is `group`.
    pub most_group: usize,
    /// What it is given, in order.
    pub params: Vec<Param>,
    /// Bytes of a group's memory that it takes.
    pub local_bytes: usize,
}

/// In which of its forms a loop is written.
#[derive(Clone, Debug)]
pub struct Variant<'a> {
    /// How work-items are kept apart.
    pub races: Races,
    /// How each argument's dat lies on the device; what stands for other arguments does not matter.
    pub layouts: &'a [Layout],
    /// Whether positions are looked up in a list of elements: a subset, or a coloring.
    pub list: bool,
    /// Whether the loop's set was renumbered, so that `index()` has to look up the users' numbers.
    pub renumbered: bool,
    /// [`Races::Staging`] only.
    pub shape: Option<Shape>,
}

/// What the text needs to know of a [`Staging`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Positions of a block; a power of two.
    pub block: usize,
    /// Rows of a block, at most, for each target.
    pub rows: Vec<usize>,
}

impl From<&Staging> for Shape {
    fn from(staging: &Staging) -> Self {
        let rows = staging.targets.iter().map(|target| target.most_rows).collect();
        Self { block: staging.block, rows }
    }
}

/// Writes the program of a loop.
///
/// # Errors
/// The kernel runs on the CPU only, or the device lacks what the loop needs: `f64`, memory of groups, changes in
/// one piece. To be put into the loop's own error.
pub fn write(
    the_loop: &LoopRef<'_>,
    targets: &[Target],
    variant: &Variant<'_>,
    facts: &Facts,
) -> Result<Wrapper, String> {
    let program = source::write(&[the_loop.kernel()], facts.dialect).map_err(|r| r.to_string())?;
    let [kernel] = program.entries.as_slice() else {
        return Err(format!("kernel `{}` has no function", the_loop.kernel().name));
    };
    let model = Model::new(the_loop, targets, variant, facts, kernel);
    check(&model, program.doubles)?;
    let rows = variant.shape.as_ref().map_or(&[][..], |shape| &shape.rows);
    let (rows, staged_bytes) = staged::rows(&model, rows);
    // Sums and results take turns in the same memory.
    let local_bytes = staged_bytes.max(reduce::shared_bytes(&model)).next_multiple_of(8);
    if local_bytes > facts.local_bytes {
        return Err(format!(
            "it needs {local_bytes} bytes of memory of a group, device `{}` has {}",
            facts.name, facts.local_bytes
        ));
    }
    let name = format!("op2_loop_{}", source::word(the_loop.kernel().name));
    let mut out = Out::default();
    let params = entry(&model, &mut out, &name, &rows, local_bytes);
    let head = head(&model);
    let text = format!(
        "{head}\n{}\n#line 1 \"{name}\"\ntypedef unsigned short u16;\n{}\n{}",
        program.text,
        out.helpers,
        out.text.into_string()
    );
    let (group, most_group) = (model.group, model.groups.most());
    Ok(Wrapper { text, entry: name, group, most_group, params, local_bytes })
}

/// What the loop asks of the device, or of the order, that these do not have.
fn check(model: &Model<'_>, doubles: bool) -> Result<(), String> {
    let (facts, variant) = (model.facts, model.variant);
    if doubles && !facts.doubles {
        return Err(format!(
            "it computes with f64, which device `{}` does not have: use f32",
            facts.name
        ));
    }
    let num_shapes = variant.shape.as_ref().map_or(0, |shape| shape.rows.len());
    if variant.races == Races::Staging && num_shapes != model.targets.len() {
        return Err("it is staged, but its blocks are not those of its targets".to_owned());
    }
    if model.group > facts.max_group || !model.group.is_power_of_two() {
        return Err(format!(
            "its blocks of {} do not fit into the groups of device `{}`, of {} at most",
            model.group, facts.name, facts.max_group
        ));
    }
    for arg in model.targets.iter().flat_map(|target| &target.reaches).map(|r| &model.args[r.arg]) {
        let named = format!("argument {} `{}`", arg.index + 1, arg.text);
        let combines = arg.access.combines();
        if matches!(variant.races, Races::Atomics | Races::Staging) && !combines {
            return Err(format!(
                "{named}: elements that write one row cannot be kept apart by {}",
                races(variant.races)
            ));
        }
        if variant.races == Races::Atomics && !atomic(&arg.leaf.kind, facts.atomics) {
            let what = if arg.access == Access::Inc { "add to" } else { "compare" };
            return Err(format!(
                "{named}: device `{}` cannot {what} {} in one piece",
                facts.name,
                if atomic(&arg.leaf.kind, SWAP_64) { "numbers of 64 bits" } else { "single bytes" }
            ));
        }
    }
    Ok(())
}

const SWAP_64: Atomics = Atomics { swap_64: true, native_add: false };

fn races(races: Races) -> &'static str {
    match races {
        Races::None => "nothing is changed through a map",
        Races::Atomics => "atomics",
        Races::Coloring => "coloring of elements",
        Races::Staging => "staging in blocks",
        Races::Serial => "one work-item runs all elements",
    }
}

/// Says what the program is.
fn head(model: &Model<'_>) -> String {
    let the_loop = model.the_loop;
    let site = format!("{}:{}", the_loop.site.file, the_loop.site.line);
    let mut lines = vec![
        format!("// Loop `{}`, {}", the_loop.kernel().name, comment(&site)),
        format!("// Races: {}", races(model.variant.races)),
    ];
    for arg in &model.args {
        let layout = match arg.stored {
            Some(stored) if stored.apart => ", soa",
            Some(_) => ", aos",
            None => "",
        };
        lines.push(format!("// {}: {}{layout}", arg.index, comment(arg.text)));
    }
    lines.join("\n")
}

/// Writes the entry; its parameters.
fn entry(
    model: &Model<'_>,
    out: &mut Out,
    name: &str,
    rows: &[staged::Rows],
    local_bytes: usize,
) -> Vec<Param> {
    let params = params::params(model);
    out.line(format!("{} {name}(", dialect::entry(model.facts.dialect, model.groups)));
    for (k, (_, declared)) in params.iter().enumerate() {
        out.line(format!("    {declared}{}", if k + 1 < params.len() { "," } else { "" }));
    }
    out.text.open(")");
    // Of rows without bytes, staging still speaks.
    if local_bytes > 0 || model.variant.races == Races::Staging {
        let words = (local_bytes / 8).max(1);
        out.line(format!("{}u64 shared[{words}];", model.words.shared_array));
    }
    out.line(format!("const u32 item = {};", model.words.item));
    if model.variant.races == Races::Staging {
        block(model, out, rows);
    } else {
        stride(model, out);
    }
    reduce::reduce(model, out);
    out.text.close();
    params.into_iter().map(|(param, _)| param).collect()
}

/// Any number of groups runs all elements from `lo` to `hi`.
fn stride(model: &Model<'_>, out: &mut Out) {
    let (group, words) = (model.groups.size(), model.words);
    gather::once(model, out);
    out.line(format!("const u64 step = (u64){} * {group};", words.groups));
    out.text.open(format!(
        "for (u64 at = (u64)lo + (u64){} * {group} + item; at < hi; at += step)",
        words.group
    ));
    element(model, out);
    out.text.close();
}

/// A group runs the elements of one block, or of several where it has results to combine.
fn block(model: &Model<'_>, out: &mut Out, rows: &[staged::Rows]) {
    let words = model.words;
    if model.reduces() {
        gather::once(model, out);
        out.text.open(format!(
            "for (u32 at_block = lo + {}; at_block < hi; at_block += {})",
            words.group, words.groups
        ));
        out.line("const u32 block = blocks[at_block];");
    } else {
        out.line(format!("const u32 block = blocks[lo + {}];", words.group));
    }
    out.line(format!("const u64 at = (u64)block * {} + item;", model.group));
    out.line("const boolean active = at < positions;");
    out.text.blank();
    staged::begin(model, out, rows);
    out.text.blank();
    if !model.reduces() {
        gather::once(model, out);
    }
    staged::declare(model, out);
    out.text.open("if (active)");
    element(model, out);
    out.text.close();
    out.text.blank();
    staged::turns(model, out, rows);
    staged::end(model, out, rows);
    if model.reduces() {
        out.text.close();
    }
}

/// One element: the kernel is called for each of its points.
fn element(model: &Model<'_>, out: &mut Out) {
    let element = if model.variant.list { "list[at]" } else { "(u32)at" };
    out.line(format!("const u32 element = {element};"));
    gather::rows(model, out);
    let points = model.the_loop.body.points();
    for (axis, extent) in points.iter().enumerate() {
        let point = format!("point{axis}");
        out.text.open(format!("for (u32 {point} = 0; {point} < {extent}; ++{point})"));
    }
    for arg in &model.args {
        gather::gather(model, out, arg);
    }
    call(model, out);
    for arg in &model.args {
        if model.is_staged(arg) {
            staged::keep(model, out, arg);
        } else {
            scatter::scatter(model, out, arg);
        }
    }
    for _ in points {
        out.text.close();
    }
}

fn call(model: &Model<'_>, out: &mut Out) {
    let mut given: Vec<String> = model.args.iter().map(|arg| format!("&{}", arg.name())).collect();
    if model.kernel.constants {
        given.push("constants".to_owned());
    }
    out.line(format!("{}({});", model.kernel.name, given.join(", ")));
}
