//! Ranks as processes: the same promises as for other communicators, and how programs end.
//!
//! This program is its own `mpirun`: without a task in its environment it starts itself on several ranks,
//! once for each task, with a time limit, and looks at what comes of it. So tasks have a `main` like other
//! programs, and can return errors from it, panic in it, or leave it.
//!
//! Skipped, and said so, where there is no `mpirun`; with `REQUIRE_MPI=1` that is a failure.

#[path = "comm/conformance.rs"]
mod conformance;
#[path = "mpi/launch.rs"]
mod launch;
#[path = "comm/random.rs"]
mod random;
#[path = "comm/rooms.rs"]
mod rooms;
#[path = "mpi/tasks.rs"]
mod tasks;

use launch::{Run, run};

fn main() -> op2_core::base::error::Result<()> {
    if let Ok(task) = std::env::var(launch::TASK) {
        return tasks::run(&task);
    }
    if !launch::has_mpirun() {
        assert!(
            std::env::var("REQUIRE_MPI").is_err(),
            "REQUIRE_MPI is set, but there is no mpirun"
        );
        println!("skipped: there is no mpirun");
        return Ok(());
    }
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    for (name, test) in TESTS {
        if wanted.as_ref().is_none_or(|wanted| name.contains(wanted.as_str())) {
            test();
            println!("test {name} ... ok");
        }
    }
    Ok(())
}

/// What is tested, by name.
const TESTS: [(&str, fn()); 15] = [
    ("they_do_what_every_communicator_must", conformance),
    ("messages_in_pieces_are_the_same_messages", pieces),
    ("calls_may_come_from_any_thread_of_a_rank", any_thread),
    ("a_program_that_initialized_mpi_finalizes_it", foreign),
    ("ranks_that_end_well_wait_for_each_other", end_well),
    ("an_error_from_main_ends_all", error_from_main),
    ("a_panic_ends_all", panic),
    ("leaving_ends_all_from_whatever_thread", leave),
    ("a_rank_can_end_all", abort),
    ("ranks_that_wait_in_a_channel_are_ended", error_in_round),
    ("what_all_ranks_complain_of_is_said_once", common_error),
    ("nobody_waits_for_a_rank_that_has_ended_well", end_early),
    ("ranks_that_call_different_things_are_found", different_calls),
    ("ranks_that_gather_and_do_not_are_found", different_kinds),
    ("a_rank_that_is_late_is_waited_for", come_late),
];

fn conformance() {
    for ranks in 1..=4 {
        run("conformance", ranks).expect_success();
    }
}

fn pieces() {
    run("pieces", 3).expect_success();
}

fn any_thread() {
    run("any thread", 3).expect_success();
}

fn foreign() {
    run("foreign", 2).expect_success();
    expect_one_cause(&run("foreign error", 2), "rank 1 of 2 ended with status 1");
}

fn end_well() {
    let run = run("end well", 3);
    run.expect_success();
    assert!(!run.errors.contains("op2:"), "{}", run.errors);
    // The last one, half a second after the others.
    assert!(run.output.contains("rank 2 is ready"), "{}", run.output);
}

fn error_from_main() {
    let run = run("error", 3);
    expect_one_cause(&run, "rank 1 of 3 ended with status 1: dat `q`: no such thing");
    assert!(run.errors.contains("Error: dat `q`: no such thing"), "{}", run.errors);
    // The last one counts, be it noted or shown.
    for task in ["handled error", "shown error"] {
        let run = self::run(task, 3);
        expect_one_cause(&run, "rank 1 of 3 ended with status 1: the mesh is missing");
    }
}

fn panic() {
    let run = run("panic", 3);
    expect_one_cause(&run, "rank 1 of 3 ended with status 101: panicked at ");
    assert!(run.errors.contains(": index out of bounds; all ranks end"), "{}", run.errors);
}

fn leave() {
    expect_one_cause(&run("leave", 3), "rank 1 of 3 ended with status 3");
    expect_one_cause(&run("leave from a thread", 3), "rank 1 of 3 ended with status 3");
    let well = "rank 1 of 3 ended with status 0 while one of its threads waits for others";
    expect_one_cause(&run("leave from a thread as if well", 3), well);
}

fn abort() {
    expect_one_cause(&run("abort", 3), "rank 1 of 3: the user has had enough");
}

fn error_in_round() {
    expect_one_cause(&run("error in a round", 3), "rank 1 of 3 ended with status 1");
}

fn common_error() {
    expect_one_cause(&run("common error", 3), "rank 0 of 3 ended with status 1: sizes differ");
}

fn end_early() {
    let cause = "rank 1 of 3 ended with status 0, while rank 0 waits for it in something that all";
    expect_one_cause(&run("end early", 3), cause);
    let cause = "rank 1 of 3 ended with status 0, while rank 2 waits for it in the values of other";
    expect_one_cause(&run("end before a round", 3), cause);
    let cause = "rank 1 of 2 ended with status 0, while rank 0 waits for it in the values of other";
    expect_one_cause(&run("end before a message", 2), cause);
}

fn different_calls() {
    // Whoever finds it first: both have what the other lacks.
    let run = run("different calls", 3);
    let of_first = "rank 0 of 3 waits for rank 1 in something that all ranks do together";
    let of_second = "rank 1 of 3 waits for rank 0 in the values of other ranks";
    let cause = if run.errors.contains(of_first) { of_first } else { of_second };
    expect_one_cause(&run, cause);
    assert!(run.errors.contains(": ranks call different things; all ranks end"), "{run:?}");
}

fn different_kinds() {
    let cause = "and rank 1 call different things that all ranks do together";
    expect_one_cause(&run("different collective calls", 2), &format!("rank 0 of 2 {cause}"));
    // Either MPI complains of messages that do not fit, or ranks find that they wait for each other.
    expect_one_cause(&run("different kinds", 2), "rank ");
}

fn come_late() {
    let run = run("come late", 3);
    run.expect_success();
    assert!(!run.errors.contains("op2:"), "{}", run.errors);
}

/// The program failed, soon, with one line of ours, and nothing of it is left.
fn expect_one_cause(run: &Run, cause: &str) {
    assert!(!run.success && !run.timed_out, "{run:?}");
    let lines: Vec<_> = run.errors.lines().filter(|line| line.contains("op2: rank")).collect();
    assert!(lines.len() == 1, "{run:?}");
    assert!(lines[0].contains(&format!("op2: {cause}")), "{}", lines[0]);
    assert!(lines[0].ends_with("; all ranks end"), "{}", lines[0]);
    assert!(run.seconds < 10.0, "{run:?}");
    run.expect_nothing_left();
}
