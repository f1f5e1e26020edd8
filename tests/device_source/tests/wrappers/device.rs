//! Runs a loop by `OpenCL` in one form: all data goes to the device and comes back.

use ocl::{Buffer, Device, Kernel, Platform, ProQue, Program};
use op2_core::device::order::Races;
use op2_core::device::targets::{table_arity, targets};
use op2_core::device::wrapper::{Param, Shape, Wrapper, groups, partials_layout, values_layout};
use op2_core::kernel::source::Dialect;
use op2_core::mesh::dat::{DatCore, Layout};
use op2_core::par_loop::arg::{ArgRef, DataRef};
use op2_core::par_loop::descriptor::LoopRef;
use op2_core::par_loop::view::{Binding, Work};

use op2_device_source::forms;

use crate::order::{Order, order, table};

/// The first device of the first platform.
pub(crate) struct OpenCl {
    platform: Platform,
    device: Device,
}

/// What a loop has made of each argument that it changes.
pub(crate) type Results = Vec<Option<Vec<u8>>>;

impl OpenCl {
    /// `None`, said aloud, where there is no device.
    pub(crate) fn new() -> Option<Self> {
        let platform = Platform::list().into_iter().next();
        let found = platform.and_then(|platform| {
            let device = Device::list_all(platform).ok()?.into_iter().next()?;
            Some(Self { platform, device })
        });
        if found.is_none() {
            println!("skipped: no OpenCL device");
        }
        found
    }

    /// Runs a loop, whose data on the host stays as it is.
    pub(crate) fn run(&self, the_loop: &LoopRef<'_>, races: Races, layout: Layout) -> Results {
        let order = order(the_loop, &targets(the_loop), races);
        let shape = order.staging.as_ref().map(Shape::from);
        let facts = forms::facts(Dialect::OpenClC);
        let wrapper = forms::written(the_loop, races, layout, shape, &facts)
            .unwrap_or_else(|reason| panic!("{races:?} {layout:?}: {reason}"));
        let queue = self.compile(&wrapper);
        let run = Run { the_loop, races, layout, order: &order, wrapper: &wrapper, queue: &queue };
        run.all()
    }

    fn compile(&self, wrapper: &Wrapper) -> ProQue {
        let mut builder = Program::builder();
        builder.source(wrapper.text.as_str());
        for option in Dialect::OpenClC.exact_options() {
            builder.cmplr_opt(*option);
        }
        ProQue::builder()
            .platform(self.platform)
            .device(self.device)
            .prog_bldr(builder)
            .dims(1)
            .build()
            .unwrap_or_else(|error| panic!("{error}\n{}", wrapper.text))
    }
}

struct Run<'a> {
    the_loop: &'a LoopRef<'a>,
    races: Races,
    layout: Layout,
    order: &'a Order,
    wrapper: &'a Wrapper,
    queue: &'a ProQue,
}

/// Memory or a number.
enum Given {
    Memory(Buffer<u8>),
    Number(u32),
}

