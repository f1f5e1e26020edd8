//! A loop as written.

use proc_macro2::{Ident, TokenStream};

/// `par_loop!(kernel, space, args..)`.
pub(crate) struct LoopCall {
    pub(crate) kernel: syn::Path,
    pub(crate) space: syn::Expr,
    pub(crate) args: Vec<Arg>,
}

/// One argument.
pub(crate) enum Arg {
    /// `index()`.
    Index {
        /// All of it.
        tokens: TokenStream,
    },
    /// `data(Mode)`, `data(Mode, map)`, `data(Mode, map[k])`.
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
    Whole(Box<syn::Expr>),
    Entry {
        map: Box<syn::Expr>,
        /// A literal or a const generic.
        entry: Box<syn::Expr>,
    },
}

/// The modes, as users write them.
pub(crate) const MODES: [&str; 6] = ["Read", "Write", "Rw", "Inc", "Min", "Max"];
