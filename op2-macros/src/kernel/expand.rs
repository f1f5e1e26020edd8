//! What a checked kernel or function becomes: the plain fn, and a type of the same name that carries
//! everything else.
//!
//! The user's body appears once, in `__op2_call` (`op2_function`), whose hidden first parameter is the buffer with
//! the constants' values. The loop around it is generic over how each argument is reached.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, GenericParam, Generics};

use super::Flavor;
use super::cost::Cost;
use super::ir::{Kernel, Mode, Param};

/// All items that stand for a kernel or function.
pub(crate) fn expand(kernel: &Kernel, item: &syn::ItemFn) -> TokenStream {
    let plain = plain_fn(kernel, item);
    let carrier = carrier(kernel);
    let call = call(kernel, item);
    let own = match kernel.flavor {
        Flavor::Kernel => loop_code(kernel),
        Flavor::Function => TokenStream::new(),
    };
    quote! { #plain #carrier #call #own }
}

/// Names used all over an expansion.
struct Names<'a> {
    name: &'a Ident,
    generics: &'a Generics,
}

impl<'a> Names<'a> {
    fn of(kernel: &'a Kernel) -> Self {
        Self { name: &kernel.name, generics: &kernel.generics }
    }

    /// The carrier's type with its parameters.
    fn carrier(&self) -> TokenStream {
        let name = self.name;
        let (_, ty, _) = self.generics.split_for_impl();
        quote!(#name #ty)
    }
}

/// The carrier that holds the constants: they do not depend on generic parameters, and must be
/// found where those cannot be inferred, so they stand on one arbitrary choice of them.
fn constants_carrier(kernel: &Kernel) -> TokenStream {
    let name = &kernel.name;
    let args = kernel.generics.params.iter().map(|param| match param {
        GenericParam::Const(param) if param.ty == syn::parse_quote!(bool) => quote!(false),
        GenericParam::Const(param) if param.ty == syn::parse_quote!(char) => quote!('_'),
        GenericParam::Const(_) => quote!(0),
        GenericParam::Type(_) | GenericParam::Lifetime(_) => quote!(()),
    });
    quote!(#name::<#(#args),*>)
}

fn parameters(item: &syn::ItemFn) -> impl Iterator<Item = &syn::PatType> {
    item.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    })
}

/// The function that tests can call: it reads the constants by itself.
fn plain_fn(kernel: &Kernel, item: &syn::ItemFn) -> TokenStream {
    let Names { name, generics } = Names::of(kernel);
    let (attrs, vis, output) = (&kernel.attrs, &kernel.vis, &kernel.output);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let turbofish = generics.split_for_impl().1;
    let turbofish = turbofish.as_turbofish();
    let params = parameters(item).zip(&kernel.params).map(|(typed, param)| {
        let (name, ty) = (&param.name, with_lifetime(&typed.ty));
        quote!(#name: #ty)
    });
    let values = kernel.params.iter().map(|param| &param.name);
    let here = Span::mixed_site();
    let unsafe_token = quote_spanned!(here=> unsafe);
    let (constants, call) = (constants_carrier(kernel), call_name(kernel));
    let body = quote_spanned! {here=> {
        // SAFETY: `with_constants` gives a buffer of that size, filled before the call.
        ::op2::__private::with_constants(
            #constants::__OP2_CONSTANT_BYTES,
            |buffer| #unsafe_token { #constants::__op2_store(buffer) },
            |buffer| #name #turbofish::#call(buffer, #(#values),*),
        )
    }};
    quote! {
        #(#attrs)*
        #[allow(clippy::too_many_arguments, clippy::used_underscore_binding)]
        #vis fn #name #impl_generics(#(#params),*) #output #where_clause #body
    }
}

/// `Inc<T>` becomes `Inc<'_, T>`.
fn with_lifetime(ty: &syn::Type) -> syn::Type {
    let mut ty = ty.clone();
    if let syn::Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && ["Inc", "Write", "Min", "Max"].iter().any(|mode| last.ident == mode)
        && let syn::PathArguments::AngleBracketed(args) = &mut last.arguments
        && !args.args.iter().any(|arg| matches!(arg, syn::GenericArgument::Lifetime(_)))
    {
        args.args.insert(0, syn::parse_quote!('_));
    }
    ty
}

/// The type of the kernel's name.
fn carrier(kernel: &Kernel) -> TokenStream {
    let Names { name, generics } = Names::of(kernel);
    let vis = &kernel.vis;
    let params = generics.params.iter().map(|param| match param {
        GenericParam::Const(param) => {
            let (name, ty) = (&param.ident, &param.ty);
            quote!(const #name: #ty)
        }
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Lifetime(param) => param.to_token_stream(),
    });
    let types = generics.type_params().map(|param| &param.ident);
    // Shown where a message points at the kernel.
    let shown = quote_spanned!(kernel.name.span()=> struct);
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, missing_docs, clippy::pub_underscore_fields)]
        #vis #shown #name<#(#params),*> {
            // Loops name a kernel as `flux { __op2: .. }`, which leaves its types to be inferred.
            #vis __op2: ::op2::__private::Tag<(#(#types,)*)>,
        }
    }
}

