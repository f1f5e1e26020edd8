//! Calls of functions, and methods of numbers.

use super::body::Body;
use super::program::takes_constants;
use super::tree::Expr;
use super::types::Ty;

impl Body<'_> {
    pub(super) fn call(&mut self, expr: &Expr, number: usize, args: &[Expr]) -> String {
        let function = self.function.calls[number];
        let exprs: Vec<&Expr> = args.iter().collect();
        let types: Vec<Ty> = args.iter().map(|arg| self.ty(arg)).collect();
        let mut texts = self.values(&exprs);
        let given = self.typed.call(expr);
        let name = self.program.callee(function, &given, &types);
        if takes_constants(function) {
            let place = self.function.places[self.function.constants.len() + number];
            texts.push(format!("constants + {place}"));
        }
        let call = format!("{name}({})", texts.join(", "));
        let ty = self.ty(expr);
        if ty.is_unit() {
            self.emit(format_args!("{call};"));
            return String::new();
        }
        let changes = types.iter().any(|ty| matches!(ty, Ty::Ref(true, _)));
        if changes { self.temporary(&ty, &call) } else { call }
    }

    pub(super) fn method(&mut self, expr: &Expr, name: &str, args: &[Expr]) -> String {
        let scalar = self.scalar(&args[0]);
        let exprs: Vec<&Expr> = args.iter().collect();
        let texts = self.operands(&exprs);
        match name {
            "from_f64" | "to_f64" => {
                let to = self.scalar(expr);
                self.cast(&texts[0], scalar, to)
            }
            "sin_cos" => {
                let ty = self.ty(expr);
                let angle = self.temporary(&Ty::Scalar(scalar), &texts[0]);
                let sin = self.operation("sin", scalar, &angle);
                let cos = self.operation("cos", scalar, &angle);
                self.composed(&ty, &format!("{sin}, {cos}"))
            }
            _ => self.operation(name, scalar, &texts.join(", ")),
        }
    }
}
