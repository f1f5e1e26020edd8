//! The C of a few kernels, as recorded in `snapshots`. `BLESS=1 cargo test` writes it anew.

use std::path::Path;
use std::{env, fs};

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
            compare(&format!("{name}.{extension}"), &program.text);
        }
    }
}

fn compare(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if env::var_os("BLESS").is_some() {
        fs::write(path, found).expect("the snapshot is writable");
        return;
    }
    let recorded = fs::read_to_string(path).unwrap_or_default();
    assert!(recorded == found, "{name} differs; found:\n{found}\nrun with BLESS=1 to record it");
}
