//! `sets!` and `constants!`: what a program declares once, at the top.

/// Declares marker types for sets, so that the compiler knows which set is which.
///
/// ```
/// op2::sets! {
///     /// Mesh vertices.
///     pub Nodes;
///     pub Edges;
/// }
/// # let cx = op2::Context::builder().build()?;
/// let nodes = cx.set::<Nodes>(4)?;
/// # op2::Result::<()>::Ok(())
/// ```
#[macro_export]
macro_rules! sets {
    ($($(#[$attr:meta])* $vis:vis $name:ident;)*) => {$(
        $(#[$attr])*
        #[doc = concat!("\n\nMarks the sets of `", stringify!($name), "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name {}
        impl $crate::__private::SetMarker for $name {
            const NAME: &'static str = stringify!($name);
        }
    )*};
}

/// Declares constants that kernels read by name. `GAM.set(v)` changes one between loops; one without
/// a first value must be set before a loop uses it.
///
/// ```
/// op2::constants! {
///     /// Ratio of specific heats.
///     pub GAM: f64 = 1.4;
///     pub QINF: [f64; 4];
/// }
/// QINF.set([1.0, 0.4, 0.0, GAM.get()]);
/// ```
#[macro_export]
macro_rules! constants {
    () => {};
    ($(#[$attr:meta])* $vis:vis $name:ident : $ty:ty = $value:expr; $($rest:tt)*) => {
        $(#[$attr])*
        #[doc = concat!("\n\nConstant `", stringify!($name), "` of kernels.")]
        $vis static $name: $crate::__private::Const<$ty> =
            $crate::__private::Const::new(stringify!($name), ::core::option::Option::Some($value));
        $crate::constants! { $($rest)* }
    };
    ($(#[$attr:meta])* $vis:vis $name:ident : $ty:ty; $($rest:tt)*) => {
        $(#[$attr])*
        #[doc = concat!("\n\nConstant `", stringify!($name), "` of kernels.")]
        $vis static $name: $crate::__private::Const<$ty> =
            $crate::__private::Const::new(stringify!($name), ::core::option::Option::None);
        $crate::constants! { $($rest)* }
    };
}
