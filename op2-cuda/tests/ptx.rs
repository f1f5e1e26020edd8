//! CUDA C through NVRTC and `ptxas`, without a GPU. Skipped aloud where those are not; `REQUIRE_NVRTC=1` makes that a
//! failure, and `PTXAS` names the assembler (see `.ci/cuda-tools`).

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use op2_core::device::api::Fault;
use op2_cuda::ptx::assemble;
use op2_cuda::ptx::{self, Assembled};

/// A loop through a map, with a product to contract, and a reduction in the memory of a group.
const TEXT: &str = r#"
extern "C" __global__ void __launch_bounds__(128)
axpy(double *y, const double *x, const unsigned *map, double *sum, unsigned n)
{
    __shared__ double part[128];
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    double value = 0.0;
    if (i < n) {
        value = x[map[i]] * x[i] + y[i];
        y[i] = value;
    }
    part[threadIdx.x] = value;
    __syncthreads();
    for (unsigned half = 64; half > 0; half /= 2) {
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) sum[blockIdx.x] = sqrt(part[0]);
}
"#;

/// More values at once than 32 registers hold.
const SPILLS: &str = r#"
extern "C" __global__ void __launch_bounds__(1024, 2)
crowd(double *x, unsigned n)
{
    double v[40];
    #pragma unroll
    for (int i = 0; i < 40; i++) v[i] = x[i * n + threadIdx.x];
    #pragma unroll
    for (int i = 0; i < 40; i++) x[(39 - i) * n + threadIdx.x] = v[i] * v[(i + 7) % 40];
}
"#;

fn required() -> bool {
    env::var_os("REQUIRE_NVRTC").is_some_and(|value| value == "1")
}

fn can_compile(test: &str) -> bool {
    let can = ptx::can_compile();
    assert!(can || !required(), "NVRTC was not found");
    if !can {
        let fault = ptx::compile(TEXT, 90, false).unwrap_err().to_string();
        assert!(fault.contains("NVRTC") && fault.contains("LD_LIBRARY_PATH"), "{fault}");
        eprintln!("{test}: skipped: NVRTC was not found");
    }
    can
}

fn ptxas(test: &str) -> Option<PathBuf> {
    let named = env::var_os("PTXAS").map(PathBuf::from);
    let search = env::var_os("PATH").unwrap_or_default();
    let found = named
        .or_else(|| env::split_paths(&search).map(|at| at.join("ptxas")).find(|at| at.exists()));
    assert!(found.is_some() || !required(), "ptxas was not found");
    if found.is_none() {
        eprintln!("{test}: skipped: ptxas was not found");
    }
    found
}

fn assembled(ptxas: &Path, text: &str, arch: u32) -> Assembled {
    let ptx = ptx::compile(text, arch, false).expect("the text is valid");
    let all = assemble(ptxas, &ptx, arch).expect("PTX is assembled");
    let [one] = <[Assembled; 1]>::try_from(all).expect("there is one entry");
    eprintln!("sm_{arch}: {one:?}");
    one
}

#[test]
fn loops_are_compiled_for_each_gpu() {
    if !can_compile("loops_are_compiled_for_each_gpu") {
        return;
    }
    for arch in [80, 90] {
        let ptx = ptx::compile(TEXT, arch, false).expect("the text is valid");
        assert!(ptx.contains(&format!(".target sm_{arch}")), "{ptx}");
        assert!(ptx.contains(".entry axpy("), "{ptx}");
    }
}

#[test]
fn operations_are_contracted_only_on_demand() {
    if !can_compile("operations_are_contracted_only_on_demand") {
        return;
    }
    let exact = ptx::compile(TEXT, 90, false).expect("the text is valid");
    assert!(exact.contains("mul.rn.f64") && !exact.contains("fma.rn.f64"), "{exact}");
    assert!(exact.contains("sqrt.rn.f64"), "{exact}");
    let contracted = ptx::compile(TEXT, 90, true).expect("the text is valid");
    assert!(contracted.contains("fma.rn.f64"), "{contracted}");
}

