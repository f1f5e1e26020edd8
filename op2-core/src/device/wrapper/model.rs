//! A loop as its text needs it: of each argument the C types, and by which names it is reached.

use std::sync::Arc;

use crate::base::element::ElementKind;
use crate::base::layout::Layout;
use crate::device::api::Facts;
use crate::device::order::Races;
use crate::device::targets::{Target, columns, table_arity};
use crate::kernel::source::Entry;
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef, Part, Route};
use crate::par_loop::descriptor::LoopRef;

use super::Variant;
use super::dialect::{Groups, Words, words};
use super::layout::leaves;

/// All that the text says, before it is said.
pub(super) struct Model<'a> {
    pub(super) the_loop: &'a LoopRef<'a>,
    pub(super) targets: &'a [Target],
    pub(super) variant: &'a Variant<'a>,
    pub(super) facts: &'a Facts,
    pub(super) words: &'static Words,
    pub(super) kernel: &'a Entry,
    pub(super) args: Vec<Arg>,
    /// Work-items of a group.
    pub(super) group: usize,
    /// How many others there may be.
    pub(super) groups: Groups,
}

/// One argument.
pub(super) struct Arg {
    pub(super) index: usize,
    pub(super) access: Access,
    pub(super) text: &'static str,
    /// The shape of what the kernel takes.
    pub(super) kind: ElementKind,
    /// What C calls it.
    pub(super) c: String,
    pub(super) leaf: Leaf,
    pub(super) way: Way,
    pub(super) stored: Option<Stored>,
    pub(super) table: Option<Table>,
}

/// What rows are made of: numbers, or whole structs.
#[derive(Clone)]
pub(super) struct Leaf {
    pub(super) kind: ElementKind,
    pub(super) c: String,
}

/// The memory of a dat or matrix.
#[derive(Clone, Copy)]
pub(super) struct Stored {
    /// The first argument that names it; so it is called.
    pub(super) first: usize,
    /// Leaves of a row, or of an entry of a matrix.
    pub(super) dim: usize,
    /// Whether the leaves of a row are apart.
    pub(super) apart: bool,
}

/// A map, the places of a matrix's entries, or the users' numbers.
#[derive(Clone, Copy)]
pub(super) struct Table {
    /// The first argument that names it; so it is called.
    pub(super) first: usize,
    pub(super) arity: usize,
}

/// How an argument is reached.
pub(super) enum Way {
    /// One value for all elements.
    Uniform,
    /// A result of all elements.
    Reduced,
    /// The element's number.
    Number,
    /// The value of a local index.
    Point(usize),
    /// The element's own row.
    Own,
    /// Rows that a table names.
    Mapped { columns: Columns, masked: bool, block: Option<Block> },
}

/// Which columns of a table.
pub(super) enum Columns {
    One(usize),
    /// The one that local indices name, and which it is among those that they can name: so many.
    Picked {
        column: String,
        slot: String,
        slots: usize,
    },
    /// All: so many.
    All(usize),
}

/// Entries of a matrix that lie in the kernel's tensor with the components of each row beside each other.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// Components of a row.
    pub(super) rows: usize,
    /// Components of a column.
    pub(super) cols: usize,
    /// Columns that an element couples.
    pub(super) across: usize,
}

impl<'a> Model<'a> {
    pub(super) fn new(
        the_loop: &'a LoopRef<'a>,
        targets: &'a [Target],
        variant: &'a Variant<'a>,
        facts: &'a Facts,
        kernel: &'a Entry,
    ) -> Self {
        let args = (0..the_loop.args.len()).map(|i| Arg::new(the_loop, i, variant, kernel));
        let args: Vec<Arg> = args.collect();
        let group = group(the_loop, variant, facts);
        let groups = groups(the_loop, variant, facts, group);
        let words = words(facts.dialect);
        Self { the_loop, targets, variant, facts, words, kernel, args, group, groups }
    }

    /// Whether groups sum what they add to the argument's rows before it is added there.
    pub(super) fn is_staged(&self, arg: &Arg) -> bool {
        self.variant.races == Races::Staging
            && arg.access.writes()
            && matches!(arg.way, Way::Mapped { .. })
    }

