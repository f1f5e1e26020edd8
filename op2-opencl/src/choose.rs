//! Which devices there are, and which one is meant.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use ocl::core::{DeviceId, DeviceInfo, DeviceType, PlatformId};
use op2_core::base::error::{Error, Result};

use crate::driver::{self, number, text};
use crate::fault::Code;

/// A device that was found. It prints as one line of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found {
    /// Its driver.
    pub platform: String,
    /// As its maker calls it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it computes with `f64`.
    pub doubles: bool,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Why it cannot be used; `None` if it can.
    pub unusable: Option<String>,
    pub(crate) platform_id: PlatformId,
    pub(crate) id: DeviceId,
}

/// What a device is, the preferred first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A graphics processor.
    Gpu,
    /// Something else beside the processor.
    Accelerator,
    /// The processor itself.
    Cpu,
    /// None of these.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gpu => "GPU",
            Self::Accelerator => "accelerator",
            Self::Cpu => "CPU",
            Self::Other => "other",
        })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { platform, name, kind, .. } = self;
        let doubles = if self.doubles { "f64" } else { "no f64" };
        let memory = self.memory_bytes as f64 / f64::from(1 << 30);
        write!(f, "{name} ({platform}): {kind}, {doubles}, {memory:.1} GiB")?;
        match &self.unusable {
            Some(reason) => write!(f, ", cannot be used: {reason}"),
            None => Ok(()),
        }
    }
}

/// What there is on this machine.
pub(crate) struct Survey {
    /// The drivers.
    pub(crate) platforms: Vec<String>,
    /// Their devices.
    pub(crate) devices: Vec<Found>,
}

/// Loaders look for drivers when they are first asked, and tell whoever else asks meanwhile that there are none.
static ASKING: Mutex<()> = Mutex::new(());

/// Asks all drivers. One that fails has no devices; it does not hide those of others.
pub(crate) fn survey() -> Result<Survey> {
    let _one_at_a_time = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let ids = driver::platforms().map_err(|code| {
        Error::Settings(format!("the OpenCL loader does not list its platforms: {code}"))
    })?;
    let mut survey = Survey { platforms: Vec::new(), devices: Vec::new() };
    for platform_id in ids {
        let platform = driver::platform_name(platform_id);
        let platform = platform.unwrap_or_else(|code| format!("a platform without a name: {code}"));
        for id in driver::devices(platform_id).unwrap_or_default() {
            survey.devices.extend(look_at(platform_id, &platform, id));
        }
        survey.platforms.push(platform);
    }
    Ok(survey)
}

fn look_at(
    platform_id: PlatformId,
    platform: &str,
    id: DeviceId,
) -> std::result::Result<Found, Code> {
    let kinds = [
        (DeviceType::GPU, Kind::Gpu),
        (DeviceType::ACCELERATOR, Kind::Accelerator),
        (DeviceType::CPU, Kind::Cpu),
    ];
    let is = DeviceType::from_bits_truncate(number(id, DeviceInfo::Type)?);
    Ok(Found {
        platform: platform.to_owned(),
        name: text(id, DeviceInfo::Name)?,
        kind: kinds.iter().find(|kind| is.contains(kind.0)).map_or(Kind::Other, |kind| kind.1),
        doubles: has_extension(id, "cl_khr_fp64")?,
        memory_bytes: number(id, DeviceInfo::GlobalMemSize)?,
        unusable: unusable(id)?,
        platform_id,
        id,
    })
}

/// Whether a device has an extension.
pub(crate) fn has_extension(id: DeviceId, name: &str) -> std::result::Result<bool, Code> {
    Ok(text(id, DeviceInfo::Extensions)?.split_whitespace().any(|extension| extension == name))
}

fn unusable(id: DeviceId) -> std::result::Result<Option<String>, Code> {
    let version = text(id, DeviceInfo::Version)?;
    Ok(if number(id, DeviceInfo::Available)? == 0 {
        Some("its driver says that it is not available".to_owned())
    } else if number(id, DeviceInfo::CompilerAvailable)? == 0 {
        Some("its driver has no compiler".to_owned())
    } else if number(id, DeviceInfo::EndianLittle)? != u64::from(cfg!(target_endian = "little")) {
        Some("its numbers have their bytes in another order".to_owned())
    } else if is_before_1_2(&version) {
        Some(format!("it has {version}, and 1.2 is needed"))
    } else {
        None
    })
}

/// `OpenCL <major>.<minor> <anything>` says so in every version; anything else is believed to be new.
fn is_before_1_2(version: &str) -> bool {
    let number = version.split_whitespace().nth(1).unwrap_or_default();
    let (major, minor) = number.split_once('.').unwrap_or_default();
    matches!((major.parse::<u32>(), minor.parse::<u32>()), (Ok(major), Ok(minor)) if (major, minor) < (1, 2))
}

/// The device that is meant by its number or a part of its name, or the best one.
pub(crate) fn choose(wish: Option<&str>) -> Result<Found> {
    let Survey { platforms, mut devices } = survey()?;
    match find(wish, &platforms, &devices) {
        Ok(number) => Ok(devices.swap_remove(number)),
        Err(reason) => Err(Error::Settings(reason)),
    }
}

