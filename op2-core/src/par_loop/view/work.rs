//! What one call of a body is given: pointers, and which elements to run.

/// One argument of a loop, ready to run: raw pointers only.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Dat storage, value of a global, or the user's numbers for an index argument (null: identity).
    pub data: *mut u8,
    /// The map's table, null without a map. For a sum whose terms are wanted one by one: where they go,
    /// a value for each position.
    pub table: *const u32,
    /// Elements of the dat's set where its leaves are scattered (structure of arrays), else 0.
    pub scattered: usize,
    /// Where this argument's partial result is in the block's scratch.
    pub partial: usize,
    /// For a matrix, how many elements the table has places for; else 0.
    pub elements: usize,
}

/// A stretch of a loop, for one call of a body.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// The arguments.
    pub bindings: *const Binding,
    /// The kernel's constants.
    pub constants: *const u8,
    /// Element of each position; null when position and element are the same.
    pub list: *const u32,
    /// First position.
    pub lo: usize,
    /// One after the last position.
    pub hi: usize,
    /// Partial results of the block's reductions.
    pub partials: *mut u8,
}

impl Work {
    /// One argument.
    ///
    /// # Safety
    /// `index` must be less than the number of arguments.
    #[inline(always)]
    pub unsafe fn binding(&self, index: usize) -> Binding {
        // SAFETY: the caller's promise.
        unsafe { *self.bindings.add(index) }
    }
}

/// Which element stands at a position of the loop.
pub trait Elements: Copy {
    /// Positions of each element.
    const POINTS: usize = 1;

    /// The element at `position`.
    ///
    /// # Safety
    /// The position must be inside the work.
    unsafe fn at(self, position: usize) -> usize;

    /// The value of a local index at `position`: 0 where an element has one point only.
    #[inline(always)]
    fn point(self, _position: usize, _axis: usize) -> usize {
        0
    }
}

/// A whole set: position and element are the same.
#[derive(Clone, Copy)]
pub struct Span;

impl Elements for Span {
    #[inline(always)]
    unsafe fn at(self, position: usize) -> usize {
        position
    }
}

/// A subset, or nothing known: a list where there is one.
#[derive(Clone, Copy)]
pub struct Listed(pub *const u32);

impl Elements for Listed {
    #[inline(always)]
    unsafe fn at(self, position: usize) -> usize {
        if self.0.is_null() {
            position
        } else {
            // SAFETY: the list has an entry for every position of the work.
            unsafe { *self.0.add(position) as usize }
        }
    }
}

/// What is known of the dats' layouts when the body is compiled.
pub trait Placement: Copy {
    /// Whether dats may be scattered.
    const ANY: bool;
}

/// All dats lie row by row.
#[derive(Clone, Copy)]
pub struct RowByRow;

impl Placement for RowByRow {
    const ANY: bool = false;
}

/// Dats may lie in any layout.
#[derive(Clone, Copy)]
pub struct AnyLayout;

impl Placement for AnyLayout {
    const ANY: bool = true;
}
