//! A loop as written.

use proc_macro2::{Ident, TokenStream};

/// `par_loop!(kernel, space, args..)`.
pub(crate) struct LoopCall {
    pub(crate) kernel: syn::Path,
    pub(crate) space: syn::Expr,
    pub(crate) args: Vec<Arg>,
    /// The local indices, in the order in which arguments name them.
    pub(crate) indices: Vec<Ident>,
}

/// One argument.
pub(crate) enum Arg {
    /// `index()`.
    Index {
        /// All of it.
        tokens: TokenStream,
    },
    /// `index(i)`.
    Point {
        /// Which of the loop's local indices.
        axis: usize,
        /// All of it.
        tokens: TokenStream,
    },
    /// `data(Mode)`, `data(Mode, map)`, `data(Mode, map[k])`, `matrix(Mode, rows, columns)`.
    Data(Box<DataArg>),
}

/// An argument with a mode.
pub(crate) struct DataArg {
    /// The dat, global, reduction or value.
    pub(crate) data: syn::Expr,
    /// `Read`, `Inc`, ...
    pub(crate) mode: Ident,
    pub(crate) via: Via,
    /// All of it, for messages.
    pub(crate) tokens: TokenStream,
}

/// How the data is reached.
pub(crate) enum Via {
    Direct,
    Map(Box<Route>),
    /// To the rows and to the columns of a matrix: all entries of both maps, or one of each.
    Maps(Box<Route>, Box<Route>),
}

impl Via {
    /// All maps on the way.
    pub(crate) fn routes(&self) -> impl Iterator<Item = &Route> {
        let (first, second) = match self {
            Self::Direct => (None, None),
            Self::Map(route) => (Some(&**route), None),
            Self::Maps(rows, columns) => (Some(&**rows), Some(&**columns)),
        };
        first.into_iter().chain(second)
    }
}

/// Some entries of a map.
pub(crate) struct Route {
    pub(crate) map: syn::Expr,
    pub(crate) part: Part,
}

/// Which entries of a map.
pub(crate) enum Part {
    All,
    /// A literal or a const generic.
    One(syn::Expr),
    /// The one that a local index names.
    Point {
        /// Which of the loop's indices.
        axis: usize,
        name: Ident,
    },
}

/// The modes, as users write them.
pub(crate) const MODES: [&str; 6] = ["Read", "Write", "Rw", "Inc", "Min", "Max"];

/// An argument as its author would write it, for messages: the compiler keeps tokens, not spaces.
pub(crate) fn as_written(tokens: &TokenStream) -> String {
    let spaced = tokens.to_string();
    let mut text = String::with_capacity(spaced.len());
    let mut rest = spaced.chars().peekable();
    while let Some(next) = rest.next() {
        let before = text.chars().next_back();
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if !next.is_whitespace() {
            text.push(next);
        } else if matches!(before, Some(',' | ';'))
            || (is_word(before) && is_word(rest.peek().copied()))
        {
            text.push(' ');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_written_without_needless_spaces() {
        for text in [
            "x(Read, ends[0])",
            "mesh.q(Read, mesh.edge_cells[0])",
            "(&mut a as b)(Inc, maps[1][K])",
            "[0.0; 3](Read)",
            "make::<f64>(1, 2)(Write)",
            "index()",
        ] {
            assert_eq!(as_written(&text.parse().unwrap()), text);
        }
    }
}
