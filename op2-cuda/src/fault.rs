//! What a driver's answers mean, and what one can do about them.

use op2_core::base::error::Error;
use op2_core::device::api::{Fault, LastStarted};

use crate::driver::{Failure, code};

/// Why no GPU was opened, for whoever chose the settings.
pub(crate) fn settings(reason: &str) -> Error {
    Error::Settings(format!("CUDA: {reason}"))
}

/// No driver.
pub(crate) fn no_driver() -> Error {
    settings(
        "there is no NVIDIA driver here (libcuda was not found); on a machine with an NVIDIA GPU, install \
         its driver, and in a container pass the GPU on; elsewhere choose another backend",
    )
}

/// A driver that does not come up, or does not open the GPU.
pub(crate) fn not_opened(failure: &Failure) -> Error {
    let hint = match failure.code {
        code::NO_DEVICE => "the driver finds no GPU (does CUDA_VISIBLE_DEVICES hide it?)",
        code::STUB_LIBRARY => {
            "the libcuda that was found is a stub, made to link against; take its folder from LD_LIBRARY_PATH"
        }
        code::DEVICE_UNAVAILABLE => {
            "the GPU is taken by another program, and set to serve one at a time (`nvidia-smi -c 0` ends that)"
        }
        code::OUT_OF_MEMORY => "the GPU's memory is taken by other programs",
        code::SYSTEM_NOT_READY => {
            "the system is not ready: its fabric manager may have to be started"
        }
        code::SYSTEM_DRIVER_MISMATCH => {
            "libcuda and the kernel's driver are of different versions; restart after updates"
        }
        _ => "the driver does not work; does `nvidia-smi` run?",
    };
    settings(&format!("{hint} ({failure})"))
}

/// A call that failed, maybe because of the program that was started last.
pub(crate) fn fault(failure: &Failure, last: &LastStarted) -> Fault {
    let mut text = failure.to_string();
    if failure.blames_program() {
        text = last.after(&text);
    }
    if let Some(hint) = hint(failure.code) {
        text = format!("{text}\n{hint}");
    }
    Fault::Driver(text)
}

/// An allocation that failed.
pub(crate) fn not_allocated(failure: &Failure, bytes: usize, last: &LastStarted) -> Fault {
    match failure.code {
        code::OUT_OF_MEMORY => Fault::OutOfMemory { bytes },
        _ => fault(failure, last),
    }
}

/// PTX that the driver does not take.
pub(crate) fn not_loaded(failure: &Failure, name: &str, last: &LastStarted) -> Fault {
    let hint = match failure.code {
        code::UNSUPPORTED_PTX_VERSION => {
            "the program's PTX is newer than the driver; update the driver, or put an NVRTC that is no newer \
             than it first on LD_LIBRARY_PATH"
        }
        code::NO_BINARY_FOR_GPU => "the program was compiled for a newer GPU",
        code::INVALID_PTX | code::INVALID_IMAGE => "the program's PTX is damaged",
        code::JIT_COMPILER_NOT_FOUND => {
            "the driver's compiler (libnvidia-ptxjitcompiler) is missing; in a container, pass the driver's \
             `compute` part on"
        }
        code::NOT_FOUND => "the program lacks its entry",
        _ => return fault(failure, last),
    };
    Fault::NotCompiled { log: format!("{name}: {hint}\n{failure}") }
}

/// What may be done about errors of running programs. They come up in whatever is asked next, and no
/// later call succeeds.
fn hint(code: u32) -> Option<&'static str> {
    Some(match code {
        code::ILLEGAL_ADDRESS | code::MISALIGNED_ADDRESS => {
            "a loop that ran before this reached outside its data, and this process cannot use the GPU any \
             more; a run with OP2_CHECKED=1 on the host, or under `compute-sanitizer`, finds the loop"
        }
        code::LAUNCH_FAILED => {
            "a loop that ran before this failed, and this process cannot use the GPU any more; \
             `compute-sanitizer` finds the loop"
        }
        code::LAUNCH_OUT_OF_RESOURCES => {
            "the loop needs more registers or memory of a group than there is"
        }
        code::LAUNCH_TIMEOUT => {
            "a loop took longer than a GPU that also drives a display allows; use one that drives none"
        }
        code::OUT_OF_MEMORY => "the GPU's memory is full",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: u32) -> Failure {
        Failure { call: "cuCall", code, log: String::new() }
    }

    #[test]
    fn success_is_no_failure() {
        assert_eq!(Failure::check("cuCall", 0), Ok(()));
        assert_eq!(Failure::check("cuCall", 700), Err(failure(700)));
    }

    #[test]
    fn an_allocation_that_finds_no_room_says_how_much_it_wanted() {
        let full = failure(code::OUT_OF_MEMORY);
        let last = LastStarted::default();
        assert_eq!(not_allocated(&full, 10, &last), Fault::OutOfMemory { bytes: 10 });
        assert!(matches!(not_allocated(&failure(700), 10, &last), Fault::Driver(_)));
    }

    #[test]
    fn a_loop_outside_its_data_is_explained() {
        let fault = fault(&failure(code::ILLEGAL_ADDRESS), &LastStarted::default());
        let Fault::Driver(text) = fault else { panic!() };
        assert!(
            text.starts_with("cuCall: CUDA_ERROR_ILLEGAL_ADDRESS\na loop that ran before"),
            "{text}"
        );
    }

    #[test]
    fn what_programs_break_is_said_with_the_one_that_was_started_last() {
        let last = LastStarted::default();
        last.set(&"res_calc".into());
        let text = |code| fault(&failure(code), &last).to_string();
        for code in [700, 702, 714, 715, 716, 717, 718, 719] {
            let text = text(code);
            let line = text.lines().next().unwrap_or_default();
            assert!(line.ends_with(", after loop `res_calc` was started there"), "{text}");
        }
        for code in [1, 2, 100, 701, 709, 999] {
            assert!(!text(code).contains("res_calc"), "{}", text(code));
        }
    }

    #[test]
    fn unknown_codes_are_said_as_they_are() {
        let fault = fault(&failure(12345), &LastStarted::default());
        assert_eq!(fault, Fault::Driver("cuCall: CUDA error 12345".to_owned()));
    }

    #[test]
    fn what_the_driver_says_besides_is_kept() {
        let said =
            Failure { log: "line 3: unknown directive".to_owned(), ..failure(code::INVALID_PTX) };
        let fault = not_loaded(&said, "res_calc", &LastStarted::default());
        let Fault::NotCompiled { log } = fault else { panic!() };
        assert_eq!(
            log,
            "res_calc: the program's PTX is damaged\n\
             cuCall: CUDA_ERROR_INVALID_PTX\nline 3: unknown directive"
        );
    }

    #[test]
    fn ptx_from_the_future_says_what_to_update() {
        let newer = failure(code::UNSUPPORTED_PTX_VERSION);
        let fault = not_loaded(&newer, "res_calc", &LastStarted::default()).to_string();
        assert!(fault.contains("newer than the driver"), "{fault}");
    }

    #[test]
    fn machines_without_gpu_are_a_matter_of_settings() {
        assert!(no_driver().to_string().starts_with("CUDA: there is no NVIDIA driver here"));
        for code in [code::NO_DEVICE, code::STUB_LIBRARY, 999] {
            let error = not_opened(&failure(code));
            assert!(matches!(&error, Error::Settings(_)), "{error}");
        }
    }
}
