//! Copies of storage in the memory of a device: which one is valid, and what must be copied when.
//!
//! Dats and matrices each have a [`Mirror`]. Whoever touches their values says so first, and the values are
//! brought to where they are touched, if they are not there yet. What is derived from data that
//! only a renumbering changes (tables of maps, lists of subsets) is simply [`Kept`].
//!
//! All of it happens in the home's turn.

use std::any::Any;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::error::Result;

/// Which copies hold the present values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fresh {
    /// That of the host only.
    Host,
    /// Both.
    Both,
    /// That of the device only.
    Device,
}

/// Who touches values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The program, or code of op2 on the processor.
    Host,
    /// A loop on the device.
    Device,
}

impl Fresh {
    /// Whether values must be copied to `side` before it touches them, and what is fresh afterwards.
    pub const fn touched(self, side: Side, writes: bool) -> (bool, Self) {
        let copy = matches!((self, side), (Self::Host, Side::Device) | (Self::Device, Side::Host));
        let then = match (side, writes) {
            (Side::Host, true) => Self::Host,
            (Side::Device, true) => Self::Device,
            (_, false) if copy => Self::Both,
            (_, false) => self,
        };
        (copy, then)
    }

    fn of(number: u8) -> Self {
        match number {
            0 => Self::Host,
            1 => Self::Both,
            _ => Self::Device,
        }
    }
}

/// The bytes of some storage in the memory of a device.
pub trait Remote: Any + Send + Sync {
    /// Copies the storage to the device.
    ///
    /// # Errors
    /// The device's.
    fn send(&self, host: &[u8]) -> Result<()>;

    /// Copies the device's bytes to the storage.
    ///
    /// # Errors
    /// The device's.
    fn fetch(&self, host: &mut [u8]) -> Result<()>;

    /// The device's bytes are no longer valid. Nobody will look at them before the next `send`.
    fn went_stale(&self) {}
}

/// The copy of one storage on a device, if there is one, and which of both is valid.
#[derive(Default)]
pub struct Mirror {
    fresh: AtomicU8,
    remote: Mutex<Option<Arc<dyn Remote>>>,
}

impl Mirror {
    /// Which copies hold the present values.
    pub fn fresh(&self) -> Fresh {
        Fresh::of(self.fresh.load(Ordering::Acquire))
    }

    /// Brings the values to the host, where they are about to be touched.
    ///
    /// # Errors
    /// The device's; the host's values are unknown then, the device's still valid.
    ///
    /// # Safety
    /// `host` is the storage, `len` bytes of it; the home's turn is held and no slice of it is alive.
    pub unsafe fn to_host(&self, writes: bool, host: *mut u8, len: usize) -> Result<()> {
        let now = self.fresh();
        let (copy, then) = now.touched(Side::Host, writes);
        if now == then {
            return Ok(());
        }
        if let Some(remote) = &*self.lock() {
            if copy {
                // SAFETY: the caller's promise; storage is initialized from the beginning.
                remote.fetch(unsafe { std::slice::from_raw_parts_mut(host, len) })?;
            }
            if then == Fresh::Host {
                remote.went_stale();
            }
        }
        self.fresh.store(then as u8, Ordering::Release);
        Ok(())
    }

    /// Brings the values to the device, where they are about to be touched; `make` makes the copy's
    /// place when there is none.
    ///
    /// # Errors
    /// Those of `make` and of the device; the host's values are still valid then.
    ///
    /// # Panics
    /// The copy is of another kind than R: a context has one device.
    ///
    /// # Safety
    /// As [`to_host`](Self::to_host).
    pub unsafe fn to_device<R: Remote>(
        &self,
        writes: bool,
        host: *const u8,
        len: usize,
        make: impl FnOnce() -> Result<R>,
    ) -> Result<Arc<R>> {
        let mut remote = self.lock();
        let known = place(&mut remote, make)?;
        let (copy, then) = self.fresh().touched(Side::Device, writes);
        if copy {
            // SAFETY: the caller's promise.
            known.send(unsafe { std::slice::from_raw_parts(host, len) })?;
        }
        self.fresh.store(then as u8, Ordering::Release);
        Ok(known)
    }

