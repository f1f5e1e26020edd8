//! Which parts of the Write parameters are assigned on every path to a point of the body.
//!
//! The walk follows control as rustc's own check for `let x;` does, per element where the
//! index is a literal or a variable that does not change. A loop over the whole length that
//! assigns the element of its index assigns all. Assigned never becomes unassigned, so one
//! pass over a loop body, entered with what held before the loop, is enough.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};

use super::access::root;
use super::cover::{Cover, Step};
use super::ir::{
    Arm, BinaryOp, Block, Expr, ExprKind, For, If, Kernel, Len, LocalId, LocalKind, Match, Mode,
    Stmt, StmtKind, Type,
};

/// What holds at a point that can be reached: for each Write parameter, its assigned parts.
type State = BTreeMap<usize, Cover>;

/// A read of something that may not have been assigned.
pub(super) struct EarlyRead {
    pub(super) param: usize,
    pub(super) span: Span,
}

/// The early reads, and the Write parameters that are fully written.
pub(super) fn analyze(kernel: &Kernel) -> (Vec<EarlyRead>, Vec<usize>) {
    let written = (0..kernel.params.len()).filter(|k| kernel.params[*k].mode == Mode::Write);
    let start: State = written.clone().map(|param| (param, Cover::default())).collect();
    let mut walk =
        Walk { kernel, state: Some(start), exits: None, loops: Vec::new(), early: Vec::new() };
    walk.block(&kernel.body);
    walk.leave_kernel();
    let full = |param: &usize| walk.exits.as_ref().is_none_or(|end| end[param] == Cover::All);
    let full = written.filter(full).collect();
    (walk.early, full)
}

struct Walk<'a> {
    kernel: &'a Kernel,
    /// `None` where control never comes.
    state: Option<State>,
    /// What holds wherever the kernel ends.
    exits: Option<State>,
    loops: Vec<Frame>,
    early: Vec<EarlyRead>,
}

