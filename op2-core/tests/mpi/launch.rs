//! Starts this program again, on several ranks, with a time limit.

use std::path::Path;
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Names the task of a program that was started as a rank.
pub(crate) const TASK: &str = "MPI_TEST_TASK";

/// After this many seconds something hangs.
const LIMIT: &str = "60";

/// How a program on several ranks went.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) timed_out: bool,
    pub(crate) seconds: f64,
    pub(crate) output: String,
    pub(crate) errors: String,
}

pub(crate) fn has_mpirun() -> bool {
    Command::new("mpirun").arg("--version").output().is_ok()
}

/// Does a task on so many ranks.
pub(crate) fn run(task: &str, ranks: usize) -> Run {
    let program = std::env::current_exe().expect("a program knows where it is");
    let begin = Instant::now();
    // `timeout` asks first, so that `mpirun` can end its ranks.
    let Output { status, stdout, stderr } = Command::new("timeout")
        .args(["-k", "5", LIMIT, "mpirun", "--oversubscribe", "-n", &ranks.to_string()])
        .arg(program)
        .env(TASK, task)
        // In containers one is root, and may not read the memory of others.
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .env("OMPI_MCA_btl_vader_single_copy_mechanism", "none")
        .output()
        .expect("coreutils have `timeout`");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Run {
        success: status.success(),
        timed_out: matches!(status.code(), None | Some(124 | 137)),
        seconds: begin.elapsed().as_secs_f64(),
        output: text(stdout),
        errors: text(stderr),
    }
}

impl Run {
    pub(crate) fn expect_success(&self) {
        assert!(self.success, "{}\n{}", self.output, self.errors);
        self.expect_nothing_left();
    }

    /// All processes that said they are there are gone, at once or soon.
    pub(crate) fn expect_nothing_left(&self) {
        let numbers = self.output.lines().filter_map(|line| line.strip_prefix("process "));
        let processes: Vec<_> = numbers.map(|number| format!("/proc/{number}")).collect();
        assert!(!processes.is_empty(), "{self:?}");
        for _ in 0..50 {
            if processes.iter().all(|process| !Path::new(process).exists()) {
                return;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("processes are left: {processes:?}");
    }
}
