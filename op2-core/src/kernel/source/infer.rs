//! The type of every expression of one instance of a function.
//!
//! One walk in the order of the source, as rustc's: a field or an item is asked for only where its
//! base is known. What the macro has found out stands in the text already, so that nothing is guessed:
//! the walk adds what it could not know, the types of fields, constants and results.

use std::collections::HashMap;
use std::rc::Rc;

use super::read::Trees;
use super::scope::{Given, Parameter, Scope, known};
use super::tree::{
    Block, Case, Expr, ExprKind, For, If, Match, Op, Pattern, Stmt, StmtKind, Tree, Type,
};
use super::types::Ty;
use super::unify::{Extent, Open, Unifier, open};
use crate::kernel::code::{self, Function, Scalar};

/// The types of one instance; `None` where nothing says them.
pub(super) struct Typed {
    exprs: Vec<Option<Ty>>,
    locals: Vec<Option<Ty>>,
    /// The generic parameters of the function called by an expression.
    calls: HashMap<usize, Vec<Given>>,
    pub(super) ret: Option<Ty>,
}

impl Typed {
    pub(super) fn expr(&self, expr: &Expr) -> Option<&Ty> {
        self.exprs[expr.number].as_ref()
    }

    pub(super) fn local(&self, local: usize) -> Option<&Ty> {
        self.locals[local].as_ref()
    }

    pub(super) fn call(&self, expr: &Expr) -> Vec<Given> {
        self.calls.get(&expr.number).cloned().unwrap_or_default()
    }
}

/// What is known of an instance beforehand.
pub(super) struct Known<'a> {
    /// Its generic parameters.
    pub(super) given: &'a [Given],
    /// Types that mention them.
    pub(super) shapes: &'static [code::Type],
    /// The types of its parameters.
    pub(super) params: &'a [Ty],
}

/// Finds the types.
pub(super) fn infer(
    function: &'static Function,
    tree: &Tree,
    instance: &Known<'_>,
    trees: &mut Trees,
) -> Typed {
    let mut unifier = Unifier::default();
    let scope = Scope::new(tree, instance.given, instance.shapes, &mut unifier);
    let mut infer = Infer {
        function,
        trees,
        scope,
        unifier,
        same: HashMap::new(),
        exprs: vec![None; tree.exprs],
        locals: Vec::new(),
        constants: Vec::new(),
        calls: HashMap::new(),
        ret: Open::unit(),
    };
    infer.start(tree, instance.params);
    infer.finish()
}

pub(super) struct Infer<'a> {
    pub(super) function: &'static Function,
    pub(super) trees: &'a mut Trees,
    pub(super) scope: Scope,
    pub(super) unifier: Unifier,
    same: HashMap<usize, Open>,
    exprs: Vec<Option<Open>>,
    locals: Vec<Open>,
    constants: Vec<Open>,
    pub(super) calls: HashMap<usize, Vec<Parameter>>,
    ret: Open,
}

