//! Branches and loops.

use syn::{
    Expr as Tokens, ExprBreak, ExprForLoop, ExprIf, ExprLoop, ExprMatch, ExprRange, ExprWhile, Pat,
    RangeLimits,
};

use super::Parser;
use super::block::label_name;
use crate::kernel::ir::{
    Arm, Block, Case, Expr, ExprKind, For, If, LocalKind, Match, Stmt, StmtKind, Type,
};

impl Parser<'_> {
    pub(super) fn if_(&mut self, tokens: &mut ExprIf) -> Expr {
        let span = tokens.if_token.span;
        let cond = self.expr(&mut tokens.cond);
        let then = self.block(&mut tokens.then_branch);
        let otherwise = tokens.else_branch.as_mut().map(|(_, branch)| self.branch(branch));
        Expr::new(ExprKind::If(Box::new(If { cond, then, otherwise })), span)
    }

    /// What follows `else`: a block or another `if`.
    fn branch(&mut self, tokens: &mut Tokens) -> Block {
        match tokens {
            Tokens::Block(inner) => self.block(&mut inner.block),
            Tokens::If(inner) => {
                let has_else = inner.else_branch.is_some();
                let mut block = Block { stmts: Vec::new(), tail: Some(Box::new(self.if_(inner))) };
                if !has_else || !ends_in_value(&block) {
                    block.drop_value();
                }
                block
            }
            other => Block { stmts: Vec::new(), tail: Some(Box::new(self.expr(other))) },
        }
    }

    /// `match` over literals of integers or bools.
    pub(super) fn match_(&mut self, tokens: &mut ExprMatch) -> Option<Expr> {
        let literal = |pat: &Pat| cases(pat).is_some();
        if !tokens.arms.iter().all(|arm| literal(&arm.pat)) {
            return None;
        }
        let span = tokens.match_token.span;
        let value = self.expr(&mut tokens.expr);
        let mut arms = Vec::new();
        for arm in &mut tokens.arms {
            let cases = cases(&arm.pat).unwrap_or_default();
            arms.push(Arm { cases, body: self.arm_body(&mut arm.body) });
        }
        Some(Expr::new(ExprKind::Match(Box::new(Match { value, arms })), span))
    }

    fn arm_body(&mut self, tokens: &mut Tokens) -> Block {
        // `=> a = b,` is a statement, `=> a + b,` a value: the rules of a block.
        match tokens {
            Tokens::Block(inner) if inner.label.is_none() => self.block(&mut inner.block),
            other => {
                self.scope.enter();
                let mut block = syn::Block {
                    brace_token: syn::token::Brace::default(),
                    stmts: vec![syn::Stmt::Expr(take(other), None)],
                };
                let body = self.open_block(&mut block);
                if let Some(syn::Stmt::Expr(value, _)) = block.stmts.pop() {
                    *other = value;
                }
                self.scope.leave();
                body
            }
        }
    }

    pub(super) fn for_loop(&mut self, tokens: &mut ExprForLoop) -> Stmt {
        let span = tokens.for_token.span;
        let label = label_name(tokens.label.as_ref());
        let Some((range, reversed)) = integer_range(&mut tokens.expr) else {
            return self.for_each(tokens);
        };
        let inclusive = matches!(range.limits, RangeLimits::Closed(_));
        let (Some(start), Some(end)) = (&mut range.start, &mut range.end) else {
            return self.for_each(tokens);
        };
        let (start, end) = (self.expr(start), self.expr(end));
        self.scope.enter();
        let index = match &*tokens.pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let mutable = pat.mutability.is_some();
                Some(self.bind(&pat.ident, LocalKind::LoopIndex, mutable, Type::unset()))
            }
            Pat::Wild(_) => None,
            pat => {
                let hint = "a loop over a range binds one name: `for i in 0..4`";
                self.errors.on(pat, "this pattern cannot be used here", hint);
                self.bind_all(pat);
                None
            }
        };
        let body = self.open_block(&mut tokens.body);
        self.scope.leave();
        let kind = StmtKind::For(For { label, index, start, end, inclusive, reversed, body });
        Stmt { kind, span }
    }

    /// A loop over something else than a range of integers: host kernels only.
    fn for_each(&mut self, tokens: &mut ExprForLoop) -> Stmt {
        let span = tokens.for_token.span;
        if !self.host {
            let hint = "loop over a range and index: `for i in 0..4 { .. q[i] .. }`";
            self.errors.on(&tokens.expr, "a loop runs over a range of integers", hint);
        }
        let iterator = self.opaque(&mut tokens.expr);
        self.scope.enter();
        self.bind_all(&tokens.pat);
        let body = self.open_block(&mut tokens.body);
        self.scope.leave();
        let (label, pat) = (label_name(tokens.label.as_ref()), &tokens.pat);
        let kind = StmtKind::ForEach { label, pattern: quote::quote!(#pat), iterator, body };
        Stmt { kind, span }
    }

    pub(super) fn while_loop(&mut self, tokens: &mut ExprWhile) -> Stmt {
        let (label, span) = (label_name(tokens.label.as_ref()), tokens.while_token.span);
        let cond = self.expr(&mut tokens.cond);
        let body = self.block(&mut tokens.body);
        Stmt { kind: StmtKind::While { label, cond, body }, span }
    }

    pub(super) fn endless_loop(&mut self, tokens: &mut ExprLoop) -> Stmt {
        let (label, span) = (label_name(tokens.label.as_ref()), tokens.loop_token.span);
        let body = self.block(&mut tokens.body);
        Stmt { kind: StmtKind::Loop { label, body }, span }
    }

    pub(super) fn break_(&mut self, tokens: &mut ExprBreak) -> Stmt {
        if let Some(value) = &mut tokens.expr {
            if !self.host {
                let hint = "assign to a variable before `break`";
                self.errors.on(&value, "`break` cannot carry a value", hint);
            }
            self.expr(value);
        }
        let label = tokens.label.as_ref().map(|label| label.ident.to_string());
        Stmt { kind: StmtKind::Break(label), span: tokens.break_token.span }
    }
}

/// The range behind parentheses and `.rev()`, and whether it is reversed.
fn integer_range(tokens: &mut Tokens) -> Option<(&mut ExprRange, bool)> {
    match tokens {
        Tokens::Range(range) => Some((range, false)),
        Tokens::Paren(inner) => integer_range(&mut inner.expr),
        Tokens::Group(inner) => integer_range(&mut inner.expr),
        Tokens::MethodCall(call) if call.method == "rev" && call.args.is_empty() => {
            let (range, reversed) = integer_range(&mut call.receiver)?;
            Some((range, !reversed))
        }
        _ => None,
    }
}

/// The literals of a pattern, none for `_`; `None` if it is anything else.
fn cases(pat: &Pat) -> Option<Vec<Case>> {
    match pat {
        Pat::Wild(_) => Some(Vec::new()),
        Pat::Or(or) if or.cases.iter().any(|case| matches!(case, Pat::Wild(_))) => None,
        Pat::Or(or) => {
            let lists = or.cases.iter().map(cases).collect::<Option<Vec<_>>>()?;
            Some(lists.into_iter().flatten().collect())
        }
        Pat::Paren(inner) => cases(&inner.pat),
        Pat::Lit(literal) => Some(vec![Case::Is(Box::new(pattern_literal(&literal.lit)?))]),
        Pat::Range(ExprRange { start: Some(first), limits, end: Some(last), .. }) => {
            let RangeLimits::Closed(_) = limits else { return None };
            let (first, last) = (Box::new(pattern_value(first)?), Box::new(pattern_value(last)?));
            Some(vec![Case::Between(first, last)])
        }
        _ => None,
    }
}

fn pattern_value(tokens: &Tokens) -> Option<Expr> {
    match tokens {
        Tokens::Lit(literal) => pattern_literal(&literal.lit),
        _ => None,
    }
}

fn pattern_literal(lit: &syn::Lit) -> Option<Expr> {
    let kind = match lit {
        syn::Lit::Int(digits) if digits.suffix().is_empty() => {
            ExprKind::Int(digits.base10_digits().to_owned())
        }
        syn::Lit::Bool(value) => ExprKind::Bool(value.value),
        _ => return None,
    };
    Some(Expr::new(kind, lit.span()))
}

fn ends_in_value(block: &Block) -> bool {
    let Some(tail) = &block.tail else { return false };
    let ExprKind::If(inner) = &tail.kind else { return true };
    inner.then.tail.is_some() || inner.otherwise.as_ref().is_some_and(ends_in_value)
}

fn take(tokens: &mut Tokens) -> Tokens {
    std::mem::replace(tokens, Tokens::Verbatim(proc_macro2::TokenStream::new()))
}
