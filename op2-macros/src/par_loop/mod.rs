//! `par_loop!`: parse the call into a model, check what can be known here, expand.
//!
//! Types are left to the compiler: the expansion calls one tiny function per rule, whose failure is
//! one error on the user's token.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::{Errors, to_tokens};

/// What becomes of a loop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `par_loop!`: it runs at once.
    Run,
    /// `prepare!`: it is kept.
    Keep,
}

/// The whole macro.
pub(crate) fn par_loop(input: TokenStream, purpose: Purpose) -> TokenStream {
    let errors = Errors::new();
    let call = match syn::parse2::<parse::Input>(input) {
        Ok(input) => Some(input.into_model(&errors)),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    if let Some(call) = &call {
        check::check(call, &errors);
    }
    let list = errors.drain();
    match (to_tokens(&list), call) {
        (None, Some(call)) => expand::expand(&call, purpose),
        // The value of the macro keeps its type, so that nothing else is reported.
        (errors, _) if purpose == Purpose::Keep => {
            quote::quote!({ #errors ::core::option::Option::<::op2::PreparedLoop>::None.unwrap() })
        }
        (errors, _) => {
            quote::quote!({ #errors ::core::result::Result::<(), ::op2::Error>::Ok(()) })
        }
    }
}