/// The body itself, and the constants it reads.
fn call(kernel: &Kernel, item: &syn::ItemFn) -> TokenStream {
    let names = Names::of(kernel);
    let here = Span::mixed_site();
    let (impl_generics, _, where_clause) = names.generics.split_for_impl();
    let carrier = names.carrier();
    let constants_home = constants_carrier(kernel);
    let unsafe_token = quote_spanned!(here=> unsafe);
    let output = &kernel.output;
    let params = parameters(item).zip(&kernel.params).map(|(typed, param)| {
        let (name, ty) = (&param.name, with_lifetime(&typed.ty));
        // What the alias stands for: whether it is ours is asked in the plain fn.
        let value_ty = &param.value_ty;
        let ty = match param.mode {
            Mode::Write | Mode::Inc | Mode::Min | Mode::Max => {
                quote_spanned!(typed.ty.span()=> &mut #value_ty)
            }
            _ => ty.to_token_stream(),
        };
        let mutable = param.mutable_binding.then(|| quote!(mut));
        quote!(#mutable #name: #ty)
    });
    let constants = &kernel.constants;
    let idents: Vec<_> = constants.iter().map(|constant| &constant.ident).collect();
    let at: Vec<_> = (0..constants.len()).map(syn::Index::from).collect();
    let loads = constants.iter().enumerate().map(|(i, constant)| {
        let (ident, renamed) = (&constant.ident, &constant.renamed);
        quote_spanned! {here.located_at(ident.span())=>
            let #renamed = #unsafe_token {
                __op2::Constant::load(&#ident, __constants.add(#constants_home::__OP2_PLACES[#i]))
            };
        }
    });
    let functions = &kernel.functions;
    let first_function = constants.len();
    let function_places = (0..functions.len()).map(|i| i + first_function);
    let places = constants.len() + functions.len() + 1;
    let last = places - 1;
    let helper_bytes =
        functions.iter().map(|path| for_item(&without_arguments(path), "__OP2_CONSTANT_BYTES"));
    let helper_stores = functions.iter().enumerate().map(|(i, path)| {
        let path = for_item(&without_arguments(path), "__op2_store");
        let i = i + first_function;
        quote_spanned!(here=> #path(__buffer.add(#constants_home::__OP2_PLACES[#i]))?;)
    });
    let outside = outside_checks(kernel);
    let calls = Calls { functions, first: first_function, home: &constants_home };
    let body = calls.redirected(&kernel.rust_body);
    let call = call_name(kernel);
    let constants_buffer = Ident::new("__constants", here);
    let here_impl = quote_spanned! {here=>
        #[doc(hidden)]
        #[allow(missing_docs, dead_code, non_snake_case, clippy::too_many_arguments)]
        impl #constants_home {
            const __OP2_PLACES: [usize; #places] = {
                use ::op2::__private as __op2;
                let mut places = [0; #places];
                let mut end = 0;
                #((places[#at], end) = __op2::place(end, &#idents);)*
                #({
                    end = __op2::aligned(end);
                    places[#function_places] = end;
                    end += #helper_bytes;
                })*
                places[#last] = end;
                places
            };
            pub const __OP2_CONSTANT_BYTES: usize = #constants_home::__OP2_PLACES[#last];

            /// # Safety
            /// The buffer has room for all constants.
            pub #unsafe_token fn __op2_store(
                __buffer: *mut u8,
            ) -> ::core::result::Result<(), &'static str> {
                use ::op2::__private as __op2;
                #unsafe_token {
                    #(__op2::Constant::store(&#idents, __buffer.add(#constants_home::__OP2_PLACES[#at]))?;)*
                    #(#helper_stores)*
                }
                ::core::result::Result::Ok(())
            }
        }
    };
    quote! {
        #here_impl
        #[doc(hidden)]
        #[allow(missing_docs, dead_code, non_snake_case, clippy::too_many_arguments)]
        // Kernels have no iterators: every device must be able to run their loops.
        #[allow(clippy::needless_range_loop, clippy::manual_memcpy)]
        impl #impl_generics #carrier #where_clause {
            #[inline(always)]
            pub fn #call(#constants_buffer: *const u8, #(#params),*) #output {
                #[allow(unused_imports)]
                use ::op2::__private as __op2;
                #outside
                #(#loads)*
                // A block of its own: no item in it takes the place of a constant above.
                #body
            }
        }
    }
}

