//! Values.
//!
//! A value is text without effects; what has effects or needs statements is emitted before it. So that
//! operands keep Rust's order, those before an operand that emits anything become variables first.

use super::infer::Given;
use super::stmt::Body;
use super::types::Ty;
use super::{Dialect, Refusal, number};
use crate::kernel::code::{Expr, ExprKind, If, Op, Scalar};

/// Arrays up to this length are written as a list of their items.
const LISTED: u64 = 8;

impl Body<'_> {
    /// The value, behind any references.
    pub(super) fn operand(&mut self, expr: &'static Expr) -> Result<String, Refusal> {
        let text = self.value(expr)?;
        let mut ty = self.ty(expr)?;
        let mut out = text;
        while let Ty::Ref(_, target) = ty {
            out = format!("(*{out})");
            ty = (*target).clone();
        }
        Ok(out)
    }

    /// The values, behind any references, in order.
    pub(super) fn operands(&mut self, exprs: &[&'static Expr]) -> Result<Vec<String>, Refusal> {
        self.in_order(exprs, true)
    }

    /// The values as they are, references among them, in order.
    fn values(&mut self, exprs: &[&'static Expr]) -> Result<Vec<String>, Refusal> {
        self.in_order(exprs, false)
    }

    fn in_order(&mut self, exprs: &[&'static Expr], behind: bool) -> Result<Vec<String>, Refusal> {
        let mut texts: Vec<String> = Vec::new();
        for expr in exprs {
            let write = if behind { Self::operand } else { Self::value };
            let (emitted, text) = self.captured(|body| write(body, expr))?;
            if !emitted.is_empty() {
                for (before, text) in exprs.iter().zip(&mut texts) {
                    self.keep(before, behind, text)?;
                }
                self.add(&emitted);
            }
            texts.push(text);
        }
        Ok(texts)
    }

    /// Makes a variable of a value, unless nothing can change it.
    fn keep(&mut self, expr: &Expr, behind: bool, text: &mut String) -> Result<(), Refusal> {
        let ty = self.ty(expr)?;
        let ty = if behind { ty.value().clone() } else { ty };
        if !ty.is_unit() && !matches!(expr.1, ExprKind::Int(..) | ExprKind::Float(..)) {
            *text = self.temporary(&ty, text);
        }
        Ok(())
    }

    pub(super) fn value(&mut self, expr: &'static Expr) -> Result<String, Refusal> {
        match &expr.1 {
            ExprKind::Int(digits, _) => self.integer(expr, digits),
            ExprKind::Float(digits, _) => {
                let (scalar, dialect) = (self.scalar(expr)?, self.program.dialect);
                number::literal(digits, scalar, dialect)
                    .ok_or_else(|| self.refuse(format!("`{digits}` is not a number")))
            }
            ExprKind::Bool(value) => Ok(number::whole(i128::from(*value), Scalar::Bool)),
            ExprKind::Constant(k) => self.constant_value(*k, expr),
            ExprKind::Generic(k) => {
                if let Some(Given::Value(Some(value))) = self.given.get(*k) {
                    return Ok(number::whole(*value, self.scalar(expr)?));
                }
                let name = self.function.generics[*k].name;
                Err(self.refuse(format!("nothing says what `{name}` is: write it at the call")))
            }
            ExprKind::Named(name, _) => {
                let scalar = self.scalar(expr)?;
                let value = number::named(name, scalar)
                    .ok_or_else(|| self.refuse(format!("`{}` has no `{name}`", scalar.name())))?;
                Ok(number::number(value, scalar, self.program.dialect))
            }
            ExprKind::Local(_) | ExprKind::Deref(_) | ExprKind::Index(..) | ExprKind::Field(..) => {
                self.place(expr)
            }
            ExprKind::Borrow(_, target) => {
                let place = self.place(target)?;
                Ok(format!("(&{place})"))
            }
            ExprKind::Neg(operand) => self.negated(expr, operand),
            ExprKind::Not(operand) => {
                let (scalar, text) = (self.scalar(expr)?, self.operand(operand)?);
                let not = if scalar == Scalar::Bool { "!" } else { "~" };
                Ok(format!("(({}){not}{text})", self.program.types.name(&Ty::Scalar(scalar))))
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::Cast(value, _) => {
                let to = self.scalar(expr)?;
                let from = self.scalar(value)?;
                let text = self.operand(value)?;
                Ok(self.cast(&text, from, to))
            }
            ExprKind::Len(array) => match self.ty(array)?.value() {
                Ty::Array(_, len) => Ok(number::whole(i128::from(*len), Scalar::Usize)),
                _ => Err(self.refuse("`len` is asked of an array")),
            },
            _ => self.composite(expr),
        }
    }

    fn composite(&mut self, expr: &'static Expr) -> Result<String, Refusal> {
        match &expr.1 {
            ExprKind::Array(parts) | ExprKind::Tuple(parts) => {
                let ty = self.ty(expr)?;
                let parts: Vec<&Expr> = parts.iter().collect();
                let is_array = matches!(expr.1, ExprKind::Array(_));
                let values = self.values(&parts)?;
                let values = values
                    .into_iter()
                    .map(|value| if value.is_empty() { "0".to_owned() } else { value });
                let values = values.collect::<Vec<_>>().join(", ");
                if ty.is_unit() {
                    return Ok(String::new());
                }
                let values = if is_array { format!("{{{values}}}") } else { values };
                Ok(self.literal(&ty, &values))
            }
            ExprKind::Struct(_, fields) => self.struct_(expr, fields),
            ExprKind::Repeat(item, _) => self.repeated(expr, item),
            ExprKind::Call(function, _, args) => self.call(expr, *function, args),
            ExprKind::Method(name, _, args) => self.method(expr, name, args),
            ExprKind::If(inner) if !self.needs_statements(expr) => self.conditional(expr, inner),
            // A block, or a branch with statements.
            _ => self.through_variable(expr),
        }
    }

    /// The value of what needs statements.
    fn through_variable(&mut self, expr: &'static Expr) -> Result<String, Refusal> {
        let ty = self.ty(expr)?;
        if ty.is_unit() {
            self.unit(expr)?;
            return Ok(String::new());
        }
        let name = self.declare(&ty);
        self.into(&name, expr)?;
        Ok(name)
    }

    fn scalar(&self, expr: &Expr) -> Result<Scalar, Refusal> {
        let ty = self.ty(expr)?;
        match ty.value() {
            Ty::Scalar(scalar) => Ok(*scalar),
            other => Err(self.refuse(format!("a number is expected, not `{}`", other.describe()))),
        }
    }

    fn integer(&mut self, expr: &Expr, digits: &str) -> Result<String, Refusal> {
        let scalar = self.scalar(expr)?;
        let dialect = self.program.dialect;
        if scalar.is_float() {
            let text = number::literal(digits, scalar, dialect);
            return text.ok_or_else(|| self.refuse(format!("`{digits}` is not a number")));
        }
        let value = digits.parse::<i128>();
        let value = value.map_err(|_| self.refuse(format!("`{digits}` is not a number")))?;
        Ok(number::whole(value, scalar))
    }

    fn constant_value(&mut self, k: usize, expr: &'static Expr) -> Result<String, Refusal> {
        let ty = self.constant_type(k)?;
        match (ty, self.constants[k].numbers.as_deref()) {
            (Ty::Scalar(scalar), Some([value])) => {
                Ok(number::number(*value, scalar, self.program.dialect))
            }
            _ => self.place(expr),
        }
    }

    // Operators.

    fn negated(&mut self, expr: &'static Expr, operand: &'static Expr) -> Result<String, Refusal> {
        let scalar = self.scalar(expr)?;
        if let (ExprKind::Int(digits, _), false) = (&operand.1, scalar.is_float())
            && let Ok(value) = digits.parse::<i128>()
        {
            return Ok(number::whole(-value, scalar));
        }
        let text = self.operand(operand)?;
        if scalar.is_float() {
            return Ok(format!("(-{text})"));
        }
        self.operation("neg", scalar, &text)
    }

    fn binary(
        &mut self,
        op: Op,
        left: &'static Expr,
        right: &'static Expr,
    ) -> Result<String, Refusal> {
        if let Op::And | Op::Or = op {
            return self.short_circuit(op, left, right);
        }
        let ty = self.ty(left)?.value().clone();
        let texts = self.operands(&[left, right])?;
        let (left, right) = (&texts[0], &texts[1]);
        let symbol = match op {
            Op::Eq => "==",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            _ => return self.arithmetic(op, &ty, left, right),
        };
        if let Ty::Scalar(_) = ty {
            return Ok(format!("({left} {symbol} {right})"));
        }
        let equality = if let Op::Eq | Op::Ne = op { self.program.equality(&ty) } else { None };
        let Some(equality) = equality else {
            let reason = format!("`{symbol}` compares numbers here, not `{}`", ty.describe());
            return Err(self.refuse(reason));
        };
        let not = if op == Op::Ne { "!" } else { "" };
        Ok(format!("({not}{equality}({left}, {right}))"))
    }

    fn short_circuit(
        &mut self,
        op: Op,
        left: &'static Expr,
        right: &'static Expr,
    ) -> Result<String, Refusal> {
        let left = self.operand(left)?;
        let (emitted, right) = self.captured(|body| body.operand(right))?;
        if emitted.is_empty() {
            let symbol = if op == Op::And { "&&" } else { "||" };
            return Ok(format!("({left} {symbol} {right})"));
        }
        let result = self.temporary(&Ty::Scalar(Scalar::Bool), &left);
        let not = if op == Op::And { "" } else { "!" };
        self.emit(&format!("if ({not}{result}) {{"));
        self.add(&emitted);
        self.emit(&format!("{result} = {right};\n}}"));
        Ok(result)
    }

    /// An operator on two numbers of one type, or a shift.
    pub(super) fn arithmetic(
        &mut self,
        op: Op,
        ty: &Ty,
        left: &str,
        right: &str,
    ) -> Result<String, Refusal> {
        let Ty::Scalar(scalar) = *ty else {
            let reason = format!("operators work on numbers here, not on `{}`", ty.describe());
            return Err(self.refuse(reason));
        };
        let infix = |symbol: &str| Ok(format!("({left} {symbol} {right})"));
        let wraps =
            scalar.is_float() || matches!(scalar, Scalar::U32 | Scalar::U64 | Scalar::Usize);
        let (name, symbol) = match op {
            Op::Add => ("add", "+"),
            Op::Sub => ("sub", "-"),
            Op::Mul => ("mul", "*"),
            Op::Div if scalar.is_float() => return infix("/"),
            Op::Div => ("div", ""),
            Op::Rem => ("rem", ""),
            Op::Shl => return self.operation("shl", scalar, &format!("{left}, (u32){right}")),
            Op::Shr => return self.operation("shr", scalar, &format!("{left}, (u32){right}")),
            Op::BitAnd => return Ok(self.bits("&", scalar, left, right)),
            Op::BitOr => return Ok(self.bits("|", scalar, left, right)),
            _ => return Ok(self.bits("^", scalar, left, right)),
        };
        if wraps && !symbol.is_empty() {
            return infix(symbol);
        }
        self.operation(name, scalar, &format!("{left}, {right}"))
    }

    /// C makes `int` of smaller operands.
    fn bits(&mut self, symbol: &str, scalar: Scalar, left: &str, right: &str) -> String {
        let ty = self.program.types.name(&Ty::Scalar(scalar));
        format!("(({ty})({left} {symbol} {right}))")
    }

    fn operation(&mut self, name: &str, scalar: Scalar, args: &str) -> Result<String, Refusal> {
        let helper = self.program.operation(name, scalar);
        let helper = helper.ok_or_else(|| {
            self.refuse(format!("`{}` has no `{name}` on devices", scalar.name()))
        })?;
        Ok(format!("{helper}({args})"))
    }

    fn cast(&mut self, text: &str, from: Scalar, to: Scalar) -> String {
        if from == to {
            return text.to_owned();
        }
        if from.is_float() && !to.is_float() {
            let helper = self.program.saturating(from, to);
            return format!("{helper}({text})");
        }
        format!("(({}){text})", self.program.types.name(&Ty::Scalar(to)))
    }

    // Composites.

    /// A value made of its parts: `((f64_2){{1.0, 2.0}})`.
    fn literal(&mut self, ty: &Ty, parts: &str) -> String {
        let name = self.program.types.name(ty);
        match self.program.dialect {
            Dialect::OpenClC => format!("(({name}){{{parts}}})"),
            Dialect::CudaC => format!("{name}{{{parts}}}"),
        }
    }

    fn struct_(
        &mut self,
        expr: &'static Expr,
        fields: &'static [(&'static str, Expr)],
    ) -> Result<String, Refusal> {
        let ty = self.ty(expr)?;
        let exprs: Vec<&Expr> = fields.iter().map(|(_, value)| value).collect();
        let values = self.values(&exprs)?;
        let Ty::Struct(inner) = &ty else { return Err(self.refuse("this is not a struct")) };
        let in_memory = inner.fields.iter().map(|(name, _)| {
            let k = fields.iter().position(|(field, _)| field == name)?;
            Some(values[k].clone())
        });
        let in_memory = in_memory.collect::<Option<Vec<_>>>();
        let in_memory =
            in_memory.ok_or_else(|| self.refuse(format!("`{}` has other fields", inner.name)))?;
        Ok(self.literal(&ty, &in_memory.join(", ")))
    }

    fn repeated(&mut self, expr: &'static Expr, item: &'static Expr) -> Result<String, Refusal> {
        let ty = self.ty(expr)?;
        let Ty::Array(of, len) = &ty else { return Err(self.refuse("an array is expected")) };
        if *len == 0 || *len > LISTED {
            return self.through_variable(expr);
        }
        let value = self.value(item)?;
        let atom = matches!(item.1, ExprKind::Int(..) | ExprKind::Float(..) | ExprKind::Local(_));
        let value = if atom { value } else { self.temporary(of, &value) };
        let values = vec![value; *len as usize].join(", ");
        Ok(self.literal(&ty, &format!("{{{values}}}")))
    }

    /// `c ? a : b`: nothing in the branches has effects.
    fn conditional(&mut self, expr: &'static Expr, inner: &'static If) -> Result<String, Refusal> {
        let Some((then, otherwise)) =
            inner.then.value.zip(inner.otherwise.as_ref().and_then(|block| block.value))
        else {
            return self.through_variable(expr);
        };
        let cond = self.operand(&inner.cond)?;
        let (first, then) = self.captured(|body| body.value(then))?;
        let (second, otherwise) = self.captured(|body| body.value(otherwise))?;
        if first.is_empty() && second.is_empty() {
            return Ok(format!("({cond} ? {then} : {otherwise})"));
        }
        let ty = self.ty(expr)?;
        let name = self.declare(&ty);
        self.emit(&format!("if ({cond}) {{"));
        self.add(&first);
        self.emit(&format!("{name} = {then};\n}} else {{"));
        self.add(&second);
        self.emit(&format!("{name} = {otherwise};\n}}"));
        Ok(name)
    }

    /// Whether the value is better assigned by statements than written as one expression.
    pub(super) fn needs_statements(&self, expr: &Expr) -> bool {
        match &expr.1 {
            ExprKind::If(inner) => {
                let plain = |block: &crate::kernel::code::Block| {
                    block.stmts.is_empty()
                        && block.value.is_some_and(|value| !self.needs_statements(value))
                };
                !plain(&inner.then) || !inner.otherwise.as_ref().is_some_and(plain)
            }
            ExprKind::Match(_) | ExprKind::Block(_) => true,
            ExprKind::Repeat(..) => {
                !matches!(self.ty(expr), Ok(Ty::Array(_, len)) if len > 0 && len <= LISTED)
            }
            _ => false,
        }
    }

    // Calls.

    fn call(
        &mut self,
        expr: &'static Expr,
        number: usize,
        args: &'static [Expr],
    ) -> Result<String, Refusal> {
        let function = self.function.calls[number];
        let exprs: Vec<&Expr> = args.iter().collect();
        let types: Vec<Ty> = args.iter().map(|arg| self.ty(arg)).collect::<Result<_, _>>()?;
        let mut texts = self.values(&exprs)?;
        let given = self.typed.call(expr).to_vec();
        let name = self.program.callee(function, &given, &types)?;
        if super::program::takes_constants(function) {
            let place = self.function.places[self.function.constants.len() + number];
            texts.push(format!("constants + {place}"));
        }
        let call = format!("{name}({})", texts.join(", "));
        let ty = self.ty(expr)?;
        if ty.is_unit() {
            self.emit(&format!("{call};"));
            return Ok(String::new());
        }
        let changes = types.iter().any(|ty| matches!(ty, Ty::Ref(true, _)));
        if changes { Ok(self.temporary(&ty, &call)) } else { Ok(call) }
    }

    fn method(
        &mut self,
        expr: &'static Expr,
        name: &'static str,
        args: &'static [Expr],
    ) -> Result<String, Refusal> {
        let scalar = self.scalar(&args[0])?;
        let exprs: Vec<&Expr> = args.iter().collect();
        let texts = self.operands(&exprs)?;
        match name {
            "from_f64" | "to_f64" => {
                let to = self.scalar(expr)?;
                Ok(self.cast(&texts[0], scalar, to))
            }
            "sin_cos" => {
                let ty = self.ty(expr)?;
                let angle = self.temporary(&Ty::Scalar(scalar), &texts[0]);
                let sin = self.operation("sin", scalar, &angle)?;
                let cos = self.operation("cos", scalar, &angle)?;
                Ok(self.literal(&ty, &format!("{sin}, {cos}")))
            }
            _ => self.operation(name, scalar, &texts.join(", ")),
        }
    }

    /// An expression of no value.
    fn unit(&mut self, expr: &'static Expr) -> Result<(), Refusal> {
        match &expr.1 {
            ExprKind::If(_) | ExprKind::Match(_) | ExprKind::Block(_) => self.drop_value(expr),
            _ => self.value(expr).map(drop),
        }
    }
}