    /// Whether the text looks into the argument's table.
    pub(super) fn uses_table(&self, arg: &Arg) -> bool {
        arg.table.is_some() && (arg.loads() || !self.is_staged(arg))
    }

    pub(super) fn reduces(&self) -> bool {
        self.the_loop.args.iter().any(ArgRef::reduces)
    }
}

/// Work-items of a group; a power of two, where results are combined in halves.
fn group(the_loop: &LoopRef<'_>, variant: &Variant<'_>, facts: &Facts) -> usize {
    match (variant.races, &variant.shape) {
        (Races::Serial, _) => 1,
        (Races::Staging, Some(shape)) => shape.block,
        _ => {
            let mut most = facts.usual_group.min(facts.max_group);
            if the_loop.args.iter().any(ArgRef::reduces) {
                most = most.min(facts.local_bytes / size_of::<u64>());
            }
            1 << most.max(1).ilog2()
        }
    }
}

/// Results of reductions are combined in a tree that depends on the size of groups, and the memory of blocks
/// is made for one; nothing else is.
fn groups(the_loop: &LoopRef<'_>, variant: &Variant<'_>, facts: &Facts, group: usize) -> Groups {
    match variant.races {
        Races::Serial | Races::Staging => Groups::Exactly(group),
        _ if the_loop.args.iter().any(ArgRef::reduces) => Groups::Exactly(group),
        Races::None | Races::Atomics | Races::Coloring => Groups::any(facts.dialect, group),
    }
}

