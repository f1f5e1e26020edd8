//! What the ranks of a test do.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use op2_core::base::comm::{Channel, Comm, Lane};
use op2_core::base::error::{Error, Result};
use op2_core::dist::mpi;

use crate::{conformance, random};

/// Does a task, as one of several ranks.
pub(crate) fn run(task: &str) -> Result<()> {
    println!("process {}", std::process::id());
    if task.starts_with("foreign") {
        return foreign(task);
    }
    let comm = mpi::world()?;
    assert_eq!(op2_core::dist::launch::launched().unwrap_or(1), comm.size());
    match task {
        "conformance" => in_full(&comm),
        "pieces" => in_pieces(),
        "any thread" => any_thread(&comm),
        "end well" => end_well(&comm),
        "error in a round" => error_in_round(comm.as_ref()),
        "common error" => noted("sizes differ"),
        "come late" => come_late(comm.as_ref()),
        "end before a round" => end_before_a_round(comm.as_ref()),
        "different collective calls" => different_collective_calls(comm.as_ref()),
        "end before a message" => end_before_a_message(comm.as_ref()),
        "different kinds" => different_kinds(comm.as_ref()),
        "different calls" => different_calls(comm.as_ref()),
        // The others wait for this one, and that for the last.
        "leave from a thread" | "leave from a thread as if well" if comm.rank() == 2 => {
            sleep(Duration::from_secs(30));
            Ok(())
        }
        _ if comm.rank() == 1 => misbehave(task, &comm),
        _ => {
            comm.all_gather(b"never")?;
            panic!("nobody gathers with this rank");
        }
    }
}

fn in_full(comm: &Arc<dyn Comm>) -> Result<()> {
    conformance::check(comm)?;
    for seed in 0..3 {
        random::exchange(comm.as_ref(), 100 + seed, 300)?;
    }
    // Larger than what goes without a rendezvous.
    let message = |from: usize, to: usize| vec![(from + 3 * to) as u8; 3_000_000 + from + to];
    let send = (0..comm.size()).map(|to| message(comm.rank(), to)).collect();
    for (from, received) in comm.all_to_all(send)?.into_iter().enumerate() {
        assert!(received == message(from, comm.rank()));
    }
    Ok(())
}

/// Odd, small pieces, so that everything that is cut for its size is cut.
fn in_pieces() -> Result<()> {
    for longest in [1, 7, 64] {
        let comm = mpi::world_in_pieces(longest)?;
        let mine = |rank: usize| (0..23 * rank).map(|byte| byte as u8).collect::<Vec<_>>();
        let all = comm.all_gather(&mine(comm.rank()))?;
        assert_eq!(all, (0..comm.size()).map(mine).collect::<Vec<_>>());
    }
    conformance::check(&mpi::world_in_pieces(7)?)
}

fn any_thread(comm: &Arc<dyn Comm>) -> Result<()> {
    for step in 0..20 {
        let here = Arc::clone(comm);
        let thread = std::thread::spawn(move || here.all_gather(&[step]));
        let all = thread.join().expect("nothing panics")?;
        assert_eq!(all, vec![[step]; comm.size()]);
    }
    Ok(())
}

fn end_well(comm: &Arc<dyn Comm>) -> Result<()> {
    mpi::note(&Error::other("something that was dealt with"));
    comm.all_gather(b"once")?;
    if comm.rank() == 2 {
        sleep(Duration::from_millis(500));
    }
    println!("rank {} is ready", comm.rank());
    Ok(())
}

fn error_in_round(comm: &dyn Comm) -> Result<()> {
    let others = [(1, 0), (0, 1)].into_iter().find(|pair| pair.0 == comm.rank());
    let lanes: Vec<_> =
        others.iter().map(|(_, rank)| Lane { rank: *rank, bytes: 1 << 20 }).collect();
    let mut channel: Box<dyn Channel> = comm.channel(&lanes, &lanes)?;
    channel.start()?;
    if comm.rank() == 1 {
        // With messages under way.
        return Err(Error::other("in the middle of a round"));
    }
    channel.finish()?;
    channel.start()?;
    channel.finish()?;
    comm.all_gather(b"never").map(drop)
}

