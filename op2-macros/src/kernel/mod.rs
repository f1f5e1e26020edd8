pub(crate) mod expand;
pub(crate) mod ir;
use proc_macro2::*;
use quote::*;
use syn::visit_mut::*;
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    Kernel,
    Function,
}
pub(crate) struct Compiled {
    pub item: Option<syn::ItemFn>,
    pub kernel: Option<ir::Kernel>,
    pub errors: Option<TokenStream>,
}
struct R(Vec<ir::ConstantUse>, Vec<syn::Path>);
impl VisitMut for R {
    fn visit_expr_path_mut(&mut self, p: &mut syn::ExprPath) {
        if let Some(i) = p.path.get_ident().cloned() {
            let s = i.to_string();
            if s.chars().all(|c| c.is_uppercase() || c == '_' || c.is_numeric()) && s.len() > 1 {
                let r = format_ident!("__const_{}", i);
                if !self.0.iter().any(|c| c.ident == i) {
                    self.0.push(ir::ConstantUse { ident: i.clone(), renamed: r.clone() });
                }
                p.path = r.into();
            }
        }
    }
    fn visit_expr_call_mut(&mut self, c: &mut syn::ExprCall) {
        for a in c.args.iter_mut() {
            self.visit_expr_mut(a);
        }
        if let syn::Expr::Path(p) = &*c.func {
            if p.path.segments.len() == 1 {
                if !self.1.contains(&p.path) {
                    self.1.push(p.path.clone());
                }
            }
        }
    }
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_expr_repeat_mut(&mut self, r: &mut syn::ExprRepeat) {
        self.visit_expr_mut(&mut r.expr);
    }
}
pub(crate) fn compile(attr: TokenStream, item: TokenStream, flavor: Flavor) -> Compiled {
    let item: syn::ItemFn = syn::parse2(item).unwrap();
    let a = attr.to_string();
    let lanes = a.split("lanes =").nth(1).map(|x| x.trim().parse().unwrap());
    let params = item
        .sig
        .inputs
        .iter()
        .map(|i| {
            let syn::FnArg::Typed(t) = i else { panic!() };
            let syn::Pat::Ident(n) = &*t.pat else { panic!() };
            let (mode, ty) = match &*t.ty {
                syn::Type::Reference(r) => (
                    if r.mutability.is_some() { ir::Mode::Rw } else { ir::Mode::Read },
                    (*r.elem).clone(),
                ),
                syn::Type::Path(p) if flavor == Flavor::Kernel => {
                    let l = p.path.segments.last().unwrap();
                    let m = match l.ident.to_string().as_str() {
                        "Inc" => ir::Mode::Inc,
                        "Write" => ir::Mode::Write,
                        "Min" => ir::Mode::Min,
                        "Max" => ir::Mode::Max,
                        _ => panic!(),
                    };
                    let syn::PathArguments::AngleBracketed(g) = &l.arguments else { panic!() };
                    let syn::GenericArgument::Type(t) = g.args.last().unwrap() else { panic!() };
                    (m, t.clone())
                }
                t => (ir::Mode::Value, t.clone()),
            };
            ir::Param {
                name: n.ident.clone(),
                mode,
                mutable_binding: n.mutability.is_some(),
                value_ty: ty,
                fully_written: mode == ir::Mode::Write,
            }
        })
        .collect();
    let mut b = (*item.block).clone();
    let mut r = R(vec![], vec![]);
    r.visit_block_mut(&mut b);
    let k = ir::Kernel {
        flavor,
        name: item.sig.ident.clone(),
        vis: item.vis.clone(),
        attrs: item.attrs.clone(),
        generics: item.sig.generics.clone(),
        params,
        output: item.sig.output.clone(),
        rust_body: b,
        constants: r.0,
        functions: r.1,
        options: ir::Options { lanes, host: false },
        cost: ir::Cost { flops: 10, divisions: 0, square_roots: 0, transcendentals: 0 },
    };
    Compiled { item: Some(item), kernel: Some(k), errors: None }
}
