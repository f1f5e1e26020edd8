//! A loop call becomes its description, the checks (in a block that never runs) and one call.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit};

use super::model::{Arg, DataArg, LoopCall, Via, as_written};

/// Tokens with the place of the user's, but names of ours.
fn at(tokens: &impl Spanned) -> Span {
    Span::mixed_site().located_at(tokens.span())
}

/// The expansion.
pub(crate) fn expand(call: &LoopCall) -> TokenStream {
    let LoopCall { kernel, space, args } = call;
    let here = Span::mixed_site();
    let count = args.len();
    let parts: Vec<Part> = args.iter().enumerate().map(|(i, arg)| part(i, arg)).collect();
    let bindings = parts.iter().map(|part| &part.bindings);
    let views = parts.iter().map(|part| &part.view);
    let checks = parts.iter().map(|part| &part.checks);
    let refs = parts.iter().map(|part| &part.arg_ref);
    let params = (0..count).map(|i| format_ident!("__p{i}", span = here));
    let tag = quote_spanned!(at(kernel)=> __op2_tag);
    let open = quote_spanned!(at(kernel)=> __op2::check::open::<#count, _, _>(__tag));
    let over = quote_spanned!(at(space)=> __op2::check::over(__space));
    let borrowed = quote_spanned!(at(space)=> & #space);
    quote_spanned! {here=> {
        use ::op2::__private as __op2;
        let __space = #borrowed;
        #(#bindings)*
        let __tag = #kernel::#tag();
        let __opened = #open;
        #[allow(clippy::overly_complex_bool_expr, unused_variables, unused_parens)]
        if false {
            let __over = #over;
            let (#(#params,)*) = __op2::check::params(&__opened);
            #(#checks)*
        }
        __op2::run(&__op2::LoopRef {
            body: __op2::check::body(&__opened, (#(#views,)*)),
            space: __op2::check::space(__space),
            args: &[#(#refs),*],
            site: __op2::Site { file: ::core::file!(), line: ::core::line!() },
        })
    }}
}

/// The pieces that one argument adds.
struct Part {
    /// Borrows of what the user named.
    bindings: TokenStream,
    /// How the body reaches it.
    view: TokenStream,
    /// Calls that fail to compile where a rule is broken.
    checks: TokenStream,
    /// The plain data.
    arg_ref: TokenStream,
}

fn part(i: usize, arg: &Arg) -> Part {
    match arg {
        Arg::Index { tokens } => index_part(i, tokens),
        Arg::Data(arg) => data_part(i, arg),
    }
}

fn index_part(i: usize, tokens: &TokenStream) -> Part {
    let here = Span::mixed_site();
    let param = format_ident!("__p{i}", span = here);
    let text = as_written(tokens);
    let check = quote_spanned!(at(tokens)=> __op2::check::index(#param));
    let mode = quote_spanned!(at(tokens)=> __op2::check::mode::<__op2::mode::Read, _, _>(#param));
    Part {
        bindings: TokenStream::new(),
        view: quote_spanned!(here=> __op2::check::index_view()),
        checks: quote!(#mode; #check;),
        arg_ref: quote_spanned! {here=> __op2::ArgRef {
            data: __op2::DataRef::Index,
            access: __op2::Access::Read,
            via: __op2::Via::Direct,
            text: #text,
        }},
    }
}

fn data_part(i: usize, arg: &DataArg) -> Part {
    let here = Span::mixed_site();
    let DataArg { data, mode, via, tokens } = arg;
    let [d, m, p, f, g] = ["d", "m", "p", "f", "g"].map(|x| format_ident!("__{x}{i}", span = here));
    let data_at = at(data);
    let mode_at = at(mode);
    // The mode is a type of ours, wherever the user's names lead.
    let mode_ty = quote_spanned!(mode_at=> __op2::mode::#mode);
    let borrow_data = quote_spanned!(data_at=> & #data);
    let facts = quote_spanned!(data_at=> __op2::check::data(#d).1);
    let same_mode = quote_spanned!(mode_at=> __op2::check::mode::<#mode_ty, _, _>(#p));
    let allowed = quote_spanned!(mode_at=> __op2::check::allows::<#mode_ty, _>(#f));
    let mut bindings = quote_spanned!(here=> let #d = #borrow_data;);
    let mut checks = quote!(let #f = #facts; #same_mode; #allowed;);
    let (view, via_ref) = match via {
        Via::Direct => {
            let lives = quote_spanned!(data_at=> __op2::check::lives_on(__over, #f));
            let holds = quote_spanned!(data_at=> __op2::check::holds(#p, #f));
            checks.extend(quote!(#lives; #holds;));
            let view = quote_spanned!(data_at=> __op2::check::data(#d).0);
            (view, quote_spanned!(here=> __op2::Via::Direct))
        }
        Via::Whole(map) => {
            let map_at = at(map);
            bindings.extend(bind_map(&m, map));
            checks.extend(map_checks(&f, &g, &m, map, data_at));
            let rows = quote_spanned!(map_at=> __op2::check::holds_rows(#p, #f, #g));
            checks.extend(quote!(#rows;));
            let view = quote_spanned!(map_at=> __op2::check::whole_view());
            (view, quote_spanned!(map_at=> __op2::Via::Whole(__op2::check::map_ref(#m))))
        }
        Via::Entry { map, entry } => {
            let entry_at = at(entry);
            bindings.extend(bind_map(&m, map));
            checks.extend(map_checks(&f, &g, &m, map, data_at));
            if is_literal(entry) {
                let has = quote_spanned!(entry_at=> __op2::check::entry::<#entry, _, _, _>(#g));
                checks.extend(quote!(#has;));
            }
            let holds = quote_spanned!(data_at=> __op2::check::holds(#p, #f));
            checks.extend(quote!(#holds;));
            let view = quote_spanned! {entry_at=>
                __op2::check::entry_view::<{ #entry }, _, _, _>(__op2::check::map(#m))
            };
            let via = quote_spanned! {entry_at=>
                __op2::Via::Entry(__op2::check::map_ref(#m), #entry)
            };
            (view, via)
        }
    };
    let text = as_written(tokens);
    let arg_ref = quote_spanned! {here=> __op2::ArgRef {
        data: __op2::check::data_ref(#d),
        access: __op2::Access::#mode,
        via: #via_ref,
        text: #text,
    }};
    Part { bindings, view, checks, arg_ref }
}

fn bind_map(m: &proc_macro2::Ident, map: &Expr) -> TokenStream {
    let borrow = quote_spanned!(at(map)=> & #map);
    quote_spanned!(Span::mixed_site()=> let #m = #borrow;)
}

/// The map is a map, starts at the loop's set and leads to the dat's.
fn map_checks(
    f: &proc_macro2::Ident,
    g: &proc_macro2::Ident,
    m: &proc_macro2::Ident,
    map: &Expr,
    data_at: Span,
) -> TokenStream {
    let map_at = at(map);
    let is_map = quote_spanned!(map_at=> __op2::check::map(#m));
    let mapped = quote_spanned!(data_at=> __op2::check::mapped(#f));
    let starts = quote_spanned!(map_at=> __op2::check::starts_at(__over, #g));
    let leads = quote_spanned!(map_at=> __op2::check::leads_to(#f, #g));
    quote!(let #f = #mapped; let #g = #is_map; #starts; #leads;)
}

fn is_literal(entry: &Expr) -> bool {
    matches!(entry, Expr::Lit(ExprLit { lit: Lit::Int(_), .. }))
        && !entry.to_token_stream().is_empty()
}