/// A loop that is being walked.
struct Frame {
    label: Option<String>,
    breaks: Option<State>,
    continues: Option<State>,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
        if let Some(tail) = &block.tail {
            self.read(tail);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { value, .. } => {
                if let Some(value) = value {
                    self.read(value);
                }
            }
            StmtKind::Const { value, .. } | StmtKind::Expr(value) => self.read(value),
            StmtKind::Assign { place, value, .. } => {
                self.read(value);
                self.indices(place);
                self.assign(place);
            }
            StmtKind::Update { place, value, op_span, .. } => {
                self.read(value);
                self.indices(place);
                self.read_place(place, *op_span);
            }
            StmtKind::If(inner) => self.if_(inner),
            StmtKind::Match(inner) => self.match_(inner),
            StmtKind::For(inner) => self.for_(inner),
            StmtKind::While { label, cond, body } => self.while_(label.as_ref(), cond, body),
            StmtKind::Loop { label, body } => {
                let (_, frame) = self.round(label.as_ref(), body);
                self.state = frame.breaks;
            }
            StmtKind::Block(body) => self.block(body),
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.read(value);
                }
                self.leave_kernel();
            }
            StmtKind::Break(label) => self.leave(label.as_ref(), |frame| &mut frame.breaks),
            StmtKind::Continue(label) => self.leave(label.as_ref(), |frame| &mut frame.continues),
            StmtKind::ForEach { label, iterator, body, .. } => {
                self.while_(label.as_ref(), iterator, body);
            }
        }
    }

    fn leave_kernel(&mut self) {
        let state = self.state.take();
        self.exits = meet(self.exits.take(), state);
    }

    fn leave(&mut self, label: Option<&String>, way: impl Fn(&mut Frame) -> &mut Option<State>) {
        let state = self.state.take();
        let is_target = |frame: &&mut Frame| label.is_none() || frame.label.as_ref() == label;
        if let Some(frame) = self.loops.iter_mut().rev().find(is_target) {
            let slot = way(frame);
            *slot = meet(slot.take(), state);
        }
    }

    /// Opaque code that may end the kernel or a loop, in a way that was not looked into.
    fn may_leave(&mut self) {
        let state = self.state.clone();
        self.exits = meet(self.exits.take(), state.clone());
        for frame in &mut self.loops {
            frame.breaks = meet(frame.breaks.take(), state.clone());
            frame.continues = meet(frame.continues.take(), state.clone());
        }
    }

    fn if_(&mut self, inner: &If) {
        self.read(&inner.cond);
        let before = self.state.clone();
        self.block(&inner.then);
        let after = std::mem::replace(&mut self.state, before);
        if let Some(otherwise) = &inner.otherwise {
            self.block(otherwise);
        }
        self.state = meet(after, self.state.take());
    }

    fn match_(&mut self, inner: &Match) {
        self.read(&inner.value);
        let before = self.state.take();
        let mut after = None;
        for Arm { body, .. } in &inner.arms {
            self.state.clone_from(&before);
            self.block(body);
            after = meet(after, self.state.take());
        }
        self.state = after;
    }

    fn while_(&mut self, label: Option<&String>, head: &Expr, body: &Block) {
        self.read(head);
        let before = self.state.clone();
        let (_, frame) = self.round(label, body);
        let endless = matches!(head.kind, ExprKind::Bool(true));
        self.state = if endless { frame.breaks } else { meet(before, frame.breaks) };
    }

    fn for_(&mut self, inner: &For) {
        self.read(&inner.start);
        self.read(&inner.end);
        let before = self.state.clone();
        let (end, frame) = self.round(inner.label.as_ref(), &inner.body);
        let bounds = Bounds::new(self.kernel, inner);
        let (runs, index) = (bounds.is_never_empty(), self.fixed_index(inner));
        let mut after = if runs { end.clone() } else { before };
        if let (None, Some(end), Some(after), Some(index)) =
            (&frame.breaks, &end, &mut after, index)
        {
            self.close(after, end, index, &bounds);
        }
        self.state = meet(after, frame.breaks);
    }

    /// One pass through a loop body: what holds at its end, and where control left it.
    fn round(&mut self, label: Option<&String>, body: &Block) -> (Option<State>, Frame) {
        self.loops.push(Frame { label: label.cloned(), breaks: None, continues: None });
        self.block(body);
        let mut frame = self.loops.pop().expect("the frame pushed above");
        let end = meet(self.state.take(), frame.continues.take());
        (end, frame)
    }

    fn fixed_index(&self, inner: &For) -> Option<LocalId> {
        inner.index.filter(|index| !self.kernel.locals[index.0].mutable)
    }

    /// Adds to `after` the elements that all rounds of a loop have assigned together.
    fn close(&self, after: &mut State, end: &State, index: LocalId, bounds: &Bounds) {
        for (param, cover) in end {
            let ty = &self.kernel.params[*param].ty;
            for (path, len) in cover.at_index(index, ty) {
                for step in bounds.steps(len) {
                    let mut path = path.clone();
                    path.extend(step);
                    if let Some(cover) = after.get_mut(param) {
                        cover.assign(&path, ty);
                    }
                }
            }
        }
    }

    fn assign(&mut self, place: &Expr) {
        let Some((param, path)) = self.path(place) else { return };
        let ty = &self.kernel.params[param].ty;
        if let Some(cover) = self.state.as_mut().and_then(|state| state.get_mut(&param)) {
            cover.assign(&path, ty);
        }
    }

    /// Reads a place; the first early read stands for all that follow.
    fn read_place(&mut self, place: &Expr, span: Span) {
        let Some((param, path)) = self.path(place) else { return };
        let ty = &self.kernel.params[param].ty;
        let Some(cover) = self.state.as_mut().and_then(|state| state.get_mut(&param)) else {
            return;
        };
        if !cover.covers(&path) {
            cover.assign(&[], ty);
            self.early.push(EarlyRead { param, span });
        }
    }

    /// The Write parameter of a place and the way into it.
    fn path(&self, place: &Expr) -> Option<(usize, Vec<Step>)> {
        let (local, _) = root(place)?;
        let LocalKind::Param(param) = self.kernel.locals[local.0].kind else { return None };
        let is_value = !matches!(place.kind, ExprKind::Local(_));
        (self.kernel.params[param].mode == Mode::Write && is_value)
            .then(|| (param, self.steps(place)))
    }

    fn steps(&self, place: &Expr) -> Vec<Step> {
        match &place.kind {
            ExprKind::Deref { target, .. } => self.steps(target),
            ExprKind::Index(base, index) => {
                let mut steps = self.steps(base);
                steps.push(self.step(index));
                steps
            }
            ExprKind::Field(base, member) => {
                let mut steps = self.steps(base);
                steps.push(Step::Field(quote::quote!(#member).to_string()));
                steps
            }
            _ => Vec::new(),
        }
    }

    fn step(&self, index: &Expr) -> Step {
        if let Some(element) = self.kernel.literal(index) {
            return Step::Element(element);
        }
        match &index.kind {
            ExprKind::Local(local) if !self.kernel.locals[local.0].mutable => Step::Index(*local),
            _ => Step::Anywhere,
        }
    }

    fn indices(&mut self, place: &Expr) {
        match &place.kind {
            ExprKind::Index(base, index) => {
                self.indices(base);
                self.read(index);
            }
            ExprKind::Deref { target: base, .. } | ExprKind::Field(base, _) => self.indices(base),
            _ => {}
        }
    }

    /// Evaluates an expression.
    fn read(&mut self, expr: &Expr) {
        if let Some((_, span)) = root(expr) {
            self.indices(expr);
            return self.read_place(expr, span);
        }
        match &expr.kind {
            ExprKind::Unary(_, operand)
            | ExprKind::Deref { target: operand, .. }
            | ExprKind::Cast { value: operand, .. }
            | ExprKind::Field(operand, _)
            | ExprKind::Repeat(operand, _) => self.read(operand),
            ExprKind::Binary(BinaryOp::And | BinaryOp::Or, left, right) => {
                self.read(left);
                let skipped = self.state.clone();
                self.read(right);
                self.state = meet(skipped, self.state.take());
            }
            ExprKind::Binary(_, left, right) | ExprKind::Index(left, right) => {
                self.read(left);
                self.read(right);
            }
            ExprKind::Array(parts)
            | ExprKind::Tuple(parts)
            | ExprKind::Call { args: parts, .. }
            | ExprKind::Intrinsic { args: parts, .. } => {
                for part in parts {
                    self.read(part);
                }
            }
            ExprKind::Struct(_, fields) => fields.iter().for_each(|(_, value)| self.read(value)),
            ExprKind::If(inner) => self.if_(inner),
            ExprKind::Match(inner) => self.match_(inner),
            ExprKind::Block(block) => self.block(block),
            ExprKind::Opaque(opaque) if may_leave(&opaque.tokens) => self.may_leave(),
            // Borrowed and opaque places are refused by other rules.
            _ => {}
        }
    }
}

/// Whether the tokens hold a `return`, `break`, `continue` or `?`, or a macro that may.
fn may_leave(tokens: &TokenStream) -> bool {
    const HARMLESS: [&str; 7] = ["println", "eprintln", "print", "eprint", "dbg", "vec", "format"];
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_call =
        |k: usize| matches!(trees.get(k + 1), Some(TokenTree::Punct(p)) if p.as_char() == '!');
    trees.iter().enumerate().any(|(k, tree)| match tree {
        TokenTree::Ident(name) => {
            let name = name.to_string();
            let leaves = matches!(name.as_str(), "return" | "break" | "continue");
            leaves || (is_call(k) && !HARMLESS.contains(&name.as_str()))
        }
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Group(group) => may_leave(&group.stream()),
        TokenTree::Literal(_) => false,
    })
}

/// What holds at a point that is reached from both.
fn meet(one: Option<State>, other: Option<State>) -> Option<State> {
    let (Some(one), Some(other)) = (&one, &other) else { return one.or(other) };
    Some(one.iter().map(|(param, cover)| (*param, cover.meet(&other[param]))).collect())
}

/// The range of a `for`, as far as it is known.
struct Bounds {
    start: Option<u64>,
    /// One past the last, if it is a literal.
    end: Option<u64>,
    /// The constant or const generic that ends the range.
    end_name: Option<String>,
}

impl Bounds {
    fn new(kernel: &Kernel, inner: &For) -> Self {
        let one = u64::from(inner.inclusive);
        let mut bounds = Self {
            start: kernel.literal(&inner.start),
            end: kernel.literal(&inner.end).and_then(|end| end.checked_add(one)),
            end_name: None,
        };
        match &inner.end.kind {
            _ if inner.inclusive => {}
            ExprKind::ConstGeneric(name) => bounds.end_name = Some(name.to_string()),
            ExprKind::Constant(k) => bounds.end_name = Some(kernel.constants[*k].ident.to_string()),
            ExprKind::ArrayLen(array) => bounds.take_len(&array.ty),
            _ => {}
        }
        bounds
    }

    fn take_len(&mut self, array: &Type) {
        match array.value() {
            Type::Array(_, Len::Literal(len)) => self.end = Some(*len),
            Type::Array(_, Len::Name(name)) => self.end_name = Some(name.to_string()),
            _ => {}
        }
    }

    fn is_never_empty(&self) -> bool {
        matches!((self.start, self.end), (Some(start), Some(end)) if start < end)
    }

    /// The last steps of the places that the loop has gone through, in an array of this length.
    fn steps(&self, len: &Len) -> Vec<Option<Step>> {
        const MANY: u64 = 4096;
        match (self.start, self.end, len) {
            (Some(0), Some(end), Len::Literal(len)) if end >= *len => vec![None],
            (Some(0), None, Len::Name(name)) if self.end_name == Some(name.to_string()) => {
                vec![None]
            }
            (Some(start), Some(end), _) if end.saturating_sub(start) <= MANY => {
                (start..end).map(|element| Some(Step::Element(element))).collect()
            }
            _ => Vec::new(),
        }
    }
}
