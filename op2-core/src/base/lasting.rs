//! What is kept as long as all that it depends on.

use std::any::Any;
use std::sync::{Arc, Weak};

/// Something that others depend on.
pub type Needed = Arc<dyn Any + Send + Sync>;

/// A value in a cache, which is of no use once something is gone that it depends on.
#[derive(Debug)]
pub struct Lasting<T> {
    value: Arc<T>,
    needs: Vec<Weak<dyn Any + Send + Sync>>,
}

impl<T> Lasting<T> {
    /// A value that depends on all of `needs`.
    pub fn new(value: Arc<T>, needs: &[Needed]) -> Self {
        Self { value, needs: needs.iter().map(Arc::downgrade).collect() }
    }

    /// The value.
    pub fn value(&self) -> &Arc<T> {
        &self.value
    }

    /// Whether all that it depends on is still there.
    pub fn is_needed(&self) -> bool {
        self.needs.iter().all(|need| need.strong_count() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_needed_until_one_of_its_needs_is_gone() {
        let (map, subset): (Needed, Needed) = (Arc::new(1), Arc::new("some"));
        let plan = Lasting::new(Arc::new(7), &[map.clone(), subset.clone()]);
        assert!(plan.is_needed());
        drop(subset);
        assert!(!plan.is_needed());
        assert_eq!(**plan.value(), 7);
        assert!(Lasting::new(Arc::new(7), &[map]).value() == plan.value());
    }
}
