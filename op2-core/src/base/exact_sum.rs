//! Sums of floating-point numbers without rounding: the same bits for any sequence of the terms.
//!
//! An [`ExactSum`] is one long integer that counts the smallest `f64`, 2^-1074 (Kulisch's long
//! accumulator, with the delayed carries of Neal's "small superaccumulator", arXiv:1505.05571). Adding
//! integers is associative, so sums of parts, on threads or ranks, can be combined in any sequence. The
//! result is rounded once, to nearest, ties to even.

/// Limbs of 32 bits: bit 0 is worth 2^-1074, the greatest `f64` ends below bit 2098; what is left in the
/// last limb has room for more terms than can be counted.
const LIMBS: usize = 67;

/// Bits of a limb when carries are settled.
const WIDTH: usize = 32;

const MASK: i64 = (1 << WIDTH) - 1;

/// A term changes a limb by less than 2^32, and a limb holds 63 bits: so many terms may be added
/// between carries, with as much to spare.
const TERMS: u32 = 1 << 30;

/// What an `f64` is worth that fills a limb's place with its exponent only.
const EXPONENTS: u64 = 0x7ff;

const FRACTION: u32 = 52;

/// An exact sum of `f64`s; `f32`s are added as such.
///
/// Infinities and NaN are kept beside the number: the sum is what IEEE arithmetic gives in any sequence
/// that does not overflow on its way. Every NaN is `f64::NAN`. A sum of zero is `-0.0` where all terms
/// are, and there are any.
#[derive(Clone, Debug)]
pub struct ExactSum {
    /// From the least to the most significant; the sum of `limbs[i] * 2^(32 i - 1074)`.
    limbs: [i64; LIMBS],
    /// How many terms may be added before carries are settled.
    room: u32,
    seen: Seen,
}

/// Which terms there were that a long integer cannot tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen(u8);

impl Seen {
    const INFINITY: u8 = 1;
    const NEGATIVE_INFINITY: u8 = 2;
    const NAN: u8 = 4;
    const NEGATIVE_ZERO: u8 = 8;
    /// Anything but a negative zero.
    const OTHER: u8 = 16;

    fn has(self, what: u8) -> bool {
        self.0 & what != 0
    }
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { limbs: [0; LIMBS], room: TERMS, seen: Seen::default() }
    }
}

impl ExactSum {
    /// Bytes of a sum for another rank.
    pub const BYTES: usize = (LIMBS - 1) * 4 + 8 + 8;

    /// Adds a term.
    #[inline]
    pub fn add(&mut self, term: f64) {
        let bits = term.to_bits();
        let exponent = bits >> FRACTION & EXPONENTS;
        if exponent == EXPONENTS {
            return self.add_special(term);
        }
        let zero = if bits == 1 << 63 { Seen::NEGATIVE_ZERO } else { Seen::OTHER };
        self.seen.0 |= zero;
        if self.room == 0 {
            self.settle();
        }
        self.room -= 1;
        // Subnormal numbers have the exponent of the least normal ones, and no leading one.
        let leading = u64::from(exponent != 0);
        let digits = bits & ((1 << FRACTION) - 1) | leading << FRACTION;
        let place = (exponent - leading) as usize;
        let (limb, shift) = (place / WIDTH, place % WIDTH);
        let low = digits << shift;
        let high = digits >> 1 >> (63 - shift);
        // All ones where the term is negative: two's complement of each part.
        let sign = bits as i64 >> 63;
        let signed = |part: u64| (part as i64 ^ sign) - sign;
        let limbs = &mut self.limbs[limb..limb + 3];
        limbs[0] += signed(low & MASK as u64);
        limbs[1] += signed(low >> WIDTH);
        limbs[2] += signed(high);
    }

    #[cold]
    fn add_special(&mut self, term: f64) {
        self.seen.0 |= if term.is_nan() {
            Seen::NAN
        } else if term > 0.0 {
            Seen::INFINITY
        } else {
            Seen::NEGATIVE_INFINITY
        };
    }

    /// Adds all terms of another sum.
    pub fn merge(&mut self, other: &Self) {
        self.settle();
        let mut other = other.clone();
        other.settle();
        for (into, from) in self.limbs.iter_mut().zip(other.limbs) {
            *into += from;
        }
        self.seen.0 |= other.seen.0;
        self.settle();
    }

    /// Carries what does not fit in its limb, so that equal sums have equal limbs.
    fn settle(&mut self) {
        let mut carry = 0;
        let (last, rest) = self.limbs.split_last_mut().expect("there are limbs");
        for limb in rest {
            let sum = *limb + carry;
            *limb = sum & MASK;
            carry = sum >> WIDTH;
        }
        *last += carry;
        self.room = TERMS;
    }

    /// The sum, rounded once.
    pub fn to_f64(&self) -> f64 {
        let format = Format { digits: 53, least: 0, exponents: EXPONENTS, bits: 64 };
        f64::from_bits(self.rounded(&format))
    }

