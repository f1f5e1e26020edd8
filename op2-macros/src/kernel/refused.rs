//! What remains of a fn that the parser refused: its name and signature, for those who call it.
//!
//! rustc would say of the same tokens, in its own words, what was said already: that a method
//! does not exist, that a type lacks its parameter. One mistake is one error. A fn that only breaks an
//! access rule stays whole: rustc has nothing to say about that, and something about the rest.

use syn::{FnArg, ItemFn, Type};

/// Takes out what rustc would stumble over.
pub(crate) fn mute(item: &mut ItemFn) {
    item.attrs.push(syn::parse_quote!(#[allow(unused_variables, clippy::empty_loop)]));
    *item.block = syn::parse_quote!({ loop {} });
    item.sig.asyncness = None;
    for input in &mut item.sig.inputs {
        if let FnArg::Typed(typed) = input
            && lacks_its_value(&typed.ty)
        {
            *typed.ty = syn::parse_quote!(&mut ());
        }
    }
}

/// `Inc` in place of `Inc<f64>`.
fn lacks_its_value(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| {
        let alias = ["Write", "Inc", "Min", "Max"].iter().any(|mode| last.ident == mode);
        alias && last.arguments.is_empty()
    })
}
