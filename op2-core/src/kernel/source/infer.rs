//! The type of every expression of one instance of a function.
//!
//! One walk in the order of the source, as rustc's: a field or an item is asked for only where its
//! base is known. What the macro has found out stands in the code already, so that nothing is guessed:
//! the walk adds what it could not know, the types of fields, constants and results.

use std::collections::HashMap;

use super::types::Ty;
use super::unify::{Extent, Open, Unifier, open};
use crate::kernel::code::{
    Argument, Block, Case, Expr, ExprKind, For, Function, If, Length, Match, Op, Pattern, Scalar,
    Stmt, StmtKind, Type,
};

/// What a generic parameter of an instance stands for; `None` where nothing says it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    Type(Option<Ty>),
    Value(Option<i128>),
}

/// The types of one instance.
pub(super) struct Typed {
    exprs: Vec<Option<Ty>>,
    locals: Vec<Option<Ty>>,
    /// The generic parameters of the function called by an expression.
    calls: HashMap<usize, Vec<Given>>,
    pub(super) ret: Option<Ty>,
}

impl Typed {
    pub(super) fn expr(&self, expr: &Expr) -> Option<&Ty> {
        self.exprs[expr.0].as_ref()
    }

    pub(super) fn local(&self, local: usize) -> Option<&Ty> {
        self.locals[local].as_ref()
    }

    pub(super) fn call(&self, expr: &Expr) -> &[Given] {
        self.calls.get(&expr.0).map_or(&[], Vec::as_slice)
    }
}

/// Finds the types. `params` are those of the parameters.
pub(super) fn infer(
    function: &'static Function,
    given: &[Given],
    shapes: &'static [Type],
    params: &[Ty],
) -> Typed {
    let mut unifier = Unifier::default();
    let generics = generics(function, given, &mut unifier);
    let scope = Scope { generics, shapes };
    let mut infer = Infer {
        function,
        scope,
        unifier,
        same: HashMap::new(),
        exprs: vec![None; function.exprs],
        locals: Vec::new(),
        constants: Vec::new(),
        calls: HashMap::new(),
        ret: Open::Tuple(Vec::new()),
    };
    infer.start(params);
    infer.finish()
}

/// What the parameters of a function mean in its types.
struct Scope {
    generics: Vec<Parameter>,
    shapes: &'static [Type],
}

#[derive(Clone)]
enum Parameter {
    Type(Open),
    Value(Extent),
}

fn generics(function: &Function, given: &[Given], unifier: &mut Unifier) -> Vec<Parameter> {
    let one = |(k, generic): (usize, &crate::kernel::code::Generic)| match given.get(k) {
        Some(Given::Type(Some(ty))) => Parameter::Type(open(ty)),
        Some(Given::Value(Some(value))) => Parameter::Value(Extent::Known(*value)),
        _ if generic.constant.is_some() => Parameter::Value(unifier.extent()),
        _ => Parameter::Type(unifier.any()),
    };
    function.generics.iter().enumerate().map(one).collect()
}

struct Infer {
    function: &'static Function,
    scope: Scope,
    unifier: Unifier,
    same: HashMap<usize, Open>,
    exprs: Vec<Option<Open>>,
    locals: Vec<Open>,
    constants: Vec<Open>,
    calls: HashMap<usize, Vec<Parameter>>,
    ret: Open,
}

impl Infer {
    fn start(&mut self, params: &[Ty]) {
        let function = self.function;
        self.locals = function.locals.iter().map(|local| self.open_type(&local.ty)).collect();
        for (k, ty) in params.iter().enumerate() {
            let local = self.locals[k].clone();
            self.unifier.unify(&local, &open(ty));
        }
        let constants = function.constants.iter();
        self.constants = constants.map(|constant| self.open_type(&(constant.read)().ty)).collect();
        self.ret = self.open_type(&function.ret);
        let value = self.block(&function.body);
        if function.body.value.is_some() {
            let ret = self.ret.clone();
            self.unifier.unify(&value, &ret);
        }
    }

