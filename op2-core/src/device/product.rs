//! Products of matrices with vectors on a device, and zeros.
//!
//! The pattern goes there once and stays with the sparsity, the transposed one too where it is asked for;
//! matrix and vectors move as they do for loops. `wrapper::product` writes the program, `memcheck::product`
//! computes where there is none. Whether a device or the host computes, the bits are the same (but where the
//! settings let operations be contracted). Products on several ranks are those of `rank_product`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::element::ScalarKind;
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::base::profile::EntryId;
use crate::device::accelerator::Accelerator;
use crate::device::api::{Argument, Compiler, Launch, Program, Runner, Source};
use crate::device::memcheck::product as checked;
use crate::device::programs::{dump, group as best_group};
use crate::device::storage::{Array, Values};
use crate::device::wrapper::{ProductForm, ProgramText, write_product};
use crate::kernel::source::Dialect;
use crate::matrix::neighbors::neighbors;
use crate::matrix::pattern::Pattern;
use crate::matrix::product::{Elsewhere, Kind, Product, Zeros, ZerosOf};

/// What programs of products are called in messages and names of files.
const NAME: &str = "multiply";

/// The programs of the products of one context.
#[derive(Default)]
pub(super) struct Products {
    compiled: Mutex<HashMap<ProductForm, Compiled>>,
    dumped: Mutex<HashSet<ProductForm>>,
}

/// The program of a product.
#[derive(Clone)]
struct Compiled {
    program: Arc<dyn Program>,
    /// Work-items of each group.
    group: usize,
}

/// A pattern on the device.
pub(super) struct PatternArrays {
    pub(super) offsets: Array,
    pub(super) columns: Array,
    /// Where in the matrix each entry of a transposed pattern is.
    pub(super) places: Option<Array>,
}

/// Rows of a matrix, listed on the device.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) there: &'a Array,
    /// The same rows, as runs.
    pub(super) runs: &'a [Range<usize>],
}

/// All that a product touches, on the device and up to date.
pub(super) struct Brought {
    pub(super) pattern: Arc<PatternArrays>,
    pub(super) mat: Arc<Values>,
    pub(super) x: Arc<Values>,
    pub(super) y: Arc<Values>,
}

impl Elsewhere for Accelerator {
    fn multiply(&self, product: &Product<'_>, entry: EntryId) -> Result<()> {
        let form = self.form(product);
        let (dim, x_dim) = form.lengths();
        let neighbors = neighbors(product.mat().home())?;
        if dim == 0 || (neighbors.is_none() && product.y().set.rows() == 0) {
            return Ok(());
        }
        if x_dim == 0 {
            return self.clear_dat(product.y());
        }
        if let Some(neighbors) = neighbors {
            return self.multiply_on_ranks(&*neighbors, product, form, entry);
        }
        self.with_brought(product, |brought| self.compute(product, &form, brought, None, entry))
    }

    fn clear(&self, zeros: &Zeros<'_>) -> Result<()> {
        match zeros.of() {
            ZerosOf::Dat(dat) => self.clear_dat(dat),
            // SAFETY: zeros exist in the home's turn only, of a matrix that is free (`Zeros`); zeros are
            // entries of any type.
            ZerosOf::Mat(mat) => unsafe {
                mat.replace_on_device(|| self.place_of_mat(mat), |mat| self.clear_values(mat))
            },
        }
    }
}

impl Accelerator {
    /// Computes rows of `y`: those listed, which the form says, or all; or starts to.
    pub(super) fn compute(
        &self,
        product: &Product<'_>,
        form: &ProductForm,
        brought: &Brought,
        rows: Option<Listed<'_>>,
        entry: EntryId,
    ) -> Result<()> {
        debug_assert_eq!(form.listed, rows.is_some(), "the rows of this form");
        match self.device().runner() {
            Runner::Compiler(compiler) => {
                let program = self.program_of(product, form, compiler)?;
                self.start(product, compiler, &program, brought, rows, entry)
            }
            Runner::Memcheck => {
                self.dump_product_for_others(form)?;
                checked::multiply(self, product, form, brought, rows)
            }
        }
    }

    fn clear_dat(&self, dat: &crate::mesh::dat_core::DatCore) -> Result<()> {
        // SAFETY: asked for by products and zeros, which exist in the home's turn only and whose dats are
        // free; zeros are elements of any type.
        unsafe { dat.replace_on_device(|| self.place_of_dat(dat), |dat| self.clear_values(dat)) }
    }

    /// Numbers whose bits are all 0 are 0.
    fn clear_values(&self, values: &Values) -> Result<()> {
        let cleared = self.device().clear(&*values.memory);
        cleared.map_err(|fault| self.store.failed(&format!("clearing {}", values.what), fault))
    }

    fn form(&self, product: &Product<'_>) -> ProductForm {
        let apart = |dim| dim > 1 && self.layout() == Layout::Soa;
        let form = ProductForm {
            kind: product.kind(),
            scalar: product.scalar(),
            block: product.block(),
            x_apart: apart(product.x().dim),
            y_apart: apart(product.y().dim),
            listed: false,
        };
        debug_assert_eq!(form.lengths(), (product.y().dim, product.x().dim), "vectors fit");
        form
    }

