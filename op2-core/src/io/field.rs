//! What writers take as a field: numbers or vectors, one per point or cell.

use bytemuck::Pod;

/// What a field may hold for each point or cell.
///
/// Implemented for numbers (scalars) and for `[number; N]` (vectors and tensors).
pub trait FieldValues: Pod {
    #[doc(hidden)]
    type Scalar: Scalar;
    #[doc(hidden)]
    const COMPONENTS: usize;
}

/// A number that writers know.
#[doc(hidden)]
pub trait Scalar: Pod {
    const VTK_NAME: &'static str;
    fn to_f64(self) -> f64;
}

macro_rules! scalars {
    ($($scalar:ty: $name:literal),*) => {$(
        impl Scalar for $scalar {
            const VTK_NAME: &'static str = $name;
            #[allow(clippy::cast_lossless)]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }

        impl FieldValues for $scalar {
            type Scalar = Self;
            const COMPONENTS: usize = 1;
        }
    )*};
}

scalars!(f64: "Float64", f32: "Float32", i64: "Int64", i32: "Int32", u64: "UInt64", u32: "UInt32", u8: "UInt8");

impl<T: Scalar, const N: usize> FieldValues for [T; N] {
    type Scalar = T;
    const COMPONENTS: usize = N;
}

/// A refusal of a field whose length is not that of what it lives on.
pub(super) fn check_length(
    name: &str,
    len: usize,
    expected: usize,
    place: &str,
) -> Result<(), String> {
    if len == expected {
        return Ok(());
    }
    Err(format!("field `{name}` has {len} entries for {expected} {place}"))
}