    fn finish(self) -> Typed {
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

    fn open_type(&mut self, ty: &Type) -> Open {
        if let Type::Same(k) = ty {
            if let Some(known) = self.same.get(k) {
                return known.clone();
            }
            let fresh = self.unifier.any();
            self.same.insert(*k, fresh.clone());
            return fresh;
        }
        match ty {
            Type::Array(item, len) => {
                let (item, len) = (self.open_type(item), self.length(*len));
                Open::Array(Box::new(item), len)
            }
            Type::Tuple(parts) => {
                Open::Tuple(parts.iter().map(|part| self.open_type(part)).collect())
            }
            Type::Ref(mutable, target) => Open::Ref(*mutable, Box::new(self.open_type(target))),
            other => in_scope(other, &self.scope, &mut self.unifier),
        }
    }

    fn length(&mut self, len: Length) -> Extent {
        length_in(len, &self.scope, &mut self.unifier)
    }

    fn block(&mut self, block: &'static Block) -> Open {
        for stmt in block.stmts {
            self.stmt(stmt);
        }
        match block.value {
            Some(value) => self.expr(value),
            None => Open::Tuple(Vec::new()),
        }
    }

    fn stmt(&mut self, stmt: &'static Stmt) {
        match &stmt.1 {
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
                self.unifier.unify(ty, &Open::Tuple(types.clone()));
                parts.iter().zip(&types).for_each(|(part, ty)| self.pattern(part, ty));
            }
        }
    }

    fn for_(&mut self, inner: &'static For) {
        let (start, end) = (self.expr(&inner.start), self.expr(&inner.end));
        self.unifier.unify(&start, &end);
        if let Some(index) = inner.index {
            let index = self.locals[index].clone();
            self.unifier.unify(&index, &start);
        }
        self.block(&inner.body);
    }

    fn if_(&mut self, inner: &'static If) -> Open {
        self.expr(&inner.cond);
        let mut ty = None;
        for branch in [Some(&inner.then), inner.otherwise.as_ref()].into_iter().flatten() {
            self.branch(branch, &mut ty);
        }
        ty.unwrap_or_else(|| Open::Tuple(Vec::new()))
    }

    fn match_(&mut self, inner: &'static Match) -> Open {
        let value = self.expr(&inner.value);
        let mut ty = None;
        for arm in inner.arms {
            for case in arm.cases {
                let literals = match case {
                    Case::Is(literal) => [Some(literal), None],
                    Case::Between(first, last) => [Some(first), Some(last)],
                };
                for literal in literals.into_iter().flatten() {
                    let literal = self.expr(literal);
                    let value = self.behind(&value);
                    self.unifier.unify(&literal, &value);
                }
            }
            self.branch(&arm.body, &mut ty);
        }
        ty.unwrap_or_else(|| Open::Tuple(Vec::new()))
    }

    /// A branch without a value never ends, if another one has a value.
    fn branch(&mut self, block: &'static Block, ty: &mut Option<Open>) {
        let found = self.block(block);
        if block.value.is_some() {
            match ty {
                Some(ty) => self.unifier.unify(ty, &found),
                None => *ty = Some(found),
            }
        }
    }

    fn expr(&mut self, expr: &'static Expr) -> Open {
        let ty = self.type_of(expr);
        self.exprs[expr.0] = Some(ty.clone());
        ty
    }