impl Infer<'_> {
    fn start(&mut self, tree: &Tree, params: &[Ty]) {
        self.locals = tree.locals.iter().map(|(_, ty)| self.open_type(ty)).collect();
        for (k, ty) in params.iter().enumerate() {
            let local = self.locals[k].clone();
            self.unifier.unify(&local, &open(ty));
        }
        for constant in self.function.constants {
            let ty = known(&(constant.read)().ty, &mut self.unifier);
            self.constants.push(ty);
        }
        self.ret = self.open_type(&tree.ret);
        let value = self.block(&tree.body);
        if tree.body.value.is_some() {
            let ret = self.ret.clone();
            self.unifier.unify(&value, &ret);
        }
    }

    fn finish(mut self) -> Typed {
        self.unifier.settle();
        let unifier = &self.unifier;
        let given = |parameter: &Parameter| match parameter {
            Parameter::Type(ty) => Given::Type(unifier.closed(ty)),
            Parameter::Value(value) => Given::Value(unifier.number(*value)),
        };
        let calls = self.calls.iter().map(|(k, all)| (*k, all.iter().map(given).collect()));
        Typed {
            exprs: self.exprs.iter().map(|ty| unifier.closed(ty.as_ref()?)).collect(),
            locals: self.locals.iter().map(|ty| unifier.closed(ty)).collect(),
            calls: calls.collect(),
            ret: unifier.closed(&self.ret),
        }
    }

    pub(super) fn open_type(&mut self, ty: &Type) -> Open {
        let known = &mut self.same;
        let mut same = |k: usize, unifier: &mut Unifier| {
            known.entry(k).or_insert_with(|| unifier.any()).clone()
        };
        self.scope.open(ty, &mut self.unifier, &mut same)
    }

    fn block(&mut self, block: &Block) -> Open {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        match &block.value {
            Some(value) => self.expr(value),
            None => Open::unit(),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let(pattern, declared, value) => {
                let ty = self.open_type(declared);
                if let Some(value) = value {
                    let found = self.expr(value);
                    self.unifier.unify(&ty, &found);
                }
                self.pattern(pattern, &ty);
            }
            StmtKind::Const(local, value) => {
                let found = self.expr(value);
                let ty = self.locals[*local].clone();
                self.unifier.unify(&ty, &found);
            }
            StmtKind::Assign(place, value) => {
                let (place, value) = (self.expr(place), self.expr(value));
                self.unifier.unify(&place, &value);
            }
            StmtKind::Update(op, place, value) => {
                let (place, value) = (self.expr(place), self.expr(value));
                self.binary(*op, &place, &value);
            }
            StmtKind::If(inner) => drop(self.if_(inner)),
            StmtKind::Match(inner) => drop(self.match_(inner)),
            StmtKind::For(inner) => self.for_(inner),
            StmtKind::While(_, cond, body) => {
                self.expr(cond);
                self.block(body);
            }
            StmtKind::Loop(_, body) | StmtKind::Block(body) => drop(self.block(body)),
            StmtKind::Return(Some(value)) => {
                let (value, ret) = (self.expr(value), self.ret.clone());
                self.unifier.unify(&value, &ret);
            }
            StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Return(None) => {}
            StmtKind::Expr(value) => drop(self.expr(value)),
        }
    }

    fn pattern(&mut self, pattern: &Pattern, ty: &Open) {
        match pattern {
            Pattern::Wild => {}
            Pattern::Local(local) => {
                let local = self.locals[*local].clone();
                self.unifier.unify(&local, ty);
            }
            Pattern::Tuple(parts) => {
                let types: Vec<Open> = parts.iter().map(|_| self.unifier.any()).collect();
                self.unifier.unify(ty, &Open::Tuple(types.as_slice().into()));
                parts.iter().zip(&types).for_each(|(part, ty)| self.pattern(part, ty));
            }
        }
    }

    fn for_(&mut self, inner: &For) {
        let (start, end) = (self.expr(&inner.start), self.expr(&inner.end));
        self.unifier.unify(&start, &end);
        if let Some(index) = inner.index {
            let index = self.locals[index].clone();
            self.unifier.unify(&index, &start);
        }
        self.block(&inner.body);
    }

    fn if_(&mut self, inner: &If) -> Open {
        self.expr(&inner.cond);
        let mut ty = None;
        self.branch(&inner.then, &mut ty);
        if let Some(otherwise) = &inner.otherwise {
            self.branch(otherwise, &mut ty);
        }
        ty.unwrap_or_else(Open::unit)
    }

    fn match_(&mut self, inner: &Match) -> Open {
        let value = self.expr(&inner.value);
        let mut ty = None;
        for arm in &inner.arms {
            for case in &arm.cases {
                match case {
                    Case::Is(literal) => self.literal_like(literal, &value),
                    Case::Between(first, last) => {
                        self.literal_like(first, &value);
                        self.literal_like(last, &value);
                    }
                }
            }
            self.branch(&arm.body, &mut ty);
        }
        ty.unwrap_or_else(Open::unit)
    }

    fn literal_like(&mut self, literal: &Expr, value: &Open) {
        let literal = self.expr(literal);
        let value = self.behind(value);
        self.unifier.unify(&literal, &value);
    }

    /// A branch without a value never ends, if another one has a value.
    fn branch(&mut self, block: &Block, ty: &mut Option<Open>) {
        let found = self.block(block);
        if block.value.is_some() {
            match ty {
                Some(ty) => self.unifier.unify(ty, &found),
                None => *ty = Some(found),
            }
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Open {
        let ty = self.type_of(expr);
        self.exprs[expr.number] = Some(ty.clone());
        ty
    }

    fn type_of(&mut self, expr: &Expr) -> Open {
        match &expr.kind {
            ExprKind::Int(_, ty) => {
                let literal = self.unifier.int();
                self.literal(literal, ty)
            }
            ExprKind::Float(_, ty) => {
                let literal = self.unifier.float();
                self.literal(literal, ty)
            }
            ExprKind::Bool(_) => Open::Scalar(Scalar::Bool),
            ExprKind::Local(local) => self.locals[*local].clone(),
            ExprKind::Constant(k) => self.constants[*k].clone(),
            ExprKind::Generic(k) => Open::Scalar(self.scope.scalars[*k]),
            ExprKind::Named(_, ty) => self.open_type(ty),
            ExprKind::Neg(operand) | ExprKind::Not(operand) => {
                let ty = self.expr(operand);
                self.behind(&ty)
            }
            ExprKind::Binary(op, operands) => {
                let (left, right) = (self.expr(&operands[0]), self.expr(&operands[1]));
                self.binary(*op, &left, &right)
            }
            ExprKind::Deref(target) => {
                let target = self.expr(target);
                match self.unifier.shallow(&target) {
                    Open::Ref(_, target) => (*target).clone(),
                    other => other,
                }
            }
            ExprKind::Borrow(mutable, target) => Open::Ref(*mutable, Rc::new(self.expr(target))),
            ExprKind::Cast(value, to) => {
                let to = self.open_type(to);
                let found = self.expr(value);
                if is_literal(value) {
                    self.unifier.unify(&found, &to);
                }
                to
            }
            ExprKind::If(inner) => self.if_(inner),
            ExprKind::Match(inner) => self.match_(inner),
            ExprKind::Block(block) => self.block(block),
            _ => self.composite(expr),
        }
    }

    fn composite(&mut self, expr: &Expr) -> Open {
        match &expr.kind {
            ExprKind::Index(operands) => {
                let (base, index) = (self.expr(&operands[0]), self.expr(&operands[1]));
                self.unifier.unify(&index, &Open::Scalar(Scalar::Usize));
                let (item, len) = (self.unifier.any(), self.unifier.extent());
                let base = self.behind(&base);
                self.unifier.unify(&base, &Open::Array(Rc::new(item.clone()), len));
                item
            }
            ExprKind::Field(base, name) => {
                let base = self.expr(base);
                let base = self.behind(&base);
                self.unifier.field(&base, name).unwrap_or_else(|| self.unifier.any())
            }
            ExprKind::Array(parts) => {
                let item = self.unifier.any();
                for part in parts {
                    let part = self.expr(part);
                    self.unifier.unify(&item, &part);
                }
                Open::Array(Rc::new(item), Extent::Known(parts.len() as i128))
            }
            ExprKind::Repeat(value, len) => {
                let item = self.expr(value);
                Open::Array(Rc::new(item), self.scope.length(*len, &mut self.unifier))
            }
            ExprKind::Tuple(parts) => {
                Open::Tuple(parts.iter().map(|part| self.expr(part)).collect())
            }
            ExprKind::Struct(name, fields, values) => {
                let values: Vec<Open> = values.iter().map(|value| self.expr(value)).collect();
                self.unifier.record(name, fields, values)
            }
            ExprKind::Call(function, arguments, args) => {
                self.call(expr.number, self.function.calls[*function], arguments, args)
            }
            ExprKind::Method(name, of, args) => self.method(name, of.as_ref(), args),
            ExprKind::Len(array) => {
                self.expr(array);
                Open::Scalar(Scalar::Usize)
            }
            _ => self.unifier.any(),
        }
    }

    /// A literal with the type that the macro knows.
    fn literal(&mut self, literal: Open, ty: &Type) -> Open {
        let ty = self.open_type(ty);
        self.unifier.unify(&ty, &literal);
        literal
    }

    /// The type behind any references.
    pub(super) fn behind(&self, ty: &Open) -> Open {
        match self.unifier.shallow(ty) {
            Open::Ref(_, target) => self.behind(&target),
            other => other,
        }
    }

    fn binary(&mut self, op: Op, left: &Open, right: &Open) -> Open {
        let (left, right) = (self.behind(left), self.behind(right));
        if !matches!(op, Op::Shl | Op::Shr) {
            self.unifier.unify(&left, &right);
        }
        match op {
            Op::And | Op::Or | Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                Open::Scalar(Scalar::Bool)
            }
            _ => left,
        }
    }
}

/// A literal before `as` takes the type that it is cast to, if it can.
fn is_literal(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Int(..) | ExprKind::Float(..) => true,
        ExprKind::Neg(operand) | ExprKind::Not(operand) => is_literal(operand),
        _ => false,
    }
}
