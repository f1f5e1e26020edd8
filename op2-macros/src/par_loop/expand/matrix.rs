//! Arguments that are matrices: reached through a map to their rows and one to their columns.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::{Axes, at, is_literal, name, place};
use crate::par_loop::model::{Part, Route};

/// The names for one of the two maps: of the map itself, and of its facts.
fn names(i: usize, side: &str, span: Span) -> (Ident, Ident) {
    (name(&format!("{side}m"), i, span), name(&format!("{side}g"), i, span))
}

const ROWS: &str = "r";
const COLUMNS: &str = "c";

/// That the data is a matrix, and the two maps.
pub(super) fn take(i: usize, data: &Expr, rows: &Route, columns: &Route) -> TokenStream {
    let data_at = place(data);
    let f = name("f", i, data_at);
    let is_matrix = quote_spanned!(data_at=> let #f = __op2::check::through_two_maps(#f););
    let maps = [(ROWS, rows), (COLUMNS, columns)].map(|(side, route)| {
        let (map, map_at) = (&route.map, place(&route.map));
        let (m, g) = names(i, side, map_at);
        quote_spanned! {map_at=>
            let #m = & #map;
            let (#m, #g) = __op2::check::route(#m);
        }
    });
    quote!(#is_matrix #(#maps)*)
}

/// The maps start at the loop's set and lead to the matrix's rows and columns.
pub(super) fn map_checks(i: usize, rows: &Route, columns: &Route) -> TokenStream {
    let sides = [(ROWS, rows, "leads_to_rows"), (COLUMNS, columns, "leads_to_columns")];
    sides
        .into_iter()
        .map(|(side, route, rule)| {
            let map_at = place(&route.map);
            let (_, g) = names(i, side, map_at);
            let [f, over, h] = ["f", "over", "h"].map(|prefix| name(prefix, i, map_at));
            let rule = Ident::new(rule, map_at);
            quote_spanned! {map_at=>
                let #over = __over;
                let #h = __op2::check::route_ends(#g);
                __op2::check::#rule(#h.0, #over, #f, #h.1);
            }
        })
        .collect()
}

/// The local indices that the maps are used with: their extents, and that these agree.
pub(super) fn axes(
    i: usize,
    rows: &Route,
    columns: &Route,
    axes: &mut Axes,
) -> (TokenStream, TokenStream) {
    let (mut bindings, mut checks) = (TokenStream::new(), TokenStream::new());
    for (side, route) in [(ROWS, rows), (COLUMNS, columns)] {
        if let Part::Point { axis, name: index } = &route.part {
            let (_, g) = names(i, side, at(index.span()));
            let (first, again) = axes.runs_over(*axis, &g, index);
            bindings.extend(first);
            checks.extend(again);
        }
    }
    (bindings, checks)
}

/// What the matrix takes is what the kernel's parameter asks for.
pub(super) fn shape_checks(i: usize, data: &Expr, rows: &Route, columns: &Route) -> TokenStream {
    let data_at = place(data);
    let [p, f, h] = ["p", "f", "h"].map(|prefix| name(prefix, i, data_at));
    if !matches!(rows.part, Part::All) {
        let exist = [(ROWS, rows), (COLUMNS, columns)].map(|(side, route)| exists(i, side, route));
        return quote_spanned! {data_at=>
            #(#exist)*
            let #h = __op2::check::entry_type(#f);
            __op2::check::holds(#p, #h);
        };
    }
    let ((_, r), (_, c)) = (names(i, ROWS, data_at), names(i, COLUMNS, data_at));
    quote_spanned! {data_at=>
        let #h = __op2::check::tensor(#f, #r, #c);
        __op2::check::holds_tensor(#p, #h);
    }
}

/// A literal entry is one that the map has.
fn exists(i: usize, side: &str, route: &Route) -> Option<TokenStream> {
    let Part::One(entry) = &route.part else { return None };
    let entry_at = at(entry.span());
    let (_, g) = names(i, side, entry_at);
    is_literal(entry)
        .then(|| quote_spanned!(entry_at=> __op2::check::has_entry::<#entry, _, _, _>(#g);))
}

/// The two ways as data, and the view.
pub(super) fn routes(
    i: usize,
    data: &Expr,
    rows: &Route,
    columns: &Route,
) -> (TokenStream, TokenStream, TokenStream) {
    let here = Span::mixed_site();
    let data_at = place(data);
    let f = name("f", i, data_at);
    let ((_, r), (_, c)) = (names(i, ROWS, data_at), names(i, COLUMNS, data_at));
    let entries = picked(i, ROWS, rows).zip(picked(i, COLUMNS, columns));
    let view = if let Some((row, column)) = entries {
        quote_spanned!(data_at=> __op2::check::entry_of_view(#f, (#r, #row), (#c, #column)))
    } else {
        quote_spanned!(data_at=> __op2::check::tensor_view(#f, #r, #c))
    };
    let [rows, columns] = [(ROWS, rows), (COLUMNS, columns)].map(|(side, route)| {
        let (m, _) = names(i, side, here);
        let part = part(&route.part);
        quote_spanned!(here=> __op2::Route { map: #m.0, mask: #m.1, part: #part })
    });
    (rows, columns, view)
}

/// Which entry of a map, as a type.
fn picked(i: usize, side: &str, route: &Route) -> Option<TokenStream> {
    match &route.part {
        Part::All => None,
        Part::One(entry) => {
            let entry_at = at(entry.span());
            let (_, g) = names(i, side, entry_at);
            Some(quote_spanned!(entry_at=> __op2::check::pick_at::<{ #entry }, _, _, _>(#g)))
        }
        Part::Point { axis, name } => {
            let index_at = at(name.span());
            let (_, g) = names(i, side, index_at);
            Some(quote_spanned!(index_at=> __op2::check::pick_chosen::<#axis, _>(#g)))
        }
    }
}

fn part(part: &Part) -> TokenStream {
    let here = Span::mixed_site();
    match part {
        Part::All => quote_spanned!(here=> __op2::Part::All),
        Part::One(entry) => {
            let entry_at = at(entry.span());
            quote_spanned!(entry_at=> __op2::Part::One(const { #entry }))
        }
        Part::Point { axis, .. } => quote_spanned!(here=> __op2::Part::Point(#axis)),
    }
}