fn find(
    wish: Option<&str>,
    platforms: &[String],
    devices: &[Found],
) -> std::result::Result<usize, String> {
    if platforms.is_empty() {
        return Err("there is no OpenCL on this machine: no driver is installed. Drivers of GPUs bring one; \
                    PoCL (package pocl-opencl-icd) makes a device of the CPU. `clinfo -l` lists what is found"
            .to_owned());
    }
    if devices.is_empty() {
        let platforms = platforms.join(", ");
        return Err(format!("the OpenCL drivers of this machine have no device: {platforms}"));
    }
    match wish.map(str::trim) {
        Some(wish) => named(wish, devices).map_err(|reason| {
            format!("OP2_OPENCL_DEVICE={wish}: {reason}; there are\n{}", listing(devices))
        }),
        None => best(devices).ok_or_else(|| {
            format!("no OpenCL device of this machine can be used; there are\n{}", listing(devices))
        }),
    }
}

/// The first of the best, if any can be used.
fn best(devices: &[Found]) -> Option<usize> {
    let usable = devices.iter().enumerate().filter(|(_, device)| device.unusable.is_none());
    usable.min_by_key(|(_, device)| (!device.doubles, device.kind)).map(|(number, _)| number)
}

/// The device with this number, or the first good one with this in its name, or else in its driver's.
fn named(wish: &str, devices: &[Found]) -> std::result::Result<usize, String> {
    let number = wish.parse().ok().filter(|&number: &usize| number < devices.len());
    let matching = |name: &dyn Fn(&Found) -> &str| {
        let has = |device: &Found| name(device).to_lowercase().contains(&wish.to_lowercase());
        let mut found: Vec<usize> = (0..devices.len()).filter(|&i| has(&devices[i])).collect();
        found.sort_by_key(|&number| devices[number].unusable.is_some());
        found.first().copied()
    };
    let found = number
        .or_else(|| matching(&|device| &device.name))
        .or_else(|| matching(&|device| &device.platform));
    match found {
        _ if wish.is_empty() => Err("this is neither a number nor a name".to_owned()),
        None => Err("no OpenCL device has this number or name".to_owned()),
        Some(found) => match &devices[found].unusable {
            Some(reason) => Err(format!("device {found} cannot be used: {reason}")),
            None => Ok(found),
        },
    }
}

/// All devices with their numbers.
fn listing(devices: &[Found]) -> String {
    let line = |(number, device): (usize, &Found)| format!("  {number}: {device}");
    devices.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up(name: &str, kind: Kind, doubles: bool) -> Found {
        let (platform_id, id) = driver::nowhere();
        Found {
            platform: format!("{kind} company"),
            name: name.to_owned(),
            kind,
            doubles,
            memory_bytes: 8 << 30,
            unusable: None,
            platform_id,
            id,
        }
    }

    fn machine() -> Vec<Found> {
        vec![
            made_up("Processor 9000", Kind::Cpu, true),
            made_up("Graphics S", Kind::Gpu, false),
            made_up("Board", Kind::Accelerator, true),
            made_up("Graphics L", Kind::Gpu, true),
            made_up("Graphics L", Kind::Gpu, true),
        ]
    }

    fn choice(wish: Option<&str>, devices: &[Found]) -> std::result::Result<usize, String> {
        find(wish, &["a driver".to_owned()], devices)
    }

    #[test]
    fn the_first_gpu_with_doubles_is_best_then_accelerators_then_cpus() {
        let mut devices = machine();
        for expected in [3, 4, 2, 0, 1] {
            assert_eq!(choice(None, &devices), Ok(expected));
            devices[expected].unusable = Some("it is taken".to_owned());
        }
        let error = choice(None, &devices).expect_err("none is left");
        assert!(error.contains(
            "4: Graphics L (GPU company): GPU, f64, 8.0 GiB, cannot be used: it is taken"
        ));
    }

    #[test]
    fn a_device_is_meant_by_number_or_name_or_driver() {
        let devices = machine();
        let choose = |wish| choice(Some(wish), &devices);
        assert_eq!(choose("4"), Ok(4));
        assert_eq!(choose(" graphics l "), Ok(3));
        assert_eq!(choose("GRAPHICS"), Ok(1));
        assert_eq!(choose("9000"), Ok(0));
        assert_eq!(choose("accelerator comp"), Ok(2));
    }

    #[test]
    fn a_name_of_several_means_one_that_can_be_used() {
        let mut devices = machine();
        devices[3].unusable = Some("it is taken".to_owned());
        assert_eq!(choice(Some("graphics l"), &devices), Ok(4));
        let error = choice(Some("3"), &devices).expect_err("it is taken");
        assert!(error.starts_with("OP2_OPENCL_DEVICE=3: device 3 cannot be used: it is taken"));
    }

    #[test]
    fn a_wrong_choice_lists_what_there_is() {
        let error = choice(Some("radeon"), &machine()[..2]).expect_err("there is none");
        assert_eq!(
            error,
            "OP2_OPENCL_DEVICE=radeon: no OpenCL device has this number or name; there are\n  \
             0: Processor 9000 (CPU company): CPU, f64, 8.0 GiB\n  \
             1: Graphics S (GPU company): GPU, no f64, 8.0 GiB"
        );
        assert!(choice(Some("5"), &machine()).is_err());
        assert!(choice(Some(" "), &machine()).is_err());
    }

    #[test]
    fn drivers_without_devices_are_named() {
        let error = find(None, &["A".to_owned(), "B".to_owned()], &[]).expect_err("no device");
        assert!(error.ends_with("A, B"), "{error}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let old = ["OpenCL 1.0 x", "OpenCL 1.1"];
        let new =
            ["OpenCL 1.2 x", "OpenCL 2.0", "OpenCL 3.0 PoCL", "OpenCL 10.1", "unheard of", ""];
        assert!(old.iter().all(|version| is_before_1_2(version)));
        assert!(!new.iter().any(|version| is_before_1_2(version)));
    }
}
