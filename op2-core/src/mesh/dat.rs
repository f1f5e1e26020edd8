//! Dats: one value per element of a set, reached through guards.
//!
//! A dat is stored in local numbering and in one of two layouts; guards and kernels see rows in the
//! user's numbering, whatever the storage.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Range};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::element::{Element, ElementKind, bytes_of};
use crate::base::error::{Error, Result};
use crate::mesh::access::Access;
use crate::mesh::global::Reduction;
use crate::mesh::home::{enlist, fresh_id};
use crate::mesh::set::{Set, SetCore, free_name};

/// How the values of a dat lie in memory. Kernels do not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Array of structures: row after row. Best on CPUs.
    #[default]
    Aos,
    /// Structure of arrays: all first components, then all second ones, and so on.
    Soa,
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aos => "aos",
            Self::Soa => "soa",
        })
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "aos" => Ok(Self::Aos),
            "soa" => Ok(Self::Soa),
            _ => Err(Error::Settings(format!("unknown layout `{text}`: valid are aos, soa"))),
        }
    }
}

/// What is known of a dat, whatever its types.
pub struct DatCore {
    /// Distinguishes dats.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// The set it lives on.
    pub set: Arc<SetCore>,
    /// The shape of one element.
    pub kind: ElementKind,
    /// Bytes of one element.
    pub bytes: usize,
    /// Leaves of one element.
    pub dim: usize,
    /// How the leaves lie in memory.
    pub layout: Layout,
    buffer: Buffer,
    /// Guards alive: -1 one that writes, else how many that read.
    guards: AtomicIsize,
    /// Finds NaN or infinity in element number `i` of the storage.
    non_finite: fn(&DatCore, usize) -> bool,
    /// Moves rows: `to_old[new]` is where the new row comes from.
    permute: fn(&DatCore, &[u32]),
    /// Combines leaves of a copy into the dat's.
    combine: fn(&DatCore, Access, *const u8, Range<usize>),
}

impl DatCore {
    /// Where the values are. Touched only in the home's turn or under a guard.
    pub fn data_ptr(&self) -> *mut u8 {
        self.buffer.as_mut_ptr()
    }

    /// Whether leaves of one element are apart (structure of arrays with several leaves).
    pub fn is_scattered(&self) -> bool {
        self.layout == Layout::Soa && self.dim > 1
    }

    /// Why a loop cannot use the dat now, if it cannot.
    pub fn blocked(&self, for_writing: bool) -> Option<&'static str> {
        match self.guards.load(Ordering::Acquire) {
            0 => None,
            -1 => Some("a guard from `write()` is alive: drop it before the loop"),
            _ if for_writing => Some("a guard from `read()` is alive: drop it before the loop"),
            _ => None,
        }
    }

    /// Whether any number of one element is a NaN or an infinity.
    ///
    /// # Safety
    /// Hold the home's turn; `element` is less than the set's size.
    pub unsafe fn has_non_finite(&self, element: usize) -> bool {
        (self.non_finite)(self, element)
    }

    /// Moves every row to its place in a new numbering.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive; `to_old` is a permutation of the set.
    pub unsafe fn permute(&self, to_old: &[u32]) {
        (self.permute)(self, to_old);
    }

    /// Combines a range of leaves of a copy of the whole storage into the dat's own.
    ///
    /// # Safety
    /// Hold the home's turn; `copy` has the shape of the dat's storage; nobody else touches these
    /// leaves.
    pub unsafe fn combine_leaves(&self, access: Access, copy: *const u8, leaves: Range<usize>) {
        (self.combine)(self, access, copy, leaves);
    }
}

impl fmt::Debug for DatCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dat `{}`: {} on {:?}", self.name, self.kind, self.set)
    }
}

/// One `T` per element of set `S`. A clone is the same dat.
pub struct Dat<S, T> {
    core: Arc<DatCore>,
    marker: PhantomData<fn() -> (S, T)>,
}

