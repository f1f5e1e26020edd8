//! Block-diagonal preconditioners of mixed systems: one for each space.

use super::Preconditioner;
use crate::Result;
use crate::solve::Vector;

macro_rules! tuples {
    ($($($part:ident $vector:ident $i:tt),+;)*) => {$(
        impl<$($part, $vector),+> Preconditioner<($($vector,)+)> for ($($part,)+)
        where
            $($part: Preconditioner<$vector>, $vector: Vector),+
        {
            fn apply(&self, r: &($($vector,)+), z: &($($vector,)+)) -> Result<()> {
                $(self.$i.apply(&r.$i, &z.$i)?;)+
                Ok(())
            }

            fn apply_dots(&self, r: &($($vector,)+), z: &($($vector,)+)) -> Result<(f64, f64)> {
                let parts = [$(self.$i.apply_dots(&r.$i, &z.$i)?),+];
                Ok((parts.iter().map(|part| part.0).sum(), parts.iter().map(|part| part.1).sum()))
            }

            fn is_identity(&self) -> bool {
                [$(self.$i.is_identity()),+].iter().all(|&identity| identity)
            }
        }
    )*};
}

tuples! {
    A X 0;
    A X 0, B Y 1;
    A X 0, B Y 1, C Z 2;
    A X 0, B Y 1, C Z 2, D W 3;
}
