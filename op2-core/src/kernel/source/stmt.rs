//! Bodies and statements.

use std::fmt::Write;

use super::infer::{Given, Typed};
use super::program::{Writer, takes_constants};
use super::types::{Ty, member, word};
use super::{Refusal, number};
use crate::kernel::code::{
    Block, Case, ConstantValue, Expr, ExprKind, For, Function, If, Length, Match, Op, Pattern,
    Stmt, StmtKind,
};

/// The body of one function, being written.
pub(super) struct Body<'p> {
    pub(super) program: &'p mut Writer,
    pub(super) function: &'static Function,
    pub(super) typed: Typed,
    pub(super) given: Vec<Given>,
    pub(super) constants: Vec<ConstantValue>,
    out: String,
    temporaries: usize,
    loops: Vec<Loop>,
    labels: usize,
    /// The line of the statement, from the head of the function.
    line: u32,
}

/// A loop around the statement: where labels lead.
struct Loop {
    label: Option<&'static str>,
    number: usize,
    broken: bool,
    continued: bool,
}

impl<'p> Body<'p> {
    pub(super) fn new(
        program: &'p mut Writer,
        function: &'static Function,
        given: Vec<Given>,
        typed: Typed,
    ) -> Self {
        let constants = function.constants.iter().map(|constant| (constant.read)()).collect();
        let (out, loops) = (String::new(), Vec::new());
        Self {
            program,
            function,
            typed,
            given,
            constants,
            out,
            temporaries: 0,
            loops,
            labels: 0,
            line: 0,
        }
    }

    /// The head of the function, and the types of its parameters.
    pub(super) fn head(&mut self, name: &str) -> Result<(String, Vec<Ty>), Refusal> {
        let ret = self.typed.ret.clone().ok_or_else(|| self.unknown("its result"))?;
        let ret = self.program.types.name(&ret);
        let mut types = Vec::new();
        let mut params = Vec::new();
        for k in 0..self.function.params {
            let ty = self.local_type(k)?;
            params.push(self.declared(&ty, &self.local(k)));
            types.push(ty);
        }
        if takes_constants(self.function) {
            params.push("OP2_CONSTANT u8 *constants".to_owned());
        }
        let params = if params.is_empty() { "void".to_owned() } else { params.join(", ") };
        Ok((format!("OP2_FUNCTION {ret} {name}({params})"), types))
    }

    /// The body in braces.
    pub(super) fn text(mut self) -> Result<String, Refusal> {
        for k in 0..self.constants.len() {
            self.constant(k)?;
        }
        let body = &self.function.body;
        self.stmts(body)?;
        if let Some(value) = body.value {
            self.return_(Some(value))?;
        }
        Ok(format!("{{\n{}}}\n", self.out))
    }

    /// Declares a constant that is an array or travels in the buffer.
    fn constant(&mut self, k: usize) -> Result<(), Refusal> {
        let name = self.constant_name(k);
        let value = self.constants[k].clone();
        let ty = self.constant_type(k)?;
        let c = self.program.types.name(&ty);
        let init = match &value.numbers {
            Some(_) if matches!(ty, Ty::Scalar(_)) => return Ok(()),
            Some(numbers) => {
                let mut numbers = numbers.iter();
                let dialect = self.program.dialect;
                initializer(&ty, &mut || {
                    let (Ty::Scalar(scalar), Some(value)) = (leaf(&ty), numbers.next()) else {
                        return String::new();
                    };
                    number::number(*value, *scalar, dialect)
                })
            }
            None => {
                let place = self.function.places[k];
                format!("*(OP2_CONSTANT {c} *)(constants + {place})")
            }
        };
        self.emit(&format!("const {c} {name} = {init};"));
        Ok(())
    }

    // Names and types.

    pub(super) fn local(&self, k: usize) -> String {
        format!("{}_{k}", word(self.function.locals[k].name))
    }

    pub(super) fn constant_name(&self, k: usize) -> String {
        format!("{}_c{k}", word(self.function.constants[k].name))
    }

    pub(super) fn local_type(&self, k: usize) -> Result<Ty, Refusal> {
        let name = self.function.locals[k].name;
        self.typed.local(k).cloned().ok_or_else(|| self.unknown(&format!("`{name}`")))
    }

    pub(super) fn ty(&self, expr: &Expr) -> Result<Ty, Refusal> {
        self.typed.expr(expr).cloned().ok_or_else(|| self.unknown("a value"))
    }

