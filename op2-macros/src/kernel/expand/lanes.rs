//! The loop around a kernel, generic over how each argument is reached: several elements at a time,
//! then one by one.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::Names;
use super::describe::{data_generics, mode_ident};
use crate::kernel::cost::Cost;
use crate::kernel::ir::{Kernel, Mode, Param};

/// How many elements at a time: eight was the robust choice on every machine measured.
pub(super) fn lanes(kernel: &Kernel) -> usize {
    let one_by_one = kernel.options.host || only_moves(kernel);
    kernel.options.lanes.unwrap_or(if one_by_one { 1 } else { 8 })
}

/// Whether the kernel only moves values: there is no arithmetic to vectorize, and rows that go
/// through the staging on their way are a fifth slower.
fn only_moves(kernel: &Kernel) -> bool {
    let moves = |param: &Param| matches!(param.mode, Mode::Read | Mode::Write | Mode::Rw);
    kernel.cost == Cost::default() && kernel.functions.is_empty() && kernel.params.iter().all(moves)
}

/// The mode that views see: a parameter that is always written whole needs no old value.
fn view_mode(param: &Param) -> Ident {
    if param.mode == Mode::Write && param.fully_written {
        Ident::new("Fill", Span::mixed_site())
    } else {
        mode_ident(param)
    }
}

/// What the view of a parameter must be able to do.
fn view_bound(param: &Param) -> TokenStream {
    let (mode, ty) = (view_mode(param), &param.value_ty);
    quote_spanned!(Span::mixed_site()=> __op2::View<__op2::mode::#mode, #ty>)
}

/// What happens in each lane, around the call of the kernel.
struct LaneSteps {
    enters: Vec<TokenStream>,
    passes: Vec<TokenStream>,
    leaves: Vec<TokenStream>,
}

/// `names` gives the view of an argument, and the names of its binding, rows and value.
fn lane_steps<'a>(
    kernel: &Kernel,
    names: impl Fn(usize) -> (&'a TokenStream, &'a Ident, &'a Ident, &'a Ident),
) -> LaneSteps {
    let here = Span::mixed_site();
    let mut steps = LaneSteps { enters: Vec::new(), passes: Vec::new(), leaves: Vec::new() };
    for (i, param) in kernel.params.iter().enumerate() {
        let (view, b, r, a) = names(i);
        if param.mode == Mode::Read {
            steps.enters.push(quote_spanned! {here=>
                let #a = #view::source::<__P, __E, __L>(#b, elements, position, lane, &mut #r);
            });
            steps.passes.push(quote_spanned!(here=> &*#a));
        } else {
            let enter = quote_spanned!(here=> #view::enter::<__L>(lane, &mut #r));
            steps.enters.push(quote_spanned!(here=> let mut #a = #enter;));
            steps.passes.push(quote_spanned!(here=> &mut #a));
            steps.leaves.push(quote_spanned!(here=> #view::leave::<__L>(lane, &mut #r, #a);));
        }
    }
    steps
}

/// The size of all arguments of one element together.
fn bytes(kernel: &Kernel) -> TokenStream {
    let types = kernel.params.iter().map(|param| &param.value_ty);
    quote_spanned!(Span::mixed_site()=> (0 #(+ ::core::mem::size_of::<#types>())*))
}

/// The loop, generic over the views of all arguments.
pub(super) fn code(kernel: &Kernel) -> TokenStream {
    let names = Names::of(kernel);
    let here = Span::mixed_site();
    let carrier = names.carrier();
    let unsafe_token = quote_spanned!(here=> unsafe);
    let count = kernel.params.len();
    let ids = |prefix: &str| -> Vec<Ident> {
        (0..count).map(|i| format_ident!("__{prefix}{i}", span = here)).collect()
    };
    let (views, bindings, rows, values) = (ids("V"), ids("b"), ids("r"), ids("a"));
    let index: Vec<usize> = (0..count).collect();
    let bounds: Vec<TokenStream> = kernel.params.iter().map(view_bound).collect();
    let data_generics = data_generics(kernel);
    let mut generics = data_generics.clone();
    for (view, bound) in views.iter().zip(&bounds) {
        generics.params.push(syn::parse_quote!(#view: #bound));
    }
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let view = |i: usize| {
        let (view, bound) = (&views[i], &bounds[i]);
        quote_spanned!(here=> <#view as #bound>)
    };
    let view: Vec<TokenStream> = (0..count).map(view).collect();
    let LaneSteps { enters, passes, leaves } =
        lane_steps(kernel, |i| (&view[i], &bindings[i], &rows[i], &values[i]));
    let lanes_count = lanes(kernel);
    let bytes = bytes(kernel);
    let wide = (lanes_count > 1).then(|| quote_spanned! {here=>
        let serial = false #(|| #view::SERIAL)*;
        let fits = const { __op2::fits_in_lanes(#lanes_count, #bytes) };
        if wide && fits && !serial && __E::POINTS == 1 && work.hi - position >= #lanes_count {
            position = Self::__op2_lanes::<#(#views,)* __P, __E, #lanes_count>(work, elements, position);
        }
    });
    // The lane loop is a function of its own, which sees the carrier's generics again.
    let lanes_fn = quote_spanned! {here=>
        #[inline(always)]
        #[allow(clippy::too_many_lines)]
        #unsafe_token fn __op2_lanes<
            #(#views: #bounds,)* __P: __op2::Placement, __E: __op2::Elements, const __L: usize,
        >(work: &__op2::Work, elements: __E, from: usize) -> usize {
            #unsafe_token {
                #(let #bindings = work.binding(#index);)*
                #(let mut #rows = #view::open::<__L>(#bindings, work.partials);)*
                let mut position = from;
                while position + __L <= work.hi {
                    #(#view::gather::<__P, __E, __L>(#bindings, elements, position, &mut #rows);)*
                    for lane in 0..__L {
                        #(#enters)*
                        Self::__op2_call(work.constants, #(#passes),*);
                        #(#leaves)*
                    }
                    #(#view::scatter::<__P, __E, __L>(#bindings, elements, position, &mut #rows);)*
                    position += __L;
                }
                #(#view::close::<__L>(#bindings, &mut #rows, work.partials);)*
                position
            }
        }
    };
    let (inner_generics, _, inner_where) = data_generics.split_for_impl();
    quote_spanned! {here=>
        #[allow(dead_code)]
        impl #inner_generics #carrier #inner_where {
            /// # Safety
            /// As `LoopBody::run`.
            #lanes_fn
        }

        // SAFETY: touches only what the views' bindings name.
        #unsafe_token impl #impl_generics __op2::Code<(#(__op2::ViewOf<#views>,)*)>
            for #carrier #where_clause
        {
            #[inline(always)]
            #unsafe_token fn run<__P: __op2::Placement, __E: __op2::Elements>(
                work: &__op2::Work,
                elements: __E,
                wide: bool,
            ) {
                const { __op2::check_stack(#bytes) };
                let mut position = work.lo;
                // SAFETY: the caller's promise.
                #unsafe_token {
                    #wide
                    if position < work.hi {
                        position =
                            Self::__op2_lanes::<#(#views,)* __P, __E, 1>(work, elements, position);
                    }
                }
                let _ = (position, wide);
            }

            #unsafe_token fn combine_partials(
                work: &__op2::Work,
                into: *mut u8,
                from: *const u8,
            ) {
                // SAFETY: the caller's promise.
                #unsafe_token {
                    #(#view::combine_partial(work.binding(#index), into, from);)*
                }
                let _ = (work, into, from);
            }
        }
    }
}
