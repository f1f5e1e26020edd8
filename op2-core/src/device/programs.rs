//! Programs of loops, compiled once.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::device::accelerator::Accelerator;
use crate::device::api::{Atomics, Compiler, Facts, Memory, Program, Source};
use crate::device::call::Call;
use crate::device::launch::loop_name;
use crate::device::order::Races;
use crate::device::orders::Ordered;
use crate::device::storage::Store;
use crate::device::wrapper::{self, Shape, Variant, Wrapper};
use crate::kernel::source::Dialect;
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef, Part, Route};

/// What a program depends on.
type Key = Vec<u64>;

/// The programs of one context.
#[derive(Default)]
pub(super) struct Programs {
    compiled: Mutex<HashMap<Key, Arc<Compiled>>>,
    dumped: Mutex<HashSet<Key>>,
}

/// The program of a loop.
pub(super) struct Compiled {
    pub(super) wrapper: Wrapper,
    pub(super) program: Arc<dyn Program>,
    /// Work-items of each group.
    pub(super) group: usize,
    buffers: Mutex<Buffers>,
}

/// The small buffers of a program, and what they hold.
#[derive(Clone, Default)]
pub(super) struct Buffers {
    pub(super) constants: Option<Arc<dyn Memory>>,
    pub(super) values: Option<Arc<dyn Memory>>,
    pub(super) partials: Option<Arc<dyn Memory>>,
    constant_bytes: Vec<u8>,
    value_bytes: Vec<u8>,
}

impl Compiled {
    pub(super) fn buffers(&self) -> MutexGuard<'_, Buffers> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buffers {
    pub(super) fn keep_constants(&mut self, store: &Store, what: &str, now: &[u8]) -> Result<()> {
        keep(&mut self.constants, &mut self.constant_bytes, store, what, now)
    }

    pub(super) fn keep_values(&mut self, store: &Store, what: &str, now: &[u8]) -> Result<()> {
        keep(&mut self.values, &mut self.value_bytes, store, what, now)
    }

    pub(super) fn keep_room(&mut self, store: &Store, what: &str, bytes: usize) -> Result<()> {
        if bytes > 0 && self.partials.as_ref().is_none_or(|memory| memory.bytes() < bytes) {
            self.partials = Some(store.allocate(what, bytes)?.into());
        }
        Ok(())
    }
}

/// Sends bytes that are not there already.
fn keep(
    memory: &mut Option<Arc<dyn Memory>>,
    known: &mut Vec<u8>,
    store: &Store,
    what: &str,
    now: &[u8],
) -> Result<()> {
    if now.is_empty() || known == now {
        return Ok(());
    }
    let place = match memory {
        Some(place) => place.clone(),
        None => memory.insert(store.allocate(what, now.len())?.into()).clone(),
    };
    known.clear();
    store.device.upload(&*place, 0, now).map_err(|fault| store.failed(what, fault))?;
    known.extend_from_slice(now);
    Ok(())
}

impl Accelerator {
    /// The program of a loop, compiled when it is first asked for.
    pub(super) fn program(
        &self,
        call: &Call<'_>,
        ordered: &Ordered,
        compiler: &dyn Compiler,
    ) -> Result<Arc<Compiled>> {
        let key = key(call, ordered, self.layout());
        let mut programs = self.programs.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = programs.get(&key) {
            return Ok(known.clone());
        }
        let wrapper = self.wrapper(call, ordered, self.facts())?;
        if let Some(folder) = &self.settings.dump {
            dump(folder, call.the_loop.kernel().name, &wrapper.text, self.facts().dialect)?;
        }
        let source = Source {
            name: call.the_loop.kernel().name,
            entry: &wrapper.entry,
            text: &wrapper.text,
            group: wrapper.group,
        };
        // Meshes of a kind share the text, and so the program.
        let program = match programs.values().find(|known| known.wrapper.text == wrapper.text) {
            Some(known) => known.program.clone(),
            None => compiler
                .compile(&source)
                .map_err(|fault| self.store.failed(&loop_name(call), fault))?
                .into(),
        };
        let group = group(compiler, &*program, wrapper.group, wrapper.most_group);
        let made = Arc::new(Compiled { wrapper, program, group, buffers: Mutex::default() });
        programs.insert(key, made.clone());
        Ok(made)
    }
}

