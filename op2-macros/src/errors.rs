//! The collector of user errors: every stage adds to it, none stops at the first.
//!
//! An error is one sentence in mesh words on the offending token, and a hint on its own
//! line. The collector has to be drained: dropping it undrained is a bug of ours.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// What is wrong with the user's input so far.
pub(crate) struct Errors {
    list: RefCell<Option<Vec<syn::Error>>>,
}

impl Errors {
    /// An empty collector.
    pub(crate) fn new() -> Self {
        Self { list: RefCell::new(Some(Vec::new())) }
    }

    /// Adds an error that covers all of `tokens`.
    pub(crate) fn on(&self, tokens: impl ToTokens, message: impl Display, hint: impl Display) {
        self.push(syn::Error::new_spanned(tokens, with_hint(message, hint)));
    }

    /// Adds an error at a place of which only the span was kept.
    pub(crate) fn at(&self, span: Span, message: impl Display, hint: impl Display) {
        self.push(syn::Error::new(span, with_hint(message, hint)));
    }

    /// Adds an error that was made elsewhere, such as by the parser.
    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(list) = self.list.borrow_mut().as_mut() {
            list.extend(error);
        }
    }

    /// Whether anything was found so far.
    pub(crate) fn any(&self) -> bool {
        self.list.borrow().as_ref().is_some_and(|list| !list.is_empty())
    }

    /// Ends the collection and hands out all errors in the order in which they were found.
    pub(crate) fn drain(self) -> Vec<syn::Error> {
        self.list.borrow_mut().take().unwrap_or_default()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        let forgotten = self.list.borrow().is_some();
        assert!(!forgotten || std::thread::panicking(), "errors were collected but never drained");
    }
}

/// The `compile_error!` calls for a list of errors; `None` when the list is empty.
pub(crate) fn to_tokens(errors: &[syn::Error]) -> Option<TokenStream> {
    let tokens = errors.iter().map(syn::Error::to_compile_error);
    (!errors.is_empty()).then(|| tokens.collect())
}

fn with_hint(message: impl Display, hint: impl Display) -> String {
    let hint = hint.to_string();
    if hint.is_empty() { message.to_string() } else { format!("{message}\n  hint: {hint}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_kept_in_order_with_their_hints() {
        let errors = Errors::new();
        errors.at(Span::call_site(), "first", "try this");
        errors.at(Span::call_site(), "second", "");
        let messages: Vec<String> = errors.drain().iter().map(ToString::to_string).collect();
        assert_eq!(messages, ["first\n  hint: try this", "second"]);
    }

    #[test]
    #[should_panic(expected = "never drained")]
    fn a_forgotten_collector_is_a_bug() {
        drop(Errors::new());
    }
}
