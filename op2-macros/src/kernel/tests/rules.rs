//! What snapshots do not show: options, spans of expansions, what is handed to the expansion.

use quote::quote;

use super::{compile_fn, fns};
use crate::kernel::ir::{Kernel, Mode, Options};
use crate::kernel::{Flavor, compile};

fn kernel(source: &str) -> Kernel {
    let (kernel, errors) = compile_fn(fns(source).remove(0));
    assert!(errors.is_empty(), "{}", super::describe(&errors));
    kernel
}

#[test]
fn an_item_that_is_no_fn_is_refused_in_words() {
    let compiled = compile(
        quote!(),
        quote!(
            struct Flux;
        ),
        Flavor::Kernel,
    );
    assert!(compiled.item.is_none() && compiled.kernel.is_none());
    let errors = compiled.errors.expect("an error").to_string();
    assert!(errors.contains("is for functions"), "{errors}");
}

#[test]
fn an_error_leaves_the_users_fn_and_no_kernel() {
    let item = quote!(
        fn add(res: Inc<f64>) {
            *res = 1.0;
        }
    );
    let compiled = compile(quote!(), item.clone(), Flavor::Kernel);
    let kept = compiled.item.expect("the fn");
    assert_eq!(quote!(#kept).to_string(), item.to_string());
    assert!(compiled.kernel.is_none() && compiled.errors.is_some());
}

#[test]
fn options_are_read() {
    let kernel = kernel("#[kernel(lanes = 16, host)] fn k(x: &f64) {}");
    assert_eq!(kernel.options, Options { lanes: Some(16), host: true });
}

#[test]
fn parameters_keep_their_types_as_written() {
    let kernel = kernel("#[kernel] fn k(mut x: &f64, res: op2::Inc<'_, [f64; 4]>) {}");
    let [x, res] = kernel.params.as_slice() else { panic!("two parameters") };
    assert!(x.mutable_binding && x.mode == Mode::Read && res.mode == Mode::Inc);
    let text = |ty: &syn::Type| quote!(#ty).to_string();
    assert_eq!(text(&res.value_ty), "[f64 ; 4]");
    assert_eq!(text(&res.written_ty), "op2 :: Inc < '_ , [f64 ; 4] >");
}

#[test]
fn a_constant_and_a_function_are_listed_once() {
    let kernel = kernel(
        "#[kernel] fn k(x: &mut f64) { *x = f(GAM) + f(GAM * EPS) + m::g::<2>(*x) + m::g::<3>(*x); }",
    );
    let names: Vec<String> = kernel.constants.iter().map(|c| c.ident.to_string()).collect();
    assert_eq!(names, ["GAM", "EPS"]);
    assert_eq!(kernel.constants[0].renamed, "__const_GAM");
    assert_eq!(kernel.functions.len(), 3);
}

#[test]
fn a_name_that_is_bound_nowhere_is_left_to_rustc() {
    let kernel = kernel("#[kernel] fn k(x: &mut f64) { *x = dxx + 1.0; }");
    assert_eq!(kernel.outer_names.len(), 1);
    assert!(kernel.constants.is_empty());
}

#[test]
fn loops_with_literal_bounds_multiply_the_cost() {
    let kernel = kernel(
        "#[kernel] fn k(x: &[f64; 8], y: Inc<f64>, n: &u32) {
            for i in 0..8 { *y += x[i] / 3.0; }
            for i in 0..*n { *y += x[0].sqrt() * x[1].sin(); }
            if x[0] > 0.0 { *y += 1.0; } else { *y += x[0] * x[1] - x[2]; }
        }",
    );
    let cost = kernel.cost;
    assert_eq!((cost.flops, cost.divisions), (8 + 2 + 3, 8));
    assert_eq!((cost.square_roots, cost.transcendentals), (1, 1));
}
