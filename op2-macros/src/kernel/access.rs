//! What the body does to each parameter: a list of uses, judged by `check`.
//!
//! A use is read off the tree without regard to order; whether a Write parameter was assigned
//! before it is read is the business of `assigned`.

use proc_macro2::Span;

use super::intrinsics::Intrinsic;
use super::ir::{
    Arm, BinaryOp, Block, Expr, ExprKind, For, If, Kernel, LocalId, LocalKind, Match, Mode, Stmt,
    StmtKind,
};
use super::lower::source;

/// One thing that the body does to a parameter.
#[derive(Debug)]
pub(super) struct Use {
    /// Position in `Kernel::params`.
    pub(super) param: usize,
    /// The offending token, if this use is not allowed.
    pub(super) span: Span,
    pub(super) kind: UseKind,
}

#[derive(Debug)]
pub(super) enum UseKind {
    /// The value of the parameter, or of a part of it.
    Read,
    /// `place = value`.
    Assign { place: String, value: Assigned },
    /// `place op= value`.
    Update { place: String, op: BinaryOp, value: String },
    /// `if v < *m { *m = v; }`.
    CompareAndAssign { place: String, value: String },
    /// Handed to a function.
    Passed { function: String },
    /// `&place` or `&mut place`.
    Borrowed,
    /// The parameter itself, not its value, in a `let` or an assignment.
    Moved,
    /// Named in Rust that the language does not know.
    Opaque,
}

/// What is assigned to a place.
#[derive(Debug)]
pub(super) enum Assigned {
    /// `place op value`, or `value op place`.
    Update {
        op: BinaryOp,
        value: String,
    },
    /// The extremum of the place and other values.
    Combined(Extremum),
    /// Something else that is made of the parameter's old value.
    FromItself,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extremum {
    Min,
    Max,
}

/// All uses of all parameters, in the order of the source.
pub(super) fn uses(kernel: &Kernel) -> Vec<Use> {
    let mut finder = Finder { kernel, uses: Vec::new() };
    finder.block(&kernel.body);
    finder.uses
}

/// The local behind a chain of `*`, `[..]` and `.field`, and its span.
pub(super) fn root(place: &Expr) -> Option<(LocalId, Span)> {
    match &place.kind {
        ExprKind::Local(local) => Some((*local, place.span)),
        ExprKind::Deref { target: base, .. }
        | ExprKind::Index(base, _)
        | ExprKind::Field(base, _) => root(base),
        _ => None,
    }
}

/// Whether two expressions name one place or value for certain, however they dereference.
fn is_same(one: &Expr, other: &Expr) -> bool {
    match (&one.kind, &other.kind) {
        (ExprKind::Deref { target, .. }, _) => is_same(target, other),
        (_, ExprKind::Deref { target, .. }) => is_same(one, target),
        (ExprKind::Local(a), ExprKind::Local(b)) => a == b,
        (ExprKind::Constant(a), ExprKind::Constant(b)) => a == b,
        (ExprKind::ConstGeneric(a), ExprKind::ConstGeneric(b)) => a == b,
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Index(a, i), ExprKind::Index(b, j)) => is_same(a, b) && is_same(i, j),
        (ExprKind::Field(a, f), ExprKind::Field(b, g)) => f == g && is_same(a, b),
        (ExprKind::Cast { value: a, .. }, ExprKind::Cast { value: b, .. }) => is_same(a, b),
        (ExprKind::Binary(op, a, b), ExprKind::Binary(same, c, d)) => {
            op == same && is_same(a, c) && is_same(b, d)
        }
        _ => false,
    }
}

struct Finder<'a> {
    kernel: &'a Kernel,
    uses: Vec<Use>,
}

