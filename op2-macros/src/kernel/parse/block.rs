//! Blocks and statements.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Expr as Tokens, Item, ItemConst, Local as LetTokens, LocalInit, Pat, PatIdent,
    Stmt as StmtTokens,
};

use super::Parser;
use super::expr::text;
use crate::kernel::annotate;
use crate::kernel::ir::{
    BinaryOp, Block, Expr, ExprKind, If, LocalKind, Match, Pattern, Stmt, StmtKind, Type,
};

impl Parser<'_> {
    /// A block in a scope of its own.
    pub(super) fn block(&mut self, block: &mut syn::Block) -> Block {
        self.scope.enter();
        let block = self.open_block(block);
        self.scope.leave();
        block
    }

    /// A block whose scope the caller has opened, such as that of a loop index.
    pub(super) fn open_block(&mut self, block: &mut syn::Block) -> Block {
        self.declare_consts(block);
        let mut stmts = Vec::new();
        let mut tail = None;
        let count = block.stmts.len();
        for (k, stmt) in block.stmts.iter_mut().enumerate() {
            match stmt {
                StmtTokens::Expr(value, None) if k + 1 == count && !is_statement(value) => {
                    tail = Some(Box::new(self.expr(value)));
                }
                stmt => stmts.extend(self.stmt(stmt)),
            }
        }
        if tail.as_ref().is_some_and(|tail| !has_value(tail)) {
            stmts.extend(tail.take().map(|tail| tail.into_stmt()));
        }
        Block { stmts, tail }
    }

    /// Items are visible in all of their block, before and after.
    fn declare_consts(&mut self, block: &syn::Block) {
        for stmt in &block.stmts {
            if let StmtTokens::Item(Item::Const(item)) = stmt {
                let ty = self.types.read(&item.ty);
                let kind = LocalKind::Const(literal(&item.expr));
                self.bind(&item.ident, kind, false, ty);
            }
        }
    }

    fn stmt(&mut self, stmt: &mut StmtTokens) -> Option<Stmt> {
        match stmt {
            StmtTokens::Local(local) => Some(self.local(local)),
            StmtTokens::Item(Item::Const(item)) => self.const_item(item),
            StmtTokens::Item(item) => {
                self.refuse_item(item);
                None
            }
            StmtTokens::Expr(Tokens::Verbatim(tokens), _) if tokens.is_empty() => None,
            StmtTokens::Expr(value, _) => Some(self.statement(value)),
            StmtTokens::Macro(stmt) => {
                self.refuse_macro(&stmt.mac.path);
                let span = stmt.mac.path.span();
                let kind = ExprKind::Opaque(self.opaque_macro(&mut stmt.mac));
                Some(Expr::new(kind, span).into_stmt())
            }
        }
    }

    /// `let x = ..;`, `let (a, b) = ..;`, `let x: T;`
    fn local(&mut self, local: &mut LetTokens) -> Stmt {
        let span = local.let_token.span;

        // The value is read first: in `let x = x + 1.0`, the second `x` is the outer one.
        let value = local.init.as_mut().map(|init| self.init(init));
        let (pattern, declared) = match &mut local.pat {
            Pat::Type(typed) => {
                let declared = self.types.read(&typed.ty);
                (self.pattern(&typed.pat), Some(declared))
            }
            pat => (self.pattern(pat), None),
        };
        if let (Pat::Ident(_), Pattern::Local(id)) = (&local.pat, &pattern) {
            annotate::add_placeholder(&mut local.pat, *id);
            if matches!(value, Some(Expr { kind: ExprKind::Opaque(_), .. })) {
                self.not_understood.push(*id);
            }
        }
        Stmt { kind: StmtKind::Let { pattern, declared, value }, span }
    }

    fn init(&mut self, init: &mut LocalInit) -> Expr {
        let Some((token, otherwise)) = &mut init.diverge else { return self.expr(&mut init.expr) };
        if !self.host {
            self.errors.on(&token, "`let .. else` cannot be used here", "write an `if`");
        }
        // One opaque value, so that a `return` after `else` is not overlooked.
        let (mut value, otherwise) = (self.opaque(&mut init.expr), self.opaque(otherwise));
        if let (ExprKind::Opaque(value), ExprKind::Opaque(other)) =
            (&mut value.kind, otherwise.kind)
        {
            value.tokens.extend(token.to_token_stream());
            value.tokens.extend(other.tokens);
            value.mentions.extend(other.mentions);
        }
        value
    }

    fn pattern(&mut self, pat: &Pat) -> Pattern {
        match pat {
            Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, mutability, .. }) => {
                let mutable = mutability.is_some();
                Pattern::Local(self.bind(ident, LocalKind::Let, mutable, Type::unset()))
            }
            Pat::Wild(_) => Pattern::Wild,
            Pat::Tuple(tuple) => {
                Pattern::Tuple(tuple.elems.iter().map(|part| self.pattern(part)).collect())
            }
            Pat::Paren(inner) => self.pattern(&inner.pat),
            _ => {
                if !self.host {
                    let hint = "a `let` binds names, `_` or a tuple of them: `let (a, b) = ..;`";
                    self.errors.on(pat, "this pattern cannot be used here", hint);
                }
                self.bind_all(pat);
                Pattern::Wild
            }
        }
    }

    fn const_item(&mut self, item: &mut ItemConst) -> Option<Stmt> {
        let local = self.scope.lookup(&item.ident.to_string())?;
        self.in_const = true;
        let value = self.expr(&mut item.expr);
        self.in_const = false;
        Some(Stmt { kind: StmtKind::Const { local, value }, span: item.const_token.span })
    }

    fn refuse_item(&self, item: &Item) {
        if self.host {
            return;
        }
        match item {
            Item::Fn(inner) => {
                let hint = "put it beside the kernel, marked `#[op2::function]`";
                self.errors.on(&inner.sig.ident, "a kernel cannot hold another fn", hint);
            }
            Item::Static(inner) => {
                let hint = "declare it in `op2::constants!`, or sum up in an `Inc<T>` parameter";
                self.errors.on(inner.static_token, "a kernel cannot hold a `static`", hint);
            }
            Item::Macro(inner) => self.refuse_macro(&inner.mac.path),
            _ => {
                let hint = "only `const NAME: T = ..;` may be declared inside a kernel";
                self.errors.on(item, "this item cannot be declared here", hint);
            }
        }
    }

    fn refuse_macro(&self, path: &syn::Path) {
        if !self.host {
            self.errors.on(path, no_macro(&text(path)), NO_MACROS);
        }
    }

    /// Refuses `GAM = 1.0;`: the constants of a body are copies.
    fn refuse_constant(&self, place: &Expr) {
        match &place.kind {
            ExprKind::Constant(k) if !self.host => {
                let name = &self.constants[*k].ident;
                let hint = format!(
                    "change it between loops, by `{name}.set(..)`; results leave through parameters"
                );
                let message =
                    format!("`{name}` is the same for all elements: a kernel cannot change it");
                self.errors.at(place.span, message, hint);
            }
            ExprKind::Index(base, _) | ExprKind::Field(base, _) => self.refuse_constant(base),
            _ => {}
        }
    }

    /// An expression whose value is dropped.
    pub(super) fn statement(&mut self, tokens: &mut Tokens) -> Stmt {
        let span = tokens.span();
        match tokens {
            Tokens::Assign(assign) => {
                let (place, value) = (self.expr(&mut assign.left), self.expr(&mut assign.right));
                self.refuse_constant(&place);
                let eq = assign.eq_token.span();
                Stmt { kind: StmtKind::Assign { place, value, eq }, span: eq }
            }
            Tokens::Binary(binary) if update_op(binary.op).is_some() => {
                let op_span = binary.op.span();
                let op = update_op(binary.op).unwrap_or(BinaryOp::Add);
                let (place, value) = (self.expr(&mut binary.left), self.expr(&mut binary.right));
                self.refuse_constant(&place);
                Stmt { kind: StmtKind::Update { op, place, value, op_span }, span: op_span }
            }
            Tokens::ForLoop(inner) => self.for_loop(inner),
            Tokens::While(inner) => self.while_loop(inner),
            Tokens::Loop(inner) => self.endless_loop(inner),
            Tokens::Break(inner) => self.break_(inner),
            Tokens::Continue(inner) => Stmt {
                kind: StmtKind::Continue(inner.label.as_ref().map(|label| label.ident.to_string())),
                span,
            },
            Tokens::Return(inner) => {
                let span = inner.return_token.span;
                let value = inner.expr.as_mut().map(|value| self.expr(value));
                Stmt { kind: StmtKind::Return(value), span }
            }
            Tokens::Paren(inner) => self.statement(&mut inner.expr),
            Tokens::Group(inner) => self.statement(&mut inner.expr),
            value => self.expr(value).into_stmt(),
        }
    }
}