    /// The sum, rounded once to `f32`.
    pub fn to_f32(&self) -> f32 {
        let format = Format { digits: 24, least: 1074 - 149, exponents: 0xff, bits: 32 };
        f32::from_bits(self.rounded(&format) as u32)
    }

    fn rounded(&self, format: &Format) -> u64 {
        let seen = self.seen;
        let [plus, minus] = [Seen::INFINITY, Seen::NEGATIVE_INFINITY].map(|sign| seen.has(sign));
        if seen.has(Seen::NAN) || (plus && minus) {
            return format.nan();
        }
        if plus || minus {
            return format.signed(minus, format.infinity());
        }
        let (negative, magnitude) = self.magnitude();
        let zero = magnitude.iter().all(|&limb| limb == 0);
        let negative_zero = zero && seen.has(Seen::NEGATIVE_ZERO) && !seen.has(Seen::OTHER);
        format.signed(negative || negative_zero, format.round(&magnitude))
    }

    /// The sign, and the digits without it.
    fn magnitude(&self) -> (bool, [u32; LIMBS + 1]) {
        let mut sum = self.clone();
        sum.settle();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            sum.settle();
        }
        let mut digits = [0; LIMBS + 1];
        for (digit, limb) in digits.iter_mut().zip(sum.limbs) {
            *digit = limb as u32;
        }
        digits[LIMBS] = (sum.limbs[LIMBS - 1] >> WIDTH) as u32;
        (negative, digits)
    }

    /// The sum as bytes: the same ones for equal sums of terms of the same kind.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut sum = self.clone();
        sum.settle();
        let mut bytes = [0; Self::BYTES];
        let (last, rest) = sum.limbs.split_last().expect("there are limbs");
        for (place, limb) in bytes.chunks_exact_mut(4).zip(rest) {
            place.copy_from_slice(&(*limb as u32).to_le_bytes());
        }
        let tail = &mut bytes[4 * rest.len()..];
        tail[..8].copy_from_slice(&last.to_le_bytes());
        tail[8] = sum.seen.0;
        bytes
    }

    /// A sum from its bytes.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut sum = Self::default();
        let (rest, tail) = bytes.split_at(4 * (LIMBS - 1));
        for (limb, place) in sum.limbs.iter_mut().zip(rest.chunks_exact(4)) {
            *limb = i64::from(u32::from_le_bytes(place.try_into().expect("four bytes")));
        }
        sum.limbs[LIMBS - 1] = i64::from_le_bytes(tail[..8].try_into().expect("eight bytes"));
        sum.seen = Seen(tail[8]);
        sum
    }
}

/// A format of binary floating-point numbers.
struct Format {
    /// Binary digits of a normal number, the leading one included.
    digits: usize,
    /// The bit of the sum that is worth the least positive number.
    least: usize,
    /// The exponent of infinities.
    exponents: u64,
    bits: u32,
}

impl Format {
    fn infinity(&self) -> u64 {
        self.exponents << (self.digits - 1)
    }

    fn nan(&self) -> u64 {
        self.infinity() | 1 << (self.digits - 2)
    }

    fn signed(&self, negative: bool, magnitude: u64) -> u64 {
        u64::from(negative) << (self.bits - 1) | magnitude
    }

    /// The bits of the number nearest to a sum's digits; of two, the even one.
    fn round(&self, sum: &[u32]) -> u64 {
        let Some(top) = sum.iter().rposition(|&limb| limb != 0) else { return 0 };
        let leading = top * WIDTH + (31 - sum[top].leading_zeros() as usize);
        // The bit that becomes the last digit.
        let last = (leading + 1).saturating_sub(self.digits).max(self.least);
        let exponent = (last - self.least) as u64;
        if exponent + 1 >= self.exponents {
            return self.infinity();
        }
        let digits = window(sum, last);
        let up = last > 0 && bit(sum, last - 1) && (digits & 1 == 1 || any_below(sum, last - 1));
        // A normal number's leading one counts as one more exponent; so does a carry from rounding.
        (exponent << (self.digits - 1)) + digits + u64::from(up)
    }
}

fn bit(sum: &[u32], at: usize) -> bool {
    sum[at / WIDTH] >> (at % WIDTH) & 1 == 1
}

fn any_below(sum: &[u32], at: usize) -> bool {
    let (limb, shift) = (at / WIDTH, at % WIDTH);
    sum[..limb].iter().any(|&limb| limb != 0) || sum[limb] & ((1 << shift) - 1) != 0
}

/// The digits from a bit on; there are at most 53.
fn window(sum: &[u32], from: usize) -> u64 {
    let limb = |i: usize| u128::from(sum.get(i).copied().unwrap_or(0));
    let first = from / WIDTH;
    let wide = limb(first) | limb(first + 1) << WIDTH | limb(first + 2) << (2 * WIDTH);
    (wide >> (from % WIDTH)) as u64
}

#[cfg(test)]
#[path = "exact_sum/tests.rs"]
mod tests;
