//! Prints all kernels as one program: `print opencl` or `print cuda`.

use op2_core::kernel::KernelInfo;
use op2_core::kernel::source::{Dialect, write};
use op2_device_source::{KERNELS, all};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dialect = match std::env::args().nth(1).as_deref() {
        Some("opencl") => Dialect::OpenClC,
        Some("cuda") => Dialect::CudaC,
        _ => return Err("name a dialect: opencl or cuda".into()),
    };
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
