//! Statements, expressions and types of the readable form.

use std::fmt::Write;

use quote::ToTokens;

use crate::kernel::ir::{
    Arm, Block, Case, Expr, ExprKind, For, If, Kernel, Len, LocalId, Match, Pattern, Stmt,
    StmtKind, Type, UnaryOp, VarId,
};

/// Writes parts of one kernel.
pub(super) struct Printer<'a> {
    pub(super) kernel: &'a Kernel,
    /// Show what was inferred; otherwise what the user wrote.
    pub(super) typed: bool,
}

/// `{ .. }`, indented by `depth` steps.
pub(super) fn block(printer: &Printer<'_>, body: &Block, depth: usize, out: &mut String) {
    out.push_str("{\n");
    for stmt in &body.stmts {
        indent(depth + 1, out);
        printer.stmt(stmt, depth + 1, out);
        out.push('\n');
    }
    if let Some(tail) = &body.tail {
        indent(depth + 1, out);
        out.push_str("=> ");
        out.push_str(&printer.nested(tail, depth + 1));
        out.push('\n');
    }
    indent(depth, out);
    out.push('}');
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("    ", depth));
}

impl Printer<'_> {
    fn stmt(&self, stmt: &Stmt, depth: usize, out: &mut String) {
        let value = |expr: &Expr| self.nested(expr, depth);
        let text = match &stmt.kind {
            StmtKind::Let { pattern, value: init, .. } => {
                let init = init.as_ref().map(|init| format!(" = {}", value(init)));
                format!("let {}{}", self.pattern(pattern), init.unwrap_or_default())
            }
            StmtKind::Const { local, value: init } => {
                format!(
                    "const {}: {} = {}",
                    self.name(*local),
                    self.local_type(*local),
                    value(init)
                )
            }
            StmtKind::Assign { place, value: to, .. } => {
                format!("{} = {}", self.expr(place), value(to))
            }
            StmtKind::Update { op, place, value: by, .. } => {
                format!("{} {}= {}", self.expr(place), op.symbol(), value(by))
            }
            StmtKind::Break(label) => with_label("break", label.as_ref()),
            StmtKind::Continue(label) => with_label("continue", label.as_ref()),
            StmtKind::Return(None) => "return".to_owned(),
            StmtKind::Return(Some(result)) => format!("return {}", value(result)),
            StmtKind::Expr(effect) => value(effect),
            _ => return self.control(stmt, depth, out),
        };
        out.push_str(&text);
    }

    fn control(&self, stmt: &Stmt, depth: usize, out: &mut String) {
        let (head, body) = match &stmt.kind {
            StmtKind::If(inner) => return self.if_(inner, depth, out),
            StmtKind::Match(inner) => return self.match_(inner, depth, out),
            StmtKind::For(inner) => (self.for_head(inner), &inner.body),
            StmtKind::While { label, cond, body } => {
                (format!("{}while {} ", prefix(label.as_ref()), self.expr(cond)), body)
            }
            StmtKind::Loop { label, body } => (format!("{}loop ", prefix(label.as_ref())), body),
            StmtKind::Block(body) => (String::new(), body),
            StmtKind::ForEach { label, pattern, iterator, body } => {
                let label = prefix(label.as_ref());
                (format!("{label}for {pattern} in {} ", self.expr(iterator)), body)
            }
            _ => return,
        };
        out.push_str(&head);
        block(self, body, depth, out);
    }

    fn for_head(&self, inner: &For) -> String {
        let index = inner.index.map_or("_".to_owned(), |index| self.declared(index));
        let dots = if inner.inclusive { "..=" } else { ".." };
        let range = format!("{}{dots}{}", self.operand(&inner.start), self.operand(&inner.end));
        let range = if inner.reversed { format!("({range}).rev()") } else { range };
        format!("{}for {index} in {range} ", prefix(inner.label.as_ref()))
    }

    fn if_(&self, inner: &If, depth: usize, out: &mut String) {
        let _ = write!(out, "if {} ", self.expr(&inner.cond));
        block(self, &inner.then, depth, out);
        if let Some(otherwise) = &inner.otherwise {
            out.push_str(" else ");
            block(self, otherwise, depth, out);
        }
    }

    fn match_(&self, inner: &Match, depth: usize, out: &mut String) {
        let _ = writeln!(out, "match {} {{", self.expr(&inner.value));
        for Arm { cases, body } in &inner.arms {
            indent(depth + 1, out);
            let cases: Vec<String> = cases.iter().map(|case| self.case(case)).collect();
            let cases = if cases.is_empty() { "_".to_owned() } else { cases.join(" | ") };
            let _ = write!(out, "{cases} ");
            block(self, body, depth + 1, out);
            out.push('\n');
        }
        indent(depth, out);
        out.push('}');
    }

    fn case(&self, case: &Case) -> String {
        match case {
            Case::Is(literal) => self.expr(literal),
            Case::Between(first, last) => format!("{}..={}", self.expr(first), self.expr(last)),
        }
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Wild => "_".to_owned(),
            Pattern::Local(local) => self.declared(*local),
            Pattern::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.pattern(part)).collect();
                format!("({})", parts.join(", "))
            }
        }
    }

    /// A name where it is introduced.
    fn declared(&self, local: LocalId) -> String {
        let mutable = if self.kernel.locals[local.0].mutable { "mut " } else { "" };
        format!("{mutable}{}: {}", self.name(local), self.local_type(local))
    }

    fn local_type(&self, local: LocalId) -> String {
        self.ty(&self.kernel.locals[local.0].ty)
    }

    /// The name; a number tells it from others of the same name.
    fn name(&self, local: LocalId) -> String {
        let locals = &self.kernel.locals;
        let name = &locals[local.0].name;
        let earlier = locals[..local.0].iter().filter(|other| other.name == *name).count();
        if earlier == 0 || !self.typed { name.to_string() } else { format!("{name}'{earlier}") }
    }

    pub(super) fn expr(&self, expr: &Expr) -> String {
        self.nested(expr, 0)
    }

    fn nested(&self, expr: &Expr, depth: usize) -> String {
        match &expr.kind {
            ExprKind::Int(digits) | ExprKind::Float(digits) => self.number(digits, &expr.ty),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Local(local) => self.name(*local),
            ExprKind::Constant(k) => self.kernel.constants[*k].ident.to_string(),
            ExprKind::ConstGeneric(name) | ExprKind::Outer(name) => name.to_string(),
            ExprKind::Named { path, .. } => tight(path),
            ExprKind::Unary(UnaryOp::Neg, operand) => format!("-{}", self.operand(operand)),
            ExprKind::Unary(UnaryOp::Not, operand) => format!("!{}", self.operand(operand)),
            ExprKind::Binary(op, left, right) => {
                format!("{} {} {}", self.operand(left), op.symbol(), self.operand(right))
            }
            ExprKind::Deref { target, implied } if *implied && !self.typed => self.expr(target),
            ExprKind::Deref { target, .. } => format!("*{}", self.operand(target)),
            ExprKind::Borrow(true, target) => format!("&mut {}", self.operand(target)),
            ExprKind::Borrow(false, target) => format!("&{}", self.operand(target)),
            ExprKind::Cast { value, to, .. } => {
                format!("{} as {}", self.operand(value), self.ty(to))
            }
            ExprKind::If(inner) => {
                let mut out = String::new();
                self.if_(inner, depth, &mut out);
                out
            }
            ExprKind::Match(inner) => {
                let mut out = String::new();
                self.match_(inner, depth, &mut out);
                out
            }
            ExprKind::Block(inner) => {
                let mut out = String::new();
                block(self, inner, depth, &mut out);
                out
            }
            ExprKind::Opaque(opaque) => format!("opaque `{}`", opaque.tokens),
            _ => self.composite(expr),
        }
    }

    fn composite(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Index(base, index) => format!("{}[{}]", self.place(base), self.expr(index)),
            ExprKind::Field(base, member) => format!("{}.{}", self.place(base), tight(member)),
            ExprKind::Array(parts) => format!("[{}]", self.list(parts)),
            ExprKind::Repeat(value, len) => format!("[{}; {}]", self.expr(value), length(len)),
            ExprKind::Tuple(parts) => format!("({})", self.list(parts)),
            ExprKind::Struct(path, fields) => {
                let field = |(member, value): &(syn::Member, Expr)| {
                    format!("{}: {}", tight(member), self.expr(value))
                };
                let fields: Vec<String> = fields.iter().map(field).collect();
                format!("{} {{ {} }}", tight(path), fields.join(", "))
            }
            ExprKind::Call { path, args, .. } if self.typed => {
                format!("{}({}): {}", tight(path), self.list(args), self.ty(&expr.ty))
            }
            ExprKind::Call { path, args, .. } => format!("{}({})", tight(path), self.list(args)),
            ExprKind::Intrinsic { intrinsic, of, args } => {
                let name = intrinsic.spec().name;
                let ty = of.as_ref().or_else(|| args.first().map(|first| first.ty.value()));
                match (args.split_first(), self.typed) {
                    (Some((receiver, rest)), false) => {
                        format!("{}.{name}({})", self.operand(receiver), self.list(rest))
                    }
                    _ => format!(
                        "{}::{name}({})",
                        ty.map_or_else(String::new, |ty| self.ty(ty)),
                        self.list(args)
                    ),
                }
            }
            ExprKind::ArrayLen(array) => format!("{}.len()", self.place(array)),
            _ => String::new(),
        }
    }

    /// What stands before `[..]` or `.field`.
    fn place(&self, base: &Expr) -> String {
        match &base.kind {
            ExprKind::Deref { implied: true, target } if !self.typed => self.place(target),
            ExprKind::Deref { .. } => format!("({})", self.expr(base)),
            _ => self.operand(base),
        }
    }

    /// What stands beside an operator: in parentheses if it has operators of its own.
    fn operand(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Deref { implied: true, target } if !self.typed => self.operand(target),
            ExprKind::Binary(..) | ExprKind::Unary(..) | ExprKind::Cast { .. } => {
                format!("({})", self.expr(expr))
            }
            _ => self.expr(expr),
        }
    }

    fn number(&self, digits: &str, ty: &Type) -> String {
        if self.typed { format!("{digits}_{}", self.ty(ty)) } else { digits.to_owned() }
    }

    fn list(&self, parts: &[Expr]) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.expr(part)).collect();
        parts.join(", ")
    }

    #[expect(clippy::self_only_used_in_recursion, reason = "reads as one of the family")]
    pub(super) fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Scalar(scalar) => scalar.name().to_owned(),
            Type::Array(element, len) => format!("[{}; {}]", self.ty(element), length(len)),
            Type::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.ty(part)).collect();
                format!("({})", parts.join(", "))
            }
            Type::Generic(name) => name.to_string(),
            Type::Named(path) => tight(path),
            Type::Ref(true, target) => format!("&mut {}", self.ty(target)),
            Type::Ref(false, target) => format!("&{}", self.ty(target)),
            Type::Never => "!".to_owned(),
            Type::Unknown(VarId::UNSET) => "?".to_owned(),
            Type::Unknown(VarId(number)) => format!("?{number}"),
        }
    }
}

fn length(len: &Len) -> String {
    match len {
        Len::Literal(len) => len.to_string(),
        Len::Name(name) => name.to_string(),
        Len::Other(tokens) => tight(tokens),
        Len::Unknown => "?".to_owned(),
    }
}

fn tight(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}

fn prefix(label: Option<&String>) -> String {
    label.map_or_else(String::new, |label| format!("'{label}: "))
}

fn with_label(word: &str, label: Option<&String>) -> String {
    label.map_or_else(|| word.to_owned(), |label| format!("{word} '{label}"))
}