/// Others wait for long, and ask, but all is well.
fn come_late(comm: &dyn Comm) -> Result<()> {
    let mut ring = ring(comm)?;
    if comm.rank() == 1 {
        sleep(Duration::from_millis(4500));
    }
    ring.start()?;
    ring.finish()?;
    if comm.rank() == 2 {
        sleep(Duration::from_millis(2500));
    }
    comm.all_gather(b"at last").map(drop)
}

fn end_before_a_round(comm: &dyn Comm) -> Result<()> {
    let mut ring = ring(comm)?;
    ring.start()?;
    ring.finish()?;
    if comm.rank() != 1 {
        ring.start()?;
        ring.finish()?;
    }
    Ok(())
}

fn different_calls(comm: &dyn Comm) -> Result<()> {
    let mut ring = ring(comm)?;
    if comm.rank() == 0 {
        return comm.all_gather(b"never").map(drop);
    }
    ring.start()?;
    ring.finish()
}

/// MPI takes one for the other.
fn different_collective_calls(comm: &dyn Comm) -> Result<()> {
    if comm.rank() == 0 {
        comm.all_gather(b"").map(drop)
    } else {
        comm.all_to_all(vec![Vec::new(); comm.size()]).map(drop)
    }
}

/// Rank 0 sends what rank 1 does not come to take.
fn end_before_a_message(comm: &dyn Comm) -> Result<()> {
    let lane = |rank| [Lane { rank, bytes: 1 << 20 }];
    let mut channel = match comm.rank() {
        0 => comm.channel(&lane(1), &[])?,
        _ => comm.channel(&[], &lane(0))?,
    };
    if comm.rank() == 0 {
        channel.start()?;
        channel.finish()?;
    }
    Ok(())
}

/// Of these, MPI may take one for the other.
fn different_kinds(comm: &dyn Comm) -> Result<()> {
    if comm.rank() == 0 {
        return comm.duplicate().map(drop);
    }
    comm.start_gather(b"never")?.finish().map(drop)
}

/// Each rank sends to the next.
fn ring(comm: &dyn Comm) -> Result<Box<dyn Channel>> {
    let (rank, size) = (comm.rank(), comm.size());
    let lane = |rank| [Lane { rank, bytes: 100 }];
    comm.channel(&lane((rank + 1) % size), &lane((rank + size - 1) % size))
}

/// What a context would do.
fn noted(reason: &str) -> Result<()> {
    let error = Error::other(reason);
    mpi::note(&error);
    Err(error)
}

fn misbehave(task: &str, comm: &Arc<dyn Comm>) -> Result<()> {
    sleep(Duration::from_millis(200)); // So that the others wait.
    match task {
        "error" => Err(Error::other("dat `q`: no such thing")),
        "handled error" => {
            noted("something that was dealt with").ok();
            Err(Error::other("the mesh is missing"))
        }
        "shown error" => {
            println!("{:?}: never mind", Error::other("something that was dealt with"));
            noted("the mesh is missing").ok();
            leave(1)
        }
        "panic" => panic!("index out of bounds"),
        "end early" => Ok(()),
        "leave" => leave(3),
        "leave from a thread" => while_waiting(comm, || leave(3)),
        "leave from a thread as if well" => while_waiting(comm, || leave(0)),
        "abort" => {
            comm.abort("the user has had enough");
            unreachable!("it does not return")
        }
        _ => panic!("no such task: {task}"),
    }
}

/// Does something on another thread while this one waits for others in vain.
fn while_waiting(comm: &Arc<dyn Comm>, act: fn() -> Result<()>) -> Result<()> {
    std::thread::spawn(move || {
        sleep(Duration::from_millis(200));
        act()
    });
    comm.all_gather(b"never").map(drop)
}

#[expect(clippy::exit, reason = "that is what is tested")]
fn leave(status: i32) -> Result<()> {
    std::process::exit(status)
}

/// A program that has initialized MPI by itself.
fn foreign(task: &str) -> Result<()> {
    use ::mpi::environment::{Threading, initialize_with_threading};
    let (universe, _) = initialize_with_threading(Threading::Serialized).expect("once");
    let comm = mpi::world()?;
    conformance::check(&comm)?;
    if task == "foreign error" && comm.rank() == 1 {
        std::mem::forget(universe); // An error in `main` would drop it, and that waits.
        return Err(Error::other("on one rank"));
    }
    if task == "foreign error" {
        comm.all_gather(b"never")?;
    }
    drop(comm);
    drop(universe);
    Ok(())
}