impl Run<'_> {
    fn all(&self) -> Results {
        let group = self.wrapper.group;
        let reduces = self.the_loop.args.iter().any(ArgRef::reduces);
        let groups_of = |(lo, hi): (usize, usize)| match self.races {
            Races::Serial => 1,
            Races::Staging => hi - lo,
            _ => groups(hi - lo, group, reduces),
        };
        let total: usize = self.order.launches.iter().map(|launch| groups_of(*launch)).sum();
        let mut given: Vec<Given> =
            self.wrapper.params.iter().map(|param| self.given(*param, total)).collect();
        let mut first = 0;
        for launch in &self.order.launches {
            let groups = groups_of(*launch);
            for (param, given) in self.wrapper.params.iter().zip(&mut given) {
                match param {
                    Param::Lo => *given = Given::Number(launch.0 as u32),
                    Param::Hi => *given = Given::Number(launch.1 as u32),
                    Param::PartialsFirst => *given = Given::Number(first as u32),
                    _ => {}
                }
            }
            self.launch(&given, groups);
            first += groups;
        }
        self.results(&given, total)
    }

    fn launch(&self, given: &[Given], groups: usize) {
        let mut builder = self.queue.kernel_builder(self.wrapper.entry.as_str());
        for given in given {
            match given {
                Given::Memory(memory) => builder.arg(memory),
                Given::Number(number) => builder.arg(*number),
            };
        }
        builder.local_work_size(self.wrapper.group);
        builder.global_work_size(groups * self.wrapper.group);
        let kernel: Kernel = builder.build().expect("the program has this entry");
        // SAFETY: the arguments are those that the wrapper asks for.
        unsafe { kernel.enq() }.expect("the loop runs");
    }

    fn memory(&self, bytes: &[u8]) -> Given {
        // A buffer is never empty, and ends at a whole word.
        let bytes = [bytes, &[0xee; 16][bytes.len() % 4..]].concat();
        let builder = Buffer::<u8>::builder().queue(self.queue.queue().clone()).len(bytes.len());
        Given::Memory(builder.copy_host_slice(&bytes).build().expect("the device has memory"))
    }

    fn words(&self, words: &[u32]) -> Given {
        self.memory(&words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>())
    }

    fn halves(&self, halves: &[u16]) -> Given {
        self.memory(&halves.iter().flat_map(|half| half.to_ne_bytes()).collect::<Vec<_>>())
    }

    fn given(&self, param: Param, groups: usize) -> Given {
        let the_loop = self.the_loop;
        let staging = self.order.staging.as_ref();
        let staged = || staging.expect("the loop is staged");
        let target = |first: usize| {
            let position = targets(the_loop).iter().position(|target| target.first == first);
            &staged().targets[position.expect("a target of the loop")]
        };
        match param {
            Param::Lo | Param::Hi | Param::PartialsFirst => Given::Number(0),
            Param::Positions => Given::Number(self.order.list.len() as u32),
            Param::List => self.words(&self.order.list),
            Param::Constants => self.memory(&constants(the_loop)),
            Param::Values => self.memory(&values(the_loop)),
            Param::Partials => self.memory(&vec![0xee; groups * partials_layout(the_loop).1]),
            Param::Data(i) => self.memory(&self.data(&the_loop.args[i])),
            Param::DataStride(i) => {
                let dat = the_loop.args[i].dat().expect("only dats have a stride");
                Given::Number(dat.set.size as u32)
            }
            Param::Table(i) => self.table(i),
            Param::TableStride(_) => Given::Number(the_loop.space.set.size as u32),
            Param::Blocks => self.words(&staged().blocks),
            Param::Colors => self.halves(&staged().colors),
            Param::NumColors => self.words(&staged().num_colors),
            Param::Offsets(i) => self.words(&target(i).offsets),
            Param::Rows(i) => self.words(&target(i).rows),
            Param::Places(i) => self.halves(&target(i).places),
        }
    }

    fn data(&self, arg: &ArgRef<'_>) -> Vec<u8> {
        match arg.data {
            DataRef::Dat(dat) if self.layout == Layout::Soa => turned(dat, &host(arg), true),
            _ => host(arg),
        }
    }

    fn table(&self, i: usize) -> Given {
        let arg = &self.the_loop.args[i];
        if matches!(arg.data, DataRef::Index) {
            let order = self.the_loop.space.set.order().expect("the set was renumbered");
            return self.words(order.to_old());
        }
        let (table, arity) = (table(arg), table_arity(arg));
        let turned: Vec<u32> =
            (0..arity).flat_map(|k| table.iter().skip(k).step_by(arity).copied()).collect();
        self.words(&turned)
    }

    fn read(&self, given: &[Given], param: Param) -> Vec<u8> {
        let position = self.wrapper.params.iter().position(|known| *known == param);
        let Given::Memory(memory) = &given[position.expect("a parameter of the loop")] else {
            panic!("{param:?} is a number");
        };
        let mut bytes = vec![0; memory.len()];
        memory.read(&mut bytes).enq().expect("results can be read");
        bytes
    }

    fn results(&self, given: &[Given], groups: usize) -> Results {
        let args = self.the_loop.args;
        let result = |(i, arg): (usize, &ArgRef<'_>)| {
            if arg.reduces() {
                return Some(self.reduced(&self.read(given, Param::Partials), i, groups));
            }
            let first = args.iter().position(|other| other.stored() == arg.stored())?;
            let same = arg.access.writes() && arg.stored().is_some();
            let mut bytes = self.read(given, same.then_some(Param::Data(first))?);
            bytes.truncate(host(arg).len());
            Some(match arg.data {
                DataRef::Dat(dat) if self.layout == Layout::Soa => turned(dat, &bytes, false),
                _ => bytes,
            })
        };
        args.iter().enumerate().map(result).collect()
    }

    /// The old value of a global and the partial results of all groups, combined by the loop's body.
    fn reduced(&self, partials: &[u8], i: usize, groups: usize) -> Vec<u8> {
        let (places, stride) = partials_layout(self.the_loop);
        let binding = |place: &Option<usize>| Binding {
            data: std::ptr::null_mut(),
            table: std::ptr::null(),
            scattered: 0,
            partial: place.unwrap_or(0),
            elements: 0,
        };
        let bindings: Vec<Binding> = places.iter().map(binding).collect();
        let work = Work {
            bindings: bindings.as_ptr(),
            constants: std::ptr::null(),
            list: std::ptr::null(),
            lo: 0,
            hi: 0,
            partials: std::ptr::null_mut(),
        };
        let place = places[i].expect("the argument reduces");
        let old = host(&self.the_loop.args[i]);
        let mut into = vec![0_u128; stride.div_ceil(16)];
        let mut from = into.clone();
        // SAFETY: both hold `stride` bytes, laid out by the bindings.
        unsafe {
            let into = into.as_mut_ptr().cast::<u8>();
            into.add(place).copy_from_nonoverlapping(old.as_ptr(), old.len());
            for partial in partials.chunks_exact(stride).take(groups) {
                from.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(partial.as_ptr(), stride);
                self.the_loop.body.combine_partials(&work, into, from.as_ptr().cast());
            }
            std::slice::from_raw_parts(into.add(place), old.len()).to_vec()
        }
    }
}

