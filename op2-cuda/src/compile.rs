//! From CUDA C to a loaded program: what was shipped, else what an earlier run has left, else by NVRTC.

use std::ffi::CString;
use std::sync::Arc;

use op2_core::device::api::{self, Fault, LastStarted, Source};

use crate::cache::{Key, Store};
use crate::driver::{Attributes, Driver};
use crate::nvrtc::{missing, nvrtc};
use crate::{fault, ptx};

/// A loaded program.
pub(crate) struct Program<D: Driver> {
    // Before the driver, so that it goes first.
    pub(crate) module: D::Module,
    pub(crate) attributes: Attributes,
    pub(crate) driver: Arc<D>,
    /// Of the loop, for messages.
    pub(crate) name: Arc<str>,
}

impl<D: Driver> api::Program for Program<D> {}

/// How programs come to a GPU.
pub(crate) struct Programs {
    store: Store,
    /// The compute capability, times ten.
    arch: u32,
    options: Vec<String>,
}

impl Programs {
    pub(crate) fn new(store: Store, arch: u32, contract: bool) -> Self {
        Self { store, arch, options: ptx::options(contract) }
    }

    /// Finds or compiles a program, and loads it.
    pub(crate) fn get<D: Driver>(
        &self,
        driver: &Arc<D>,
        source: &Source<'_>,
        last: &LastStarted,
    ) -> Result<Program<D>, Fault> {
        let key = Key::new(source.name, source.text, &self.options);
        if let Some(ptx) = self.store.shipped(&key, self.arch) {
            match load(driver, source, &ptx, last) {
                // Shipped for a newer driver: there may be a compiler that fits this one.
                Err(Fault::NotCompiled { .. }) if nvrtc().is_some() => {}
                loaded => return loaded,
            }
        }
        load(driver, source, &self.compiled(&key, source)?, last)
    }

    fn compiled(&self, key: &Key, source: &Source<'_>) -> Result<String, Fault> {
        let Some(nvrtc) = nvrtc() else {
            let before = self.store.compiled_before(key, self.arch);
            return before.ok_or_else(|| missing(source.name));
        };
        let compile = || nvrtc.compile(source.name, source.text, self.arch, &self.options);
        self.store.compiled(key, self.arch, nvrtc.version, compile)
    }
}

fn load<D: Driver>(
    driver: &Arc<D>,
    source: &Source<'_>,
    ptx: &str,
    last: &LastStarted,
) -> Result<Program<D>, Fault> {
    let text = |text: &str| CString::new(text).map_err(|_| damaged(source));
    let module = driver.load(&text(ptx)?, &text(source.entry)?);
    let module = module.map_err(|failure| fault::not_loaded(&failure, source.name, last))?;
    let attributes = driver.attributes(&module, source.group as u32);
    let attributes = attributes.map_err(|failure| fault::fault(&failure, last))?;
    Ok(Program { module, attributes, driver: Arc::clone(driver), name: source.name.into() })
}

fn damaged(source: &Source<'_>) -> Fault {
    Fault::NotCompiled { log: format!("{}: a null character in the program", source.name) }
}
