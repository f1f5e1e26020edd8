//! The suite on the processes that `mpirun` starts, with elements anywhere on them.

mod seq {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_processes().scattered());
}

mod rayon {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::rayon(2).on_processes().scattered());
}

mod memcheck {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::memcheck().on_processes().scattered());
}

/// Messages of devices, without the host.
mod direct {
    use op2::prelude::*;
    use op2::{ContextBuilder, Result, Traffic};
    use op2_suite::target::Target;

    op2::sets! { Points; }

    #[op2::kernel]
    fn begin(i: &u64, x: Write<[f64; 3]>, small: Write<u8>) {
        x[0] = *i as f64;
        x[1] = 0.5 * x[0];
        x[2] = -x[0];
        *small = (*i % 100) as u8;
    }

    #[op2::kernel]
    fn compare(x: &[f64; 3], small: &u8, other: &[f64; 3], tiny: &u8, sum: Write<[f64; 2]>) {
        sum[0] = other[0] + other[1] + other[2] - x[0];
        sum[1] = f64::from(*tiny) - f64::from(*small);
    }

    const SIZE: u32 = 101;

    /// Each point looks at one far away, by way of messages of two dats whose rows have 24 bytes and 1. If
    /// `elsewhere`, one rank has some values on the host, too: it receives by way of that.
    fn look_around(builder: ContextBuilder, elsewhere: bool) -> Result<(Traffic, [u64; 2])> {
        let cx = builder.build()?;
        let points = cx.set::<Points>(SIZE as usize)?;
        let table: Vec<_> = (0..SIZE).map(|i| [(7 * i + 50) % SIZE]).collect();
        let far = cx.map("far", &points, &points, &table)?;
        let x = cx.dat_zeros::<_, [f64; 3]>("x", &points)?;
        let small = cx.dat_zeros::<_, u8>("small", &points)?;
        let sum = cx.dat_zeros::<_, [f64; 2]>("sum", &points)?;
        for _ in 0..3 {
            par_loop!(begin, points, index(), x(Write), small(Write))?;
            if elsewhere && cx.rank() == 1 {
                assert!(x.owned_values()?.len() < SIZE as usize);
            }
            par_loop!(
                compare,
                points,
                x(Read),
                small(Read),
                x(Read, far[0]),
                small(Read, far[0]),
                sum(Write)
            )?;
        }
        let (traffic, copies) = (cx.traffic(), cx.transfers().expect("a device"));
        for (i, sum) in sum.to_vec()?.into_iter().enumerate() {
            let other = table[i][0];
            let expected = 0.5 * f64::from(other) - i as f64;
            assert_eq!(sum, [expected, f64::from(other % 100) - (i % 100) as f64], "point {i}");
        }
        Ok((traffic, [copies.to_host, copies.to_device]))
    }

    #[test]
    fn they_go_straight_out_of_its_memory() {
        Target::memcheck().on_processes().scattered().run("direct messages", |target| {
            let (direct, copies) = look_around(target.builder(), false).unwrap();
            let staged = target.builder().direct_messages(false);
            let (staged, more) = look_around(staged, false).unwrap();
            assert_eq!((direct.messages, direct.bytes), (staged.messages, staged.bytes));
            assert_eq!((direct.direct, staged.direct), (direct.exchanges, 0));
            if target.ranks() > 1 {
                assert_eq!(direct.exchanges, 3);
                assert_eq!(copies[0], 0, "to the host");
                assert_eq!((more[0], more[1] - copies[1]), (6, 6), "to the host and back");
            }
            let (mixed, _) = look_around(target.builder(), true).unwrap();
            assert_eq!((mixed.messages, mixed.direct), (direct.messages, direct.exchanges));
        });
    }
}
