//! A loop call becomes its description, the checks (in a block that never runs) and one call.
//!
//! Names are ours (mixed-site), but every token that the compiler may blame lies where the user's
//! token lies: all tokens of one check at one place, so that one label is shown, not two.

mod matrix;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::Purpose;
use super::model::{Arg, DataArg, LoopCall, Part as Entries, Route, Via, as_written};

/// The place of the name in an expression: `q` in `mesh.q`, `edge_cells` in `mesh.edge_cells`. Stable
/// Rust cannot join the places of several tokens, and the first one says little.
fn place(expr: &Expr) -> Span {
    let span = match expr {
        Expr::Field(field) => field.member.span(),
        Expr::MethodCall(call) => call.method.span(),
        Expr::Path(path) => path.path.segments.last().map_or_else(|| path.span(), Spanned::span),
        Expr::Index(index) => return place(&index.expr),
        Expr::Call(call) => return place(&call.func),
        Expr::Paren(inner) => return place(&inner.expr),
        Expr::Reference(inner) => return place(&inner.expr),
        other => other.span(),
    };
    at(span)
}

/// The user's place, for names of ours.
fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A variable of the expansion, shown at a place of the user's.
fn name(prefix: &str, i: usize, span: Span) -> Ident {
    format_ident!("__{prefix}{i}", span = span)
}

