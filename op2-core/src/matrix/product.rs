//! Products of a matrix with a vector as plain data, for whoever computes them elsewhere than on the host.
//!
//! This floor multiplies on the host. A context whose values may live in a second memory says so with
//! [`compute_elsewhere`]; from then on products, and zeros, are asked of what it has named. What that
//! is, this floor does not know.

use std::sync::{Arc, OnceLock};

use crate::base::element::{Element, ElementKind, ScalarKind};
use crate::base::error::Result;
use crate::base::profile::EntryId;
use crate::mesh::dat::Dat;
use crate::mesh::dat_core::DatCore;
use crate::mesh::home::{Home, Turn};

use super::entry::Entry;
use super::mat::Mat;
use super::mat_core::MatCore;
use super::vectors;

/// Which product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `y = A x`.
    Set,
    /// `y += A x`, where each row is summed first.
    Add,
    /// `y = A^T x`.
    Transposed,
}

impl Kind {
    /// What reports call it.
    pub(super) fn named(self, mat: &str) -> String {
        match self {
            Self::Set | Self::Add => format!("multiply `{mat}`"),
            Self::Transposed => format!("multiply transposed `{mat}`"),
        }
    }
}

/// A product to compute, in the turn of its home, of a matrix and vectors that fit and are free.
/// Only matrices make one, so whoever has one need not check again.
pub struct Product<'a> {
    kind: Kind,
    mat: &'a MatCore,
    scalar: ScalarKind,
    block: (usize, usize),
    x: &'a DatCore,
    y: &'a DatCore,
    _turn: &'a Turn<'a>,
}

impl<'a> Product<'a> {
    /// `y = A x`, or `y += A x`.
    pub(super) fn of<R, C, T: Entry>(
        add: bool,
        mat: &'a Mat<R, C, T>,
        x: &'a Dat<C, T::X>,
        y: &'a Dat<R, T::Y>,
        turn: &'a Turn<'_>,
    ) -> Result<Self> {
        let sparsity = &mat.core().sparsity;
        vectors::check_apart(x.core(), y.core())?;
        vectors::check(x.core(), &sparsity.cols, false)?;
        vectors::check(y.core(), &sparsity.rows, true)?;
        let kind = if add { Kind::Add } else { Kind::Set };
        Self::around(kind, mat, x.core(), y.core(), turn)
    }

    /// `y = A^T x`.
    pub(super) fn transposed<R, C, T: Entry>(
        mat: &'a Mat<R, C, T>,
        x: &'a Dat<R, T::Y>,
        y: &'a Dat<C, T::X>,
        turn: &'a Turn<'_>,
    ) -> Result<Self> {
        let sparsity = &mat.core().sparsity;
        vectors::check_apart(x.core(), y.core())?;
        vectors::check(x.core(), &sparsity.rows, false)?;
        vectors::check(y.core(), &sparsity.cols, true)?;
        Self::around(Kind::Transposed, mat, x.core(), y.core(), turn)
    }

    fn around<R, C, T: Entry>(
        kind: Kind,
        mat: &'a Mat<R, C, T>,
        x: &'a DatCore,
        y: &'a DatCore,
        turn: &'a Turn<'_>,
    ) -> Result<Self> {
        let core = &**mat.core();
        if let Some(reason) = core.storage.blocked(false) {
            return Err(core.in_use(reason));
        }
        let scalar = match <T::Scalar as Element>::KIND {
            ElementKind::Scalar(scalar) => scalar,
            other => unreachable!("{other} is no number"),
        };
        Ok(Self { kind, mat: core, scalar, block: (T::ROWS, T::COLS), x, y, _turn: turn })
    }

    /// Which product.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The matrix.
    pub fn mat(&self) -> &'a MatCore {
        self.mat
    }

    /// The numbers in matrix and vectors, `F32` or `F64`.
    pub fn scalar(&self) -> ScalarKind {
        self.scalar
    }

    /// Rows and columns of each entry of the matrix, which are its numbers row by row.
    pub fn block(&self) -> (usize, usize) {
        self.block
    }

    /// The vector that is read. Its rows are as long as an entry's row; of a transposed product, as an
    /// entry's column.
    pub fn x(&self) -> &'a DatCore {
        self.x
    }

    /// The vector that is written, another one.
    pub fn y(&self) -> &'a DatCore {
        self.y
    }
}

/// Values that become zero, in the turn of their home, while nobody looks at them.
/// Only this floor makes one.
pub struct Zeros<'a> {
    of: ZerosOf<'a>,
    _turn: &'a Turn<'a>,
}

/// Whose values.
#[derive(Clone, Copy)]
pub enum ZerosOf<'a> {
    /// Those of a dat.
    Dat(&'a DatCore),
    /// Those of a matrix.
    Mat(&'a MatCore),
}

impl<'a> Zeros<'a> {
    /// All values of a dat.
    pub(super) fn of_dat(dat: &'a DatCore, turn: &'a Turn<'_>) -> Result<Self> {
        vectors::check(dat, &dat.set, true)?;
        Ok(Self { of: ZerosOf::Dat(dat), _turn: turn })
    }

    /// All values of a matrix.
    pub(super) fn of_mat(mat: &'a MatCore, turn: &'a Turn<'_>) -> Result<Self> {
        match mat.blocked() {
            None => Ok(Self { of: ZerosOf::Mat(mat), _turn: turn }),
            Some(reason) => Err(mat.in_use(reason)),
        }
    }

    /// Whose values.
    pub fn of(&self) -> ZerosOf<'a> {
        self.of
    }
}

/// Whoever computes elsewhere than on the host. It moves what it needs, and says what has changed
/// through the values' mirrors.
pub trait Elsewhere: Send + Sync {
    /// Computes a product, or starts to; on several ranks the rows that this rank owns, which is
    /// collective. Time that is known later only is added to `entry` of the home's
    /// profile.
    ///
    /// # Errors
    /// What the other place cannot do, or its failure; the result is unknown then.
    fn multiply(&self, product: &Product<'_>, entry: EntryId) -> Result<()>;

    /// Sets values to zero.
    ///
    /// # Errors
    /// As [`multiply`](Self::multiply).
    fn clear(&self, zeros: &Zeros<'_>) -> Result<()>;
}

/// Products in this home are computed by `place` from now on. Said once, by who makes the home; what is
/// said later does not count.
pub fn compute_elsewhere(home: &Home, place: Arc<dyn Elsewhere>) {
    home.keep::<Place>().0.get_or_init(|| place);
}

/// Who computes the products in this home, if not the host.
pub(super) fn elsewhere(home: &Home) -> Option<Arc<dyn Elsewhere>> {
    home.keep::<Place>().0.get().cloned()
}

#[derive(Default)]
struct Place(OnceLock<Arc<dyn Elsewhere>>);