impl<S, T> Clone for Dat<S, T> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), marker: PhantomData }
    }
}

impl<S, T> fmt::Debug for Dat<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<S, T: Element> Dat<S, T> {
    /// Declares a dat with its values `[set.size]` in the user's numbering, or zeros.
    ///
    /// # Errors
    /// Wrong number of values, a taken name, not enough memory.
    #[doc(hidden)]
    pub fn declare(name: &str, set: &Set<S>, values: Option<&[T]>, layout: Layout) -> Result<Self> {
        let set = set.core();
        if let Some(values) = values
            && values.len() != set.size
        {
            let reason = format!("{} values given for {set:?}", values.len());
            return Err(Error::declaration("dat", name, reason));
        }
        let (core, mut registry) = loop {
            let numbering = set.home.numbering();
            let core = fill(name, set, values, layout)?;
            let registry = set.home.registry();
            // A renumbering that came between did not know of this dat.
            if set.home.numbering() == numbering {
                break (core, registry);
            }
        };
        if registry.dats.iter().filter_map(std::sync::Weak::upgrade).any(|d| d.name == name) {
            let reason = "another dat of this context has that name";
            return Err(Error::declaration("dat", name, reason));
        }
        enlist(&mut registry.dats, &core);
        Ok(Self { core, marker: PhantomData })
    }

    /// A dat of zeros beside this one: same set, same layout. It is called `name`, or `name#2`, ..
    /// where that is taken, and is gone with its last handle: for scratch data of algorithms.
    ///
    /// # Errors
    /// Not enough memory.
    pub fn like(&self, name: &str) -> Result<Self> {
        Self::scratch(name, &self.set(), self.core.layout)
    }

    /// A dat of zeros under the first free name.
    pub(crate) fn scratch(name: &str, set: &Set<S>, layout: Layout) -> Result<Self> {
        let home = &set.core().home;
        loop {
            let free = free_name(name, |name| {
                let registry = home.registry();
                registry.dats.iter().filter_map(std::sync::Weak::upgrade).any(|d| d.name == name)
            });
            match Self::declare(&free, set, None, layout) {
                // Another thread took the name meanwhile.
                Err(Error::Declaration { .. }) => {}
                done => return done,
            }
        }
    }

    /// The values, `[set.size]` in the user's numbering, until the guard is dropped.
    ///
    /// The guard looks straight at the storage, or holds a copy where the dat was renumbered or
    /// lies in another layout.
    ///
    /// # Errors
    /// A guard from `write()` is alive, or the call comes from inside a loop.
    pub fn read(&self) -> Result<ReadGuard<'_, T>> {
        let _turn = self.core.set.home.turn()?;
        self.take(|guards| if guards < 0 { None } else { Some(guards + 1) }, "write")?;
        Ok(ReadGuard { rows: Rows::open(&self.core) })
    }

    /// The values for reading and writing, `[set.size]` in the user's numbering, until the guard is
    /// dropped.
    ///
    /// # Errors
    /// Another guard is alive, or the call comes from inside a loop.
    pub fn write(&self) -> Result<WriteGuard<'_, T>> {
        let _turn = self.core.set.home.turn()?;
        self.take(|guards| if guards == 0 { Some(-1) } else { None }, "read()` or `write")?;
        Ok(WriteGuard { rows: Rows::open(&self.core) })
    }

    /// A copy of the values in the user's numbering.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn to_vec(&self) -> Result<Vec<T>> {
        Ok(self.read()?.to_vec())
    }

    fn take(&self, next: impl Fn(isize) -> Option<isize>, other: &str) -> Result<()> {
        let taken = self.core.guards.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        taken.map(drop).map_err(|_| Error::InUse {
            what: "dat",
            name: self.core.name.clone(),
            reason: format!("a guard from `{other}()` is alive"),
        })
    }
}

impl<S, T> Dat<S, T> {
    /// The dat's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// How many values the dat has: the size of its set.
    pub fn size(&self) -> usize {
        self.core.set.size
    }

