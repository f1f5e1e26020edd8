//! Random sequences of everything that a communicator can do, the same on all ranks, with ranks that
//! are late at random, and messages whose bytes say where they belong.

use std::sync::Arc;
use std::time::Duration;

use op2_core::base::comm::{Channel, Comm, Gathering, Lane};
use op2_core::base::error::Result;

/// Makes so many random calls. Collective; equal seeds give equal sequences.
pub(crate) fn exchange(comm: &dyn Comm, seed: u64, steps: u64) -> Result<()> {
    let mut run = Run {
        comms: vec![comm.duplicate()?],
        gatherings: Vec::new(),
        channels: Vec::new(),
        common: Random(seed ^ 0x5eed),
        own: Random(seed ^ (comm.rank() as u64) << 32),
    };
    for step in 0..steps {
        run.step(step)?;
    }
    Ok(())
}

/// Small, fast, and the same everywhere: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// A message that nobody else sends: its length and bytes follow from when, from whom, to whom.
fn message(step: u64, from: usize, to: usize) -> Vec<u8> {
    let mut random = Random(step << 16 ^ (from << 8) as u64 ^ to as u64);
    let bytes = [0, 1, 7, 8, 100, 5000][random.below(6)];
    fill(bytes, &mut random)
}

fn fill(bytes: usize, random: &mut Random) -> Vec<u8> {
    (0..bytes).map(|_| random.next() as u8).collect()
}

fn lane_message(step: u64, round: u64, from: usize, to: usize, bytes: usize) -> Vec<u8> {
    fill(bytes, &mut Random(step << 32 ^ round << 16 ^ (from << 8) as u64 ^ to as u64))
}

/// A channel, and what its messages must be.
struct Rounds {
    channel: Box<dyn Channel>,
    send: Vec<Lane>,
    receive: Vec<Lane>,
    opened: u64,
    finished: u64,
    under_way: bool,
}

struct Run {
    comms: Vec<Arc<dyn Comm>>,
    gatherings: Vec<(Box<dyn Gathering>, Vec<u8>)>,
    channels: Vec<Rounds>,
    /// What all ranks agree on.
    common: Random,
    /// What they need not agree on.
    own: Random,
}

impl Run {
    fn step(&mut self, step: u64) -> Result<()> {
        if self.own.below(8) == 0 {
            std::thread::sleep(Duration::from_micros(self.own.next() % 300));
        }
        let comm = Arc::clone(&self.comms[self.common.below(self.comms.len())]);
        match self.common.below(12) {
            0 => gather(comm.as_ref(), step),
            1 => exchange_all(comm.as_ref(), step),
            2 | 3 => self.start_gathering(comm.as_ref(), step),
            4 => self.finish_gathering(),
            5 => self.open(comm.as_ref(), step),
            6 if self.comms.len() < 4 => {
                self.comms.push(comm.duplicate()?);
                Ok(())
            }
            7 => self.close(),
            _ => self.advance(comm.rank()),
        }
    }

    fn start_gathering(&mut self, comm: &dyn Comm, step: u64) -> Result<()> {
        let bytes = [0, 1, 8, 800][self.common.below(4)];
        let part = |rank| lane_message(step, 0, rank, 0, bytes);
        let all = (0..comm.size()).flat_map(part).collect();
        self.gatherings.push((comm.start_gather(&part(comm.rank()))?, all));
        Ok(())
    }

    /// Any of them, another on each rank; sometimes nobody ever asks.
    fn finish_gathering(&mut self) -> Result<()> {
        if self.gatherings.is_empty() {
            return Ok(());
        }
        let place = self.own.below(self.gatherings.len());
        let (gathering, expected) = self.gatherings.swap_remove(place);
        assert_eq!(gathering.finish()?, expected);
        Ok(())
    }

    /// A random graph, with the lanes in a sequence that differs from rank to rank.
    fn open(&mut self, comm: &dyn Comm, step: u64) -> Result<()> {
        let (mut send, mut receive) = (Vec::new(), Vec::new());
        for from in 0..comm.size() {
            for to in (0..comm.size()).filter(|to| *to != from) {
                let bytes = [0, 1, 24, 3000, 30_000][self.common.below(5)];
                if self.common.below(2) == 0 {
                    continue;
                }
                if from == comm.rank() {
                    send.push(Lane { rank: to, bytes });
                } else if to == comm.rank() {
                    receive.push(Lane { rank: from, bytes });
                }
            }
        }
        send.sort_by_key(|_| self.own.next());
        receive.sort_by_key(|_| self.own.next());
        let channel = comm.channel(&send, &receive)?;
        self.channels.push(Rounds {
            channel,
            send,
            receive,
            opened: step,
            finished: 0,
            under_way: false,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        if self.channels.is_empty() {
            return Ok(());
        }
        let place = self.common.below(self.channels.len());
        self.channels.swap_remove(place).channel.finish()
    }

    /// Starts or finishes a round, or several in a row.
    fn advance(&mut self, rank: usize) -> Result<()> {
        if self.channels.is_empty() {
            return Ok(());
        }
        let place = self.common.below(self.channels.len());
        let rounds = &mut self.channels[place];
        for _ in 0..=self.common.below(6) {
            if rounds.under_way { rounds.finish(rank)? } else { rounds.start(rank)? }
        }
        Ok(())
    }
}

fn gather(comm: &dyn Comm, step: u64) -> Result<()> {
    let all = comm.all_gather(&message(step, comm.rank(), 0))?;
    assert_eq!(all, (0..comm.size()).map(|from| message(step, from, 0)).collect::<Vec<_>>());
    Ok(())
}

fn exchange_all(comm: &dyn Comm, step: u64) -> Result<()> {
    let send = (0..comm.size()).map(|to| message(step, comm.rank(), to)).collect();
    let received = comm.all_to_all(send)?;
    let expected: Vec<_> = (0..comm.size()).map(|from| message(step, from, comm.rank())).collect();
    assert_eq!(received, expected);
    Ok(())
}

impl Rounds {
    fn start(&mut self, rank: usize) -> Result<()> {
        for (place, lane) in self.send.iter().enumerate() {
            let bytes = lane_message(self.opened, self.finished, rank, lane.rank, lane.bytes);
            self.channel.outgoing(place).copy_from_slice(&bytes);
        }
        self.under_way = true;
        self.channel.start()
    }

    fn finish(&mut self, rank: usize) -> Result<()> {
        self.channel.progress()?;
        self.channel.finish()?;
        for (place, lane) in self.receive.iter().enumerate() {
            let bytes = lane_message(self.opened, self.finished, lane.rank, rank, lane.bytes);
            assert!(self.channel.incoming(place) == bytes, "round {} of {lane:?}", self.finished);
        }
        self.under_way = false;
        self.finished += 1;
        Ok(())
    }
}
