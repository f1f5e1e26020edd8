//! Inputs: the corners of each type, and plain values.

use op2_device_source::In;

/// Rows of values, the same in each run.
pub(crate) fn rows(count: usize) -> Vec<In> {
    let mut random = Random(42);
    (0..count).map(|_| row(&mut random)).collect()
}

fn row(random: &mut Random) -> In {
    In {
        f64s: [(); 4].map(|()| random.double()),
        i64s: [(); 4].map(|()| random.whole(&[0, 1, -1, i64::MIN, i64::MAX, 1 << 53, -7])),
        u64s: [(); 4].map(|()| random.whole(&[0, 1, -1, i64::MIN, 1 << 53, 7])).map(|n| n as u64),
        f32s: [(); 4].map(|()| random.single()),
        i32s: [(); 4].map(|()| {
            random.whole(&[0, 1, -1, i64::from(i32::MIN), i64::from(i32::MAX), 1 << 24, -7]) as i32
        }),
        u32s: [(); 4].map(|()| random.whole(&[0, 1, -1, 1 << 31, 1 << 24, 7]) as u32),
        u8s: [(); 8].map(|()| random.whole(&[0, 1, 255, 127, 128]) as u8),
    }
}

/// A sequence of random numbers (Steele, Lea and Flood 2014, `SplitMix`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn whole(&mut self, corners: &[i64]) -> i64 {
        match self.next() % 3 {
            0 => corners[(self.next() % corners.len() as u64) as usize],
            1 => (self.next() % 200) as i64 - 100,
            _ => self.next() as i64,
        }
    }

    fn double(&mut self) -> f64 {
        let corners = [
            0.0,
            -0.0,
            1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE / 8.0,
            f64::MAX,
            f64::MIN,
            2_147_483_648.0,
            -2_147_483_649.0,
            9_223_372_036_854_775_808.0,
            0.5,
        ];
        match self.next() % 3 {
            0 => corners[(self.next() % corners.len() as u64) as usize],
            1 => (self.next() % 4000) as f64 / 64.0 - 30.0,
            _ => f64::from_bits(self.next()),
        }
    }

    fn single(&mut self) -> f32 {
        let corners = [
            0.0,
            -0.0,
            1.0,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MIN_POSITIVE / 8.0,
            f32::MAX,
            2_147_483_648.0,
            0.5,
        ];
        match self.next() % 3 {
            0 => corners[(self.next() % corners.len() as u64) as usize],
            1 => (self.next() % 4000) as f32 / 64.0 - 30.0,
            _ => f32::from_bits(self.next() as u32),
        }
    }
}