    /// Has `replace` replace all values on the device, without copying the present ones; `make` makes
    /// the copy's place when there is none.
    ///
    /// # Errors
    /// Those of `make` and `replace`; values that were valid on the host still are.
    ///
    /// # Panics
    /// As [`to_device`](Self::to_device).
    ///
    /// # Safety
    /// The home's turn is held, no slice of the storage is alive, and where `replace` succeeds, the device
    /// holds values of the storage's type.
    pub unsafe fn replace_on_device<R: Remote>(
        &self,
        make: impl FnOnce() -> Result<R>,
        replace: impl FnOnce(&Arc<R>) -> Result<()>,
    ) -> Result<()> {
        let known = place(&mut self.lock(), make)?;
        replace(&known)?;
        self.fresh.store(Fresh::Device as u8, Ordering::Release);
        Ok(())
    }

    /// The copy on the device, where it holds the present values.
    ///
    /// # Panics
    /// As [`to_device`](Self::to_device).
    pub fn valid_on_device<R: Remote>(&self) -> Option<Arc<R>> {
        let known: Arc<dyn Any + Send + Sync> = match (self.fresh(), &*self.lock()) {
            (Fresh::Both | Fresh::Device, Some(known)) => known.clone(),
            _ => return None,
        };
        Some(known.downcast().unwrap_or_else(|_| panic!("a context has one device")))
    }

