//! Values that belong to no set: globals, and handles for reductions.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::buffer::Buffer;
use crate::base::element::{Element, ElementKind, bytes_of};
use crate::base::error::Result;
use crate::mesh::access::Access;
use crate::mesh::home::{Home, fresh_id};

/// What is known of a global or reduction, whatever its element type.
pub struct GlobalCore {
    /// Distinguishes globals.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// The context it belongs to.
    pub home: Arc<Home>,
    /// The shape of the value.
    pub kind: ElementKind,
    /// Bytes of the value.
    pub bytes: usize,
    /// Reductions only: what is being reduced since the value was last read.
    pub pending: Option<Mutex<Option<Access>>>,
    value: Buffer,
    /// Results of other ranks that are on their way, in the sequence of their loops.
    arriving: Mutex<Vec<Arriving>>,
    /// The value that changes nothing under a mode.
    identity: fn(&GlobalCore, Access),
    /// Combines a value into another.
    fold: fn(Access, *mut u8, *const u8),
}

/// Waits for a result and combines it into the value.
pub type Arriving = Box<dyn FnOnce(&GlobalCore) -> Result<()> + Send>;

impl GlobalCore {
    fn new<T: Element>(home: &Arc<Home>, name: &str, value: T, reduction: bool) -> Self {
        let value = Buffer::from_slice(bytes_of(&[value])).expect("one value fits in memory");
        Self {
            id: fresh_id(),
            name: name.to_owned(),
            home: home.clone(),
            kind: T::KIND,
            bytes: size_of::<T>(),
            pending: reduction.then(Mutex::default),
            value,
            arriving: Mutex::default(),
            identity: identity::<T>,
            fold: fold::<T>,
        }
    }

    /// Leaves the rest of a reduction for when the value is needed.
    pub fn arrive_later(&self, arriving: Arriving) {
        self.arriving.lock().unwrap_or_else(PoisonError::into_inner).push(arriving);
    }

    /// Waits for all that is on its way. What is not there yet when the value is needed is waited for
    /// by whoever needs it.
    ///
    /// # Errors
    /// Those of the ranks.
    ///
    /// # Safety
    /// Hold the home's turn.
    pub unsafe fn settle(&self) -> Result<()> {
        let all =
            std::mem::take(&mut *self.arriving.lock().unwrap_or_else(PoisonError::into_inner));
        all.into_iter().try_for_each(|arriving| arriving(self))
    }

    /// Combines bytes of a value into the value.
    ///
    /// # Panics
    /// There are not as many bytes.
    ///
    /// # Safety
    /// Hold the home's turn; the bytes are those of a value of this type.
    pub unsafe fn combine(&self, access: Access, from: &[u8]) {
        assert_eq!(from.len(), self.bytes, "one value");
        (self.fold)(access, self.value_ptr(), from.as_ptr());
    }

    /// Starts a reduction: stores what changes nothing under the mode.
    ///
    /// # Safety
    /// Hold the home's turn.
    pub unsafe fn fill_identity(&self, access: Access) {
        (self.identity)(self, access);
    }

    /// Where the value is. Touched only in the home's turn.
    pub fn value_ptr(&self) -> *mut u8 {
        self.value.as_mut_ptr()
    }

    /// Copies the value's bytes to the start of a buffer.
    ///
    /// # Panics
    /// They do not fit.
    ///
    /// # Safety
    /// Hold the home's turn.
    pub unsafe fn copy_value(&self, into: &mut [u8]) {
        // SAFETY: the buffer holds the value, and nobody writes in the turn.
        into[..self.bytes].copy_from_slice(unsafe { self.value.as_slice::<u8>() });
    }

    /// Puts these bytes in place of the value.
    ///
    /// # Panics
    /// There are not as many.
    ///
    /// # Safety
    /// Hold the home's turn; the bytes are those of a value of this type.
    pub unsafe fn put_value(&self, bytes: &[u8]) {
        assert_eq!(bytes.len(), self.bytes, "one value");
        // SAFETY: the buffer holds the value; nobody reads it in the turn.
        unsafe { self.value_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }

    /// `global` or `reduction`.
    pub fn what(&self) -> &'static str {
        if self.pending.is_some() { "reduction" } else { "global" }
    }
}