#[test]
fn the_compilers_words_are_passed_on() {
    if !can_compile("the_compilers_words_are_passed_on") {
        return;
    }
    let fault = ptx::compile("__global__ void f() {\n  undeclared = 1;\n}", 90, false).unwrap_err();
    let Fault::NotCompiled { log } = fault else { panic!("{fault}") };
    assert!(log.contains("op2.cu(2): error") && log.contains("\"undeclared\""), "{log}");
}

#[test]
fn a_refusal_names_the_users_file_and_line() {
    if !can_compile("a_refusal_names_the_users_file_and_line") {
        return;
    }
    let text = "extern \"C\" __global__ void run(unsigned *x) {\n\
                #line 41 \"src/flow.rs\"\n\
                x[0] = 1;\n\
                x[1] = nowhere;\n\
                }\n";
    let fault = ptx::compile(text, 90, false).unwrap_err();
    let Fault::NotCompiled { log } = fault else { panic!("{fault}") };
    assert!(log.contains("src/flow.rs(42): error") && log.contains("\"nowhere\""), "{log}");
}

#[test]
fn null_characters_are_refused() {
    if !can_compile("null_characters_are_refused") {
        return;
    }
    let fault = ptx::compile("__global__ void f() {}\0", 90, false).unwrap_err();
    assert!(matches!(fault, Fault::NotCompiled { .. }), "{fault}");
}

#[test]
fn gpus_that_nvrtc_has_given_up_are_named() {
    if !can_compile("gpus_that_nvrtc_has_given_up_are_named") {
        return;
    }
    let fault = ptx::compile(TEXT, 20, false).unwrap_err().to_string();
    assert!(fault.contains("(compute capability 2.0) is too old for NVRTC"), "{fault}");
}

#[test]
fn shipped_programs_are_whole_and_keep_their_names() {
    if !can_compile("shipped_programs_are_whole_and_keep_their_names") {
        return;
    }
    let folder = env::temp_dir().join(format!("op2-ship-{}", process::id()));
    let path = ptx::ship(&folder, "axpy", TEXT, 80, false).expect("the folder can be written");
    let text = fs::read_to_string(&path).expect("the file was written");
    let again = ptx::ship(&folder, "axpy", TEXT, 80, false).expect("the folder can be written");
    let contracted = ptx::ship(&folder, "axpy", TEXT, 80, true).expect("the folder can be written");
    fs::remove_dir_all(&folder).ok();
    assert!(text.starts_with("// op2 ") && text.contains(".entry axpy("), "{text}");
    assert_eq!(path, again);
    assert_ne!(path, contracted);
}

#[test]
fn registers_and_shared_memory_are_reported() {
    let test = "registers_and_shared_memory_are_reported";
    let Some(ptxas) = ptxas(test).filter(|_| can_compile(test)) else { return };
    for arch in [80, 90] {
        let axpy = assembled(&ptxas, TEXT, arch);
        assert_eq!(axpy.entry, "axpy");
        assert_eq!(axpy.shared, 128 * 8);
        assert!((8..64).contains(&axpy.registers), "{axpy:?}");
        assert_eq!((axpy.spill_stores, axpy.spill_loads), (0, 0));
    }
}

#[test]
fn spills_are_reported() {
    let Some(ptxas) = ptxas("spills_are_reported").filter(|_| can_compile("spills_are_reported"))
    else {
        return;
    };
    for arch in [80, 90] {
        let crowd = assembled(&ptxas, SPILLS, arch);
        assert_eq!(crowd.registers, 32, "two groups of 1024 leave no more");
        assert!(crowd.spill_stores > 0 && crowd.spill_loads > 0, "{crowd:?}");
        assert!(crowd.stack > 0, "{crowd:?}");
    }
}

#[test]
fn the_assemblers_words_are_passed_on() {
    let Some(ptxas) = ptxas("the_assemblers_words_are_passed_on") else { return };
    let fault = assemble(&ptxas, ".version 8.0\n.target sm_90\nnonsense\n", 90).unwrap_err();
    let Fault::NotCompiled { log } = fault else { panic!("{fault}") };
    assert!(log.starts_with("ptxas: ") && log.contains("nonsense"), "{log}");
}