    /// The set that the dat lives on.
    pub fn set(&self) -> Set<S> {
        Set::of_core(self.core.set.clone())
    }

    /// A reduction handle in the dat's context.
    pub fn reduction<R: Element>(&self, name: &str) -> Reduction<R> {
        Reduction::declare(&self.core.set.home, name)
    }

    /// How the values lie in memory.
    pub fn layout(&self) -> Layout {
        self.core.layout
    }

    /// What is known of the dat, whatever its types.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<DatCore> {
        &self.core
    }
}

/// A dat with its values, in the present numbering, that nobody else knows yet.
fn fill<T: Element>(
    name: &str,
    set: &Arc<SetCore>,
    values: Option<&[T]>,
    layout: Layout,
) -> Result<Arc<DatCore>> {
    let plain = (T::DIM == 1 || layout == Layout::Aos) && set.order().is_none();
    let buffer = match (values, set.size.checked_mul(size_of::<T>())) {
        (Some(values), _) if plain => Buffer::from_slice(bytes_of(values)),
        (_, Some(bytes)) => Buffer::zeroed(bytes),
        (_, None) => Err(OutOfMemory { bytes: usize::MAX }),
    }
    .map_err(|e| Error::OutOfMemory { what: format!("dat `{name}`"), bytes: e.bytes })?;
    let core = Arc::new(DatCore {
        id: fresh_id(),
        name: name.to_owned(),
        set: set.clone(),
        kind: T::KIND,
        bytes: size_of::<T>(),
        dim: T::DIM,
        layout,
        buffer,
        guards: AtomicIsize::new(0),
        non_finite: non_finite::<T>,
        permute: permute::<T>,
        combine: combine::<T>,
    });
    if let Some(values) = values
        && !plain
    {
        store_rows(&core, values);
    }
    Ok(core)
}

/// The rows of a dat in the user's order: the storage itself or a copy of it.
struct Rows<'a, T> {
    core: &'a DatCore,
    copy: Option<Vec<T>>,
}

impl<'a, T: Element> Rows<'a, T> {
    fn open(core: &'a DatCore) -> Self {
        let direct = !core.is_scattered() && core.set.order().is_none();
        Self { core, copy: (!direct).then(|| load_rows(core)) }
    }

    fn as_slice(&self) -> &[T] {
        match &self.copy {
            Some(copy) => copy,
            // SAFETY: the storage holds `size` values of T row by row, and the guard count keeps
            // writers away.
            None => unsafe {
                std::slice::from_raw_parts(self.core.data_ptr().cast(), self.core.set.size)
            },
        }
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        match &mut self.copy {
            Some(copy) => copy,
            // SAFETY: as above, and the guard count keeps everyone else away.
            None => unsafe {
                std::slice::from_raw_parts_mut(self.core.data_ptr().cast(), self.core.set.size)
            },
        }
    }
}

/// The values of a dat, for reading. Derefs to `[T]`.
pub struct ReadGuard<'a, T> {
    rows: Rows<'a, T>,
}

impl<T: Element> Deref for ReadGuard<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.rows.as_slice()
    }
}

impl<T> Drop for ReadGuard<'_, T> {
    fn drop(&mut self) {
        self.rows.core.guards.fetch_sub(1, Ordering::Release);
    }
}

/// The values of a dat, for reading and writing. Derefs to `[T]`; what was written is in the dat
/// once the guard is dropped.
pub struct WriteGuard<'a, T: Element> {
    rows: Rows<'a, T>,
}

impl<T: Element> Deref for WriteGuard<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.rows.as_slice()
    }
}

impl<T: Element> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.rows.as_mut_slice()
    }
}

impl<T: Element> Drop for WriteGuard<'_, T> {
    fn drop(&mut self) {
        if let Some(copy) = &self.rows.copy {
            store_rows(self.rows.core, copy);
        }
        self.rows.core.guards.store(0, Ordering::Release);
    }
}