impl Accelerator {
    /// Writes the program of a loop, for a device with these facts.
    fn wrapper(&self, call: &Call<'_>, ordered: &Ordered, facts: &Facts) -> Result<Wrapper> {
        let layouts: Vec<Layout> =
            call.the_loop.args.iter().map(|arg| layout(arg, self.layout())).collect();
        let variant = Variant {
            races: ordered.order.races,
            layouts: &layouts,
            list: call.list.is_some() || ordered.order.races == Races::Coloring,
            renumbered: call.the_loop.space.set.order().is_some(),
            shape: ordered.order.staging.as_ref().map(Shape::from),
        };
        wrapper::write(call.the_loop, call.targets, &variant, facts)
            .map_err(|reason| self.refused(call, reason))
    }

    /// On a device that compiles nothing: writes, where the user wants to see sources, those that
    /// others would be given.
    pub(super) fn dump_for_others(&self, call: &Call<'_>, ordered: &Ordered) -> Result<()> {
        let Some(folder) = &self.settings.dump else { return Ok(()) };
        let mut dumped = self.programs.dumped.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(call, ordered, self.layout());
        if !dumped.contains(&key) {
            for dialect in [Dialect::OpenClC, Dialect::CudaC] {
                let atomics = Atomics { swap_64: true, native_add: dialect == Dialect::CudaC };
                let facts = Facts { dialect, atomics, ..self.facts().clone() };
                let wrapper = self.wrapper(call, ordered, &facts)?;
                dump(folder, call.the_loop.kernel().name, &wrapper.text, dialect)?;
            }
            dumped.insert(key);
        }
        Ok(())
    }
}

/// Work-items of each group of a program, where up to `most` may be.
pub(super) fn group(
    compiler: &dyn Compiler,
    program: &dyn Program,
    usual: usize,
    most: usize,
) -> usize {
    if most == usual { usual } else { compiler.best_group(program, usual, most).clamp(1, most) }
}

/// How an argument's values lie on a device where dats have a layout.
fn layout(arg: &ArgRef<'_>, dats: Layout) -> Layout {
    match arg.dat() {
        Some(dat) if dat.dim > 1 => dats,
        _ => Layout::Aos,
    }
}

fn key(call: &Call<'_>, ordered: &Ordered, layout: Layout) -> Key {
    let the_loop = call.the_loop;
    let kernel: *const _ = the_loop.kernel();
    let mut key = vec![
        kernel.addr() as u64,
        ordered.order.races as u64,
        layout as u64,
        u64::from(call.list.is_some()),
        u64::from(the_loop.space.set.order().is_some()),
    ];
    key.extend(the_loop.body.points().iter().map(|&extent| extent as u64));
    if let Some(staging) = &ordered.order.staging {
        key.push(u64::MAX);
        key.push(staging.block as u64);
        key.extend(staging.targets.iter().map(|target| target.most_rows as u64));
    }
    for (i, arg) in the_loop.args.iter().enumerate() {
        let (kind, bytes) = match arg.data {
            DataRef::Dat(dat) => (1, dat.bytes),
            DataRef::Mat(mat) => (2, mat.bytes),
            DataRef::Global(global) => (3, global.bytes),
            DataRef::Value { bytes, .. } => (4, bytes.len()),
            DataRef::Index => (5, 0),
            DataRef::Point(axis) => (6, axis),
        };
        key.extend([u64::MAX - 1, kind, bytes as u64, access(arg.access)]);
        key.extend([call.first_with_data(i) as u64, call.first_with_table(i) as u64]);
        for route in arg.via.routes() {
            key.extend(part(route));
        }
    }
    key
}

fn access(access: Access) -> u64 {
    access as u64
}

fn part(route: Route<'_>) -> [u64; 4] {
    let (which, number) = match route.part {
        Part::All => (0, 0),
        Part::One(entry) => (1, entry),
        Part::Point(axis) => (2, axis),
    };
    [which, number as u64, route.map.arity as u64, u64::from(route.mask.is_some())]
}

/// Writes the source of a program where the user wants to see it.
pub(super) fn dump(folder: &Path, name: &str, text: &str, dialect: Dialect) -> Result<()> {
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    let ending = match dialect {
        Dialect::OpenClC => "cl",
        Dialect::CudaC => "cu",
    };
    let name = format!("{name}-{:016x}.{ending}", hash.finish());
    let path = folder.join(name);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
    written.map_err(|error| Error::File(format!("{}: {error}", path.display())))
}
