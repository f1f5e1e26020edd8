//! Prints all kernels as one program: `print opencl` or `print cuda`; or writes every loop in every form
//! into a folder, and programs with all functions of the mathematical library, all kernels of the language and all
//! random ones: `print cuda FOLDER`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use op2::__private::Kernel;
use op2_core::base::layout::Layout;
use op2_core::device::order::Races;
use op2_core::device::targets::targets;
use op2_core::device::wrapper::Shape;
use op2_core::kernel::KernelInfo;
use op2_core::kernel::source::{Dialect, write};
use op2_device_source::language::{advance, functions, lengths, order, search, single, walk};
use op2_device_source::loops::examples;
use op2_device_source::{KERNELS, all, forms};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let dialect = match std::env::args().nth(1).as_deref() {
        Some("opencl") => Dialect::OpenClC,
        Some("cuda") => Dialect::CudaC,
        _ => return Err("name a dialect: opencl or cuda".into()),
    };
    match std::env::args().nth(2) {
        Some(folder) => {
            let folder = Path::new(&folder);
            fs::create_dir_all(folder)?;
            programs(dialect, folder)?;
            loops(dialect, folder)
        }
        None => kernels(dialect),
    }
}

fn kernels(dialect: Dialect) -> Result<()> {
    let random = KERNELS.iter().map(|(_, info)| *info);
    let kernels: Vec<&KernelInfo> =
        all().into_iter().chain(random).filter(|info| !info.host).collect();
    let program = write(&kernels, dialect)?;
    println!("{}", program.text);
    for entry in program.entries {
        println!("// {}({})", entry.name, entry.params.join(", "));
    }
    Ok(())
}

/// Random kernels in one program: a compiler takes long to start.
const TOGETHER: usize = 20;

fn programs(dialect: Dialect, folder: &Path) -> Result<()> {
    let language = vec![
        <advance as Kernel>::INFO,
        <lengths as Kernel>::INFO,
        <order as Kernel>::INFO,
        <search as Kernel>::INFO,
        <single as Kernel>::INFO,
        <walk as Kernel>::INFO,
    ];
    let mut programs = vec![
        ("language".to_owned(), language),
        ("functions_f32".to_owned(), vec![<functions<f32> as Kernel>::INFO]),
        ("functions_f64".to_owned(), vec![<functions<f64> as Kernel>::INFO]),
    ];
    for (k, cases) in KERNELS.chunks(TOGETHER).enumerate() {
        programs.push((format!("random_{k}"), cases.iter().map(|(_, info)| *info).collect()));
    }
    for (name, kernels) in programs {
        let text = program(&kernels, dialect)?;
        fs::write(folder.join(format!("{name}.{}", extension(dialect))), text)?;
    }
    Ok(())
}

/// The kernels, and an entry that calls one after the other, with arguments out of `data` and back there.
fn program(kernels: &[&KernelInfo], dialect: Dialect) -> Result<String> {
    let program = write(kernels, dialect)?;
    let (head, global) = match dialect {
        Dialect::OpenClC => ("__kernel void", "__global "),
        Dialect::CudaC => ("extern \"C\" __global__ void", ""),
    };
    let mut text = program.text;
    writeln!(text, "{head} run({global}u8 *data, OP2_CONSTANT u8 *constants)\n{{")?;
    for entry in &program.entries {
        let (mut load, mut given, mut store) = (String::new(), Vec::new(), String::new());
        for (k, param) in entry.params.iter().enumerate() {
            let place = format!("(({global}{param} *)data)[{k}]");
            write!(load, "{param} p{k} = {place}; ")?;
            write!(store, "{place} = p{k}; ")?;
            given.push(format!("&p{k}"));
        }
        if entry.constants {
            given.push("constants".to_owned());
        }
        writeln!(text, "{{ {load}{}({}); {store}}}", entry.name, given.join(", "))?;
    }
    text.push_str("}\n");
    Ok(text)
}

fn extension(dialect: Dialect) -> &'static str {
    if dialect == Dialect::OpenClC { "cl" } else { "cu" }
}

fn loops(dialect: Dialect, folder: &Path) -> Result<()> {
    let extension = extension(dialect);
    for example in examples()? {
        for races in example.prepared.with(forms::races) {
            for layout in [Layout::Aos, Layout::Soa] {
                let wrapper = example.prepared.with(|the_loop| {
                    let rows = vec![100; targets(the_loop).len()];
                    let shape = (races == Races::Staging).then_some(Shape { block: 64, rows });
                    forms::written(the_loop, races, layout, shape, &forms::facts(dialect))
                })?;
                let name = format!("{}_{races:?}_{layout}.{extension}", example.name);
                fs::write(folder.join(name), wrapper.text)?;
            }
        }
    }
    Ok(())
}
