//! Writes the program of a product of a matrix with a vector: a work-item for each row.
//!
//! Each row is summed by one work-item in the order of its entries, and each block as on the host
//! (`matrix::spmv`), so that the bits are the host's. Transposed products go through the rows of the
//! transposed pattern, which knows where each of its entries comes from; nothing is changed by two.

use crate::base::element::ScalarKind;
use crate::kernel::source;
use crate::kernel::source::Dialect;
use crate::matrix::product::Kind;

use super::dialect::{self, Groups, Words, words};
use super::text::{ProgramText, Text};

/// What the text of a product depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProductForm {
    /// Which product.
    pub kind: Kind,
    /// The numbers: `F32` or `F64`.
    pub scalar: ScalarKind,
    /// Rows and columns of each entry of the matrix.
    pub block: (usize, usize),
    /// Whether the components of a row of `x` lie apart (structure of arrays).
    pub x_apart: bool,
    /// The same of `y`.
    pub y_apart: bool,
    /// Whether only rows of a list are computed.
    pub listed: bool,
}

impl ProductForm {
    /// How many numbers a row of `y` has, and a row of `x`.
    pub fn lengths(&self) -> (usize, usize) {
        let (rows, cols) = self.block;
        if self.kind == Kind::Transposed { (cols, rows) } else { (rows, cols) }
    }

    /// Where in an entry the number is that couples component `i` of `y` with component `j` of `x`.
    fn place(&self, i: &str, j: &str) -> String {
        let cols = self.block.1;
        if self.kind == Kind::Transposed {
            format!("{j} * {cols} + {i}")
        } else {
            format!("{i} * {cols} + {j}")
        }
    }
}

/// The name of the function that a product starts.
const ENTRY: &str = "op2_product";

/// The program of a product, for groups of `group` work-items.
///
/// The parameters are, in this order: how many rows are computed; which, if they are listed; the pattern's
/// row offsets and columns, and for transposed products the place of each entry; the entries; `x`, and
/// the rows from one of its components to the next; `y`, and the same.
pub fn write_product(form: &ProductForm, dialect: Dialect, group: usize) -> ProgramText {
    let (words, groups) = (words(dialect), Groups::any(dialect, group));
    let mut text = Text::default();
    text.line(format!("{} {ENTRY}(", dialect::entry(dialect, groups)));
    let params = params(form, words);
    for (k, param) in params.iter().enumerate() {
        text.line(format!("    {param}{}", if k + 1 < params.len() { "," } else { "" }));
    }
    text.open(")");
    let size = groups.size();
    let number = if form.listed { "position" } else { "row" };
    text.line(format!("const u64 {number} = (u64){} * {size} + {};", words.group, words.item));
    text.line(format!("if ({number} >= num_rows) return;"));
    if form.listed {
        text.line("const u64 row = rows[position];");
    }
    row(form, words, &mut text);
    text.close();
    let head = source::head(dialect, form.scalar == ScalarKind::F64);
    let text = format!("{}{head}\n{}", title(form), text.into_string());
    ProgramText { text, entry: ENTRY, most_group: groups.most() }
}

fn title(form: &ProductForm) -> String {
    let operation = match form.kind {
        Kind::Set => "y = A x",
        Kind::Add => "y += A x",
        Kind::Transposed => "y = A^T x",
    };
    let lie = |apart| if apart { "soa" } else { "aos" };
    let ((rows, cols), scalar) = (form.block, form.scalar.name());
    let (x, y) = (lie(form.x_apart), lie(form.y_apart));
    let which = if form.listed { "; listed rows" } else { "" };
    format!("// {operation}, entries of {rows} x {cols} {scalar}; x {x}, y {y}{which}\n")
}

fn params(form: &ProductForm, words: &Words) -> Vec<String> {
    let (global, restrict, scalar) = (words.global, words.restrict, form.scalar.name());
    let read = |ty: &str, name: &str| format!("{global}const {ty} *{restrict}{name}");
    let mut params = vec!["const u32 num_rows".to_owned()];
    if form.listed {
        params.push(read("u32", "rows"));
    }
    params.extend([read("u32", "offsets"), read("u32", "columns")]);
    if form.kind == Kind::Transposed {
        params.push(read("u32", "places"));
    }
    params.extend([read(scalar, "entries"), read(scalar, "x"), "const u32 x_stride".to_owned()]);
    params.push(format!("{global}{scalar} *{restrict}y"));
    params.push("const u32 y_stride".to_owned());
    params
}