/// The bytes of an argument on the host.
pub(crate) fn host(arg: &ArgRef<'_>) -> Vec<u8> {
    let (start, len) = match arg.data {
        DataRef::Dat(dat) => (dat.data_ptr(), dat.set.size * dat.bytes),
        DataRef::Mat(mat) => (mat.values_ptr().expect("nobody looks"), mat.total_bytes()),
        DataRef::Global(global) => (global.value_ptr(), global.bytes),
        DataRef::Value { bytes, .. } => return bytes.to_vec(),
        DataRef::Index | DataRef::Point(_) => return Vec::new(),
    };
    // SAFETY: no loop runs, no guard is alive.
    unsafe { std::slice::from_raw_parts(start, len) }.to_vec()
}

/// Rows with their leaves apart, or the other way round.
fn turned(dat: &DatCore, bytes: &[u8], apart: bool) -> Vec<u8> {
    let leaf = dat.bytes / dat.dim;
    let mut out = vec![0; bytes.len()];
    for row in 0..dat.set.size {
        for c in 0..dat.dim {
            let (near, far) = ((row * dat.dim + c) * leaf, (c * dat.set.size + row) * leaf);
            let (from, to) = if apart { (near, far) } else { (far, near) };
            out[to..][..leaf].copy_from_slice(&bytes[from..][..leaf]);
        }
    }
    out
}

fn constants(the_loop: &LoopRef<'_>) -> Vec<u8> {
    let mut buffer = vec![0_u128; the_loop.body.constant_bytes().div_ceil(16)];
    // SAFETY: large enough, and aligned to 16 bytes.
    unsafe { the_loop.body.store_constants(buffer.as_mut_ptr().cast()) }
        .expect("all constants have values");
    buffer.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

fn values(the_loop: &LoopRef<'_>) -> Vec<u8> {
    let (places, bytes) = values_layout(the_loop);
    let mut values = vec![0; bytes];
    for (arg, place) in the_loop.args.iter().zip(places) {
        if let Some(place) = place {
            let value = host(arg);
            values[place..][..value.len()].copy_from_slice(&value);
        }
    }
    values
}
