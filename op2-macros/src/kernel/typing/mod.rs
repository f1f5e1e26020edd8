//! The type of every expression, as rustc will find it.
//!
//! Inference follows the order of the source and Rust's rules: no implicit conversion, the
//! literals of a family of variables agree, unsettled literals are `i32` and `f64`. Operators
//! have operands of one type, since kernels have no user-written operators. Implied
//! dereferences become explicit. A contradiction is not reported: rustc says it better, and
//! where only rustc knows (fields, functions, constants) the type stays unknown.

mod expr;
mod stmt;
mod unify;

use super::ir::{Kernel, Len, Type};
use super::visit::each_expr_mut;
use unify::Unifier;

/// Gives a type to every expression, local and constant of the kernel.
pub(crate) fn infer(kernel: &mut Kernel) {
    let mut unifier = Unifier::default();
    let locals = kernel.locals.iter().map(|local| unifier.instantiate(&local.ty)).collect();
    let constants = kernel.constants.iter().map(|_| unifier.outside()).collect();
    let consts = kernel.generics.const_params();
    let const_params = consts.filter_map(|param| {
        let syn::Type::Path(path) = &param.ty else { return None };
        let scalar = super::ir::Scalar::from_name(&path.path.get_ident()?.to_string())?;
        Some((param.ident.clone(), Type::Scalar(scalar)))
    });
    let ret = kernel.ret.clone();
    let const_params = const_params.collect();
    let mut infer =
        Infer { unifier, locals, constants, const_params, ret, scalar_names: Vec::new() };
    infer.body(&mut kernel.body);
    infer.write_back(kernel);
}

struct Infer {
    unifier: Unifier,
    locals: Vec<Type>,
    constants: Vec<Type>,
    const_params: Vec<(proc_macro2::Ident, Type)>,
    ret: Type,
    scalar_names: Vec<syn::Path>,
}

impl Infer {
    /// Replaces what was open during inference by what was found.
    fn write_back(self, kernel: &mut Kernel) {
        let Self { mut unifier, locals, constants, scalar_names, .. } = self;
        for (local, ty) in kernel.locals.iter_mut().zip(&locals) {
            local.ty = unifier.resolve(ty);
        }
        for (constant, ty) in kernel.constants.iter_mut().zip(&constants) {
            constant.ty = unifier.resolve(ty);
        }
        each_expr_mut(&mut kernel.body, &mut |expr| {
            expr.ty = unifier.resolve(&expr.ty);
            if let super::ir::ExprKind::Cast { to, .. } = &mut expr.kind {
                *to = unifier.resolve(to);
            }
        });
        kernel.scalar_names = scalar_names;
        kernel.lengths = lengths(kernel);
    }
}

/// The names of constants that are array lengths.
fn lengths(kernel: &mut Kernel) -> Vec<proc_macro2::Ident> {
    let mut found = Vec::new();
    for param in &kernel.params {
        collect(&param.ty, &mut found);
    }
    collect(&kernel.ret, &mut found);
    for local in &kernel.locals {
        collect(&local.ty, &mut found);
    }
    each_expr_mut(&mut kernel.body, &mut |expr| collect(&expr.ty, &mut found));
    let inside = |name: &proc_macro2::Ident| {
        kernel.generics.const_params().any(|param| param.ident == *name)
            || kernel.locals.iter().any(|local| local.name == *name)
    };
    found.retain(|name| !inside(name));
    found
}

fn collect(ty: &Type, found: &mut Vec<proc_macro2::Ident>) {
    match ty {
        Type::Array(element, len) => {
            collect(element, found);
            if let Len::Name(name) = len
                && !found.contains(name)
            {
                found.push(name.clone());
            }
        }
        Type::Tuple(parts) => parts.iter().for_each(|part| collect(part, found)),
        Type::Ref(_, target) => collect(target, found),
        _ => {}
    }
}