pub(super) const NO_MACROS: &str = "a kernel computes with numbers; print and assert outside the \
                                    loop, or mark it `#[op2::kernel(host)]`";

/// The message for a macro call.
pub(super) fn no_macro(name: &str) -> String {
    format!("macro `{name}!` cannot be used here")
}

/// Whether an expression at the end of a block is a statement whose `;` was left out.
fn is_statement(tokens: &Tokens) -> bool {
    match tokens {
        Tokens::Assign(_)
        | Tokens::ForLoop(_)
        | Tokens::While(_)
        | Tokens::Loop(_)
        | Tokens::Break(_)
        | Tokens::Continue(_)
        | Tokens::Return(_) => true,
        Tokens::Binary(binary) => update_op(binary.op).is_some(),
        Tokens::If(inner) => inner.else_branch.is_none(),
        _ => false,
    }
}

/// Whether control flow at the end of a block hands out a value in at least one branch.
fn has_value(tail: &Expr) -> bool {
    match &tail.kind {
        ExprKind::If(inner) => {
            let If { then, otherwise, .. } = &**inner;
            then.tail.is_some() || otherwise.as_ref().is_some_and(|block| block.tail.is_some())
        }
        ExprKind::Match(inner) => {
            let Match { arms, .. } = &**inner;
            arms.iter().any(|arm| arm.body.tail.is_some())
        }
        ExprKind::Block(block) => block.tail.is_some(),
        _ => true,
    }
}

