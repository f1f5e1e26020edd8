//! Exact totals of values: where the numbers in a value are, and the sum of each.

use crate::base::element::{ElementKind, ScalarKind};
use crate::base::exact_sum::ExactSum;

/// Where the numbers in a value are.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    /// Bytes of the value.
    bytes: usize,
    floats: Vec<(usize, Width)>,
    /// Integers and truth values, whose sums do not depend on the sequence anyway.
    others: Vec<(usize, ScalarKind)>,
}

/// Which floating-point numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Single,
    Double,
}

impl Numbers {
    /// Those in a value of this shape.
    pub(super) fn of(kind: &ElementKind) -> Self {
        let mut numbers = Self { bytes: kind.bytes(), floats: Vec::new(), others: Vec::new() };
        numbers.find(kind, 0);
        numbers
    }

    fn find(&mut self, kind: &ElementKind, at: usize) {
        match kind {
            ElementKind::Scalar(ScalarKind::F64) => self.floats.push((at, Width::Double)),
            ElementKind::Scalar(ScalarKind::F32) => self.floats.push((at, Width::Single)),
            ElementKind::Scalar(kind) => self.others.push((at, *kind)),
            ElementKind::Array { of, len } => {
                (0..*len).for_each(|item| self.find(of, at + item * of.bytes()));
            }
            ElementKind::Struct { fields, .. } => {
                fields.iter().for_each(|field| self.find(&field.kind, at + field.offset));
            }
        }
    }

    /// Makes bits of a minimum or maximum unique: of two zeros either may have won, and any NaN.
    pub(super) fn unify(&self, value: &mut [u8]) {
        for &(at, width) in &self.floats {
            match width {
                Width::Double => {
                    let number = f64::from_ne_bytes(take(value, at));
                    let unique = if number.is_nan() { f64::NAN } else { number + 0.0 };
                    put(value, at, unique.to_ne_bytes());
                }
                Width::Single => {
                    let number = f32::from_ne_bytes(take(value, at));
                    let unique = if number.is_nan() { f32::NAN } else { number + 0.0 };
                    put(value, at, unique.to_ne_bytes());
                }
            }
        }
    }
}

/// The sums of the numbers in values of one shape.
#[derive(Clone, Debug)]
pub(super) struct Totals {
    floats: Vec<ExactSum>,
    others: Vec<u64>,
}

impl Totals {
    /// Of no values.
    pub(super) fn new(numbers: &Numbers) -> Self {
        Self {
            floats: vec![ExactSum::default(); numbers.floats.len()],
            others: vec![0; numbers.others.len()],
        }
    }

    /// Adds values that lie one after the other.
    pub(super) fn add(&mut self, numbers: &Numbers, values: &[u8]) {
        for (sum, &(at, width)) in self.floats.iter_mut().zip(&numbers.floats) {
            let values = values.chunks_exact(numbers.bytes);
            match width {
                Width::Double => {
                    values.for_each(|value| sum.add(f64::from_ne_bytes(take(value, at))));
                }
                Width::Single => {
                    values.for_each(|value| sum.add(f32::from_ne_bytes(take(value, at)).into()));
                }
            }
        }
        for (sum, &(at, kind)) in self.others.iter_mut().zip(&numbers.others) {
            let values = values.chunks_exact(numbers.bytes);
            values.for_each(|value| *sum = combined(kind, *sum, whole(kind, value, at)));
        }
    }

    /// Adds other totals.
    pub(super) fn merge(&mut self, numbers: &Numbers, other: &Self) {
        self.floats.iter_mut().zip(&other.floats).for_each(|(sum, other)| sum.merge(other));
        let kinds = numbers.others.iter().map(|(_, kind)| *kind);
        for ((sum, other), kind) in self.others.iter_mut().zip(&other.others).zip(kinds) {
            *sum = combined(kind, *sum, *other);
        }
    }

    /// Writes the totals, each float rounded once, in place of the value.
    pub(super) fn write(&self, numbers: &Numbers, value: &mut [u8]) {
        for (sum, &(at, width)) in self.floats.iter().zip(&numbers.floats) {
            match width {
                Width::Double => put(value, at, sum.to_f64().to_ne_bytes()),
                Width::Single => put(value, at, sum.to_f32().to_ne_bytes()),
            }
        }
        for (sum, &(at, kind)) in self.others.iter().zip(&numbers.others) {
            write_whole(kind, value, at, *sum);
        }
    }

