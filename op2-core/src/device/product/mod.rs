//! Products of matrices with vectors on a device, and zeros.
//!
//! The pattern goes there once and stays with the sparsity, the transposed one too where it is asked for;
//! matrix and vectors move as they do for loops. `wrapper::product` writes the program, `check` computes where
//! there is none. Whether a device or the host computes, the bits are the same.

mod check;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::element::ScalarKind;
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::base::profile::EntryId;
use crate::device::accelerator::Accelerator;
use crate::device::api::{Argument, Compiler, Launch, Program, Runner, Source};
use crate::device::programs::dump;
use crate::device::storage::{Array, Values};
use crate::device::wrapper::{ProductForm, write_product};
use crate::matrix::pattern::Pattern;
use crate::matrix::product::{Elsewhere, Kind, Product, Zeros, ZerosOf};

/// The programs of the products of one context.
#[derive(Default)]
pub(super) struct Products(Mutex<HashMap<ProductForm, Arc<dyn Program>>>);

/// A pattern on the device.
struct PatternArrays {
    offsets: Array,
    columns: Array,
    /// Where in the matrix each entry of a transposed pattern is.
    places: Option<Array>,
}

/// All that a product touches, on the device and up to date.
struct Brought {
    pattern: Arc<PatternArrays>,
    mat: Arc<Values>,
    x: Arc<Values>,
    y: Arc<Values>,
}

impl Elsewhere for Accelerator {
    fn multiply(&self, product: &Product<'_>, entry: EntryId) -> Result<()> {
        let form = self.form(product);
        let (dim, x_dim) = form.lengths();
        if product.y().set.size == 0 || dim == 0 {
            return Ok(());
        }
        if x_dim == 0 {
            return self.clear_dat(product.y());
        }
        match self.device().runner() {
            Runner::Compiler(compiler) => {
                let program = self.program_of(product, &form, compiler)?;
                let brought = self.bring_for(product)?;
                self.start(product, compiler, &*program, &brought, entry)
            }
            Runner::Memcheck => check::multiply(self, product, &form, &self.bring_for(product)?),
        }
    }

    fn clear(&self, zeros: &Zeros<'_>) -> Result<()> {
        match zeros.of() {
            ZerosOf::Dat(dat) => self.clear_dat(dat),
            ZerosOf::Mat(mat) => {
                self.clear_values(&*mat.replaced_on_device(|| self.place_of_mat(mat))?)
            }
        }
    }
}

impl Accelerator {
    fn clear_dat(&self, dat: &crate::mesh::dat_core::DatCore) -> Result<()> {
        self.clear_values(&*dat.replaced_on_device(|| self.place_of_dat(dat))?)
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
    ) -> Result<Arc<dyn Program>> {
        let mut programs = self.products.0.lock().unwrap_or_else(PoisonError::into_inner);
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
        let (text, entry) = write_product(form, facts.dialect, group);
        if let Some(folder) = &self.settings.dump {
            dump(folder, "multiply", &text, facts.dialect)?;
        }
        let source = Source { name: "multiply", entry, text: &text, group };
        let made: Arc<dyn Program> = compiler
            .compile(&source)
            .map_err(|fault| self.store.failed(&named(product), fault))?
            .into();
        programs.insert(*form, made.clone());
        Ok(made)
    }

    /// Work-items of a group.
    fn group(&self) -> usize {
        self.facts().usual_group.min(self.facts().max_group)
    }

    /// Brings all that the product touches. The result counts as changed from now on.
    fn bring_for(&self, product: &Product<'_>) -> Result<Brought> {
        let pattern = self.pattern_of(product)?;
        let (mat, x, y) = (product.mat(), product.x(), product.y());
        // SAFETY: a product exists in the home's turn only, and its vectors are free (`Product`).
        let x = unsafe { x.on_device(false, || self.place_of_dat(x))? };
        let mat = mat.on_device(false, || self.place_of_mat(mat))?;
        let y = if product.kind() == Kind::Add {
            // SAFETY: as above.
            unsafe { y.on_device(true, || self.place_of_dat(y))? }
        } else {
            y.replaced_on_device(|| self.place_of_dat(y))?
        };
        Ok(Brought { pattern, mat, x, y })
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
        program: &dyn Program,
        brought: &Brought,
        entry: EntryId,
    ) -> Result<()> {
        let Brought { pattern, mat, x, y } = brought;
        let num_rows = product.y().set.size;
        let mut arguments = vec![
            Argument::U32(num_rows as u32),
            Argument::Memory(&*pattern.offsets.memory),
            Argument::Memory(&*pattern.columns.memory),
        ];
        arguments.extend(pattern.places.iter().map(|places| Argument::Memory(&*places.memory)));
        arguments.push(Argument::Memory(&*mat.memory));
        for vector in [x, y] {
            arguments.push(Argument::Memory(&*vector.memory));
            arguments.push(Argument::U32(vector.shape.stride as u32));
        }
        let group = self.group();
        let groups = num_rows.div_ceil(group);
        let launch = Launch { groups, group, arguments: &arguments, timed: true };
        // SAFETY: the arguments are those that `write_product` names; columns are below the size of x, places
        // below the number of entries (invariants of `Pattern` and `Transposed`), and vectors and matrix fit
        // (`Product`).
        let event = unsafe { compiler.launch(program, &launch) }
            .map_err(|fault| self.store.failed(&named(product), fault))?;
        if let Some(event) = event {
            self.timed(product.mat().home().profile(), entry, event);
        }
        Ok(())
    }
}

/// The product, as messages call it.
fn named(product: &Product<'_>) -> String {
    let (a, x) = (&product.mat().name, &product.x().name);
    match product.kind() {
        Kind::Set | Kind::Add => format!("product of mat `{a}` and dat `{x}`"),
        Kind::Transposed => format!("product of mat `{a}`, transposed, and dat `{x}`"),
    }
}
