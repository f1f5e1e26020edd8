//! Lists in messages between ranks.

use op2_core::base::comm::Comm;
use op2_core::base::error::{Error, Result};
use op2_core::base::wire::{Reader, Writer, agree, by_rank, exchange, gather, same};
use op2_core::dist::threads;

/// What `collective` gives on each rank, its errors as texts.
fn on_ranks<R: Send>(
    ranks: usize,
    collective: impl Fn(&dyn Comm) -> Result<R> + Sync,
) -> Vec<Result<R, String>> {
    threads::run(ranks, |comm| Ok(collective(&*comm).map_err(|error| error.to_string()))).unwrap()
}

#[test]
fn lists_arrive_by_rank() {
    let all = on_ranks(4, |comm| {
        let list = |to: usize| vec![[comm.rank() as u32, to as u32]; comm.rank() * to];
        exchange(comm, Ok((0..comm.size()).map(list).collect()))
    });
    for (to, lists) in all.into_iter().enumerate() {
        let expected: Vec<Vec<[u32; 2]>> =
            (0..4).map(|from| vec![[from as u32, to as u32]; from * to]).collect();
        assert_eq!(lists, Ok(expected));
    }
}

#[test]
fn all_ranks_return_the_error_of_the_lowest() {
    let failing = |rank: usize| match rank {
        0 | 2 => Ok(()),
        rank => Err(Error::other(format!("mistake {rank}"))),
    };
    for text in
        on_ranks(4, |comm| exchange(comm, failing(comm.rank()).map(|()| vec![vec![1_u64]; 4])))
    {
        assert_eq!(text, Err("rank 1: mistake 1".to_owned()));
    }
    for text in on_ranks(4, |comm| agree(comm, failing(comm.rank()))) {
        assert_eq!(text, Err("rank 1: mistake 1".to_owned()));
    }
}

#[test]
fn one_rank_is_not_named() {
    let alone =
        |collective: fn(&dyn Comm) -> Result<()>| on_ranks(1, collective).remove(0).unwrap_err();
    assert_eq!(alone(|comm| agree(comm, Err(Error::other("a mistake")))), "a mistake");
    let failing = |comm: &dyn Comm| exchange::<u8>(comm, Err(Error::other("a mistake"))).map(drop);
    assert_eq!(alone(failing), "a mistake");
}

#[test]
fn without_errors_each_rank_keeps_what_it_has_found() {
    let found = on_ranks(3, |comm| agree(comm, Ok(comm.rank())));
    assert_eq!(found, [Ok(0), Ok(1), Ok(2)]);
}

#[test]
fn a_rank_with_other_numbers_is_named() {
    let all = on_ranks(3, |comm| same(comm, "sizes", &[7, comm.rank() as u64 / 2]));
    for found in all {
        assert_eq!(found, Err("rank 2: sizes: [7, 1] here, [7, 0] on rank 0".to_owned()));
    }
    assert!(on_ranks(3, |comm| same(comm, "sizes", &[7])).iter().all(Result::is_ok));
}

#[test]
fn values_of_another_type_are_refused() {
    let found = on_ranks(2, |comm| match comm.rank() {
        0 => exchange(comm, Ok(vec![vec![0_u8; 5]; 2])).map(|_| ()),
        _ => exchange(comm, Ok(vec![vec![0_u64]; 2])).map(|_| ()),
    });
    let expected = "rank 0: sent 5 bytes where values of 8 bytes were expected";
    assert_eq!(found, [Ok(()), Err(expected.to_owned())]);
}

#[test]
fn gathered_lists_stand_by_rank() {
    let all = on_ranks(3, |comm| gather(comm, &vec![comm.rank() as u64; comm.rank()]));
    let expected: Vec<Vec<u64>> = vec![vec![], vec![1], vec![2, 2]];
    assert_eq!(all, [Ok(expected.clone()), Ok(expected.clone()), Ok(expected)]);
}

#[test]
fn lists_come_out_as_they_were_put() {
    let mut writer = Writer::default();
    writer.put(&[1_u8, 2, 3]);
    writer.put(&[7_u64, u64::MAX]);
    writer.put::<u32>(&[]);
    let message = writer.finish();
    let mut reader = Reader::new(3, &message);
    assert!(!reader.is_empty());
    assert_eq!(reader.take::<u8>().unwrap(), [1, 2, 3]);
    assert_eq!(reader.take::<u64>().unwrap(), [7, u64::MAX]);
    assert_eq!(reader.take::<u32>().unwrap(), [0; 0]);
    assert!(reader.is_empty());
    reader.finish().unwrap();
}

#[test]
fn messages_that_end_early_or_late_are_errors() {
    let mut writer = Writer::default();
    writer.put(&[7_u64, 8]);
    let message = writer.finish();
    for end in 0..message.len() {
        let error = Reader::new(3, &message[..end]).take::<u64>().unwrap_err().to_string();
        assert_eq!(error, "rank 3: sent a message that ends inside a list");
    }
    let error = Reader::new(3, &u64::MAX.to_ne_bytes()).take::<u64>().unwrap_err();
    assert_eq!(error.to_string(), "rank 3: sent a message that ends inside a list");
    let error = Reader::new(3, &message).finish().unwrap_err().to_string();
    assert_eq!(error, "rank 3: sent a message with more lists than expected");
}

#[test]
fn pairs_are_listed_by_rank() {
    let pairs = [(2, 'a'), (0, 'b'), (2, 'c')];
    assert_eq!(by_rank(4, pairs), [vec!['b'], vec![], vec!['a', 'c'], vec![]]);
}
