//! Tuples of vectors: the vectors of mixed spaces.

use super::Vector;
use crate::{Error, Result};

macro_rules! tuples {
    ($($($part:ident $i:tt),+;)*) => {$(
        impl<$($part: Vector),+> Vector for ($($part,)+) {
            fn like(&self, name: &str) -> Result<Self> {
                Ok(($(self.$i.like(name)?,)+))
            }

            fn num_numbers(&self) -> usize {
                [$(self.$i.num_numbers()),+].iter().sum()
            }

            fn to_numbers(&self) -> Result<Vec<f64>> {
                Ok([$(self.$i.to_numbers()?),+].concat())
            }

            fn numbers_on_first(&self) -> Result<Option<Vec<f64>>> {
                let parts = [$(self.$i.numbers_on_first()?),+];
                Ok(parts.into_iter().collect::<Option<Vec<_>>>().map(|parts| parts.concat()))
            }

            fn set_numbers(&self, numbers: &[f64]) -> Result<()> {
                let (given, needed) = (numbers.len(), self.num_numbers());
                if given != needed {
                    let reason = format!("{given} numbers given for a vector of {needed}");
                    return Err(Error::other(reason));
                }
                let mut rest = numbers;
                $(
                    let part;
                    (part, rest) = rest.split_at(self.$i.num_numbers());
                    self.$i.set_numbers(part)?;
                )+
                debug_assert!(rest.is_empty(), "the parts make up the whole");
                Ok(())
            }

            fn clear(&self) -> Result<()> {
                $(self.$i.clear()?;)+
                Ok(())
            }

            fn assign(&self, x: &Self) -> Result<()> {
                $(self.$i.assign(&x.$i)?;)+
                Ok(())
            }

            fn scale(&self, a: f64) -> Result<()> {
                $(self.$i.scale(a)?;)+
                Ok(())
            }

            fn axpy(&self, a: f64, x: &Self) -> Result<()> {
                $(self.$i.axpy(a, &x.$i)?;)+
                Ok(())
            }

            fn xpay(&self, x: &Self, a: f64) -> Result<()> {
                $(self.$i.xpay(&x.$i, a)?;)+
                Ok(())
            }

            fn dot(&self, x: &Self) -> Result<f64> {
                Ok([$(self.$i.dot(&x.$i)?),+].iter().sum())
            }

            fn dots(&self, x: &Self, y: &Self) -> Result<(f64, f64)> {
                let parts = [$(self.$i.dots(&x.$i, &y.$i)?),+];
                Ok((parts.iter().map(|part| part.0).sum(), parts.iter().map(|part| part.1).sum()))
            }

            fn axpy_dot(&self, a: f64, x: &Self, y: &Self) -> Result<f64> {
                Ok([$(self.$i.axpy_dot(a, &x.$i, &y.$i)?),+].iter().sum())
            }

            fn axpy_square(&self, a: f64, x: &Self) -> Result<f64> {
                Ok([$(self.$i.axpy_square(a, &x.$i)?),+].iter().sum())
            }

            fn combine(&self, abc: [f64; 3], x: &Self, y: &Self) -> Result<()> {
                $(self.$i.combine(abc, &x.$i, &y.$i)?;)+
                Ok(())
            }

            fn combine_step(&self, abcd: [f64; 4], x: &Self, y: &Self, u: &Self) -> Result<()> {
                $(self.$i.combine_step(abcd, &x.$i, &y.$i, &u.$i)?;)+
                Ok(())
            }

            fn step(&self, a: f64, x: &Self, y: &Self, b: f64, z: &Self) -> Result<f64> {
                Ok([$(self.$i.step(a, &x.$i, &y.$i, b, &z.$i)?),+].iter().sum())
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
}