impl fmt::Debug for GlobalCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: {}", self.what(), self.name, self.kind)
    }
}

/// One value that loops read or reduce into. A clone is the same global.
pub struct Global<T> {
    core: Arc<GlobalCore>,
    element: PhantomData<fn() -> T>,
}

impl<T> Clone for Global<T> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), element: PhantomData }
    }
}

impl<T> fmt::Debug for Global<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<T: Element> Global<T> {
    /// Declares a global with its first value.
    #[doc(hidden)]
    pub fn declare(home: &Arc<Home>, name: &str, value: T) -> Self {
        Self { core: Arc::new(GlobalCore::new(home, name, value, false)), element: PhantomData }
    }

    /// The value now, the same on all ranks once loops of all have been waited for. Collective after a
    /// loop that reduces into it.
    ///
    /// # Errors
    /// Called from inside a loop.
    pub fn value(&self) -> Result<T> {
        let _turn = self.core.home.turn()?;
        // SAFETY: the buffer holds a T, and the turn is held.
        unsafe {
            self.core.settle()?;
            Ok(self.core.value_ptr().cast::<T>().read())
        }
    }

    /// Gives the global a new value: on several ranks the same on all.
    ///
    /// # Panics
    /// Called from inside a loop of the same context, where only a host kernel can come.
    pub fn set(&self, value: T) {
        let _turn = self.core.home.enter().expect("a global is not set from inside a loop");
        // SAFETY: the buffer holds a T, and the turn is held.
        unsafe {
            self.core.settle().unwrap_or_else(|error| self.core.home.fail_later(error));
            self.core.value_ptr().cast::<T>().write(value);
        }
    }
}

impl<T> Global<T> {
    /// The global's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// What is known of the global, whatever its element type.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<GlobalCore> {
        &self.core
    }
}

/// A handle that collects a sum, minimum or maximum over loops (OPS's reduction handle): it starts
/// from the identity of whatever mode it is used with, and starts again once its value is read.
pub struct Reduction<T> {
    core: Arc<GlobalCore>,
    element: PhantomData<fn() -> T>,
}

impl<T> Clone for Reduction<T> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), element: PhantomData }
    }
}

impl<T> fmt::Debug for Reduction<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<T: Element> Reduction<T> {
    /// Declares a reduction handle.
    #[doc(hidden)]
    pub fn declare(home: &Arc<Home>, name: &str) -> Self {
        let core = GlobalCore::new(home, name, T::zeroed(), true);
        Self { core: Arc::new(core), element: PhantomData }
    }

    /// The result since the last call, and a new start. Zero when no loop was run.
    ///
    /// # Errors
    /// Called from inside a loop.
    pub fn value(&self) -> Result<T> {
        let _turn = self.core.home.turn()?;
        // SAFETY: the turn is held.
        unsafe { self.core.settle()? };
        let pending = self.core.pending.as_ref().expect("a reduction has this");
        *pending.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // SAFETY: the buffer holds a T, and the turn is held.
        Ok(unsafe { self.core.value_ptr().cast::<T>().replace(T::zeroed()) })
    }
}

impl<T> Reduction<T> {
    /// The reduction's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// What is known of the reduction, whatever its element type.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<GlobalCore> {
        &self.core
    }
}

fn identity<T: Element>(core: &GlobalCore, access: Access) {
    let value = match access {
        Access::Min => T::greatest(),
        Access::Max => T::least(),
        _ => T::zeroed(),
    };
    // SAFETY: the buffer holds a T; reached only in the home's turn.
    unsafe { core.value_ptr().cast::<T>().write(value) };
}

fn fold<T: Element>(access: Access, into: *mut u8, from: *const u8) {
    // SAFETY: reached only through `GlobalCore::combine`: `into` is the value, in the home's turn, and
    // `from` bytes of a T.
    let (into, from) = unsafe { (&mut *into.cast::<T>(), from.cast::<T>().read_unaligned()) };
    match access {
        Access::Inc => into.accumulate(&from),
        Access::Min => into.take_min(&from),
        Access::Max => into.take_max(&from),
        Access::Read | Access::Write | Access::Rw => {}
    }
}
