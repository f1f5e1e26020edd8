//! Work per element, for the choice of vector blocks and for the roofline report.
//!
//! Only operations on numbers that may be floats count. A loop with literal bounds counts its
//! body that many times, any other loop once; of two branches the costlier one counts; what a
//! called function does is not included.

use super::intrinsics::Work;
use super::ir::{
    Arm, BinaryOp, Block, Expr, ExprKind, For, If, Kernel, LocalKind, Match, Stmt, StmtKind,
    UnaryOp,
};

/// Operations per element. The four counts are disjoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Additions, subtractions, multiplications, minima and the like.
    pub(crate) flops: u64,
    pub(crate) divisions: u64,
    pub(crate) square_roots: u64,
    pub(crate) transcendentals: u64,
}

/// Counts the work of one call.
pub(crate) fn count(kernel: &Kernel) -> Cost {
    Counter { kernel }.block(&kernel.body)
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        Self {
            flops: self.flops.saturating_add(other.flops),
            divisions: self.divisions.saturating_add(other.divisions),
            square_roots: self.square_roots.saturating_add(other.square_roots),
            transcendentals: self.transcendentals.saturating_add(other.transcendentals),
        }
    }

    fn times(self, count: u64) -> Self {
        Self {
            flops: self.flops.saturating_mul(count),
            divisions: self.divisions.saturating_mul(count),
            square_roots: self.square_roots.saturating_mul(count),
            transcendentals: self.transcendentals.saturating_mul(count),
        }
    }

    fn costlier(self, other: Self) -> Self {
        if other.total() > self.total() { other } else { self }
    }

    fn total(self) -> u64 {
        let parts = [self.divisions, self.square_roots, self.transcendentals];
        parts.iter().fold(self.flops, |sum, part| sum.saturating_add(*part))
    }

    fn of(work: Work) -> Self {
        let none = Self::default();
        match work {
            Work::Free => none,
            Work::Flops(flops) => Self { flops, ..none },
            Work::Division => Self { divisions: 1, ..none },
            Work::Root => Self { square_roots: 1, ..none },
            Work::Transcendental => Self { transcendentals: 1, ..none },
        }
    }
}

struct Counter<'a> {
    kernel: &'a Kernel,
}

impl Counter<'_> {
    fn block(&self, block: &Block) -> Cost {
        let stmts = self.sum(block.stmts.iter().map(|stmt| self.stmt(stmt)));
        block.tail.as_ref().map_or(stmts, |tail| stmts.plus(self.expr(tail)))
    }

    #[expect(clippy::unused_self, reason = "reads as one of the family")]
    fn sum(&self, costs: impl Iterator<Item = Cost>) -> Cost {
        costs.fold(Cost::default(), Cost::plus)
    }

    fn stmt(&self, stmt: &Stmt) -> Cost {
        match &stmt.kind {
            StmtKind::Let { value, .. } | StmtKind::Return(value) => {
                value.as_ref().map_or_else(Cost::default, |value| self.expr(value))
            }
            StmtKind::Const { .. } | StmtKind::Break(_) | StmtKind::Continue(_) => Cost::default(),
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Assign { place, value, .. } => self.expr(place).plus(self.expr(value)),
            StmtKind::Update { op, place, value, .. } => {
                self.expr(place).plus(self.expr(value)).plus(operation(*op, place))
            }
            StmtKind::If(inner) => self.branch(inner),
            StmtKind::Match(inner) => self.arms(inner),
            StmtKind::For(inner) => self.repeat(inner),
            StmtKind::While { cond: head, body, .. }
            | StmtKind::ForEach { iterator: head, body, .. } => {
                self.expr(head).plus(self.block(body))
            }
            StmtKind::Loop { body, .. } | StmtKind::Block(body) => self.block(body),
        }
    }

    fn branch(&self, inner: &If) -> Cost {
        let then = self.block(&inner.then);
        let otherwise = inner.otherwise.as_ref().map_or_else(Cost::default, |b| self.block(b));
        self.expr(&inner.cond).plus(then.costlier(otherwise))
    }

    fn arms(&self, inner: &Match) -> Cost {
        let bodies = inner.arms.iter().map(|Arm { body, .. }| self.block(body));
        self.expr(&inner.value).plus(bodies.fold(Cost::default(), Cost::costlier))
    }

    fn repeat(&self, inner: &For) -> Cost {
        let bounds = self.kernel.literal(&inner.start).zip(self.kernel.literal(&inner.end));
        let rounds = bounds.map_or(1, |(start, end)| {
            end.saturating_add(u64::from(inner.inclusive)).saturating_sub(start)
        });
        let bounds = self.expr(&inner.start).plus(self.expr(&inner.end));
        bounds.plus(self.block(&inner.body).times(rounds))
    }

    fn expr(&self, expr: &Expr) -> Cost {
        match &expr.kind {
            ExprKind::Unary(op, operand) => {
                let is_flop = *op == UnaryOp::Neg && !matches!(operand.kind, ExprKind::Float(_));
                let own =
                    if is_flop { float_work(Work::Flops(1), operand) } else { Cost::default() };
                self.expr(operand).plus(own)
            }
            ExprKind::Binary(op, left, right) => {
                self.expr(left).plus(self.expr(right)).plus(operation(*op, left))
            }
            ExprKind::Intrinsic { intrinsic, args, .. } => {
                let own = args.first().map(|first| float_work(intrinsic.spec().work, first));
                self.all(args).plus(own.unwrap_or_default())
            }
            ExprKind::Deref { target: operand, .. }
            | ExprKind::Borrow(_, operand)
            | ExprKind::Cast { value: operand, .. }
            | ExprKind::Field(operand, _)
            | ExprKind::Repeat(operand, _) => self.expr(operand),
            ExprKind::Index(base, index) => self.expr(base).plus(self.expr(index)),
            ExprKind::Array(parts)
            | ExprKind::Tuple(parts)
            | ExprKind::Call { args: parts, .. } => self.all(parts),
            ExprKind::Struct(_, fields) => self.sum(fields.iter().map(|(_, part)| self.expr(part))),
            ExprKind::If(inner) => self.branch(inner),
            ExprKind::Match(inner) => self.arms(inner),
            ExprKind::Block(block) => self.block(block),
            _ => Cost::default(),
        }
    }

    fn all(&self, parts: &[Expr]) -> Cost {
        self.sum(parts.iter().map(|part| self.expr(part)))
    }
}

impl Kernel {
    /// The value of an integer literal or of a `const` of the body.
    pub(crate) fn literal(&self, expr: &Expr) -> Option<u64> {
        match &expr.kind {
            ExprKind::Int(digits) => digits.parse().ok(),
            ExprKind::Local(id) => match self.locals[id.0].kind {
                LocalKind::Const(value) => value,
                _ => None,
            },
            _ => None,
        }
    }
}

fn operation(op: BinaryOp, left: &Expr) -> Cost {
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => float_work(Work::Flops(1), left),
        BinaryOp::Div | BinaryOp::Rem => float_work(Work::Division, left),
        _ => Cost::default(),
    }
}

fn float_work(work: Work, operand: &Expr) -> Cost {
    if operand.ty.value().is_integer_or_bool() { Cost::default() } else { Cost::of(work) }
}