    fn type_of(&mut self, expr: &'static Expr) -> Open {
        match &expr.1 {
            ExprKind::Int(_, ty) => {
                let literal = self.unifier.int();
                self.literal(&literal, ty)
            }
            ExprKind::Float(_, ty) => {
                let literal = self.unifier.float();
                self.literal(&literal, ty)
            }
            ExprKind::Bool(_) => Open::Scalar(Scalar::Bool),
            ExprKind::Local(local) => self.locals[*local].clone(),
            ExprKind::Constant(k) => self.constants[*k].clone(),
            ExprKind::Generic(k) => {
                let scalar = self.function.generics[*k].constant.unwrap_or(Scalar::Usize);
                Open::Scalar(scalar)
            }
            ExprKind::Named(_, ty) => self.open_type(ty),
            ExprKind::Neg(operand) | ExprKind::Not(operand) => {
                let ty = self.expr(operand);
                self.behind(&ty)
            }
            ExprKind::Binary(op, left, right) => {
                let (left, right) = (self.expr(left), self.expr(right));
                self.binary(*op, &left, &right)
            }
            ExprKind::Deref(target) => {
                let target = self.expr(target);
                match self.unifier.shallow(&target) {
                    Open::Ref(_, target) => *target,
                    other => other,
                }
            }
            ExprKind::Borrow(mutable, target) => Open::Ref(*mutable, Box::new(self.expr(target))),
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

    fn composite(&mut self, expr: &'static Expr) -> Open {
        match &expr.1 {
            ExprKind::Index(base, index) => {
                let (base, index) = (self.expr(base), self.expr(index));
                self.unifier.unify(&index, &Open::Scalar(Scalar::Usize));
                let (item, len) = (self.unifier.any(), self.unifier.extent());
                let base = self.behind(&base);
                self.unifier.unify(&base, &Open::Array(Box::new(item.clone()), len));
                item
            }
            ExprKind::Field(base, name) => {
                let base = self.expr(base);
                let base = self.behind(&base);
                self.unifier.field(&base, name).unwrap_or_else(|| self.unifier.any())
            }
            ExprKind::Array(parts) => {
                let item = self.unifier.any();
                for part in *parts {
                    let part = self.expr(part);
                    self.unifier.unify(&item, &part);
                }
                Open::Array(Box::new(item), Extent::Known(parts.len() as i128))
            }
            ExprKind::Repeat(value, len) => {
                let (item, len) = (self.expr(value), self.length(*len));
                Open::Array(Box::new(item), len)
            }
            ExprKind::Tuple(parts) => {
                Open::Tuple(parts.iter().map(|part| self.expr(part)).collect())
            }
            ExprKind::Struct(name, fields) => {
                let fields =
                    fields.iter().map(|(name, value)| ((*name).to_owned(), self.expr(value)));
                let fields = fields.collect();
                self.unifier.record(name, fields)
            }
            ExprKind::Call(function, arguments, args) => {
                self.call(expr.0, self.function.calls[*function], arguments, args)
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
    fn literal(&mut self, literal: &Open, ty: &Type) -> Open {
        let ty = self.open_type(ty);
        self.unifier.unify(&ty, literal);
        literal.clone()
    }

    fn behind(&self, ty: &Open) -> Open {
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

    fn call(
        &mut self,
        number: usize,
        callee: &'static Function,
        arguments: &[Argument],
        args: &'static [Expr],
    ) -> Open {
        let generics = generics(callee, &[], &mut self.unifier);
        for (generic, argument) in generics.iter().zip(arguments) {
            self.argument(generic, argument);
        }
        let scope = Scope { generics, shapes: &[] };
        for (arg, local) in args.iter().zip(callee.locals) {
            let arg = self.expr(arg);
            let param = in_scope(&local.ty, &scope, &mut self.unifier);
            self.unifier.unify(&param, &arg);
        }
        let ret = in_scope(&callee.ret, &scope, &mut self.unifier);
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

    fn method(&mut self, name: &str, of: Option<&Type>, args: &'static [Expr]) -> Open {
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
            "sin_cos" => Open::Tuple(vec![receiver.clone(), receiver]),
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

/// A type of a function whose parameters mean what `scope` says; numbers of equal types, which only
/// the body of that function knows, are open.
fn in_scope(ty: &Type, scope: &Scope, unifier: &mut Unifier) -> Open {
    match ty {
        Type::Scalar(scalar) => Open::Scalar(*scalar),
        Type::Kind(kind) => open(&Ty::of_kind(kind)),
        Type::Array(item, len) => {
            let (item, len) = (in_scope(item, scope, unifier), length_in(*len, scope, unifier));
            Open::Array(Box::new(item), len)
        }
        Type::Tuple(parts) => {
            Open::Tuple(parts.iter().map(|part| in_scope(part, scope, unifier)).collect())
        }
        Type::Ref(mutable, target) => {
            Open::Ref(*mutable, Box::new(in_scope(target, scope, unifier)))
        }
        Type::Param(k) => match scope.generics.get(*k) {
            Some(Parameter::Type(ty)) => ty.clone(),
            _ => unifier.any(),
        },
        Type::Shape(k) => match scope.shapes.get(*k) {
            Some(shape) => in_scope(shape, scope, unifier),
            None => unifier.any(),
        },
        Type::Same(_) | Type::Infer => unifier.any(),
    }
}

fn length_in(len: Length, scope: &Scope, unifier: &mut Unifier) -> Extent {
    match len {
        Length::Known(len) => Extent::Known(len as i128),
        Length::Param(k) => match scope.generics.get(k) {
            Some(Parameter::Value(value)) => *value,
            _ => unifier.extent(),
        },
        Length::Infer => unifier.extent(),
    }
}

/// A literal before `as` takes the type that it is cast to, if it can.
fn is_literal(value: &Expr) -> bool {
    match &value.1 {
        ExprKind::Int(..) | ExprKind::Float(..) => true,
        ExprKind::Neg(operand) | ExprKind::Not(operand) => is_literal(operand),
        _ => false,
    }
}
