//! The types of calls, and of the methods of numbers.

use super::infer::Infer;
use super::scope::{Parameter, Scope};
use super::tree::{Argument, Expr, Type};
use super::types::Ty;
use super::unify::{Extent, Open, Unifier};
use crate::kernel::code::{Function, Scalar};

impl Infer<'_> {
    /// What a call returns. What the generic parameters of the function are follows from what the call
    /// writes and from its arguments.
    pub(super) fn call(
        &mut self,
        number: usize,
        callee: &'static Function,
        arguments: &[Argument],
        args: &[Expr],
    ) -> Open {
        let Some(tree) = self.trees.of(callee) else { return self.unifier.any() };
        let scope = Scope::new(&tree, &[], &[], &mut self.unifier);
        for (generic, argument) in scope.generics.iter().zip(arguments) {
            self.argument(generic, argument);
        }
        // Only the body of the function knows them.
        let mut same = |_: usize, unifier: &mut Unifier| unifier.any();
        for (arg, (_, ty)) in args.iter().zip(&tree.locals) {
            let arg = self.expr(arg);
            let param = scope.open(ty, &mut self.unifier, &mut same);
            self.unifier.unify(&param, &arg);
        }
        let ret = scope.open(&tree.ret, &mut self.unifier, &mut same);
        self.calls.insert(number, scope.generics);
        ret
    }

    fn argument(&mut self, generic: &Parameter, argument: &Argument) {
        match (generic, argument) {
            (Parameter::Type(generic), Argument::Type(ty)) => {
                let ty = self.open_type(ty);
                self.unifier.unify(generic, &ty);
            }
            (Parameter::Value(generic), Argument::Value(value)) => {
                self.unifier.same(*generic, Extent::Known(*value));
            }
            (generic, Argument::Param(k)) => match (generic, self.scope.generics[*k].clone()) {
                (Parameter::Type(generic), Parameter::Type(ty)) => {
                    self.unifier.unify(generic, &ty);
                }
                (Parameter::Value(generic), Parameter::Value(value)) => {
                    self.unifier.same(*generic, value);
                }
                _ => {}
            },
            _ => {}
        }
    }

    pub(super) fn method(&mut self, name: &str, of: Option<&Type>, args: &[Expr]) -> Open {
        let receiver = self.expr(&args[0]);
        let receiver = self.behind(&receiver);
        let of = of.map(|of| self.open_type(of));
        match (name, &of) {
            ("from_f64", _) => self.unifier.unify(&receiver, &Open::Scalar(Scalar::F64)),
            (_, Some(of)) => self.unifier.unify(&receiver, of),
            _ => {}
        }
        for arg in &args[1..] {
            let found = self.expr(arg);
            let wanted = match name {
                "powi" => Open::Scalar(Scalar::I32),
                "pow" => Open::Scalar(Scalar::U32),
                _ => receiver.clone(),
            };
            self.unifier.unify(&found, &wanted);
        }
        match name {
            "sin_cos" => Open::Tuple([receiver.clone(), receiver].into()),
            "is_nan" | "is_finite" | "is_infinite" => Open::Scalar(Scalar::Bool),
            "count_ones" => Open::Scalar(Scalar::U32),
            "to_f64" => Open::Scalar(Scalar::F64),
            "from_f64" => of.unwrap_or_else(|| self.unifier.any()),
            "abs_diff" => match self.unifier.closed(&receiver) {
                Some(Ty::Scalar(scalar)) => Open::Scalar(scalar.unsigned()),
                _ => self.unifier.any(),
            },
            _ => receiver,
        }
    }
}
