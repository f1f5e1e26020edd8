//! What is written, and the loops over leaves and numbers that are common to all of it.

use crate::base::element::{ElementKind, ScalarKind};
use crate::kernel::source::member;

use super::text::Text;

/// Loops of more steps are not unrolled: the program would grow beyond any cache.
const MOST_UNROLLED: usize = 64;

/// The entry's text as far as it is written, and the functions that it calls.
#[derive(Default)]
pub(super) struct Out {
    pub(super) text: Text,
    names: Vec<String>,
    pub(super) helpers: String,
}

/// A number somewhere in a value.
pub(super) struct Number {
    pub(super) scalar: ScalarKind,
    /// What stands behind the value's name.
    pub(super) path: String,
    /// Bytes from the start of the value.
    pub(super) offset: String,
}

impl Out {
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        self.text.line(line);
    }

    /// Adds a function that the entry calls, unless it is there.
    pub(super) fn helper(&mut self, name: &str, text: impl FnOnce(&mut Self) -> String) {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
            // What the function itself calls comes before it.
            let text = text(self);
            self.helpers.push_str(&text);
        }
    }

    /// Does something for each of `count` indices, of which each is `inner` steps of work.
    pub(super) fn each(
        &mut self,
        variable: &str,
        count: usize,
        inner: usize,
        body: impl FnOnce(&mut Self, &str),
    ) {
        match count {
            0 => {}
            1 => body(self, "0"),
            _ => {
                if count * inner <= MOST_UNROLLED {
                    self.line("#pragma unroll");
                }
                self.text
                    .open(format!("for (u32 {variable} = 0; {variable} < {count}; ++{variable})"));
                body(self, variable);
                self.text.close();
            }
        }
    }

    /// Does something for each number of a value.
    pub(super) fn numbers(&mut self, kind: &ElementKind, body: &mut dyn FnMut(&mut Self, &Number)) {
        self.numbers_below(kind, "", "0", 0, body);
    }

    fn numbers_below(
        &mut self,
        kind: &ElementKind,
        path: &str,
        offset: &str,
        depth: usize,
        body: &mut dyn FnMut(&mut Self, &Number),
    ) {
        match kind {
            ElementKind::Scalar(scalar) => {
                let (path, offset) = (path.to_owned(), offset.to_owned());
                body(self, &Number { scalar: *scalar, path, offset });
            }
            ElementKind::Array { of, len } => {
                let inner = of.bytes();
                self.each(&format!("k{depth}"), *len, inner / least_bytes(of), |out, k| {
                    let offset = sum(offset, &scaled(k, inner));
                    out.numbers_below(of, &format!("{path}.v[{k}]"), &offset, depth + 1, body);
                });
            }
            ElementKind::Struct { fields, .. } => {
                for field in *fields {
                    let path = format!("{path}.{}", member(field.name));
                    let offset = sum(offset, &field.offset.to_string());
                    self.numbers_below(&field.kind, &path, &offset, depth, body);
                }
            }
        }
    }
}

/// `a + b`, without what does not matter.
pub(super) fn sum(a: &str, b: &str) -> String {
    match (a, b) {
        ("0", other) | (other, "0") => other.to_owned(),
        _ => format!("{a} + {b}"),
    }
}

fn scaled(k: &str, by: usize) -> String {
    if k == "0" { k.to_owned() } else { format!("{k} * {by}") }
}

/// Bytes of the smallest number.
fn least_bytes(kind: &ElementKind) -> usize {
    match kind {
        ElementKind::Scalar(scalar) => scalar.bytes(),
        ElementKind::Array { of, .. } => least_bytes(of),
        ElementKind::Struct { fields, .. } => {
            fields.iter().map(|field| least_bytes(&field.kind)).min().unwrap_or(1)
        }
    }
}
