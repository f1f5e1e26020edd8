//! Which device is opened, and what is said where there is none.

#[allow(dead_code)]
mod common;

use std::env;
use std::process::Command;

use common::{device, device_with};
use op2_core::base::error::Error;
use op2_core::base::layout::Layout;
use op2_core::device::api::Options;
use op2_core::kernel::source::Dialect;
use op2_opencl::{list, open};

fn wish(device: &str) -> Options {
    Options { device: Some(device.to_owned()), ..Options::default() }
}

#[test]
fn a_device_says_what_it_is_like() {
    let Some(device) = device() else { return };
    let facts = device.facts();
    assert_eq!((facts.dialect, facts.layout), (Dialect::OpenClC, Layout::Soa));
    assert!(!facts.name.is_empty() && facts.memory_bytes > 1 << 20);
    assert!(facts.usual_group > 0 && facts.usual_group <= facts.max_group);
    assert!(facts.local_bytes >= 1 << 10);
    let found = list().expect("a list");
    let found = found.iter().find(|found| found.name == facts.name).expect("it is in the list");
    assert_eq!((facts.doubles, facts.memory_bytes), (found.doubles, found.memory_bytes));
}

#[test]
fn each_device_opens_by_its_number_and_name() {
    if device().is_none() {
        return;
    }
    let devices = list().expect("a list");
    for (number, found) in devices.iter().enumerate().filter(|(_, found)| found.unusable.is_none())
    {
        for wanted in [number.to_string(), found.name.to_uppercase(), found.name.to_lowercase()] {
            let device = device_with(&wish(&wanted)).expect("there are devices");
            assert_eq!(device.facts().name, found.name);
        }
    }
}

#[test]
fn a_wrong_choice_lists_what_there_is() {
    if device().is_none() {
        return;
    }
    let Err(Error::Settings(reason)) = open(&wish("abacus")) else { panic!("there is none") };
    assert!(reason.starts_with("OP2_OPENCL_DEVICE=abacus: no OpenCL device has"), "{reason}");
    for (number, found) in list().expect("a list").iter().enumerate() {
        assert!(reason.contains(&format!("\n  {number}: {found}")), "{reason}");
    }
}

/// Tests that the process of another one runs.
const CHILD: &str = "OPENCL_TEST_WITHOUT_DRIVERS";

#[test]
fn a_machine_without_drivers_says_what_to_install() {
    if env::var_os(CHILD).is_some() {
        assert!(list().expect("an empty list").is_empty());
        let Err(Error::Settings(reason)) = open(&Options::default()) else { panic!("no driver") };
        assert!(reason.contains("no driver is installed"), "{reason}");
        assert!(reason.contains("pocl-opencl-icd"), "{reason}");
        return;
    }
    // Loaders look for drivers where this variable says, and there is nothing.
    let nowhere = env::temp_dir().join("op2-opencl-no-drivers");
    std::fs::create_dir_all(&nowhere).expect("a folder");
    let child = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "a_machine_without_drivers_says_what_to_install"])
        .env("OCL_ICD_VENDORS", &nowhere)
        .env(CHILD, "1")
        .output()
        .expect("this program starts");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}
