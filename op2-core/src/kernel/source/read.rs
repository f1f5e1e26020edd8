//! Reads the text of a function; its grammar stands at [`Function::text`].

use std::iter::Peekable;
use std::rc::Rc;
use std::str::SplitAsciiWhitespace;

use super::tree::{
    Argument, Arm, Block, Case, Expr, ExprKind, For, Generic, If, Label, Length, Match, Op,
    Pattern, Stmt, StmtKind, Tree, Type,
};
use crate::kernel::code::{Function, Scalar};

/// The functions of a program, each read once.
#[derive(Default)]
pub(super) struct Trees {
    read: Vec<(&'static Function, Rc<Tree>)>,
}

impl Trees {
    /// The function as a tree; `None` if another version of the macro wrote its text.
    pub(super) fn of(&mut self, function: &'static Function) -> Option<Rc<Tree>> {
        let known = self.read.iter().find(|(known, _)| std::ptr::eq(*known, function));
        if let Some((_, tree)) = known {
            return Some(tree.clone());
        }
        let tree = Rc::new(read(function)?);
        self.read.push((function, tree.clone()));
        Some(tree)
    }
}

fn read(function: &'static Function) -> Option<Tree> {
    let words = function.text.split_ascii_whitespace().peekable();
    let mut reader = Reader { function, words, exprs: 0 };
    let tree = reader.tree()?;
    reader.words.next().is_none().then_some(tree)
}

struct Reader {
    function: &'static Function,
    words: Peekable<SplitAsciiWhitespace<'static>>,
    /// How many expressions have begun.
    exprs: usize,
}

impl Reader {
    fn tree(&mut self) -> Option<Tree> {
        let generics = self.many(Self::generic)?;
        let params = self.number()?;
        let locals = self.many(|reader| Some((reader.word()?, reader.ty()?)))?;
        let (ret, body) = (self.ty()?, self.block()?);
        Some(Tree { generics, params, locals, ret, body, exprs: self.exprs })
    }

    fn word(&mut self) -> Option<&'static str> {
        self.words.next()
    }

    fn number(&mut self) -> Option<usize> {
        self.word()?.parse().ok()
    }