    /// Gives up the copy: the storage is replaced by another, on the host.
    pub(super) fn forget(&self) {
        *self.lock() = None;
        self.fresh.store(Fresh::Host as u8, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<dyn Remote>>> {
        self.remote.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The copy's place, made when there is none.
fn place<R: Remote>(
    remote: &mut Option<Arc<dyn Remote>>,
    make: impl FnOnce() -> Result<R>,
) -> Result<Arc<R>> {
    let known: Arc<dyn Any + Send + Sync> = match remote {
        Some(known) => known.clone(),
        None => remote.insert(Arc::new(make()?)).clone(),
    };
    Ok(known.downcast().unwrap_or_else(|_| panic!("a context has one device")))
}

/// What an upper floor has made of an object, kept as long as the object and its numbering.
#[derive(Default)]
pub struct Kept(Mutex<Option<(u64, Arc<dyn Any + Send + Sync>)>>);

impl Kept {
    /// What was made under this numbering, or is made now.
    ///
    /// # Errors
    /// Those of `make`; nothing is kept then.
    ///
    /// # Panics
    /// What is kept is of another type: a context has one device.
    pub fn get<T: Send + Sync + 'static>(
        &self,
        numbering: u64,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, made)) = &*kept
            && *then == numbering
        {
            let made = made.clone().downcast();
            return Ok(made.unwrap_or_else(|_| panic!("a context has one device")));
        }
        let made = Arc::new(make()?);
        *kept = Some((numbering, made.clone()));
        Ok(made)
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}

/// Equal objects may have made different things of themselves.
impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Kept {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Error;

    /// Memory elsewhere that counts the copies.
    #[derive(Default)]
    struct Elsewhere {
        bytes: Mutex<Vec<u8>>,
        sent: AtomicU8,
        fetched: AtomicU8,
        stale: AtomicU8,
    }

    impl Remote for Elsewhere {
        fn send(&self, host: &[u8]) -> Result<()> {
            self.sent.fetch_add(1, Ordering::Relaxed);
            *self.bytes.lock().unwrap() = host.to_vec();
            Ok(())
        }
        fn fetch(&self, host: &mut [u8]) -> Result<()> {
            self.fetched.fetch_add(1, Ordering::Relaxed);
            host.copy_from_slice(&self.bytes.lock().unwrap());
            Ok(())
        }
        fn went_stale(&self) {
            self.stale.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One step: who, whether it writes, what is fresh afterwards, and how many copies there were so far.
    type Step = (Side, bool, Fresh, (u8, u8));

    #[test]
    fn nothing_that_is_fresh_is_copied() {
        let steps: [Step; 10] = [
            (Side::Host, true, Fresh::Host, (0, 0)),
            (Side::Device, false, Fresh::Both, (1, 0)),
            (Side::Device, false, Fresh::Both, (1, 0)),
            (Side::Host, false, Fresh::Both, (1, 0)),
            (Side::Device, true, Fresh::Device, (1, 0)),
            (Side::Device, true, Fresh::Device, (1, 0)),
            (Side::Host, false, Fresh::Both, (1, 1)),
            (Side::Host, true, Fresh::Host, (1, 1)),
            (Side::Device, true, Fresh::Device, (2, 1)),
            (Side::Host, true, Fresh::Host, (2, 2)),
        ];
        let (mirror, mut host) = (Mirror::default(), [0_u8; 4]);
        let mut value = 0;
        for (i, (side, writes, fresh, copies)) in steps.into_iter().enumerate() {
            // SAFETY: the storage of the test, used by nobody else.
            let remote = unsafe {
                if side == Side::Host {
                    mirror.to_host(writes, host.as_mut_ptr(), 4).unwrap();
                }
                let make = || Ok(Elsewhere::default());
                (i > 0).then(|| match side {
                    Side::Device => mirror.to_device(writes, host.as_ptr(), 4, make).unwrap(),
                    Side::Host => {
                        let any: Arc<dyn Any + Send + Sync> = mirror.lock().clone().unwrap();
                        any.downcast().unwrap()
                    }
                })
            };
            let seen = match (&remote, side) {
                (Some(remote), Side::Device) => remote.bytes.lock().unwrap().clone(),
                _ => host.to_vec(),
            };
            assert_eq!(seen, [value; 4], "step {i}");
            if writes {
                value = i as u8 + 1;
                match (&remote, side) {
                    (Some(remote), Side::Device) => remote.bytes.lock().unwrap().fill(value),
                    _ => host = [value; 4],
                }
            }
            assert_eq!(mirror.fresh(), fresh, "step {i}");
            let valid = mirror.valid_on_device::<Elsewhere>().is_some();
            assert_eq!(valid, fresh != Fresh::Host, "step {i}");
            if let Some(remote) = remote {
                let count = |counter: &AtomicU8| counter.load(Ordering::Relaxed);
                assert_eq!((count(&remote.sent), count(&remote.fetched)), copies, "step {i}");
                assert_eq!(count(&remote.stale), u8::from(i >= 7) + u8::from(i >= 9), "step {i}");
            }
        }
    }

    #[test]
    fn values_that_are_replaced_are_not_copied() {
        let (mirror, mut host) = (Mirror::default(), [7_u8; 4]);
        let mut replace = |replace: &dyn Fn(&Arc<Elsewhere>) -> Result<()>| {
            // SAFETY: the storage of the test, used by nobody else; bytes are bytes.
            let replaced = unsafe {
                mirror.replace_on_device(|| Ok(Elsewhere::default()), |remote| replace(remote))
            };
            // SAFETY: as above.
            unsafe { mirror.to_host(false, host.as_mut_ptr(), 4).unwrap() };
            (replaced.is_ok(), host)
        };
        let failed = replace(&|_| Err(Error::other("the device fails")));
        assert_eq!(failed, (false, [7; 4]), "the host still has them");
        let replaced = replace(&|remote| {
            assert_eq!(remote.sent.load(Ordering::Relaxed), 0);
            *remote.bytes.lock().unwrap() = vec![9; 4];
            Ok(())
        });
        assert_eq!(replaced, (true, [9; 4]));
    }

    #[test]
    fn what_is_kept_is_made_anew_after_a_renumbering() {
        let kept = Kept::default();
        assert_eq!(*kept.get(0, || Ok(1)).unwrap(), 1);
        assert_eq!(*kept.get(0, || Ok(2)).unwrap(), 1);
        assert_eq!(*kept.get(1, || Ok(3)).unwrap(), 3);
    }
}