fn literal(value: &Tokens) -> Option<u64> {
    match value {
        Tokens::Lit(syn::ExprLit { lit: syn::Lit::Int(digits), .. }) => digits.base10_parse().ok(),
        _ => None,
    }
}

/// The operator of `a += b` and its like.
pub(super) fn update_op(op: syn::BinOp) -> Option<BinaryOp> {
    use syn::BinOp;
    Some(match op {
        BinOp::AddAssign(_) => BinaryOp::Add,
        BinOp::SubAssign(_) => BinaryOp::Sub,
        BinOp::MulAssign(_) => BinaryOp::Mul,
        BinOp::DivAssign(_) => BinaryOp::Div,
        BinOp::RemAssign(_) => BinaryOp::Rem,
        BinOp::BitXorAssign(_) => BinaryOp::BitXor,
        BinOp::BitAndAssign(_) => BinaryOp::BitAnd,
        BinOp::BitOrAssign(_) => BinaryOp::BitOr,
        BinOp::ShlAssign(_) => BinaryOp::Shl,
        BinOp::ShrAssign(_) => BinaryOp::Shr,
        _ => return None,
    })
}

/// The names of a label, without the apostrophe.
pub(super) fn label_name(label: Option<&syn::Label>) -> Option<String> {
    label.map(|label| label.name.ident.to_string())
}

/// Whether a name is written as constants are.
pub(super) fn is_upper_case(name: &Ident) -> bool {
    let text = name.to_token_stream().to_string();
    text.chars().any(|c| c.is_ascii_uppercase()) && !text.chars().any(char::is_lowercase)
}