    fn many<T>(&mut self, read: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| read(self)).collect()
    }

    /// `None` is the end of the text, or nonsense; `Some(None)` is "none".
    #[allow(clippy::option_option, reason = "what may be missing may also be unreadable")]
    fn maybe<T>(&mut self, read: fn(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.words.next_if_eq(&"none").is_some() { Some(None) } else { read(self).map(Some) }
    }

    fn generic(&mut self) -> Option<Generic> {
        let name = self.word()?;
        let constant = match self.word()? {
            "type" => None,
            scalar => Some(Scalar::from_name(scalar)?),
        };
        Some(Generic { name, constant })
    }

    fn ty(&mut self) -> Option<Type> {
        Some(match self.word()? {
            "[" => Type::Array(self.ty()?.into(), self.length()?),
            "(" => Type::Tuple(self.many(Self::ty)?),
            "&" => Type::Ref(false, self.ty()?.into()),
            "&mut" => Type::Ref(true, self.ty()?.into()),
            "named" => Type::Named(*self.function.types.get(self.number()?)?),
            "param" => Type::Param(self.number()?),
            "shape" => Type::Shape(self.number()?),
            "struct" => Type::Struct(self.word()?, self.many(Self::argument)?),
            "same" => Type::Same(self.number()?),
            "_" => Type::Infer,
            scalar => Type::Scalar(Scalar::from_name(scalar)?),
        })
    }

    fn length(&mut self) -> Option<Length> {
        Some(match self.word()? {
            "is" => Length::Known(self.number()?),
            "known" => Length::Known(*self.function.lengths.get(self.number()?)?),
            "param" => Length::Param(self.number()?),
            _ => Length::Infer,
        })
    }

    fn argument(&mut self) -> Option<Argument> {
        Some(match self.word()? {
            "type" => Argument::Type(self.ty()?),
            "value" => Argument::Value(*self.function.values.get(self.number()?)?),
            "param" => Argument::Param(self.number()?),
            _ => Argument::Infer,
        })
    }

    fn block(&mut self) -> Option<Block> {
        let stmts = self.many(Self::stmt)?;
        Some(Block { stmts, value: self.maybe(Self::expr)?.map(Box::new) })
    }

    fn stmt(&mut self) -> Option<Stmt> {
        let line = self.word()?.parse().ok()?;
        let kind = match self.word()? {
            "let" => StmtKind::Let(self.pattern()?, self.ty()?, self.maybe(Self::expr)?),
            "const" => StmtKind::Const(self.number()?, self.expr()?),
            "=" => StmtKind::Assign(self.expr()?, self.expr()?),
            "op=" => StmtKind::Update(self.op()?, self.expr()?, self.expr()?),
            "if" => StmtKind::If(self.if_()?),
            "match" => StmtKind::Match(self.match_()?),
            "for" => StmtKind::For(self.for_()?),
            "while" => StmtKind::While(self.label()?, self.expr()?, self.block()?),
            "loop" => StmtKind::Loop(self.label()?, self.block()?),
            "{" => StmtKind::Block(self.block()?),
            "break" => StmtKind::Break(self.label()?),
            "continue" => StmtKind::Continue(self.label()?),
            "return" => StmtKind::Return(self.maybe(Self::expr)?),
            "do" => StmtKind::Expr(self.expr()?),
            _ => return None,
        };
        Some(Stmt { line, kind })
    }

    fn label(&mut self) -> Option<Label> {
        self.maybe(Self::word)
    }

    fn pattern(&mut self) -> Option<Pattern> {
        Some(match self.word()? {
            "_" => Pattern::Wild,
            "(" => Pattern::Tuple(self.many(Self::pattern)?),
            local => Pattern::Local(local.parse().ok()?),
        })
    }

    fn if_(&mut self) -> Option<If> {
        let (cond, then) = (self.expr()?, self.block()?);
        Some(If { cond, then, otherwise: self.maybe(Self::block)? })
    }

    fn match_(&mut self) -> Option<Match> {
        Some(Match { value: self.expr()?, arms: self.many(Self::arm)? })
    }

    fn arm(&mut self) -> Option<Arm> {
        Some(Arm { cases: self.many(Self::case)?, body: self.block()? })
    }

    fn case(&mut self) -> Option<Case> {
        match self.word()? {
            "is" => Some(Case::Is(self.expr()?)),
            _ => Some(Case::Between(self.expr()?, self.expr()?)),
        }
    }

    fn for_(&mut self) -> Option<For> {
        let (label, index) = (self.label()?, self.maybe(Self::number)?);
        let (start, end) = (self.expr()?, self.expr()?);
        let (inclusive, reversed) = (self.word()? == "..=", self.word()? == "down");
        Some(For { label, index, start, end, inclusive, reversed, body: self.block()? })
    }

    fn op(&mut self) -> Option<Op> {
        Op::from_symbol(self.word()?)
    }

    fn expr(&mut self) -> Option<Expr> {
        let number = self.exprs;
        self.exprs += 1;
        Some(Expr { number, kind: self.expr_kind()? })
    }

    fn boxed(&mut self) -> Option<Box<Expr>> {
        self.expr().map(Box::new)
    }

    fn pair(&mut self) -> Option<Box<[Expr; 2]>> {
        Some(Box::new([self.expr()?, self.expr()?]))
    }

    fn exprs(&mut self) -> Option<Vec<Expr>> {
        self.many(Self::expr)
    }

    fn expr_kind(&mut self) -> Option<ExprKind> {
        let word = self.word()?;
        Some(match word {
            "int" => ExprKind::Int(self.word()?, self.ty()?),
            "real" => ExprKind::Float(self.word()?, self.ty()?),
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "x" => ExprKind::Local(self.number()?),
            "constant" => ExprKind::Constant(self.number()?),
            "generic" => ExprKind::Generic(self.number()?),
            "item" => ExprKind::Named(self.word()?, self.ty()?),
            "neg" => ExprKind::Neg(self.boxed()?),
            "not" => ExprKind::Not(self.boxed()?),
            "deref" => ExprKind::Deref(self.boxed()?),
            "ref" => ExprKind::Borrow(false, self.boxed()?),
            "mut" => ExprKind::Borrow(true, self.boxed()?),
            "as" => ExprKind::Cast(self.boxed()?, self.ty()?),
            "at" => ExprKind::Index(self.pair()?),
            "." => {
                let name = self.word()?;
                ExprKind::Field(self.boxed()?, name)
            }
            "len" => ExprKind::Len(self.boxed()?),
            "if" => ExprKind::If(self.if_()?.into()),
            "match" => ExprKind::Match(self.match_()?.into()),
            "{" => ExprKind::Block(self.block()?.into()),
            word => return self.composite(word),
        })
    }

    fn composite(&mut self, word: &str) -> Option<ExprKind> {
        Some(match word {
            "[" => ExprKind::Array(self.exprs()?),
            "fill" => ExprKind::Repeat(self.boxed()?, self.length()?),
            "(" => ExprKind::Tuple(self.exprs()?),
            "struct" => {
                let (name, fields) = (self.word()?, self.many(Self::word)?);
                ExprKind::Struct(name, fields, self.exprs()?)
            }
            "call" => ExprKind::Call(self.number()?, self.many(Self::argument)?, self.exprs()?),
            "method" => ExprKind::Method(self.word()?, self.maybe(Self::ty)?, self.exprs()?),
            symbol => ExprKind::Binary(Op::from_symbol(symbol)?, self.pair()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::code::Type as Known;

    fn function(text: &'static str) -> Function {
        Function {
            name: "f",
            module: "m",
            file: "f.rs",
            line: 1,
            text,
            types: &[Known::Foreign],
            lengths: &[5],
            values: &[],
            constants: &[],
            calls: &[],
            places: &[0],
        }
    }

    fn tree(text: &'static str) -> Option<Tree> {
        read(Box::leak(Box::new(function(text))))
    }

    #[test]
    fn a_function_is_read_from_its_words() {
        // fn f<const N: usize>(x: &[f64; 5]) -> f64 { let y = x[1] + 2.0; y }
        let text = "1 N usize 1 2 x & [ f64 known 0 y f64 f64 \
                    1 3 let 1 _ + at x 0 int 1 usize real 2.0 f64 x 1";
        let tree = tree(text).expect("this is the grammar");
        assert_eq!((tree.params, tree.exprs, tree.local_name(1)), (1, 6, "y"));
        assert!(matches!(&tree.locals[0].1, Type::Ref(false, array)
            if matches!(**array, Type::Array(_, Length::Known(5)))));
        assert!(matches!(&tree.generics[..], [Generic { constant: Some(Scalar::Usize), .. }]));
        assert_eq!(tree.body.stmts[0].line, 3);
        assert_eq!(tree.body.value.expect("a value").number, 5);
    }

    #[test]
    fn a_label_may_have_any_name() {
        let tree = tree("0 0 0 ( 0 1 0 loop 'none 1 1 break 'none none none");
        assert!(tree.is_some_and(|tree| matches!(
            tree.body.stmts[0].kind,
            StmtKind::Loop(Some("'none"), _)
        )));
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        assert!(tree("0 0 0 ( 0 0 none").is_some());
        assert!(tree("0 0 0 ( 0 0 none none").is_none());
        assert!(tree("0 0 0 ( 0 0").is_none());
        assert!(tree("0 0 0 ( 0 1 0 jump none").is_none());
        assert!(tree("0 0 0 named 1 0 none").is_none());
    }
}
