//! Prints all kernels as one program: `print opencl` or `print cuda`; or writes every loop in every form
//! into a folder: `print cuda FOLDER`.

use std::fs;
use std::path::Path;

use op2_core::base::layout::Layout;
use op2_core::device::order::Races;
use op2_core::device::targets::targets;
use op2_core::device::wrapper::Shape;
use op2_core::kernel::KernelInfo;
use op2_core::kernel::source::{Dialect, write};
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
        Some(folder) => loops(dialect, Path::new(&folder)),
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

fn loops(dialect: Dialect, folder: &Path) -> Result<()> {
    let extension = if dialect == Dialect::OpenClC { "cl" } else { "cu" };
    fs::create_dir_all(folder)?;
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