/// The expansion.
pub(crate) fn expand(call: &LoopCall, purpose: Purpose) -> TokenStream {
    let LoopCall { kernel, space, args, indices } = call;
    let here = Span::mixed_site();
    let count = args.len();
    let mut axes = Axes::new(indices.len());
    let parts: Vec<Part> =
        args.iter().enumerate().map(|(i, arg)| part(i, arg, &mut axes)).collect();
    let axes = axes.tuple();
    let bindings = parts.iter().map(|part| &part.bindings);
    let views = parts.iter().map(|part| &part.view);
    let checks = parts.iter().map(|part| &part.checks);
    let refs = parts.iter().map(|part| &part.arg_ref);
    let params = (0..count).map(|i| name("p", i, here));
    let kernel_at = at(kernel.segments.last().map_or_else(|| kernel.span(), Spanned::span));
    let carrier = quote_spanned!(kernel_at=> #kernel { __op2: __op2::Tag::new() });
    let open = quote_spanned!(kernel_at=> __op2::check::open::<#count, _, _>(&__kernel));
    let borrowed = quote_spanned!(place(space)=> & #space);
    let on = quote_spanned!(place(space)=> __op2::check::space(__space));
    let unsafe_token = quote_spanned!(here=> unsafe);
    let end = match purpose {
        Purpose::Run => quote_spanned!(here=> __op2::run),
        Purpose::Keep => quote_spanned!(here=> __op2::PreparedLoop::new),
    };
    quote_spanned! {here=> {
        use ::op2::__private as __op2;
        let __space = #borrowed;
        let (__space, __over) = #on;
        #(#bindings)*
        let __kernel = #carrier;
        let __opened = #open;
        #[allow(clippy::overly_complex_bool_expr, unused_variables, unused_parens)]
        if false {
            let (#(#params,)*) = __op2::check::params(&__opened);
            #(#checks)*
        }
        let __args = [#(#refs),*];
        let __loop = __op2::LoopRef {
            body: __op2::check::body(&__opened, (#(#views,)*), #axes),
            space: __space,
            args: &__args,
            site: __op2::Site { file: ::core::file!(), line: ::core::line!() },
        };
        // SAFETY: the checks above compile, and the views are those of the arguments. No token of
        // the user's stands in here.
        #unsafe_token { #end(&__loop) }
    }}
}

/// The pieces that one argument adds.
struct Part {
    /// What the user named, taken once.
    bindings: TokenStream,
    /// How the body reaches it.
    view: TokenStream,
    /// Calls that fail to compile where a rule is broken.
    checks: TokenStream,
    /// The plain data.
    arg_ref: TokenStream,
}

/// The local indices of a loop, and which of them a map has given their extent.
struct Axes(Vec<bool>);

impl Axes {
    fn new(count: usize) -> Self {
        Self(vec![false; count])
    }

    /// All extents, for the body.
    fn tuple(&self) -> TokenStream {
        let extents = (0..self.0.len()).map(|axis| name("x", axis, Span::mixed_site()));
        quote!((#(#extents,)*))
    }

    /// A map whose entries an index runs over: its first one gives the extent, others must agree.
    fn runs_over(
        &mut self,
        axis: usize,
        facts: &Ident,
        index: &Ident,
    ) -> (TokenStream, TokenStream) {
        let index_at = at(index.span());
        let extent = name("x", axis, index_at);
        let of_this = quote_spanned!(index_at=> __op2::check::extent(#facts));
        if std::mem::replace(&mut self.0[axis], true) {
            let agrees = quote_spanned!(index_at=> __op2::check::same_extent(#extent, #of_this););
            return (TokenStream::new(), agrees);
        }
        (quote_spanned!(index_at=> let #extent = #of_this;), TokenStream::new())
    }
}

fn part(i: usize, arg: &Arg, axes: &mut Axes) -> Part {
    match arg {
        Arg::Index { tokens } => {
            let view = quote_spanned!(Span::mixed_site()=> __op2::check::index_view());
            index_part(i, tokens, view, &quote!(Index))
        }
        Arg::Point { axis, tokens } => {
            let here = Span::mixed_site();
            let view = quote_spanned!(here=> __op2::check::axis_view::<#axis>());
            index_part(i, tokens, view, &quote!(Point(#axis)))
        }
        Arg::Data(arg) => data_part(i, arg, axes),
    }
}

fn index_part(i: usize, tokens: &TokenStream, view: TokenStream, data: &TokenStream) -> Part {
    let here = Span::mixed_site();
    let index_at = at(tokens.span());
    let p = name("p", i, index_at);
    let text = as_written(tokens);
    Part {
        bindings: TokenStream::new(),
        view,
        checks: quote_spanned! {index_at=>
            #p.passed_as::<__op2::mode::Read>();
            __op2::check::index(#p);
        },
        arg_ref: quote_spanned! {here=> __op2::ArgRef {
            data: __op2::DataRef::#data,
            access: __op2::Access::Read,
            via: __op2::Via::Direct,
            text: #text,
        }},
    }
}

fn data_part(i: usize, arg: &DataArg, axes: &mut Axes) -> Part {
    let here = Span::mixed_site();
    let DataArg { data, mode, via, tokens } = arg;
    let mut bindings = take_data(i, data);
    let mut checks = mode_checks(i, mode);
    let (view, via) = match via {
        Via::Direct => {
            checks.extend(direct_checks(i, data));
            let v = name("v", i, here);
            (quote!(#v), quote_spanned!(here=> __op2::Via::Direct))
        }
        Via::Map(route) => {
            bindings.extend(take_map(i, &route.map));
            checks.extend(map_checks(i, data, &route.map));
            let (view, route) = map_route(i, data, route, axes, &mut bindings, &mut checks);
            (view, quote_spanned!(here=> __op2::Via::Map(#route)))
        }
        Via::Maps(rows, columns) => {
            bindings.extend(matrix::take(i, data, rows, columns));
            checks.extend(matrix::map_checks(i, rows, columns));
            let indices = matrix::axes(i, rows, columns, axes);
            bindings.extend(indices.0);
            checks.extend(indices.1);
            checks.extend(matrix::shape_checks(i, data, rows, columns));
            let (rows, columns, view) = matrix::routes(i, data, rows, columns);
            (view, quote_spanned!(here=> __op2::Via::Maps(#rows, #columns)))
        }
    };
    let d = name("d", i, here);
    let text = as_written(tokens);
    let arg_ref = quote_spanned! {here=> __op2::ArgRef {
        data: #d,
        access: __op2::Access::#mode,
        via: #via,
        text: #text,
    }};
    Part { bindings, view, checks, arg_ref }
}

/// The view through a map, and the way as data.
fn map_route(
    i: usize,
    data: &Expr,
    route: &Route,
    axes: &mut Axes,
    bindings: &mut TokenStream,
    checks: &mut TokenStream,
) -> (TokenStream, TokenStream) {
    let here = Span::mixed_site();
    match &route.part {
        Entries::All => {
            checks.extend(whole_checks(i, &route.map));
            let m = name("m", i, here);
            let view = quote_spanned!(here=> __op2::check::whole_view());
            (view, quote_spanned!(here=> __op2::Route::new(#m, __op2::Part::All)))
        }
        Entries::One(entry) => {
            checks.extend(entry_checks(i, data, entry));
            let entry_at = at(entry.span());
            let (m, g) = (name("m", i, entry_at), name("g", i, entry_at));
            let view =
                quote_spanned!(entry_at=> __op2::check::entry_view::<{ #entry }, _, _, _>(#g));
            // A constant, as in the view: what is calculated twice might differ.
            let part = quote_spanned!(entry_at=> __op2::Part::One(const { #entry }));
            (view, quote_spanned!(entry_at=> __op2::Route::new(#m, #part)))
        }
        Entries::Point { axis, name: index } => {
            let index_at = at(index.span());
            let (m, g) = (name("m", i, index_at), name("g", i, index_at));
            let (first, again) = axes.runs_over(*axis, &g, index);
            bindings.extend(first);
            checks.extend(again);
            checks.extend(item_checks(i, data));
            let view = quote_spanned!(index_at=> __op2::check::chosen_view::<#axis, _, _, _>(#g));
            let part = quote_spanned!(here=> __op2::Part::Point(#axis));
            (view, quote_spanned!(here=> __op2::Route::new(#m, #part)))
        }
    }
}

/// The borrow is a statement of its own, so that a temporary lives until the loop has run.
fn take_data(i: usize, data: &Expr) -> TokenStream {
    let place = place(data);
    let [d, v, f] = ["d", "v", "f"].map(|prefix| name(prefix, i, place));
    quote_spanned! {place=>
        let #d = & #data;
        #[allow(unused_variables)]
        let (#d, #v, #f) = __op2::check::data(#d);
    }
}

fn take_map(i: usize, map: &Expr) -> TokenStream {
    let place = place(map);
    let [m, g] = ["m", "g"].map(|prefix| name(prefix, i, place));
    quote_spanned! {place=>
        let #m = & #map;
        let (#m, #g) = __op2::check::map(#m);
    }
}

/// The mode is the parameter's, and one that the data allows.
fn mode_checks(i: usize, mode: &Ident) -> TokenStream {
    let mode_at = at(mode.span());
    let [p, f, r] = ["p", "f", "r"].map(|prefix| name(prefix, i, mode_at));
    // The mode is a type of ours, wherever the user's names lead.
    quote_spanned! {mode_at=>
        #p.passed_as::<__op2::mode::#mode>();
        let #r = __op2::check::roles::<__op2::mode::#mode, _, _, _, _>(#f);
        __op2::check::global_mode(#r.0);
        __op2::check::value_mode(#r.1);
        __op2::check::mat_mode(#r.2);
    }
}

/// Without a map: the data lives on the loop's set and has the parameter's type.
fn direct_checks(i: usize, data: &Expr) -> TokenStream {
    let data_at = place(data);
    let [p, f, h, over] = ["p", "f", "h", "over"].map(|prefix| name(prefix, i, data_at));
    quote_spanned! {data_at=>
        let #over = __over;
        let #f = __op2::check::without_two_maps(#f);
        let #h = __op2::check::home(#over, #f);
        __op2::check::lives_on(#over, #h);
        let #h = __op2::check::item(#f);
        __op2::check::holds(#p, #h);
    }
}

/// The map starts at the loop's set and leads to the dat's.
fn map_checks(i: usize, data: &Expr, map: &Expr) -> TokenStream {
    let (data_at, map_at) = (place(data), place(map));
    let f = name("f", i, data_at);
    let reached = quote_spanned! {data_at=>
        let #f = __op2::check::without_two_maps(#f);
        let #f = __op2::check::through_a_map(#f);
    };
    let [f, g, over, h] = ["f", "g", "over", "h"].map(|prefix| name(prefix, i, map_at));
    let fits = quote_spanned! {map_at=>
        let #over = __over;
        let #h = __op2::check::ends(#g);
        __op2::check::leads_to(#h.0, #over, #f, #h.1);
    };
    quote!(#reached #fits)
}

/// All entries together have the parameter's type.
fn whole_checks(i: usize, map: &Expr) -> TokenStream {
    let map_at = place(map);
    let [p, f, g, h] = ["p", "f", "g", "h"].map(|prefix| name(prefix, i, map_at));
    quote_spanned! {map_at=>
        let #h = __op2::check::rows(#f, #g);
        __op2::check::holds_rows(#p, #h);
    }
}

/// The entry exists, and what it leads to has the parameter's type.
fn entry_checks(i: usize, data: &Expr, entry: &Expr) -> TokenStream {
    let entry_at = at(entry.span());
    let g = name("g", i, entry_at);
    let exists = is_literal(entry)
        .then(|| quote_spanned!(entry_at=> __op2::check::entry::<#entry, _, _, _, _>(#g);));
    let holds = item_checks(i, data);
    quote!(#exists #holds)
}

/// What one entry leads to has the parameter's type.
fn item_checks(i: usize, data: &Expr) -> TokenStream {
    let data_at = place(data);
    let [p, f, h] = ["p", "f", "h"].map(|prefix| name(prefix, i, data_at));
    quote_spanned! {data_at=>
        let #h = __op2::check::item(#f);
        __op2::check::holds(#p, #h);
    }
}

fn is_literal(entry: &Expr) -> bool {
    matches!(entry, Expr::Lit(lit) if matches!(lit.lit, syn::Lit::Int(_)))
}