impl<T: Element + fmt::Debug> fmt::Debug for ReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Element + fmt::Debug> fmt::Debug for WriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Reads one element, wherever its leaves lie.
///
/// # Safety
/// `element` is less than the set's size, T is the dat's type, nobody writes meanwhile.
unsafe fn load<T: Element>(core: &DatCore, element: usize) -> T {
    let base = core.data_ptr();
    // SAFETY: the storage holds `size * DIM` leaves; both index forms stay inside.
    unsafe {
        if !core.is_scattered() {
            return base.cast::<T>().add(element).read();
        }
        let mut row = T::zeroed();
        let leaves = (&raw mut row).cast::<T::Leaf>();
        for c in 0..T::DIM {
            let leaf = base.cast::<T::Leaf>().add(c * core.set.size + element);
            leaves.add(c).write(leaf.read());
        }
        row
    }
}

/// Writes one element, wherever its leaves lie.
///
/// # Safety
/// `element` is less than the set's size, T is the dat's type, nobody else touches it meanwhile.
unsafe fn store<T: Element>(core: &DatCore, element: usize, row: &T) {
    let base = core.data_ptr();
    // SAFETY: the storage holds `size * DIM` leaves; both index forms stay inside.
    unsafe {
        if !core.is_scattered() {
            return base.cast::<T>().add(element).write(*row);
        }
        let leaves = (&raw const *row).cast::<T::Leaf>();
        for c in 0..T::DIM {
            let leaf = base.cast::<T::Leaf>().add(c * core.set.size + element);
            leaf.write(leaves.add(c).read());
        }
    }
}

/// All rows in the user's order.
fn load_rows<T: Element>(core: &DatCore) -> Vec<T> {
    let order = core.set.order();
    let local = |user: usize| order.as_ref().map_or(user, |order| order.to_new()[user] as usize);
    // SAFETY: every index is in the set; the caller holds a guard or the turn.
    (0..core.set.size).map(|user| unsafe { load(core, local(user)) }).collect()
}

/// Stores all rows given in the user's order.
fn store_rows<T: Element>(core: &DatCore, rows: &[T]) {
    let order = core.set.order();
    for (user, row) in rows.iter().enumerate() {
        let local = order.as_ref().map_or(user, |order| order.to_new()[user] as usize);
        // SAFETY: every index is in the set; the caller has the dat for itself.
        unsafe { store(core, local, row) };
    }
}

fn non_finite<T: Element>(core: &DatCore, element: usize) -> bool {
    assert!(element < core.set.size, "element inside the set");
    // SAFETY: just checked; reached only through `DatCore::has_non_finite`, under the turn.
    unsafe { load::<T>(core, element) }.has_non_finite()
}

fn permute<T: Element>(core: &DatCore, to_old: &[u32]) {
    assert_eq!(to_old.len(), core.set.size, "a permutation of the whole set");
    // SAFETY: indices of a permutation are in the set; reached only through `DatCore::permute`,
    // under the turn and without guards.
    unsafe {
        let rows: Vec<T> = to_old.iter().map(|&old| load(core, old as usize)).collect();
        for (new, row) in rows.iter().enumerate() {
            store(core, new, row);
        }
    }
}

fn combine<T: Element>(core: &DatCore, access: Access, copy: *const u8, leaves: Range<usize>) {
    assert!(leaves.end <= core.set.size * T::DIM, "leaves of the dat");
    let own = core.data_ptr().cast::<T::Leaf>();
    for i in leaves {
        // SAFETY: just checked; reached only through `DatCore::combine_leaves`, whose caller has
        // these leaves for itself and vouches for the copy.
        let (into, from) = unsafe { (&mut *own.add(i), &*copy.cast::<T::Leaf>().add(i)) };
        match access {
            Access::Inc => into.accumulate(from),
            Access::Min => into.take_min(from),
            Access::Max => into.take_max(from),
            Access::Read | Access::Write | Access::Rw => {}
        }
    }
}