    /// The program of a product, compiled when it is first asked for.
    fn program_of(
        &self,
        product: &Product<'_>,
        form: &ProductForm,
        compiler: &dyn Compiler,
    ) -> Result<Compiled> {
        let mut programs = self.products.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = programs.get(form) {
            return Ok(known.clone());
        }
        let facts = self.facts();
        if form.scalar == ScalarKind::F64 && !facts.doubles {
            let reason = "it computes with f64, which the device does not have: use f32".to_owned();
            let (what, device) = (named(product), facts.name.clone());
            return Err(Error::Device { what, device, reason });
        }
        let group = self.group();
        let ProgramText { text, entry, most_group } = write_product(form, facts.dialect, group);
        if let Some(folder) = &self.settings.dump {
            dump(folder, NAME, &text, facts.dialect)?;
        }
        let source = Source { name: NAME, entry, text: &text, group };
        let program: Arc<dyn Program> = compiler
            .compile(&source)
            .map_err(|fault| self.store.failed(&named(product), fault))?
            .into();
        let group = best_group(compiler, &*program, group, most_group);
        let made = Compiled { program, group };
        programs.insert(*form, made.clone());
        Ok(made)
    }

    /// Writes the sources that other devices would be given, where the user wants to see them.
    fn dump_product_for_others(&self, form: &ProductForm) -> Result<()> {
        let Some(folder) = &self.settings.dump else { return Ok(()) };
        let mut dumped = self.products.dumped.lock().unwrap_or_else(PoisonError::into_inner);
        if !dumped.contains(form) {
            for dialect in [Dialect::OpenClC, Dialect::CudaC] {
                let ProgramText { text, .. } = write_product(form, dialect, self.group());
                dump(folder, NAME, &text, dialect)?;
            }
            dumped.insert(*form);
        }
        Ok(())
    }

    /// Work-items of a group, usually.
    pub(super) fn group(&self) -> usize {
        self.facts().usual_group.min(self.facts().max_group)
    }

    /// Brings what a product touches, and lets `compute` compute it.
    pub(super) fn with_brought(
        &self,
        product: &Product<'_>,
        compute: impl FnOnce(&Brought) -> Result<()>,
    ) -> Result<()> {
        let pattern = self.pattern_of(product)?;
        let (mat, x, y) = (product.mat(), product.x(), product.y());
        // SAFETY: a product exists in the home's turn only, and its vectors are free (`Product`).
        let x = unsafe { x.on_device(false, || self.place_of_dat(x))? };
        // SAFETY: as above.
        let mat = unsafe { mat.on_device(false, || self.place_of_mat(mat))? };
        if product.kind() == Kind::Add {
            // SAFETY: as above.
            let y = unsafe { y.on_device(true, || self.place_of_dat(y))? };
            return compute(&Brought { pattern, mat, x, y });
        }
        let place = || self.place_of_dat(y);
        // SAFETY: as above; a product consists of numbers.
        unsafe {
            y.replace_on_device(place, |y| compute(&Brought { pattern, mat, x, y: y.clone() }))
        }
    }

    /// The pattern whose rows are those of `y`.
    fn pattern_of(&self, product: &Product<'_>) -> Result<Arc<PatternArrays>> {
        let mat = product.mat();
        let sparsity = &*mat.sparsity;
        let numbering = sparsity.rows.home.numbering();
        let what = format!("the pattern of mat `{}`", mat.name);
        let send = |pattern: &Pattern, places: Option<&[u32]>| {
            Ok(PatternArrays {
                offsets: self.store.words(&what, pattern.row_offsets())?,
                columns: self.store.words(&what, pattern.columns())?,
                places: places.map(|places| self.store.words(&what, places)).transpose()?,
            })
        };
        if product.kind() == Kind::Transposed {
            let transposed = || sparsity.transposed();
            sparsity
                .kept_transposed
                .get(numbering, || send(transposed().pattern(), Some(transposed().from())))
        } else {
            sparsity.kept.get(numbering, || send(sparsity.pattern(), None))
        }
    }

    fn start(
        &self,
        product: &Product<'_>,
        compiler: &dyn Compiler,
        program: &Compiled,
        brought: &Brought,
        rows: Option<Listed<'_>>,
        entry: EntryId,
    ) -> Result<()> {
        let Brought { pattern, mat, x, y } = brought;
        let num_rows = rows.map_or(product.y().set.rows(), |rows| rows.there.stride);
        if num_rows == 0 {
            return Ok(());
        }
        let mut arguments = vec![Argument::U32(num_rows as u32)];
        arguments.extend(rows.map(|rows| Argument::Memory(&*rows.there.memory)));
        for array in [&pattern.offsets, &pattern.columns] {
            arguments.push(Argument::Memory(&*array.memory));
        }
        arguments.extend(pattern.places.iter().map(|places| Argument::Memory(&*places.memory)));
        arguments.push(Argument::Memory(&*mat.memory));
        for vector in [x, y] {
            arguments.push(Argument::Memory(&*vector.memory));
            arguments.push(Argument::U32(vector.shape.stride as u32));
        }
        let group = program.group;
        let groups = num_rows.div_ceil(group);
        let launch = Launch { groups, group, arguments: &arguments, timed: true };
        // SAFETY: the arguments are those that `write_product` names; listed rows are those of the pattern
        // (`RowSplit`), columns below the rows of x, places below the number of entries (invariants of `Pattern`
        // and `Transposed`), and vectors and matrix fit (`Product`).
        let event = unsafe { compiler.launch(&*program.program, &launch) }
            .map_err(|fault| self.store.failed(&named(product), fault))?;
        self.timed(product.mat().home().profile(), entry, event.into_iter().collect());
        Ok(())
    }
}

/// The product, as messages call it.
pub(super) fn named(product: &Product<'_>) -> String {
    let (a, x) = (&product.mat().name, &product.x().name);
    match product.kind() {
        Kind::Set | Kind::Add => format!("product of mat `{a}` and dat `{x}`"),
        Kind::Transposed => format!("product of mat `{a}`, transposed, and dat `{x}`"),
    }
}