    /// `f64 x`, `const f64 *x`.
    pub(super) fn declared(&mut self, ty: &Ty, name: &str) -> String {
        let ty = self.program.types.name(ty);
        if ty.ends_with('*') { format!("{ty}{name}") } else { format!("{ty} {name}") }
    }

    // Errors.

    pub(super) fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal {
            function: self.function.name.to_owned(),
            file: self.function.file.to_owned(),
            line: self.function.line + self.line,
            reason: reason.into(),
        }
    }

    fn unknown(&self, what: &str) -> Refusal {
        self.refuse(format!("the type of {what} is not known here: write it out"))
    }

    // Lines.

    pub(super) fn emit(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// What `write` emits, kept apart from what was emitted before.
    pub(super) fn captured<R>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<R, Refusal>,
    ) -> Result<(String, R), Refusal> {
        let before = std::mem::take(&mut self.out);
        let result = write(self);
        let emitted = std::mem::replace(&mut self.out, before);
        Ok((emitted, result?))
    }

    /// Adds what was captured.
    pub(super) fn add(&mut self, emitted: &str) {
        self.out.push_str(emitted);
    }

    /// A new variable with a value.
    pub(super) fn temporary(&mut self, ty: &Ty, value: &str) -> String {
        let name = self.declare(ty);
        self.emit_assignment(&name, value);
        name
    }

    /// A new variable without a value.
    pub(super) fn declare(&mut self, ty: &Ty) -> String {
        let name = format!("op2_t{}", self.temporaries);
        self.temporaries += 1;
        let declared = self.declared(ty, &name);
        self.emit(&format!("{declared};"));
        name
    }

    fn emit_assignment(&mut self, place: &str, value: &str) {
        self.emit(&format!("{place} = {value};"));
    }

    // Statements.

    /// All of a block but its value.
    pub(super) fn stmts(&mut self, block: &'static Block) -> Result<(), Refusal> {
        // Items are visible before they are written.
        for stmt in block.stmts {
            if let StmtKind::Const(local, value) = &stmt.1 {
                self.start(stmt);
                self.init(*local, value)?;
            }
        }
        block.stmts.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    /// A block whose value, if any, is dropped.
    fn block(&mut self, block: &'static Block) -> Result<(), Refusal> {
        self.stmts(block)?;
        match block.value {
            Some(value) => self.drop_value(value),
            None => Ok(()),
        }
    }

    /// A block whose value goes to a place.
    fn block_into(&mut self, place: &str, block: &'static Block) -> Result<(), Refusal> {
        self.emit("{");
        self.stmts(block)?;
        if let Some(value) = block.value {
            self.into(place, value)?;
        }
        self.emit("}");
        Ok(())
    }

    fn start(&mut self, stmt: &Stmt) {
        self.line = stmt.0;
        let file = self.function.file.replace('\\', "\\\\").replace('"', "\\\"");
        let directive = format!("#line {} \"{file}\"", self.function.line + self.line);
        self.emit(&directive);
    }

    fn stmt(&mut self, stmt: &'static Stmt) -> Result<(), Refusal> {
        match &stmt.1 {
            // Declared at the start of the block.
            StmtKind::Const(..) => return Ok(()),
            StmtKind::Block(_) | StmtKind::Loop(..) => self.line = stmt.0,
            _ => self.start(stmt),
        }
        match &stmt.1 {
            StmtKind::Let(pattern, _, value) => self.let_(pattern, value.as_ref()),
            StmtKind::Const(..) => Ok(()),
            StmtKind::Assign(place, value) => self.assign(place, value),
            StmtKind::Update(op, place, value) => self.update(*op, place, value),
            StmtKind::If(inner) => self.if_(inner),
            StmtKind::Match(inner) => self.match_(inner, None),
            StmtKind::For(inner) => self.for_(inner),
            StmtKind::While(label, cond, body) => self.while_(*label, Some(cond), body),
            StmtKind::Loop(label, body) => self.while_(*label, None, body),
            StmtKind::Block(body) => {
                self.emit("{");
                self.block(body)?;
                self.emit("}");
                Ok(())
            }
            StmtKind::Break(label) => self.leave(*label, true),
            StmtKind::Continue(label) => self.leave(*label, false),
            StmtKind::Return(value) => self.return_(value.as_ref()),
            StmtKind::Expr(value) => self.drop_value(value),
        }
    }

    fn let_(
        &mut self,
        pattern: &'static Pattern,
        value: Option<&'static Expr>,
    ) -> Result<(), Refusal> {
        match (pattern, value) {
            (Pattern::Local(local), Some(value)) => self.init(*local, value),
            (Pattern::Local(local), None) => {
                let (ty, name) = (self.local_type(*local)?, self.local(*local));
                if !ty.is_unit() {
                    let declared = self.declared(&ty, &name);
                    self.emit(&format!("{declared};"));
                }
                Ok(())
            }
            (Pattern::Tuple(parts), Some(Expr(_, ExprKind::Tuple(values)))) => {
                parts.iter().zip(*values).try_for_each(|(part, value)| self.let_(part, Some(value)))
            }
            (Pattern::Tuple(_), Some(value)) => {
                let ty = self.ty(value)?;
                let whole = self.declare(&ty);
                self.into(&whole, value)?;
                self.take_apart(pattern, &whole)
            }
            (Pattern::Tuple(parts), None) => {
                parts.iter().try_for_each(|part| self.let_(part, None))
            }
            (Pattern::Wild, Some(value)) => self.drop_value(value),
            (Pattern::Wild, None) => Ok(()),
        }
    }

    /// Binds the parts of a tuple that C calls `whole`.
    fn take_apart(&mut self, pattern: &'static Pattern, whole: &str) -> Result<(), Refusal> {
        match pattern {
            Pattern::Wild => Ok(()),
            Pattern::Local(local) => {
                let (ty, name) = (self.local_type(*local)?, self.local(*local));
                let declared = self.declared(&ty, &name);
                self.emit_assignment(&declared, whole);
                Ok(())
            }
            Pattern::Tuple(parts) => parts.iter().enumerate().try_for_each(|(k, part)| {
                self.take_apart(part, &format!("{whole}.{}", member(&k.to_string())))
            }),
        }
    }

    /// Declares a variable with its value.
    fn init(&mut self, local: usize, value: &'static Expr) -> Result<(), Refusal> {
        let (ty, name) = (self.local_type(local)?, self.local(local));
        if ty.is_unit() {
            return self.drop_value(value);
        }
        let declared = self.declared(&ty, &name);
        if self.needs_statements(value) {
            self.emit(&format!("{declared};"));
            return self.into(&name, value);
        }
        let value = self.value(value)?;
        self.emit_assignment(&declared, &value);
        Ok(())
    }

    /// Assigns a value to a place whose text has no effects.
    pub(super) fn into(&mut self, place: &str, value: &'static Expr) -> Result<(), Refusal> {
        match &value.1 {
            ExprKind::If(inner) if self.needs_statements(value) => {
                let cond = self.operand(&inner.cond)?;
                self.emit(&format!("if ({cond})"));
                self.block_into(place, &inner.then)?;
                if let Some(otherwise) = &inner.otherwise {
                    self.emit("else");
                    self.block_into(place, otherwise)?;
                }
                Ok(())
            }
            ExprKind::Match(inner) => self.match_(inner, Some(place)),
            ExprKind::Block(block) => self.block_into(place, block),
            ExprKind::Repeat(item, len) => {
                let ty = self.ty(value)?;
                self.repeat(place, &ty, item, *len)
            }
            _ => {
                let value = self.value(value)?;
                self.emit_assignment(place, &value);
                Ok(())
            }
        }
    }

    fn repeat(
        &mut self,
        place: &str,
        ty: &Ty,
        item: &'static Expr,
        _: Length,
    ) -> Result<(), Refusal> {
        let Ty::Array(of, len) = ty else { return Err(self.refuse("an array is expected")) };
        let value = self.value(item)?;
        let value = self.temporary(of, &value);
        self.emit(&format!("for (u32 k = 0; k < {len}u; ++k) {place}.v[k] = {value};"));
        Ok(())
    }

    pub(super) fn drop_value(&mut self, value: &'static Expr) -> Result<(), Refusal> {
        if self.ty(value)?.is_unit()
            && let ExprKind::If(_) | ExprKind::Match(_) | ExprKind::Block(_) = value.1
        {
            return match &value.1 {
                ExprKind::If(inner) => self.if_(inner),
                ExprKind::Match(inner) => self.match_(inner, None),
                ExprKind::Block(block) => self.block(block),
                _ => Ok(()),
            };
        }
        let value = self.value(value)?;
        if !value.is_empty() {
            self.emit(&format!("(void)({value});"));
        }
        Ok(())
    }

    /// `place = value`: the value is found first.
    fn assign(&mut self, place: &'static Expr, value: &'static Expr) -> Result<(), Refusal> {
        let ty = self.ty(value)?;
        if ty.is_unit() {
            return self.drop_value(value);
        }
        let whole = if self.needs_statements(value) {
            let whole = self.declare(&ty);
            self.into(&whole, value)?;
            whole
        } else {
            self.value(value)?
        };
        let (emitted, place) = self.captured(|body| body.place(place))?;
        let whole = if emitted.is_empty() { whole } else { self.temporary(&ty, &whole) };
        self.add(&emitted);
        self.emit_assignment(&place, &whole);
        Ok(())
    }

    fn update(
        &mut self,
        op: Op,
        place: &'static Expr,
        value: &'static Expr,
    ) -> Result<(), Refusal> {
        let ty = self.ty(value)?;
        let text = self.operand(value)?;
        let target = self.ty(place)?.value().clone();
        let (emitted, place) = self.captured(|body| body.place_behind(place))?;
        let text = if emitted.is_empty() { text } else { self.temporary(ty.value(), &text) };
        self.add(&emitted);
        let result = self.arithmetic(op, &target, &place, &text)?;
        self.emit_assignment(&place, &result);
        Ok(())
    }

    fn return_(&mut self, value: Option<&'static Expr>) -> Result<(), Refusal> {
        let Some(value) = value else {
            self.emit("return;");
            return Ok(());
        };
        if self.typed.ret.as_ref().is_some_and(Ty::is_unit) {
            self.drop_value(value)?;
            self.emit("return;");
            return Ok(());
        }
        let value = self.value(value)?;
        self.emit(&format!("return {value};"));
        Ok(())
    }

    // Branches.

    fn if_(&mut self, inner: &'static If) -> Result<(), Refusal> {
        let cond = self.operand(&inner.cond)?;
        self.emit(&format!("if ({cond}) {{"));
        self.block(&inner.then)?;
        if let Some(otherwise) = &inner.otherwise {
            self.emit("} else {");
            self.block(otherwise)?;
        }
        self.emit("}");
        Ok(())
    }

    /// A chain of `if`s, so that `break` keeps its meaning.
    fn match_(&mut self, inner: &'static Match, place: Option<&str>) -> Result<(), Refusal> {
        let ty = self.ty(&inner.value)?.value().clone();
        let value = self.operand(&inner.value)?;
        let value = self.temporary(&ty, &value);
        let mut word = "if";
        let mut exhausted = false;
        for arm in inner.arms {
            if exhausted {
                break;
            }
            let cases = arm.cases.iter().map(|case| self.case(case, &value));
            let cases: Vec<String> = cases.collect::<Result<_, _>>()?;
            exhausted = cases.is_empty();
            match (exhausted, word) {
                (true, "if") => {}
                (true, _) => self.emit("else"),
                (false, word) => self.emit(&format!("{word} ({})", cases.join(" || "))),
            }
            word = "else if";
            if let Some(place) = place {
                self.block_into(place, &arm.body)?;
                continue;
            }
            self.emit("{");
            self.block(&arm.body)?;
            self.emit("}");
        }
        Ok(())
    }

    fn case(&mut self, case: &'static Case, value: &str) -> Result<String, Refusal> {
        Ok(match case {
            Case::Is(literal) => format!("{value} == {}", self.value(literal)?),
            Case::Between(first, last) => {
                let (first, last) = (self.value(first)?, self.value(last)?);
                format!("({value} >= {first} && {value} <= {last})")
            }
        })
    }

    // Loops.

    fn for_(&mut self, inner: &'static For) -> Result<(), Refusal> {
        let ty = self.ty(&inner.start)?.value().clone();
        let bounds = self.operands(&[&inner.start, &inner.end])?;
        let (index, end, more) = (self.counter(), self.counter(), self.counter());
        let c = self.program.types.name(&ty);
        let (start, last) = (&bounds[0], &bounds[1]);
        let Ty::Scalar(scalar) = ty else { return Err(self.refuse("a loop runs over integers")) };
        // In a loop over `a..=b`, the step after the last one might not fit into the type.
        let step = |body: &mut Self, op: &str| {
            let one = number::whole(1, scalar);
            body.program
                .operation(op, scalar)
                .map(|name| format!("{index} = {name}({index}, {one})"))
        };
        let head = match (inner.reversed, inner.inclusive) {
            (false, false) => {
                format!(
                    "for ({c} {index} = {start}, {end} = {last}; {index} < {end}; ++{index}) {{"
                )
            }
            (true, false) => {
                format!(
                    "for ({c} {index} = {last}, {end} = {start}; {index} > {end}; --{index}) {{"
                )
            }
            (false, true) => {
                let step = step(self, "add").unwrap_or_default();
                self.emit(&format!("{{ const {c} {end} = {last}; boolean {more};"));
                format!(
                    "for ({c} {index} = ({more} = {start} <= {end}, {start}); {more}; {more} = {index} < {end}, {step}) {{"
                )
            }
            (true, true) => {
                let step = step(self, "sub").unwrap_or_default();
                self.emit(&format!("{{ const {c} {end} = {start}; boolean {more};"));
                format!(
                    "for ({c} {index} = ({more} = {end} <= {last}, {last}); {more}; {more} = {index} > {end}, {step}) {{"
                )
            }
        };
        let first = inner.index.map(|local| {
            let value = match (inner.reversed, inner.inclusive) {
                (true, false) => format!("({c})({index} - 1)"),
                _ => index.clone(),
            };
            format!("{c} {} = {value};", self.local(local))
        });
        self.loop_(inner.label, &head, |body| {
            if let Some(first) = &first {
                body.emit(first);
            }
            body.block(&inner.body)
        })?;
        if inner.inclusive {
            self.emit("}");
        }
        Ok(())
    }

    fn counter(&mut self) -> String {
        self.temporaries += 1;
        format!("op2_t{}", self.temporaries - 1)
    }

    fn while_(
        &mut self,
        label: Option<&'static str>,
        cond: Option<&'static Expr>,
        block: &'static Block,
    ) -> Result<(), Refusal> {
        let Some(cond) = cond else {
            return self.loop_(label, "while (1) {", |body| body.block(block));
        };
        let (emitted, cond) = self.captured(|body| body.operand(cond))?;
        if emitted.is_empty() {
            return self.loop_(label, &format!("while ({cond}) {{"), |body| body.block(block));
        }
        self.loop_(label, "while (1) {", |body| {
            body.add(&emitted);
            body.emit(&format!("if (!{cond}) break;"));
            body.block(block)
        })
    }

    /// The body of a loop, with the labels that lead out of inner loops.
    fn loop_(
        &mut self,
        label: Option<&'static str>,
        head: &str,
        write: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        self.labels += 1;
        let number = self.labels;
        self.loops.push(Loop { label, number, broken: false, continued: false });
        let (text, ()) = self.captured(write)?;
        let last = self.loops.pop();
        let (broken, continued) = last.map_or((false, false), |last| (last.broken, last.continued));
        if broken {
            self.emit("{");
        }
        self.emit(head);
        if continued {
            // No jump over a declaration: C++ forbids it.
            self.emit("{");
        }
        self.add(&text);
        if continued {
            self.emit(&format!("}}\nop2_continue_{number}: ;"));
        }
        self.emit("}");
        if broken {
            self.emit(&format!("op2_break_{number}: ;\n}}"));
        }
        Ok(())
    }

    fn leave(&mut self, label: Option<&'static str>, breaks: bool) -> Result<(), Refusal> {
        let innermost = self.loops.len().checked_sub(1);
        let target = match label {
            None => innermost,
            Some(label) => self.loops.iter().rposition(|around| around.label == Some(label)),
        };
        let Some(target) = target else { return Err(self.refuse("there is no such loop")) };
        let word = if breaks { "break" } else { "continue" };
        if Some(target) == innermost {
            self.emit(&format!("{word};"));
            return Ok(());
        }
        let around = &mut self.loops[target];
        around.broken |= breaks;
        around.continued |= !breaks;
        let mut line = String::new();
        let _ = write!(line, "goto op2_{word}_{};", around.number);
        self.emit(&line);
        Ok(())
    }
}

fn leaf(ty: &Ty) -> &Ty {
    match ty {
        Ty::Array(item, _) => leaf(item),
        other => other,
    }
}

/// `{{1.0, 2.0}}`, one pair of braces for the struct and one for its array.
fn initializer(ty: &Ty, next: &mut dyn FnMut() -> String) -> String {
    match ty {
        Ty::Array(item, len) => {
            let items: Vec<String> = (0..*len).map(|_| initializer(item, next)).collect();
            format!("{{{{{}}}}}", items.join(", "))
        }
        _ => next(),
    }
}
