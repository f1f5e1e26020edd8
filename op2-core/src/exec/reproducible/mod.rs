//! The reproducible mode: the same bits on any number of ranks and threads, however the mesh is shared and
//! numbered.
//!
//! Two things depend on how a mesh is cut: the sequence in which a row that several elements change sees
//! them, and the tree of a global reduction. Here rows see elements in a sequence that belongs to users'
//! numbers (`sequence`), and global sums are exact until they are rounded once (`sums`, with the numbers
//! inside values in `totals`).

mod sequence;
mod sums;
#[forbid(unsafe_code)]
mod totals;

use crate::base::config::SimdLevel;
use crate::base::element::{ElementKind, ScalarKind};
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef};
use crate::par_loop::body::Form;
use crate::par_loop::descriptor::LoopRef;

pub(crate) use sequence::{Sequences, Shared};
pub(crate) use sums::{Sums, add_all, run_body, unify_selected};

/// Whether the sequence in which elements run shows in the bits of what a loop changes through maps.
pub(crate) fn keeps_sequence(the_loop: &LoopRef<'_>) -> bool {
    the_loop.args.iter().filter(|arg| changes_rows(arg)).any(|arg| match arg.access {
        Access::Write | Access::Rw => true,
        Access::Inc | Access::Min | Access::Max => kind(arg).is_some_and(|kind| has_floats(&kind)),
        Access::Read => false,
    })
}

/// The form in which a loop in sequence runs: one element at a time where it shows who stands beside whom.
///
/// Several elements at a time put back their values argument by argument, so that a row which two
/// arguments reach would see the second element's first value before the first element's second; and
/// minima and maxima start from one old value, which decides between two zeros.
pub(crate) fn form_in_sequence(the_loop: &LoopRef<'_>, form: Form) -> Form {
    let args = the_loop.args;
    let shows = |(i, arg): (usize, &ArgRef<'_>)| {
        let selects = matches!(arg.access, Access::Min | Access::Max);
        let same = |other: &ArgRef<'_>| changes_rows(other) && other.stored() == arg.stored();
        changes_rows(arg) && (selects || args[..i].iter().any(same))
    };
    if args.iter().enumerate().any(shows) {
        return Form { simd: SimdLevel::Scalar, plain: false };
    }
    form
}

fn changes_rows(arg: &ArgRef<'_>) -> bool {
    arg.access.writes() && arg.via.rows().is_some()
}

fn kind(arg: &ArgRef<'_>) -> Option<ElementKind> {
    match arg.data {
        DataRef::Dat(dat) => Some(dat.kind),
        DataRef::Mat(mat) => Some(mat.kind),
        _ => None,
    }
}

fn has_floats(kind: &ElementKind) -> bool {
    match kind {
        ElementKind::Scalar(kind) => matches!(kind, ScalarKind::F64 | ScalarKind::F32),
        ElementKind::Array { of, .. } => has_floats(of),
        ElementKind::Struct { fields, .. } => fields.iter().any(|field| has_floats(&field.kind)),
    }
}