/// Sums up one row.
fn row(form: &ProductForm, words: &Words, text: &mut Text) {
    let (scalar, (dim, x_dim)) = (form.scalar.name(), form.lengths());
    let numbers = form.block.0 * form.block.1;
    text.line(format!("{scalar} sum[{dim}];"));
    each(text, "i", dim, |text, i| text.line(format!("sum[{i}] = 0;")));
    text.line("const u32 end = offsets[row + 1];");
    text.open("for (u32 at = offsets[row]; at < end; ++at)");
    let place = if form.kind == Kind::Transposed { "places[at]" } else { "at" };
    text.line(format!(
        "{}const {scalar} *entry = entries + (u64){place} * {numbers};",
        words.global
    ));
    text.line("const u64 col = columns[at];");
    text.line(format!("{scalar} part[{x_dim}];"));
    each(text, "j", x_dim, |text, j| {
        text.line(format!("part[{j}] = x[{}];", leaf("col", j, x_dim, "x", form.x_apart)));
    });
    each(text, "i", dim, |text, i| {
        if numbers == 1 {
            return text.line("sum[0] += entry[0] * part[0];");
        }
        // As on the host: the block's product first, which then is added.
        text.line(format!("{scalar} product = 0;"));
        each(text, "j", x_dim, |text, j| {
            text.line(format!("product += entry[{}] * part[{j}];", form.place(i, j)));
        });
        text.line(format!("sum[{i}] += product;"));
    });
    text.close();
    let assign = if form.kind == Kind::Add { "+=" } else { "=" };
    each(text, "i", dim, |text, i| {
        text.line(format!("y[{}] {assign} sum[{i}];", leaf("row", i, dim, "y", form.y_apart)));
    });
}

/// Where a component of a row of a vector is.
fn leaf(row: &str, component: &str, dim: usize, vector: &str, apart: bool) -> String {
    match (dim, apart) {
        (1, _) => row.to_owned(),
        (_, true) => format!("(u64){component} * {vector}_stride + {row}"),
        (_, false) => format!("{row} * {dim} + {component}"),
    }
}

/// Does something for each of `count` indices.
fn each(text: &mut Text, name: &str, count: usize, body: impl FnOnce(&mut Text, &str)) {
    if count == 1 {
        return body(text, "0");
    }
    text.open(format!("for (u32 {name} = 0; {name} < {count}; ++{name})"));
    body(text, name);
    text.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: ProductForm = ProductForm {
        kind: Kind::Set,
        scalar: ScalarKind::F32,
        block: (2, 3),
        x_apart: true,
        y_apart: false,
        listed: false,
    };

    #[test]
    fn listed_rows_are_looked_up() {
        let text = write_product(&FORM, Dialect::OpenClC, 64).text;
        assert!(!text.contains("rows["), "{text}");
        let listed = ProductForm { listed: true, ..FORM };
        let text = write_product(&listed, Dialect::OpenClC, 64).text;
        let head = "    const u32 num_rows,\n    __global const u32 *restrict rows,\n";
        assert!(text.contains(head), "{text}");
        assert!(text.contains("const u64 row = rows[position];"), "{text}");
    }

    #[test]
    fn rows_of_vectors_are_found_in_either_layout() {
        let ProgramText { text, entry, most_group } = write_product(&FORM, Dialect::OpenClC, 64);
        assert_eq!((entry, most_group), ("op2_product", 64));
        assert!(text.contains("part[j] = x[(u64)j * x_stride + col];"), "{text}");
        assert!(text.contains("product += entry[i * 3 + j] * part[j];"), "{text}");
        assert!(text.contains("y[row * 2 + i] = sum[i];"), "{text}");
        assert!(!text.contains("f64"), "{text}");
    }

    #[test]
    fn transposed_products_turn_each_entry() {
        let form = ProductForm { kind: Kind::Transposed, ..FORM };
        let text = write_product(&form, Dialect::CudaC, 64).text;
        assert!(text.contains("entries + (u64)places[at] * 6;"), "{text}");
        assert!(text.contains("product += entry[j * 3 + i] * part[j];"), "{text}");
        assert!(text.contains("const u32 *__restrict__ places"), "{text}");
    }
}
