//! The body of one function while it is written: its lines, variables and types.
//!
//! `stmt`, `branch` and `loops` write statements, `expr`, `operator`, `call`, `place` and `constant` values.
//! What cannot be written is refused, and writing goes on: nothing comes of the text then, and only the first
//! refusal is kept.

use std::fmt::{self, Write};
use std::rc::Rc;

use super::Refusal;
use super::infer::Typed;
use super::program::{Writer, line, takes_constants};
use super::scope::Given;
use super::tree::{Expr, Label, Stmt, Tree};
use super::types::{Ty, word};
use crate::kernel::code::{ConstantValue, Function, Scalar};

pub(super) struct Body<'p> {
    pub(super) program: &'p mut Writer,
    pub(super) function: &'static Function,
    pub(super) tree: Rc<Tree>,
    pub(super) typed: Typed,
    pub(super) given: Vec<Given>,
    pub(super) constants: Vec<ConstantValue>,
    out: String,
    temporaries: usize,
    /// The loops around the statement.
    pub(super) loops: Vec<Loop>,
    pub(super) labels: usize,
    /// Indices become variables: what follows has effects.
    pub(super) keeps_indices: bool,
    /// The line of the statement, from the head of the function.
    pub(super) line: u32,
}

/// A loop around the statement: where labels lead.
pub(super) struct Loop {
    pub(super) label: Label,
    pub(super) number: usize,
    pub(super) broken: bool,
    pub(super) continued: bool,
}

impl<'p> Body<'p> {
    pub(super) fn new(
        program: &'p mut Writer,
        function: &'static Function,
        tree: Rc<Tree>,
        given: Vec<Given>,
        typed: Typed,
    ) -> Self {
        Self {
            program,
            function,
            tree,
            typed,
            given,
            constants: function.constants.iter().map(|constant| (constant.read)()).collect(),
            out: String::new(),
            temporaries: 0,
            loops: Vec::new(),
            labels: 0,
            keeps_indices: false,
            line: 0,
        }
    }
}

impl Body<'_> {
    /// The head of the function, and the types of its parameters.
    pub(super) fn head(&mut self, name: &str) -> (String, Vec<Ty>) {
        let ret = self.typed.ret.clone();
        let ret = ret.unwrap_or_else(|| self.unknown("its result"));
        let ret = self.program.types.name(&ret);
        let mut types = Vec::new();
        let mut params = Vec::new();
        for k in 0..self.tree.params {
            let ty = self.local_type(k);
            params.push(self.declared(&ty, &self.local(k)));
            types.push(ty);
        }
        if takes_constants(self.function) {
            params.push("OP2_CONSTANT u8 *constants".to_owned());
        }
        let params = if params.is_empty() { "void".to_owned() } else { params.join(", ") };
        (format!("OP2_FUNCTION {ret} {name}({params})"), types)
    }

    /// The body in braces.
    pub(super) fn text(mut self) -> String {
        for k in 0..self.constants.len() {
            self.constant(k);
        }
        let tree = self.tree.clone();
        self.stmts(&tree.body);
        if tree.body.value.is_some() {
            self.return_(tree.body.value.as_deref());
        }
        format!("{{\n{}}}\n", self.out)
    }

    // Names and types.

    pub(super) fn local(&self, k: usize) -> String {
        format!("{}_{k}", word(self.tree.local_name(k)))
    }

    pub(super) fn local_type(&mut self, k: usize) -> Ty {
        match self.typed.local(k) {
            Some(ty) => ty.clone(),
            None => self.unknown(&format!("`{}`", self.tree.local_name(k))),
        }
    }

    pub(super) fn ty(&mut self, expr: &Expr) -> Ty {
        match self.typed.expr(expr) {
            Some(ty) => ty.clone(),
            None => self.unknown("a value"),
        }
    }

    /// The type of a value, behind any references.
    pub(super) fn value_type(&mut self, expr: &Expr) -> Ty {
        self.ty(expr).value().clone()
    }

    pub(super) fn scalar(&mut self, expr: &Expr) -> Scalar {
        match self.value_type(expr) {
            Ty::Scalar(scalar) => scalar,
            other => {
                self.refuse(format_args!("a number is expected, not `{}`", other.describe()));
                Scalar::I32
            }
        }
    }

    /// `f64 x`, `const f64 *x`.
    pub(super) fn declared(&mut self, ty: &Ty, name: &str) -> String {
        let ty = self.program.types.name(ty);
        let space = if ty.ends_with('*') { "" } else { " " };
        [&ty, space, name].concat()
    }

    // Refusals.

    /// Keeps the reason why the kernel cannot be written; what stands for the value is never seen.
    pub(super) fn refuse(&mut self, reason: fmt::Arguments<'_>) -> String {
        let refused = &mut self.program.refused;
        refused.get_or_insert_with(|| Refusal {
            function: self.function.name.to_owned(),
            file: self.function.file.to_owned(),
            line: self.function.line + self.line,
            reason: reason.to_string(),
        });
        String::new()
    }

    fn unknown(&mut self, what: &str) -> Ty {
        self.refuse(format_args!("the type of {what} is not known here: write it out"));
        Ty::unit()
    }

    // Lines.

    pub(super) fn emit(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.out.write_fmt(line);
        self.out.push('\n');
    }

    /// Says in which line of Rust the statement stands.
    pub(super) fn start(&mut self, stmt: &Stmt) {
        self.line = stmt.line;
        let directive = line(self.function, self.line);
        self.add(&directive);
    }

    pub(super) fn assignment(&mut self, place: &str, value: &str) {
        self.emit(format_args!("{place} = {value};"));
    }

    /// What `write` emits, kept apart from what was emitted before.
    pub(super) fn captured<R>(&mut self, write: impl FnOnce(&mut Self) -> R) -> (String, R) {
        let before = std::mem::take(&mut self.out);
        let result = write(self);
        (std::mem::replace(&mut self.out, before), result)
    }

    /// Adds what was captured.
    pub(super) fn add(&mut self, emitted: &str) {
        self.out.push_str(emitted);
    }

    // Variables of C.

    /// A name that nothing else has.
    pub(super) fn fresh(&mut self) -> String {
        self.temporaries += 1;
        format!("op2_t{}", self.temporaries - 1)
    }

    /// A new variable with a value.
    pub(super) fn temporary(&mut self, ty: &Ty, value: &str) -> String {
        let name = self.declare(ty);
        self.assignment(&name, value);
        name
    }

    /// A new variable without a value.
    pub(super) fn declare(&mut self, ty: &Ty) -> String {
        let name = self.fresh();
        let declared = self.declared(ty, &name);
        self.emit(format_args!("{declared};"));
        name
    }
}
