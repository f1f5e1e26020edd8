//! Loops, and what leaves them early.

use super::body::{Body, Loop};
use super::number;
use super::tree::{Block, Expr, For, Label};
use super::types::Ty;

impl Body<'_> {
    pub(super) fn for_(&mut self, inner: &For) {
        let bounds = self.operands(&[&inner.start, &inner.end]);
        let scalar = self.scalar(&inner.start);
        let c = self.program.types.name(&Ty::Scalar(scalar));
        let (index, last) = (self.fresh(), self.fresh());
        let (from, to) = if inner.reversed { (1, 0) } else { (0, 1) };
        let (from, to) = (&bounds[from], &bounds[to]);
        let (order, sign, step) =
            if inner.reversed { (">", '-', "sub") } else { ("<", '+', "add") };
        let head = if inner.inclusive {
            // The step after the last one might not fit into the type.
            let step = self.program.operation(step, scalar).unwrap_or_default();
            let (more, one) = (self.fresh(), number::whole(1, scalar));
            self.emit(format_args!("{{ const {c} {last} = {to}; boolean {more};"));
            format!(
                "for ({c} {index} = ({more} = {from} {order}= {last}, {from}); {more}; \
                 {more} = {index} {order} {last}, {index} = {step}({index}, {one})) {{"
            )
        } else {
            format!(
                "for ({c} {index} = {from}, {last} = {to}; {index} {order} {last}; {sign}{sign}{index}) {{"
            )
        };
        let before = if inner.reversed && !inner.inclusive { " - 1" } else { "" };
        let first =
            inner.index.map(|local| format!("{c} {} = ({c})({index}{before});", self.local(local)));
        self.loop_(inner.label, &head, &first.unwrap_or_default(), &inner.body);
        if inner.inclusive {
            self.emit(format_args!("}}"));
        }
    }

    pub(super) fn while_(&mut self, label: Label, cond: Option<&Expr>, block: &Block) {
        let Some(cond) = cond else { return self.loop_(label, "while (1) {", "", block) };
        let (emitted, cond) = self.captured(|body| body.operand(cond));
        if emitted.is_empty() {
            return self.loop_(label, &format!("while ({cond}) {{"), "", block);
        }
        let first = format!("{emitted}if (!{cond}) break;");
        self.loop_(label, "while (1) {", &first, block);
    }

    /// A loop whose body begins with `first`, with the labels that lead out of inner loops.
    fn loop_(&mut self, label: Label, head: &str, first: &str, block: &Block) {
        self.labels += 1;
        let number = self.labels;
        self.loops.push(Loop { label, number, broken: false, continued: false });
        let (text, ()) = self.captured(|body| body.block(block));
        let last = self.loops.pop();
        let (broken, continued) = last.map_or((false, false), |last| (last.broken, last.continued));
        if broken {
            self.emit(format_args!("{{"));
        }
        self.emit(format_args!("{head}"));
        if continued {
            // No jump over a declaration: C++ forbids it.
            self.emit(format_args!("{{"));
        }
        if !first.is_empty() {
            self.emit(format_args!("{first}"));
        }
        self.add(&text);
        if continued {
            self.emit(format_args!("}}\nop2_continue_{number}: ;"));
        }
        self.emit(format_args!("}}"));
        if broken {
            self.emit(format_args!("op2_break_{number}: ;\n}}"));
        }
    }

    /// `break` or `continue`.
    pub(super) fn leave(&mut self, label: Label, breaks: bool) {
        let word = if breaks { "break" } else { "continue" };
        let labeled = |around: &Loop| label.is_none() || around.label == label;
        let Some(target) = self.loops.iter().rposition(labeled) else {
            self.refuse(format_args!("there is no loop for `{word}`"));
            return;
        };
        if target + 1 == self.loops.len() {
            return self.emit(format_args!("{word};"));
        }
        let around = &mut self.loops[target];
        around.broken |= breaks;
        around.continued |= !breaks;
        let number = around.number;
        self.emit(format_args!("goto op2_{word}_{number};"));
    }
}