    /// As bytes, for other ranks.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let floats = self.floats.iter().flat_map(ExactSum::to_bytes);
        floats.chain(self.others.iter().flat_map(|sum| sum.to_le_bytes())).collect()
    }

    /// From the bytes of another rank.
    ///
    /// # Panics
    /// They are those of totals of another shape.
    pub(super) fn from_bytes(numbers: &Numbers, bytes: &[u8]) -> Self {
        let (floats, others) = bytes.split_at(numbers.floats.len() * ExactSum::BYTES);
        assert_eq!(others.len(), numbers.others.len() * size_of::<u64>(), "totals of one shape");
        let floats = floats.chunks_exact(ExactSum::BYTES);
        let floats = floats.map(|bytes| ExactSum::from_bytes(bytes.try_into().expect("one sum")));
        let others = others.chunks_exact(size_of::<u64>());
        let others = others.map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")));
        Self { floats: floats.collect(), others: others.collect() }
    }
}

/// Sums of integers wrap around, so that they do not depend on the sequence; what is above the width of
/// the integer is left out when written.
fn combined(kind: ScalarKind, sum: u64, term: u64) -> u64 {
    if kind == ScalarKind::Bool { sum | term } else { sum.wrapping_add(term) }
}

fn whole(kind: ScalarKind, value: &[u8], at: usize) -> u64 {
    match kind.bytes() {
        8 => u64::from_ne_bytes(take(value, at)),
        4 => u32::from_ne_bytes(take(value, at)).into(),
        _ => value[at].into(),
    }
}

fn write_whole(kind: ScalarKind, value: &mut [u8], at: usize, sum: u64) {
    match kind.bytes() {
        8 => put(value, at, sum.to_ne_bytes()),
        4 => put(value, at, (sum as u32).to_ne_bytes()),
        _ => put(value, at, [sum as u8]),
    }
}

/// The bytes of a number, as this machine has them.
#[inline]
fn take<const N: usize>(value: &[u8], at: usize) -> [u8; N] {
    value[at..at + N].try_into().expect("a number of N bytes")
}

fn put<const N: usize>(value: &mut [u8], at: usize, number: [u8; N]) {
    value[at..at + N].copy_from_slice(&number);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::element::{Field, bytes_of};

    const COUNT: ElementKind = ElementKind::Scalar(ScalarKind::I32);

    /// `struct { mass: f64, parts: [f32; 2], count: i32, any: [bool; 4] }`.
    const MIXED: ElementKind = ElementKind::Struct {
        name: "Mixed",
        parameters: &[],
        fields: &[
            Field { name: "mass", offset: 0, kind: ElementKind::Scalar(ScalarKind::F64) },
            Field {
                name: "parts",
                offset: 8,
                kind: ElementKind::Array { of: &ElementKind::Scalar(ScalarKind::F32), len: 2 },
            },
            Field { name: "count", offset: 16, kind: COUNT },
            Field {
                name: "any",
                offset: 20,
                kind: ElementKind::Array { of: &ElementKind::Scalar(ScalarKind::Bool), len: 4 },
            },
        ],
    };

    fn mixed(mass: f64, parts: [f32; 2], count: i32, any: [bool; 4]) -> Vec<u8> {
        [bytes_of(&[mass]), bytes_of(&parts), bytes_of(&[count]), bytes_of(&any)].concat()
    }

    #[test]
    fn every_number_in_a_struct_has_its_sum() {
        let numbers = Numbers::of(&MIXED);
        let one = mixed(1e300, [1.0, 1e-8], -3, [true, false, false, false]);
        let two = mixed(-1e300, [2.0, 1.0], 1, [false, true, false, false]);
        let three = mixed(1.5, [0.5, -1.0], i32::MIN, [false; 4]);
        let mut left = Totals::new(&numbers);
        left.add(&numbers, &[one, two].concat());
        let mut right = Totals::new(&numbers);
        right.add(&numbers, &three);
        right.merge(&numbers, &Totals::from_bytes(&numbers, &left.to_bytes()));
        let mut value = vec![0; 24];
        right.write(&numbers, &mut value);
        let expected =
            mixed(1.5, [3.5, 1e-8], i32::MIN.wrapping_sub(2), [true, true, false, false]);
        assert_eq!(value, expected);
    }

    #[test]
    fn zeros_and_nan_of_minima_have_one_form() {
        let numbers = Numbers::of(&MIXED);
        let mut value = mixed(-0.0, [-f32::NAN, -1.0], -7, [true; 4]);
        numbers.unify(&mut value);
        assert_eq!(value, mixed(0.0, [f32::NAN, -1.0], -7, [true; 4]));
    }
}