impl Arg {
    fn new(the_loop: &LoopRef<'_>, i: usize, variant: &Variant<'_>, kernel: &Entry) -> Self {
        let arg = &the_loop.args[i];
        let kind = the_loop.kernel().params[i].kind;
        let leaf = Leaf { kind: leaves(&kind).0, c: kernel.leaves[i].clone() };
        let (dim, layout) = match (arg.dat(), arg.mat()) {
            (Some(dat), _) => (dat.dim, variant.layouts[i]),
            (None, Some((mat, ..))) => (leaves(&mat.kind).1, Layout::Aos),
            (None, None) => (0, Layout::Aos),
        };
        let first = |same: &dyn Fn(&ArgRef<'_>) -> bool| the_loop.args.iter().position(same);
        let stored = arg.stored().map(|id| Stored {
            first: first(&|other| other.stored() == Some(id)).unwrap_or(i),
            dim,
            apart: layout == Layout::Soa && dim > 1,
        });
        let has_table =
            arg.via.rows().is_some() || (matches!(arg.data, DataRef::Index) && variant.renumbered);
        let table = has_table.then(|| Table {
            first: first(&|other| same_table(other, arg)).unwrap_or(i),
            arity: table_arity(arg),
        });
        Self {
            index: i,
            access: arg.access,
            text: arg.text,
            kind,
            c: kernel.params[i].clone(),
            leaf,
            way: way(arg, &kind),
            stored,
            table,
        }
    }

    /// Whether the kernel finds stored values in the argument.
    pub(super) fn loads(&self) -> bool {
        match self.way {
            // Where a kernel leaves out what it should write, the old value stays.
            Way::Own => true,
            Way::Mapped { .. } => !matches!(self.access, Access::Inc | Access::Write),
            _ => false,
        }
    }

    /// What the variable is called that the kernel is given.
    pub(super) fn name(&self) -> String {
        format!("arg{}", self.index)
    }

    /// Leaf number `c` of a variable of this argument's type, or of an array of such.
    pub(super) fn part(&self, variable: &str, c: &str) -> String {
        match self.kind {
            ElementKind::Array { .. } => format!("(({} *)&{variable})[{c}]", self.leaf.c),
            _ => variable.to_owned(),
        }
    }

    /// Leaves of what the kernel takes.
    pub(super) fn num_leaves(&self) -> usize {
        leaves(&self.kind).1
    }

    /// Where leaf `c` of the row of column `k` is in what the kernel takes.
    pub(super) fn leaf_of_column(&self, k: &str, c: &str) -> String {
        let dim = self.stored.map_or(1, |stored| stored.dim);
        match self.way {
            Way::Mapped {
                columns: Columns::All(_),
                block: Some(Block { rows, cols, across }),
                ..
            } => {
                format!(
                    "(({k} / {across} * {rows} + {c} / {cols}) * {across} + {k} % {across}) * {cols} + {c} % {cols}"
                )
            }
            Way::Mapped { columns: Columns::All(_), .. } => index(k, dim, c),
            _ => c.to_owned(),
        }
    }
}

/// `k * dim + c`, without what does not matter.
pub(super) fn index(k: &str, dim: usize, c: &str) -> String {
    match (k, dim, c) {
        ("0", _, c) => c.to_owned(),
        (k, 1, "0") => k.to_owned(),
        (k, dim, "0") => format!("{k} * {dim}"),
        (k, 1, c) => format!("{k} + {c}"),
        (k, dim, c) => format!("{k} * {dim} + {c}"),
    }
}

fn same_table(a: &ArgRef<'_>, b: &ArgRef<'_>) -> bool {
    match (a.mat(), b.mat()) {
        (Some((mat, rows, cols)), Some((other, other_rows, other_cols))) => {
            Arc::ptr_eq(&mat.sparsity, &other.sparsity)
                && same_side(rows, other_rows)
                && same_side(cols, other_cols)
        }
        (None, None) => same_map_or_numbers(a, b),
        _ => false,
    }
}

fn same_map_or_numbers(a: &ArgRef<'_>, b: &ArgRef<'_>) -> bool {
    match (a.via.rows(), b.via.rows()) {
        (Some(route), Some(other)) => route.map.id == other.map.id,
        _ => matches!((a.data, b.data), (DataRef::Index, DataRef::Index)),
    }
}

fn same_side(a: Route<'_>, b: Route<'_>) -> bool {
    let same_mask = match (a.mask, b.mask) {
        (Some(mask), Some(other)) => Arc::ptr_eq(mask, other),
        (None, None) => true,
        _ => false,
    };
    a.map.id == b.map.id && same_mask
}

fn way(arg: &ArgRef<'_>, kind: &ElementKind) -> Way {
    match arg.data {
        DataRef::Global(_) if arg.access.writes() => Way::Reduced,
        DataRef::Value { .. } | DataRef::Global(_) => Way::Uniform,
        DataRef::Index => Way::Number,
        DataRef::Point(axis) => Way::Point(axis),
        DataRef::Dat(_) => arg.via.rows().map_or(Way::Own, |route| Way::Mapped {
            columns: picked(arg, &[route]),
            masked: false,
            block: None,
        }),
        DataRef::Mat(mat) => {
            let routes: Vec<Route<'_>> = arg.via.routes().collect();
            Way::Mapped {
                columns: picked(arg, &routes),
                masked: routes.iter().any(|route| route.mask.is_some()),
                block: block(&mat.kind, kind, &routes),
            }
        }
    }
}

/// The columns that one route, or a matrix's two, name together.
fn picked(arg: &ArgRef<'_>, routes: &[Route<'_>]) -> Columns {
    let columns = columns(arg);
    if routes.iter().all(|route| route.part == Part::All) {
        return Columns::All(columns.len());
    }
    let any_point = routes.iter().any(|route| matches!(route.part, Part::Point(_)));
    if let ([column], false) = (columns.as_slice(), any_point) {
        return Columns::One(*column);
    }
    let mut column = "0".to_owned();
    let mut slot = "0".to_owned();
    for route in routes {
        let (part, place) = match route.part {
            Part::One(k) => (k.to_string(), "0".to_owned()),
            Part::Point(axis) => (format!("point{axis}"), format!("point{axis}")),
            Part::All => ("0".to_owned(), "0".to_owned()),
        };
        column = index(&column, route.map.arity, &part);
        slot = index(&slot, route.columns().len(), &place);
    }
    Columns::Picked { column, slot, slots: columns.len() }
}

/// How blocks lie in a tensor that is not nested.
fn block(entry: &ElementKind, tensor: &ElementKind, routes: &[Route<'_>]) -> Option<Block> {
    let [rows_route, cols_route] = routes else { return None };
    let ElementKind::Array { of: ElementKind::Array { len: cols, .. }, len: rows } = entry else {
        return None;
    };
    let nested = matches!(tensor, ElementKind::Array { len, .. } if *len == rows_route.map.arity);
    (!nested).then_some(Block { rows: *rows, cols: *cols, across: cols_route.map.arity })
}
