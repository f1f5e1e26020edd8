//! The C of a few kernels, as recorded in `snapshots`. `BLESS=1 cargo test` writes it anew.

mod recorded;

use op2::__private::Kernel;
use op2_core::kernel::source::{Dialect, write};
use op2_device_source::language::{flux, order, search, weighted};

#[test]
fn kernels_are_written_as_recorded() {
    let kernels = [
        ("flux", <flux as Kernel>::INFO),
        ("order", <order as Kernel>::INFO),
        ("search", <search as Kernel>::INFO),
        ("weighted", <weighted<f32, 4> as Kernel>::INFO),
    ];
    for (name, info) in kernels {
        for (dialect, extension) in [(Dialect::OpenClC, "cl"), (Dialect::CudaC, "cu")] {
            let program = write(&[info], dialect).unwrap_or_else(|refusal| panic!("{refusal}"));
            recorded::compare(&format!("{name}.{extension}"), &program.text);
        }
    }
}