impl Finder<'_> {
    fn param(&self, place: &Expr) -> Option<(usize, Span)> {
        let (local, span) = root(place)?;
        match self.kernel.locals[local.0].kind {
            LocalKind::Param(param) => Some((param, span)),
            _ => None,
        }
    }

    fn add(&mut self, param: usize, span: Span, kind: UseKind) {
        self.uses.push(Use { param, span, kind });
    }

    fn source(&self, expr: &Expr) -> String {
        source(self.kernel, expr)
    }

    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
        if let Some(tail) = &block.tail {
            self.expr(tail);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { value, .. } | StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                }
            }
            StmtKind::Const { value, .. } | StmtKind::Expr(value) => self.expr(value),
            StmtKind::Assign { place, value, eq } => self.assign(place, value, *eq),
            StmtKind::Update { op, place, value, op_span } => {
                self.update(*op, place, value, *op_span);
            }
            StmtKind::If(inner) => self.if_stmt(inner),
            StmtKind::Match(inner) => self.match_(inner),
            StmtKind::For(For { start, end, body, .. }) => {
                self.expr(start);
                self.expr(end);
                self.block(body);
            }
            StmtKind::While { cond: head, body, .. }
            | StmtKind::ForEach { iterator: head, body, .. } => {
                self.expr(head);
                self.block(body);
            }
            StmtKind::Loop { body, .. } | StmtKind::Block(body) => self.block(body),
            StmtKind::Break(_) | StmtKind::Continue(_) => {}
        }
    }

    fn assign(&mut self, place: &Expr, value: &Expr, eq: Span) {
        self.indices(place);
        let Some((param, span)) = self.param(place) else { return self.expr(value) };
        if let ExprKind::Local(_) = place.kind {
            // `q = other`: the parameter is made to refer to something else. Without `mut` it
            // is a `*` left out, which rustc explains.
            if self.kernel.params[param].mutable_binding {
                self.add(param, span, UseKind::Moved);
            }
            return self.expr(value);
        }
        let assigned = self.assigned(param, place, value);
        let kind = UseKind::Assign { place: self.source(place), value: assigned };
        self.add(param, eq, kind);
        let before = self.uses.len();
        self.expr(value);
        // Reads on the right are part of the same mistake, if it is one.
        if matches!(self.kernel.params[param].mode, Mode::Inc | Mode::Min | Mode::Max) {
            let mut right = self.uses.split_off(before);
            right.retain(|found| found.param != param || !matches!(found.kind, UseKind::Read));
            self.uses.append(&mut right);
        }
    }

    fn update(&mut self, op: BinaryOp, place: &Expr, value: &Expr, op_span: Span) {
        self.indices(place);
        if let Some((param, _)) = self.param(place) {
            let (place, value) = (self.source(place), self.source(value));
            self.add(param, op_span, UseKind::Update { place, op, value });
        }
        self.expr(value);
    }

    /// How the value relates to what stood in the place before.
    fn assigned(&self, param: usize, place: &Expr, value: &Expr) -> Assigned {
        for (intrinsic, extremum) in
            [(Intrinsic::Min, Extremum::Min), (Intrinsic::Max, Extremum::Max)]
        {
            if self.combines(param, place, value, intrinsic) {
                return Assigned::Combined(extremum);
            }
        }
        match &value.kind {
            ExprKind::Binary(op, left, right) if is_same(left, place) => {
                Assigned::Update { op: *op, value: self.source(right) }
            }
            ExprKind::Binary(op @ BinaryOp::Add, left, right) if is_same(right, place) => {
                Assigned::Update { op: *op, value: self.source(left) }
            }
            _ if self.is_free_of(param, value) => Assigned::Other,
            _ => Assigned::FromItself,
        }
    }

    /// `place.min(v)`, `v.min(place)`, and chains of them: the place once, on one side.
    fn combines(&self, param: usize, place: &Expr, value: &Expr, wanted: Intrinsic) -> bool {
        let ExprKind::Intrinsic { intrinsic, args, .. } = &value.kind else { return false };
        let [left, right] = args.as_slice() else { return false };
        let is_place = |arg| is_same(arg, place) || self.combines(param, place, arg, wanted);
        *intrinsic == wanted
            && ((is_place(left) && self.is_free_of(param, right))
                || (is_place(right) && self.is_free_of(param, left)))
    }

    fn is_free_of(&self, param: usize, value: &Expr) -> bool {
        let mut finder = Finder { kernel: self.kernel, uses: Vec::new() };
        finder.expr(value);
        finder.uses.iter().all(|found| found.param != param)
    }

    fn if_stmt(&mut self, inner: &If) {
        if let Some(found) = self.compare_and_assign(inner) {
            self.uses.push(found);
            return;
        }
        self.if_(inner);
    }

    /// `if v < *m { *m = v; }`: one mistake in a Min or Max parameter, not three.
    fn compare_and_assign(&self, inner: &If) -> Option<Use> {
        let ([Stmt { kind: StmtKind::Assign { place, value, eq }, .. }], None, None) =
            (inner.then.stmts.as_slice(), &inner.then.tail, &inner.otherwise)
        else {
            return None;
        };
        let (param, _) = self.param(place)?;
        let ExprKind::Binary(op, left, right) = &inner.cond.kind else { return None };
        let is_place = |side: &Expr| is_same(side, place);
        let of_extremum = matches!(self.kernel.params[param].mode, Mode::Min | Mode::Max);
        if !of_extremum || !op.is_comparison() || !(is_place(left) || is_place(right)) {
            return None;
        }
        let (place, value) = (self.source(place), self.source(value));
        Some(Use { param, span: *eq, kind: UseKind::CompareAndAssign { place, value } })
    }

    fn if_(&mut self, inner: &If) {
        self.expr(&inner.cond);
        self.block(&inner.then);
        if let Some(otherwise) = &inner.otherwise {
            self.block(otherwise);
        }
    }

    fn match_(&mut self, inner: &Match) {
        self.expr(&inner.value);
        inner.arms.iter().for_each(|Arm { body, .. }| self.block(body));
    }

    /// The indices in a place are read, whatever happens to the place.
    fn indices(&mut self, place: &Expr) {
        match &place.kind {
            ExprKind::Index(base, index) => {
                self.indices(base);
                self.expr(index);
            }
            ExprKind::Deref { target: base, .. } | ExprKind::Field(base, _) => self.indices(base),
            ExprKind::Local(_) => {}
            _ => self.expr(place),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        if let Some((param, span)) = self.param(expr) {
            self.indices(expr);
            let moved = matches!(expr.kind, ExprKind::Local(_));
            let by_value = self.kernel.params[param].mode == Mode::Value;
            let kind = if moved && !by_value { UseKind::Moved } else { UseKind::Read };
            return self.add(param, span, kind);
        }
        match &expr.kind {
            ExprKind::Unary(_, operand)
            | ExprKind::Deref { target: operand, .. }
            | ExprKind::Cast { value: operand, .. }
            | ExprKind::Field(operand, _)
            | ExprKind::Repeat(operand, _) => self.expr(operand),
            ExprKind::Binary(_, left, right) | ExprKind::Index(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Array(parts)
            | ExprKind::Tuple(parts)
            | ExprKind::Intrinsic { args: parts, .. } => {
                for part in parts {
                    self.expr(part);
                }
            }
            ExprKind::Struct(_, fields) => fields.iter().for_each(|(_, value)| self.expr(value)),
            ExprKind::Borrow(_, target) => self.borrow(target),
            ExprKind::Call { path, args, .. } => {
                let function = quote::quote!(#path).to_string().replace(' ', "");
                for arg in args {
                    self.argument(arg, &function);
                }
            }
            ExprKind::If(inner) => self.if_(inner),
            ExprKind::Match(inner) => self.match_(inner),
            ExprKind::Block(block) => self.block(block),
            ExprKind::Opaque(opaque) => {
                for (local, span) in &opaque.mentions {
                    if let LocalKind::Param(param) = self.kernel.locals[local.0].kind {
                        self.add(param, *span, UseKind::Opaque);
                    }
                }
            }
            // The length of an array says nothing of its values.
            ExprKind::ArrayLen(array) => self.indices(array),
            _ => {}
        }
    }

    fn borrow(&mut self, target: &Expr) {
        self.indices(target);
        if let Some((param, span)) = self.param(target) {
            self.add(param, span, UseKind::Borrowed);
        }
    }

    fn argument(&mut self, arg: &Expr, function: &str) {
        let target = match &arg.kind {
            ExprKind::Borrow(_, target) => target,
            _ => arg,
        };
        let whole = matches!(arg.kind, ExprKind::Borrow(..) | ExprKind::Local(_));
        match self.param(target) {
            Some((param, span)) if whole => {
                self.indices(target);
                self.add(param, span, UseKind::Passed { function: function.to_owned() });
            }
            _ => self.expr(arg),
        }
    }
}
