//! Ranks as threads, when something goes wrong: never a hang, always the rank and the cause.

use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use op2_core::base::comm::{Channel, Comm, Lane};
use op2_core::base::error::{Error, Result};
use op2_core::dist::threads::run;

use crate::watchdog::in_time;

/// A call that waits for other ranks.
type Wait = fn(&dyn Comm) -> Result<()>;

/// All there are.
const WAITS: [(&str, Wait); 6] = [
    ("`all_gather`", |comm| comm.all_gather(b"x").map(drop)),
    ("`all_to_all`", |comm| comm.all_to_all(vec![b"x".to_vec(); comm.size()]).map(drop)),
    ("`start_gather`", |comm| comm.start_gather(b"x")?.finish().map(drop)),
    ("`channel`", |comm| comm.channel(&[], &[]).map(drop)),
    ("`duplicate`", |comm| comm.duplicate().map(drop)),
    ("a round of a channel", |comm| {
        let mut channel = pair(comm)?;
        channel.start()?;
        channel.finish()?;
        // The rank at fault has opened the channel and started one round.
        channel.start()?;
        channel.finish()
    }),
];

/// A channel between ranks 0 and 1.
fn pair(comm: &dyn Comm) -> Result<Box<dyn Channel>> {
    let other = match comm.rank() {
        rank @ 0..2 => vec![Lane { rank: 1 - rank, bytes: 16 }],
        _ => vec![],
    };
    comm.channel(&other, &other)
}

/// What ended a program on so many ranks.
fn failure<R: Send + 'static>(
    ranks: usize,
    program: impl Fn(Arc<dyn Comm>) -> Result<R> + Send + Sync + 'static,
) -> Error {
    in_time(move || run(ranks, program)).err().expect("it must fail")
}

/// What all ranks are told when rank 0 does `at_fault` while the others wait in each possible way.
fn told_while_waiting(at_fault: fn(&dyn Comm) -> Result<()>) -> Vec<(&'static str, String)> {
    let told = WAITS.map(|(name, wait)| {
        let told = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&told);
        let error = failure(3, move |comm| {
            if comm.rank() == 0 {
                if name.contains("round") {
                    let mut channel = pair(comm.as_ref())?;
                    channel.start()?;
                    channel.finish()?;
                }
                sleep(Duration::from_millis(20)); // So that the others wait.
                return at_fault(comm.as_ref());
            }
            let result = wait(comm.as_ref());
            if let Err(error) = &result {
                note.lock().unwrap().push(error.to_string());
                let again = comm.all_gather(b"again").unwrap_err();
                assert_eq!(again.to_string(), error.to_string(), "the reason stays");
            }
            result
        });
        let told = told.lock().unwrap();
        assert!(!told.is_empty(), "{name}");
        assert!(told.iter().all(|text| *text == error.to_string()), "{name}: {told:?}, {error}");
        assert!(matches!(error, Error::Rank { rank: 0, .. }), "{name}: {error}");
        (name, error.to_string())
    });
    told.into()
}

#[test]
fn an_error_on_one_rank_ends_all_wherever_they_wait() {
    for (_, text) in told_while_waiting(|_| Err(Error::other("no such file"))) {
        assert_eq!(text, "rank 0: no such file");
    }
}

#[test]
fn a_panic_on_one_rank_ends_all_wherever_they_wait() {
    for (_, text) in told_while_waiting(|comm| panic!("index {} out of bounds", comm.size())) {
        assert_eq!(text, "rank 0: panicked: index 3 out of bounds");
    }
}

#[test]
fn a_rank_can_end_all() {
    let ended = told_while_waiting(|comm| {
        comm.abort("the user has had enough");
        Ok(())
    });
    for (_, text) in ended {
        assert_eq!(text, "rank 0: the user has had enough");
    }
}

