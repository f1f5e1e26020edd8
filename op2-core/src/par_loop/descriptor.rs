//! A whole loop as plain data: borrowed while it runs at once, owned when it is kept.

use std::sync::Arc;

use crate::base::element::ElementKind;
use crate::base::error::{Error, Site, Violation};
use crate::base::lasting::Needed;
use crate::kernel::KernelInfo;
use crate::matrix::mat_core::MatCore;
use crate::mesh::access::Access;
use crate::mesh::dat_core::DatCore;
use crate::mesh::global::GlobalCore;
use crate::mesh::map::MapCore;
use crate::mesh::set::SetCore;
use crate::mesh::subset::SubsetCore;
use crate::par_loop::arg::{ArgRef, DataRef, Part, Route, SpaceRef, Via};
use crate::par_loop::body::LoopBody;

/// A loop, borrowed from the call that wrote it.
#[derive(Clone, Copy)]
pub struct LoopRef<'a> {
    /// The kernel's code and description.
    pub body: &'static dyn LoopBody,
    /// What it runs over.
    pub space: SpaceRef<'a>,
    /// Its arguments.
    pub args: &'a [ArgRef<'a>],
    /// Where it is written.
    pub site: Site,
}

impl LoopRef<'_> {
    /// The kernel.
    pub fn kernel(&self) -> &'static KernelInfo {
        self.body.kernel()
    }

    /// How often the kernel is called for each element.
    pub fn calls(&self) -> usize {
        self.body.points().iter().product()
    }

    /// The subset, and the maps to the rows of some arguments: what is known of a loop by these is of no use
    /// without them, and nobody asks for it again.
    pub fn depends_on(&self, which: impl Fn(&ArgRef<'_>) -> bool) -> Vec<Needed> {
        let subset = self.space.subset.map(|subset| subset.clone() as Needed);
        let routes = self.args.iter().filter(|arg| which(arg)).filter_map(|arg| arg.via.rows());
        subset.into_iter().chain(routes.map(|route| route.map.clone() as Needed)).collect()
    }

    /// An error of this loop.
    pub fn refuse(&self, violations: Vec<Violation>) -> Error {
        Error::Loop { name: self.kernel().name, site: self.site, violations }
    }

    /// An error of this loop as a whole.
    pub fn refuse_whole(&self, reason: String) -> Error {
        self.refuse(vec![Violation { argument: None, reason }])
    }

    /// The loop with everything it needs, to keep and run later.
    pub fn to_desc(&self) -> LoopDesc {
        LoopDesc {
            body: self.body,
            set: self.space.set.clone(),
            subset: self.space.subset.cloned(),
            args: self.args.iter().map(ArgDesc::from).collect(),
            site: self.site,
        }
    }
}

/// A loop that owns handles of all it uses.
pub struct LoopDesc {
    body: &'static dyn LoopBody,
    set: Arc<SetCore>,
    subset: Option<Arc<SubsetCore>>,
    args: Vec<ArgDesc>,
    site: Site,
}

struct ArgDesc {
    data: DataDesc,
    access: Access,
    via: ViaDesc,
    text: &'static str,
}

enum DataDesc {
    Dat(Arc<DatCore>),
    Mat(Arc<MatCore>),
    Global(Arc<GlobalCore>),
    Value { value: Kept, kind: ElementKind },
    Index,
    Point(usize),
}

/// The bytes of a plain value, aligned as any element may ask for (16 bytes).
struct Kept {
    storage: Box<[u128]>,
    bytes: usize,
}

impl Kept {
    fn new(bytes: &[u8]) -> Self {
        let mut storage = vec![0_u128; bytes.len().div_ceil(size_of::<u128>())];
        bytemuck::cast_slice_mut(&mut storage)[..bytes.len()].copy_from_slice(bytes);
        Self { storage: storage.into(), bytes: bytes.len() }
    }

    fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.storage)[..self.bytes]
    }
}

enum ViaDesc {
    Direct,
    Map(RouteDesc),
    Maps(RouteDesc, RouteDesc),
}

struct RouteDesc {
    map: Arc<MapCore>,
    mask: Option<Arc<SubsetCore>>,
    part: Part,
}

impl From<Route<'_>> for RouteDesc {
    fn from(route: Route<'_>) -> Self {
        Self { map: route.map.clone(), mask: route.mask.cloned(), part: route.part }
    }
}

impl RouteDesc {
    fn borrow(&self) -> Route<'_> {
        Route { map: &self.map, mask: self.mask.as_ref(), part: self.part }
    }
}

impl LoopDesc {
    /// Calls `f` with the loop in its borrowed form.
    pub fn with<R>(&self, f: impl FnOnce(&LoopRef<'_>) -> R) -> R {
        let args: Vec<ArgRef<'_>> = self.args.iter().map(ArgDesc::borrow).collect();
        f(&LoopRef {
            body: self.body,
            space: SpaceRef { set: &self.set, subset: self.subset.as_ref() },
            args: &args,
            site: self.site,
        })
    }
}

impl From<&ArgRef<'_>> for ArgDesc {
    fn from(arg: &ArgRef<'_>) -> Self {
        let data = match arg.data {
            DataRef::Dat(dat) => DataDesc::Dat(dat.clone()),
            DataRef::Mat(mat) => DataDesc::Mat(mat.clone()),
            DataRef::Global(global) => DataDesc::Global(global.clone()),
            DataRef::Value { bytes, kind } => DataDesc::Value { value: Kept::new(bytes), kind },
            DataRef::Index => DataDesc::Index,
            DataRef::Point(axis) => DataDesc::Point(axis),
        };
        let via = match arg.via {
            Via::Direct => ViaDesc::Direct,
            Via::Map(route) => ViaDesc::Map(route.into()),
            Via::Maps(rows, cols) => ViaDesc::Maps(rows.into(), cols.into()),
        };
        Self { data, access: arg.access, via, text: arg.text }
    }
}

impl ArgDesc {
    fn borrow(&self) -> ArgRef<'_> {
        let data = match &self.data {
            DataDesc::Dat(dat) => DataRef::Dat(dat),
            DataDesc::Mat(mat) => DataRef::Mat(mat),
            DataDesc::Global(global) => DataRef::Global(global),
            DataDesc::Value { value, kind } => DataRef::Value { bytes: value.bytes(), kind: *kind },
            DataDesc::Index => DataRef::Index,
            DataDesc::Point(axis) => DataRef::Point(*axis),
        };
        let via = match &self.via {
            ViaDesc::Direct => Via::Direct,
            ViaDesc::Map(route) => Via::Map(route.borrow()),
            ViaDesc::Maps(rows, cols) => Via::Maps(rows.borrow(), cols.borrow()),
        };
        ArgRef { data, access: self.access, via, text: self.text }
    }
}