/// Checks of names that only rustc can resolve, in a block that never runs.
fn outside_checks(kernel: &Kernel) -> Option<TokenStream> {
    if kernel.outer_names.is_empty() && kernel.scalar_names.is_empty() {
        return None;
    }
    let here = Span::mixed_site();
    let names = kernel.outer_names.iter().map(|name| {
        let at = here.located_at(name.span());
        quote_spanned!(at=> __op2::check::outside(&#name);)
    });
    let scalars = kernel.scalar_names.iter().map(|path| {
        let at = here.located_at(path.span());
        quote_spanned!(at=> __op2::check::scalar::<#path>();)
    });
    Some(quote!(if false { #(#names)* #(#scalars)* }))
}

/// `path::item`, where generic arguments of the function stay with its type.
fn for_item(path: &syn::Path, item: &str) -> syn::Path {
    let mut path = path.clone();
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let item = Ident::new(item, Span::mixed_site().located_at(span));
    path.segments.push(syn::PathSegment::from(item));
    path
}

/// The path without the generic arguments of the function.
fn without_arguments(path: &syn::Path) -> syn::Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    path
}

/// The body of a kernel.
const KERNEL_CALL: &str = "__op2_call";
/// The body of a function. The name is read when a kernel calls another kernel: "no function
/// `op2_function` found for struct `flux`".
const FUNCTION_CALL: &str = "op2_function";

fn call_name(kernel: &Kernel) -> Ident {
    let name = if kernel.flavor == Flavor::Kernel { KERNEL_CALL } else { FUNCTION_CALL };
    Ident::new(name, Span::mixed_site())
}

/// Redirects calls of functions to their `op2_function`, with their part of the constants.
struct Calls<'a> {
    functions: &'a [syn::Path],
    first: usize,
    home: &'a TokenStream,
}

impl Calls<'_> {
    fn redirected(mut self, body: &syn::Block) -> syn::Block {
        let mut body = body.clone();
        self.visit_block_mut(&mut body);
        body
    }
}

impl VisitMut for Calls<'_> {
    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        visit_mut::visit_expr_call_mut(self, call);
        let Expr::Path(func) = &mut *call.func else { return };
        let Some(i) = self.functions.iter().position(|path| *path == func.path) else { return };
        let i = i + self.first;
        func.path = for_item(&func.path, FUNCTION_CALL);
        let (here, constants_home) = (Span::mixed_site(), self.home);
        call.args.insert(
            0,
            syn::parse_quote_spanned!(here=> __constants.wrapping_add(#constants_home::__OP2_PLACES[#i])),
        );
    }
}

/// The kernel's generic parameters, and that its parameters hold elements: stated as a condition
/// of each item, so that the compiler refuses another type once, where it is written, and not
/// wherever the items use it.
fn data_generics(kernel: &Kernel) -> Generics {
    let mut generics = kernel.generics.clone();
    if kernel.params.is_empty() {
        return generics;
    }
    let predicates = &mut generics.make_where_clause().predicates;
    for ty in kernel.params.iter().map(|param| &param.value_ty) {
        let at = Span::mixed_site().located_at(ty.span());
        predicates.push(syn::parse_quote_spanned!(at=> #ty: ::op2::__private::Element));
    }
    generics
}

/// `impl Kernel`, `impl Takes`, and the loop around the body.
fn loop_code(kernel: &Kernel) -> TokenStream {
    let names = Names::of(kernel);
    let here = Span::mixed_site();
    let generics = data_generics(kernel);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let carrier = names.carrier();
    let constants_home = constants_carrier(kernel);
    let unsafe_token = quote_spanned!(here=> unsafe);
    let info = info(kernel);
    let count = kernel.params.len();
    let markers: Vec<TokenStream> = kernel
        .params
        .iter()
        .map(|param| {
            let (mode, ty) = (mode_ident(param), &param.value_ty);
            quote!(__op2::Param<__op2::mode::#mode, #ty>)
        })
        .collect();
    let code = code(kernel);
    let opened = quote_spanned!(here=> __op2::check::Opened<#carrier, (#(#markers,)*)>);
    let (count_message, count_label) = count_texts(kernel);
    let takes = takes(kernel);
    quote_spanned! {here=>
        const _: () = {
            use ::op2::__private as __op2;

            // SAFETY: made by the kernel macro.
            #unsafe_token impl #impl_generics __op2::Kernel for #carrier #where_clause {
                const INFO: &'static __op2::KernelInfo = &#info;
                const CONSTANT_BYTES: usize = #constants_home::__OP2_CONSTANT_BYTES;
                #unsafe_token fn store_constants(
                    buffer: *mut u8,
                ) -> ::core::result::Result<(), &'static str> {
                    // SAFETY: the caller's promise.
                    #unsafe_token { #constants_home::__op2_store(buffer) }
                }
            }

            // A trait of this kernel alone, for its message.
            #[diagnostic::on_unimplemented(message = #count_message, label = #count_label)]
            pub trait Takes<const N: usize, O> {
                fn open() -> O;
            }

            #[diagnostic::do_not_recommend]
            impl #impl_generics Takes<#count, #opened> for __op2::Tag<#carrier> #where_clause {
                fn open() -> #opened {
                    __op2::check::Opened::new((#(<#markers>::new(),)*))
                }
            }

            #takes

            #code
        };
    }
}

/// What the compiler says when a loop passes another number of arguments.
fn count_texts(kernel: &Kernel) -> (String, String) {
    let names: Vec<String> = kernel.params.iter().map(|param| param.name.to_string()).collect();
    let arguments = if names.len() == 1 { "argument" } else { "arguments" };
    let (name, count) = (&kernel.name, names.len());
    let message = format!("kernel `{name}` takes {count} {arguments}, the loop passes {{N}}");
    (message, format!("its parameters are: {}", names.join(", ")))
}

/// Whatever the number of arguments: the kernel's own trait decides, and speaks.
fn takes(kernel: &Kernel) -> TokenStream {
    let here = Span::mixed_site();
    let names = Names::of(kernel);
    let carrier = names.carrier();
    let mut generics = data_generics(kernel);
    generics.params.push(syn::parse_quote_spanned!(here=> const __N: usize));
    generics.params.push(syn::parse_quote_spanned!(here=> __O));
    // The compiler speaks of this bound if it is about another type than the carrier.
    let bound = syn::parse_quote_spanned!(here=> __op2::Tag<#carrier>: Takes<__N, __O>);
    generics.make_where_clause().predicates.push(bound);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote_spanned! {here=>
        impl #impl_generics __op2::check::Takes<__N, __O> for #carrier #where_clause {
            fn open() -> __O {
                <__op2::Tag<Self> as Takes<__N, __O>>::open()
            }
        }
    }
}

fn info(kernel: &Kernel) -> TokenStream {
    let name = kernel.name.to_string();
    let params = kernel.params.iter().map(|param| {
        let (name, access, ty) = (param.name.to_string(), mode_ident(param), &param.value_ty);
        quote! { __op2::ParamInfo {
            name: #name,
            access: __op2::Access::#access,
            kind: <#ty as __op2::Element>::KIND,
        } }
    });
    let cost = &kernel.cost;
    let (flops, divisions) = (cost.flops, cost.divisions);
    let (square_roots, transcendentals) = (cost.square_roots, cost.transcendentals);
    let host = kernel.options.host;
    let lanes = lanes(kernel);
    quote! { __op2::KernelInfo {
        name: #name,
        file: ::core::file!(),
        line: ::core::line!(),
        params: &[#(#params),*],
        cost: __op2::Cost {
            flops: #flops as u32,
            divisions: #divisions as u32,
            square_roots: #square_roots as u32,
            transcendentals: #transcendentals as u32,
        },
        host: #host,
        lanes: #lanes,
    } }
}

/// How many elements at a time: eight was the robust choice on every machine measured.
fn lanes(kernel: &Kernel) -> usize {
    let one_by_one = kernel.options.host || only_moves(kernel);
    kernel.options.lanes.unwrap_or(if one_by_one { 1 } else { 8 })
}

/// Whether the kernel only moves values: there is no arithmetic to vectorize, and rows that go
/// through the staging on their way are a fifth slower.
fn only_moves(kernel: &Kernel) -> bool {
    let moves = |param: &Param| matches!(param.mode, Mode::Read | Mode::Write | Mode::Rw);
    kernel.cost == Cost::default() && kernel.functions.is_empty() && kernel.params.iter().all(moves)
}

fn mode_ident(param: &Param) -> Ident {
    Ident::new(param.mode.name(), Span::mixed_site())
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
fn code(kernel: &Kernel) -> TokenStream {
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
        if wide && fits && !serial && work.hi - position >= #lanes_count {
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