#[test]
fn nobody_waits_for_a_rank_that_has_ended() {
    for (name, text) in told_while_waiting(|_| Ok(())) {
        let head = text.starts_with("rank 0: has ended, but rank ");
        assert!(head && text.contains(" waits for rank"), "{text}");
        assert!(text.ends_with(&format!(" in {name}")), "{text}");
    }
}

#[test]
fn what_a_rank_sent_before_it_ended_arrives() {
    in_time(|| {
        let results = run(2, |comm| {
            let gathering = comm.start_gather(&[comm.rank() as u8])?;
            let mut channel = pair(comm.as_ref())?;
            channel.outgoing(0).fill(comm.rank() as u8 + 5);
            channel.start()?;
            if comm.rank() == 0 {
                return Ok(vec![]);
            }
            sleep(Duration::from_millis(30)); // Rank 0 is gone.
            channel.finish()?;
            assert_eq!(channel.incoming(0), [5; 16]);
            gathering.finish()
        });
        assert_eq!(results.unwrap(), [vec![], vec![0, 1]]);
    });
}

#[test]
fn the_first_failure_is_the_one_reported() {
    let error = failure(4, |comm| {
        if comm.rank() == 2 {
            return Err(Error::other("the cause"));
        }
        comm.all_gather(b"x").map_err(|_| Error::other("a consequence"))
    });
    assert_eq!(error.to_string(), "rank 2: the cause");
}

#[test]
fn a_failure_without_witnesses_is_reported_too() {
    let error = failure(3, |comm| match comm.rank() {
        1 => Err(Error::Settings("OP2_NONSENSE".into())),
        rank => Ok(rank),
    });
    assert_eq!(error.to_string(), "rank 1: OP2_NONSENSE");
}

#[test]
fn different_calls_are_found_whoever_comes_first() {
    for (place, (first, call)) in WAITS[..5].iter().enumerate() {
        for (second, other_call) in WAITS[..5].iter().skip(place + 1) {
            let calls = [*call, *other_call];
            let error = failure(2, move |comm| calls[comm.rank()](comm.as_ref())).to_string();
            let expected = [
                format!("rank 1: calls {second} where rank 0 calls {first}"),
                format!("rank 0: calls {first} where rank 1 calls {second}"),
            ];
            assert!(expected.contains(&error), "{error}");
        }
    }
}

