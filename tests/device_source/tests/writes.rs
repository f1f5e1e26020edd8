//! Every kernel can be written in every dialect.

use op2_core::kernel::source::{Dialect, write};
use op2_device_source::{KERNELS, all};

#[test]
fn every_kernel_can_be_written() {
    let kernels = all().into_iter().chain(KERNELS.iter().map(|(_, info)| *info));
    let mut written = 0;
    for info in kernels.filter(|info| !info.host) {
        for dialect in [Dialect::OpenClC, Dialect::CudaC] {
            let program = write(&[info], dialect).unwrap_or_else(|refusal| panic!("{refusal}"));
            assert_eq!(program.entries[0].params.len(), info.params.len(), "{}", info.name);
            written += 1;
        }
    }
    assert!(written > 700, "{written}");
}

#[test]
fn a_host_kernel_is_refused() {
    let host = all().into_iter().find(|info| info.host).expect("the suite has host kernels");
    let refusal = write(&[host], Dialect::OpenClC).expect_err("host kernels hold any Rust");
    assert!(refusal.to_string().contains("it is a host kernel"), "{refusal}");
}
