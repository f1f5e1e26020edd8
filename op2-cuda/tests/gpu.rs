//! A GPU does what devices of op2 must do. Skipped aloud without one; see `support`.

mod support;

use std::panic::{self, AssertUnwindSafe};
use std::{env, fs, process, thread};

use op2_core::device::api::{Argument, Fault, Launch, Options};
use op2_core::kernel::source::Dialect;
use op2_cuda::{Adapter, attributes, ptx};
use support::{bytes_of, compile, compiler, launch, memory_with, on_gpu, open, usual};

const MIB: usize = 1 << 20;

/// `y = a x + y`, where the parts may be told apart by their rounding.
const AXPY: &str = r#"
extern "C" __global__ void __launch_bounds__(128)
kernel(double *y, const double *x, const double *a, unsigned n)
{
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = (a ? *a : 1.0) * x[i] + y[i];
}
"#;

/// Writes `value` to place `at`.
const PUT: &str = r#"
extern "C" __global__ void __launch_bounds__(128)
kernel(unsigned *to, unsigned at, unsigned value)
{
    if (blockIdx.x * blockDim.x + threadIdx.x == 0) to[at] = value;
}
"#;

fn pattern(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn bytes(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
}

fn numbers(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(8).map(|eight| f64::from_ne_bytes(eight.try_into().unwrap())).collect()
}

#[test]
fn facts_are_those_of_a_gpu() {
    on_gpu("facts_are_those_of_a_gpu", |device| {
        let facts = device.facts();
        eprintln!("{facts:?}");
        assert!(!facts.name.is_empty());
        assert_eq!(facts.dialect, Dialect::CudaC);
        assert!(facts.doubles && facts.atomics.swap_64);
        assert!(facts.memory_bytes > 256 * MIB as u64);
        assert!(facts.local_bytes >= 48 << 10 && facts.max_group >= facts.usual_group);
    });
}

#[test]
fn a_gpu_that_is_not_there_is_answered_with_those_that_are() {
    for &adapter in Adapter::ALL {
        let test = "a_gpu_that_is_not_there_is_answered_with_those_that_are";
        let Some(device) = open(test, adapter, &usual()) else { continue };
        let wish = Options { device: Some("no such GPU".to_owned()), ..Options::default() };
        let error = op2_cuda::open_by(adapter, &wish).unwrap_err().to_string();
        assert!(error.starts_with("CUDA: there is no GPU `no such GPU`"), "{error}");
        assert!(error.contains(&device.facts().name), "{error}");
    }
}

#[test]
fn bytes_go_up_and_come_down() {
    on_gpu("bytes_go_up_and_come_down", |device| {
        for size in [0, 1, 4095, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 37 * MIB + 5] {
            let sent = pattern(size);
            let memory = memory_with(device, &sent);
            assert_eq!(memory.bytes(), size);
            assert!(bytes_of(device, &*memory) == sent, "{size} bytes came down changed");
        }
    });
}

#[test]
fn parts_of_memory_are_reached() {
    on_gpu("parts_of_memory_are_reached", |device| {
        let mut expected = pattern(9 * MIB);
        let memory = memory_with(device, &expected);
        let patch = vec![7; 5 * MIB];
        device.upload(&*memory, 3 * MIB + 1, &patch).unwrap();
        expected[3 * MIB + 1..][..patch.len()].copy_from_slice(&patch);
        let mut part = vec![0; 6 * MIB];
        device.download(&*memory, 2 * MIB + 3, &mut part).unwrap();
        assert!(part == expected[2 * MIB + 3..][..part.len()]);
    });
}

#[test]
fn memory_is_cleared_and_copied() {
    on_gpu("memory_is_cleared_and_copied", |device| {
        let sent = pattern(3 * MIB);
        let (from, to) = (memory_with(device, &sent), device.allocate(3 * MIB).unwrap());
        device.clear(&*to).unwrap();
        device.copy(&*from, &*to, MIB).unwrap();
        device.clear(&*from).unwrap();
        let got = bytes_of(device, &*to);
        assert!(got[..MIB] == sent[..MIB] && got[MIB..].iter().all(|&byte| byte == 0));
        assert!(bytes_of(device, &*from).iter().all(|&byte| byte == 0));
    });
}

#[test]
fn what_does_not_fit_is_a_bug() {
    on_gpu("what_does_not_fit_is_a_bug", |device| {
        let memory = device.allocate(8).unwrap();
        let upload = || device.upload(&*memory, 4, &[0; 5]);
        assert!(panic::catch_unwind(AssertUnwindSafe(upload)).is_err());
        let download = || device.download(&*memory, usize::MAX, &mut [0; 2]);
        assert!(panic::catch_unwind(AssertUnwindSafe(download)).is_err());
    });
}

#[test]
fn launches_compute_and_are_timed() {
    on_gpu("launches_compute_and_are_timed", |device| {
        let n = 100_003;
        let x: Vec<f64> = (0..n).map(|i| 1.0 / (i + 3) as f64).collect();
        let y: Vec<f64> = (0..n).map(|i| (i % 17) as f64 * 0.1).collect();
        let a = 1.1;
        let (on_y, on_x) = (memory_with(device, &bytes(&y)), memory_with(device, &bytes(&x)));
        let on_a = memory_with(device, &bytes(&[a]));
        let program = compile(device, AXPY).unwrap();
        let arguments =
            [Argument::Memory(&*on_y), Argument::Memory(&*on_x), Argument::Memory(&*on_a)];
        let event = launch(
            device,
            &*program,
            n,
            &[arguments[0], arguments[1], arguments[2], Argument::U32(n as u32)],
        );
        let seconds = event.and_then(|event| event.seconds()).expect("it was to be timed");
        assert!(seconds > 0.0 && seconds < 1.0, "{seconds} s");
        let expected: Vec<f64> = y.iter().zip(&x).map(|(y, x)| a * x + y).collect();
        assert!(numbers(&bytes_of(device, &*on_y)) == expected, "not rounded as on the host");
    });
}

#[test]
fn nothing_is_the_null_address() {
    on_gpu("nothing_is_the_null_address", |device| {
        let (y, x) = (memory_with(device, &bytes(&[1.0])), memory_with(device, &bytes(&[2.0])));
        let program = compile(device, AXPY).unwrap();
        let arguments =
            [Argument::Memory(&*y), Argument::Memory(&*x), Argument::Nothing, Argument::U32(1)];
        launch(device, &*program, 1, &arguments);
        assert_eq!(numbers(&bytes_of(device, &*y)), [3.0]);
    });
}

#[test]
fn launches_without_groups_do_nothing() {
    on_gpu("launches_without_groups_do_nothing", |device| {
        let to = memory_with(device, &[0; 4]);
        let program = compile(device, PUT).unwrap();
        let arguments = [Argument::Memory(&*to), Argument::U32(0), Argument::U32(9)];
        let event = launch(device, &*program, 0, &arguments).expect("it was to be timed");
        assert!(event.seconds().is_some());
        assert_eq!(bytes_of(device, &*to), [0; 4]);
    });
}

#[test]
fn all_happens_in_the_order_of_asking() {
    on_gpu("all_happens_in_the_order_of_asking", |device| {
        let program = compile(device, PUT).unwrap();
        let to = device.allocate(8).unwrap();
        device.clear(&*to).unwrap();
        // Enough small copies to go round the ring of chunks: 256 bytes of it each.
        for i in 0..70_000_u32 {
            device.upload(&*to, 0, &i.to_ne_bytes()).unwrap();
            if i % 1000 == 999 {
                let arguments = [Argument::Memory(&*to), Argument::U32(1), Argument::U32(i)];
                launch(device, &*program, 1, &arguments);
                let mut now = [0; 8];
                device.download(&*to, 0, &mut now).unwrap();
                assert_eq!(now[..4], i.to_ne_bytes());
                assert_eq!(now[4..], i.to_ne_bytes());
            }
        }
    });
}

#[test]
fn memory_may_go_while_loops_use_it() {
    on_gpu("memory_may_go_while_loops_use_it", |device| {
        let program = compile(device, PUT).unwrap();
        for i in 0..100 {
            let to = device.allocate(4 * MIB).unwrap();
            launch(
                device,
                &*program,
                1,
                &[Argument::Memory(&*to), Argument::U32(1000), Argument::U32(i)],
            );
        }
        device.finish().unwrap();
    });
}

#[test]
fn threads_may_share_a_gpu() {
    on_gpu("threads_may_share_a_gpu", |device| {
        thread::scope(|scope| {
            for i in 0..4_usize {
                scope.spawn(move || {
                    let sent = pattern(5 * MIB + i);
                    let memory = memory_with(device, &sent);
                    assert!(bytes_of(device, &*memory) == sent);
                });
            }
        });
    });
}

#[test]
fn programs_outlive_the_handle_of_their_gpu() {
    for &adapter in Adapter::ALL {
        let test = "programs_outlive_the_handle_of_their_gpu";
        let Some(device) = open(test, adapter, &usual()) else { continue };
        let (memory, program) = (device.allocate(16), compile(&*device, PUT));
        drop(device);
        drop((memory, program));
    }
}

#[test]
fn there_is_not_that_much_memory() {
    on_gpu("there_is_not_that_much_memory", |device| {
        let bytes = 1 << 45;
        assert_eq!(device.allocate(bytes).err(), Some(Fault::OutOfMemory { bytes }));
        let memory = memory_with(device, &[1, 2, 3]);
        assert_eq!(bytes_of(device, &*memory), [1, 2, 3], "the GPU works on");
    });
}

#[test]
fn invalid_programs_and_missing_entries_are_refused() {
    on_gpu("invalid_programs_and_missing_entries_are_refused", |device| {
        let fault = compile(device, "this is no C").err().expect("it is refused");
        assert!(
            matches!(&fault, Fault::NotCompiled { log } if log.starts_with("kernel: ")),
            "{fault}"
        );
        let other = r#"extern "C" __global__ void other() {}"#;
        let fault = compile(device, other).err().expect("it is refused");
        assert!(matches!(&fault, Fault::NotCompiled { log } if log.contains("entry")), "{fault}");
    });
}

#[test]
fn groups_that_are_too_big_are_refused() {
    on_gpu("groups_that_are_too_big_are_refused", |device| {
        let program = compile(device, PUT).unwrap();
        let made = attributes(&*program).expect("it is a program of a GPU");
        eprintln!("{made:?}");
        assert!(made.registers > 0 && made.resident_groups > 0);
        let best = compiler(device).best_group(&*program, 128, 256);
        assert!([32, 64, 128, 256].contains(&best), "{best}");
        let to = memory_with(device, &[0; 4]);
        let arguments = [Argument::Memory(&*to), Argument::U32(0), Argument::U32(1)];
        let launch = Launch { groups: 1, group: 2048, arguments: &arguments, timed: false };
        // SAFETY: the arguments are those of the program.
        let fault = unsafe { compiler(device).launch(&*program, &launch) }.err();
        assert!(matches!(fault, Some(Fault::TooBig(_))), "{fault:?}");
    });
}

#[test]
fn shipped_programs_are_loaded() {
    let test = "shipped_programs_are_loaded";
    let folder = env::temp_dir().join(format!("op2-gpu-{}", process::id()));
    let shipped = folder.join("shipped");
    let options = Options {
        shipped: Some(shipped.clone()),
        cache: Some(folder.join("cache")),
        ..Options::default()
    };
    for &adapter in Adapter::ALL {
        let Some(device) = open(test, adapter, &options) else { continue };
        let path = ptx::ship(&shipped, "kernel", PUT, 80, false).unwrap();
        let to = memory_with(&*device, &[0; 4]);
        let program = compile(&*device, PUT).unwrap();
        launch(
            &*device,
            &*program,
            1,
            &[Argument::Memory(&*to), Argument::U32(0), Argument::U32(7)],
        );
        assert_eq!(bytes_of(&*device, &*to), 7_u32.to_ne_bytes());
        assert!(!folder.join("cache").exists(), "{} was not used", path.display());
    }
    fs::remove_dir_all(&folder).ok();
}
