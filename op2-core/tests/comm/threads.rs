//! Ranks as threads, when all goes well.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use op2_core::base::comm::Lane;
use op2_core::dist::threads::run;

use crate::watchdog::in_time;
use crate::{conformance, random};

#[test]
fn they_do_what_every_communicator_must() {
    for ranks in 1..=8 {
        in_time(move || run(ranks, |comm| conformance::check(&comm)).unwrap());
    }
}

#[test]
fn random_calls_bring_every_message_to_its_place() {
    for seed in 0..24 {
        let ranks = 1 + seed as usize % 8;
        in_time(move || run(ranks, |comm| random::exchange(comm.as_ref(), seed, 400)).unwrap());
    }
}

#[test]
fn results_come_by_rank() {
    let results = run(5, |comm| Ok(format!("{} of {}", comm.rank(), comm.size()))).unwrap();
    assert_eq!(results, ["0 of 5", "1 of 5", "2 of 5", "3 of 5", "4 of 5"]);
}

#[test]
fn a_program_has_at_least_one_rank() {
    let error = run(0, |_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "a program needs at least one rank, not 0");
}

#[test]
fn ranks_have_the_stack_of_a_main_thread() {
    // Each call takes more than this from the stack.
    fn down(depth: usize) -> usize {
        let frame = std::hint::black_box([1_u8; 4096]);
        if depth == 0 { 0 } else { usize::from(frame[depth % 4096]) + down(depth - 1) }
    }
    assert_eq!(run(2, |_| Ok(down(1500))).unwrap(), [1500; 2]);
}

#[test]
fn calls_may_come_from_any_thread_of_a_rank() {
    in_time(|| {
        run(3, |comm| {
            for step in 0..20 {
                let mine = [comm.rank() as u8, step];
                let all = std::thread::scope(|scope| {
                    scope.spawn(|| comm.all_gather(&mine)).join().expect("nothing panics")
                })?;
                assert_eq!(all, [[0, step], [1, step], [2, step]]);
            }
            Ok(())
        })
        .unwrap();
    });
}

/// Two programs at once, one in the other: their ranks have nothing to do with each other.
#[test]
fn programs_may_run_in_programs() {
    in_time(|| {
        let results = run(2, |outer| {
            let inner = run(3, |inner| Ok(inner.all_gather(&[outer.rank() as u8])?.concat()))?;
            outer.all_gather(&inner.concat())
        });
        assert_eq!(results.unwrap(), [[[0; 9], [1; 9]], [[0; 9], [1; 9]]]);
    });
}

#[test]
fn a_sender_is_at_most_a_round_ahead() {
    const ROUNDS: usize = 30;
    let sent = Arc::new(AtomicUsize::new(0));
    in_time(move || {
        run(2, |comm| {
            if comm.rank() == 0 {
                let mut channel = comm.channel(&[Lane { rank: 1, bytes: 8 }], &[])?;
                for round in 0..ROUNDS {
                    channel.outgoing(0).copy_from_slice(&round.to_le_bytes());
                    channel.start()?;
                    channel.finish()?;
                    sent.store(round + 1, Ordering::SeqCst);
                }
                return Ok(());
            }
            let mut channel = comm.channel(&[], &[Lane { rank: 0, bytes: 8 }])?;
            for round in 0..ROUNDS {
                std::thread::sleep(Duration::from_millis(2));
                let ahead = sent.load(Ordering::SeqCst).saturating_sub(round);
                assert!(ahead <= 1, "{ahead} rounds ahead");
                channel.start()?;
                channel.finish()?;
                assert_eq!(channel.incoming(0), round.to_le_bytes());
            }
            Ok(())
        })
        .unwrap();
    });
}

#[test]
fn starting_a_round_waits_for_nobody() {
    in_time(|| {
        run(2, |comm| {
            let other = 1 - comm.rank();
            let lane = [Lane { rank: other, bytes: 1 << 20 }];
            let (first, second) = (comm.channel(&lane, &lane)?, comm.channel(&lane, &lane)?);
            // Each starts what the other starts last.
            let mut channels = if comm.rank() == 0 { [first, second] } else { [second, first] };
            for channel in &mut channels {
                channel.start()?;
            }
            for channel in &mut channels {
                channel.finish()?;
            }
            Ok(())
        })
        .unwrap();
    });
}
