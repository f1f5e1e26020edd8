use super::ExactSum;

/// The finalizer of `SplitMix64`, as a source of bits.
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A finite number whose exponent lies `among` those given.
    fn number(&mut self, among: std::ops::Range<u64>) -> f64 {
        let exponent = among.start + self.below(among.end - among.start);
        let sign = self.next() & 1 << 63;
        // Few digits now and then: sums that are exact, ties, and cancellation.
        let digits = [0, 1, 52, 52, 52][self.below(5) as usize];
        let fraction = (self.next() >> 12) >> (52 - digits) << (52 - digits);
        f64::from_bits(sign | exponent << 52 | fraction)
    }

    fn shuffle<T>(&mut self, terms: &mut [T]) {
        for i in (1..terms.len()).rev() {
            terms.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

fn exact(terms: &[f64]) -> ExactSum {
    let mut sum = ExactSum::default();
    terms.iter().for_each(|&term| sum.add(term));
    sum
}

/// Another way to the same: how often each power of two occurs, one by one; then binary digits by
/// carrying, and of the two neighbors the nearer one, found by comparing digits.
fn counted(terms: &[f64], last_digit: impl Fn(usize) -> usize) -> Option<(bool, Vec<bool>, usize)> {
    let mut counts = vec![0_i64; 2200];
    for term in terms {
        let (exponent, fraction) = (term.to_bits() >> 52 & 0x7ff, term.to_bits() & ((1 << 52) - 1));
        let digits = if exponent == 0 { fraction } else { fraction + (1 << 52) };
        for digit in (0..53).filter(|digit| digits >> digit & 1 == 1) {
            counts[exponent.max(1) as usize - 1 + digit] +=
                if term.is_sign_negative() { -1 } else { 1 };
        }
    }
    let carried = |counts: &[i64]| {
        let mut carry = 0;
        let mut digits = Vec::new();
        for count in counts {
            let sum = count + carry;
            digits.push(sum.rem_euclid(2) == 1);
            carry = sum.div_euclid(2);
        }
        (digits, carry < 0)
    };
    let (mut digits, negative) = carried(&counts);
    if negative {
        counts.iter_mut().for_each(|count| *count = -*count);
        digits = carried(&counts).0;
    }
    let leading = digits.iter().rposition(|&digit| digit)?;
    let last = last_digit(leading);
    let (below, kept) = digits.split_at(last);
    let mut kept = kept.to_vec();
    let half = below.last().copied().unwrap_or(false);
    let more = below.split_last().is_some_and(|(_, rest)| rest.contains(&true));
    if half && (more || kept[0]) {
        let zero = kept.iter().position(|&digit| !digit).expect("there is room above");
        kept[..zero].fill(false);
        kept[zero] = true;
    }
    Some((negative, kept, last))
}

fn counted_f64(terms: &[f64]) -> f64 {
    let Some((negative, digits, last)) = counted(terms, |leading| leading.saturating_sub(52))
    else {
        return 0.0;
    };
    let mut value = digits.iter().rev().fold(0.0, |value, &digit| 2.0 * value + f64::from(digit));
    // Doubling is exact until it overflows; the least unit is a subnormal number.
    let leading = last + digits.iter().rposition(|&digit| digit).unwrap_or(0);
    if leading < 1022 {
        value = f64::from_bits(value as u64) * 2.0_f64.powi(last as i32);
    } else {
        value *= 2.0_f64.powi(last as i32 - 1074 + 52) * 2.0_f64.powi(-52);
    }
    if negative { -value } else { value }
}

fn counted_f32(terms: &[f64]) -> f32 {
    let Some((negative, digits, last)) =
        counted(terms, |leading| leading.saturating_sub(23).max(925))
    else {
        return 0.0;
    };
    let value = digits.iter().rev().fold(0.0, |value, &digit| 2.0 * value + f64::from(digit));
    // At most 24 digits: `f64` holds them at any `f32` exponent, and the conversion is exact.
    let value = (value * 2.0_f64.powi(last as i32 - 1074)) as f32;
    if negative { -value } else { value }
}

#[test]
fn random_sums_are_those_that_counting_powers_of_two_gives() {
    let mut bits = Bits(1);
    for round in 0..3000 {
        let span = 1 + [1, 3, 40, 120, 600, 2040][round % 6];
        let start = bits.below(2046 - span.min(2045));
        let len = 1 + bits.below(40);
        let mut terms: Vec<f64> = (0..len).map(|_| bits.number(start..start + span)).collect();
        if round % 3 == 0 {
            // Almost all of it cancels.
            terms.extend(terms.clone().iter().skip(1).map(|term| -term));
        }
        let expected = counted_f64(&terms);
        let found = exact(&terms).to_f64();
        // A zero that is left of other terms is positive.
        assert_eq!(
            found.to_bits(),
            (expected + 0.0).to_bits(),
            "{terms:?}: {found:e} {expected:e}"
        );
        if start > 900 && start + span < 1140 {
            let expected = counted_f32(&terms) + 0.0;
            assert_eq!(exact(&terms).to_f32().to_bits(), expected.to_bits(), "{terms:?}");
        }
    }
}

#[test]
fn no_sequence_and_no_cut_changes_a_bit() {
    let mut bits = Bits(2);
    for _ in 0..300 {
        let mut terms: Vec<f64> = (0..=bits.below(60)).map(|_| bits.number(0..2047)).collect();
        if bits.below(4) == 0 {
            terms.extend([f64::INFINITY, -0.0]);
        }
        let expected = exact(&terms);
        bits.shuffle(&mut terms);
        let mut parts = vec![ExactSum::default(); 4];
        for &term in &terms {
            parts[bits.below(4) as usize].add(term);
        }
        bits.shuffle(&mut parts);
        let mut merged = ExactSum::default();
        for part in &parts {
            merged.merge(&ExactSum::from_bytes(&part.to_bytes()));
        }
        assert_eq!(merged.to_bytes(), expected.to_bytes());
        assert_eq!(merged.to_f64().to_bits(), expected.to_f64().to_bits());
    }
}

#[test]
fn one_term_is_itself() {
    let mut bits = Bits(3);
    let edges = [0.0, -0.0, f64::MIN_POSITIVE, 5e-324, -5e-324, f64::MAX, f64::MIN, 1.0, 0.1];
    let numbers: Vec<f64> = (0..5000).map(|_| bits.number(0..2047)).chain(edges).collect();
    for number in numbers {
        assert_eq!(exact(&[number]).to_f64().to_bits(), number.to_bits(), "{number:e}");
    }
    for _ in 0..5000 {
        let number = f32::from_bits(bits.next() as u32);
        if number.is_finite() {
            let found = exact(&[f64::from(number)]).to_f32();
            assert_eq!(found.to_bits(), number.to_bits(), "{number:e}");
        }
    }
}

#[test]
fn the_way_does_not_overflow_but_the_result_may() {
    let most = f64::MAX;
    assert_eq!(exact(&[most, most, -most, -most, 1.0]).to_f64(), 1.0);
    assert_eq!(exact(&[most, most]).to_f64(), f64::INFINITY);
    assert_eq!(exact(&[-most, -most]).to_f64(), f64::NEG_INFINITY);
    // Half a unit in the last place of the greatest number rounds up, a little less does not.
    let half = 2.0_f64.powi(970);
    assert_eq!(exact(&[most, half]).to_f64(), f64::INFINITY);
    assert_eq!(exact(&[most, half, -1e-300]).to_f64(), most);
    assert_eq!(exact(&[f64::from(f32::MAX), 1e30]).to_f32(), f32::MAX);
    assert_eq!(exact(&[f64::from(f32::MAX), 1e32]).to_f32(), f32::INFINITY);
}

#[test]
fn infinities_nan_and_zeros_follow_ieee() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    assert_eq!(exact(&[1.0, inf, f64::MIN]).to_f64(), inf);
    assert_eq!(exact(&[-inf, 1.0]).to_f32(), f32::NEG_INFINITY);
    for terms in [&[inf, -inf][..], &[nan, 1.0], &[-nan, inf]] {
        assert_eq!(exact(terms).to_f64().to_bits(), nan.to_bits());
        assert_eq!(exact(terms).to_f32().to_bits(), f32::NAN.to_bits());
    }
    let zero = |terms: &[f64]| exact(terms).to_f64().to_bits();
    assert_eq!(zero(&[]), 0.0_f64.to_bits());
    assert_eq!(zero(&[-0.0, -0.0]), (-0.0_f64).to_bits());
    assert_eq!(zero(&[-0.0, 0.0]), 0.0_f64.to_bits());
    assert_eq!(zero(&[-1.5, 1.5]), 0.0_f64.to_bits());
}

#[test]
fn a_sum_of_single_precision_is_rounded_once() {
    // Halfway between two f32 and a little more: rounding to f64 first would lose the little.
    let terms = [1.0, f64::from(f32::EPSILON) / 2.0, 1e-30];
    assert_eq!(exact(&terms).to_f32(), 1.0 + f32::EPSILON);
    assert_eq!(exact(&terms).to_f64() as f32, 1.0);
}

#[test]
fn carries_are_settled_in_time() {
    let mut sum = exact(&[1.0]);
    sum.room = 2;
    for _ in 0..10 {
        sum.add(f64::MAX);
        sum.add(-1e-320);
        sum.room = sum.room.min(2);
    }
    for _ in 0..10 {
        sum.add(f64::MIN);
        sum.add(1e-320);
    }
    assert_eq!(sum.to_f64(), 1.0);
}