#[test]
fn ranks_that_wait_for_each_other_are_found() {
    let error = failure(2, |comm| {
        let mut channel = pair(comm.as_ref())?;
        if comm.rank() == 1 {
            return comm.all_gather(b"x").map(drop); // It never starts the round.
        }
        channel.start()?;
        channel.finish()
    });
    let expected = "rank 0: waits for ever: rank 0 waits for rank 1 in a round of a channel; \
                    rank 1 waits for rank 0 in `all_gather`";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_circle_of_duplicates_is_found() {
    let error = failure(3, |comm| {
        let comms = [comm.duplicate()?, comm.duplicate()?, comm.duplicate()?];
        comms[comm.rank()].all_gather(b"x")
    });
    // Two of them make a circle already; which, depends on who comes first.
    let text = error.to_string();
    let pair = [[0, 1], [0, 2], [1, 2]].into_iter().find(|pair| {
        let [rank, other] = pair.map(|rank| format!("rank {rank} waits for ranks "));
        text.starts_with(&format!("rank {}: waits for ever: {rank}", pair[0]))
            && text.contains(&other)
    });
    assert!(pair.is_some(), "{text}");
}

/// Whoever else computes is not needed to see that two wait for each other.
#[test]
fn a_circle_is_found_while_others_compute() {
    let error = failure(3, |comm| {
        let (mut first, mut second) = (pair(comm.as_ref())?, pair(comm.as_ref())?);
        match comm.rank() {
            0 => {
                first.start()?;
                first.finish()
            }
            1 => {
                second.start()?;
                second.finish()
            }
            _ => loop {
                sleep(Duration::from_millis(5));
                first.progress()?; // Fails as soon as the others do.
            },
        }
    });
    let text = error.to_string();
    assert!(text.starts_with("rank 0: waits for ever: rank 0 waits for rank 1"), "{text}");
}

/// A chain: rank 2 waits for 1, which waits for 0, which has ended.
#[test]
fn a_chain_that_hangs_on_an_ended_rank_is_found() {
    let error = failure(3, |comm| {
        let lane = |rank| vec![Lane { rank, bytes: 1 }];
        let lanes = |from, to| match comm.rank() {
            rank if rank == from => [lane(to), vec![]],
            rank if rank == to => [vec![], lane(from)],
            _ => [vec![], vec![]],
        };
        let open = |[send, receive]: [Vec<Lane>; 2]| comm.channel(&send, &receive);
        let mut channels = [open(lanes(0, 1))?, open(lanes(1, 2))?];
        if comm.rank() == 0 {
            return Ok(());
        }
        for channel in &mut channels {
            channel.start()?;
            channel.finish()?;
        }
        Ok(())
    });
    let expected = "rank 0: has ended, but rank 1 waits for rank 0 in a round of a channel";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn lanes_must_agree() {
    let cases = [
        (Some(8), Some(4), "rank 0: sends 8 bytes by a channel where rank 1 awaits 4 bytes"),
        (Some(8), None, "rank 0: sends 8 bytes by a channel where rank 1 awaits nothing"),
        (None, Some(0), "rank 0: sends nothing by a channel where rank 1 awaits 0 bytes"),
    ];
    for (sent, awaited, expected) in cases {
        let error = failure(2, move |comm| {
            let lanes = |rank, bytes: Option<usize>| bytes.map(|bytes| Lane { rank, bytes });
            match comm.rank() {
                0 => comm.channel(lanes(1, sent).as_slice(), &[]),
                _ => comm.channel(&[], lanes(0, awaited).as_slice()),
            }
            .map(drop)
        });
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn lanes_lead_to_other_ranks_and_each_once() {
    let lane = |rank| Lane { rank, bytes: 1 };
    let cases = [
        (vec![lane(0)], "rank 0: opens a channel that sends to the rank itself"),
        (vec![lane(2)], "rank 0: opens a channel that sends to rank 2 of 2"),
        (vec![lane(1), lane(1)], "rank 0: opens a channel that sends to rank 1 a second time"),
    ];
    for (lanes, expected) in cases {
        let error = failure(2, move |comm| match comm.rank() {
            0 => comm.channel(&lanes, &[]).map(drop),
            _ => comm.channel(&[], &[]).map(drop),
        });
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn gatherings_take_as_much_from_each() {
    let error = failure(3, |comm| comm.start_gather(&vec![0; 4 + comm.rank() / 2])?.finish());
    assert_eq!(error.to_string(), "rank 2: gathers 5 bytes where rank 0 gathers 4");
}

#[test]
fn calls_from_two_threads_at_once_are_refused() {
    let error = failure(2, |comm| {
        if comm.rank() == 1 {
            sleep(Duration::from_millis(100));
            return comm.all_gather(b"late").map(drop);
        }
        std::thread::scope(|scope| {
            let early = scope.spawn(|| comm.all_gather(b"early").map(drop));
            sleep(Duration::from_millis(30));
            let refused = comm.all_gather(b"too early").map(drop);
            early.join().expect("nothing panics")?;
            refused
        })
    });
    let expected = "rank 0: calls from two threads at once; the calls of a rank come one at a time";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_communicator_that_was_kept_is_of_no_use() {
    let comms = run(2, Ok).unwrap();
    let text = comms[1].all_gather(b"x").unwrap_err().to_string();
    assert_eq!(text, "rank 1: has ended");
}

#[test]
#[should_panic(expected = "under way")]
fn buffers_of_messages_under_way_are_not_given_out() {
    let error = run(2, |comm| {
        let mut channel = pair(comm.as_ref())?;
        channel.start()?;
        channel.outgoing(0).fill(1);
        Ok(())
    });
    panic!("{}", error.unwrap_err());
}
