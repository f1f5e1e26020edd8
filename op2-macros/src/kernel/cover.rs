//! Parts of a value: which of its elements and fields are assigned.

use std::collections::BTreeMap;

use super::ir::{Len, LocalId, Type};

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Element(u64),
    /// The element at a variable that does not change.
    Index(LocalId),
    Field(String),
    /// Some element.
    Anywhere,
}

/// The assigned part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    All,
    /// These parts; none when nothing is assigned.
    Parts(BTreeMap<Step, Cover>),
}

impl Default for Cover {
    fn default() -> Self {
        Self::Parts(BTreeMap::new())
    }
}

impl Cover {
    /// Adds the part at the end of `path`, in a value of type `ty`.
    pub(super) fn assign(&mut self, path: &[Step], ty: &Type) {
        let Self::Parts(parts) = self else { return };
        let Some((step, rest)) = path.split_first() else {
            *self = Self::All;
            return;
        };
        if *step == Step::Anywhere {
            return;
        }
        parts.entry(step.clone()).or_default().assign(rest, part_type(ty));
        if has_all_elements(parts, ty) {
            *self = Self::All;
        }
    }

    /// Whether all of the part at the end of `path` is assigned.
    pub(super) fn covers(&self, path: &[Step]) -> bool {
        match (self, path.split_first()) {
            (Self::All, _) => true,
            (Self::Parts(parts), Some((step, rest))) => {
                parts.get(step).is_some_and(|part| part.covers(rest))
            }
            (Self::Parts(_), None) => false,
        }
    }

    /// What both cover.
    pub(super) fn meet(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, cover) | (cover, Self::All) => cover.clone(),
            (Self::Parts(one), Self::Parts(other)) => {
                let common = one.iter().filter_map(|(step, part)| {
                    other.get(step).map(|same| (step.clone(), part.meet(same)))
                });
                Self::Parts(common.collect())
            }
        }
    }

    /// The arrays whose element at `index` is all assigned: the way to each, and its length.
    pub(super) fn at_index<'t>(&self, index: LocalId, ty: &'t Type) -> Vec<(Vec<Step>, &'t Len)> {
        let Self::Parts(parts) = self else { return Vec::new() };
        let mut found = Vec::new();
        for (step, part) in parts {
            if *step == Step::Index(index) && *part == Self::All {
                found.push((Vec::new(), length(ty)));
                continue;
            }
            for (mut path, len) in part.at_index(index, part_type(ty)) {
                path.insert(0, step.clone());
                found.push((path, len));
            }
        }
        found
    }
}

/// The type of an element; what is not an array has parts of unknown type.
fn part_type(ty: &Type) -> &Type {
    const UNKNOWN: &Type = &Type::Never;
    match ty {
        Type::Array(element, _) => element,
        _ => UNKNOWN,
    }
}

fn length(ty: &Type) -> &Len {
    match ty {
        Type::Array(_, len) => len,
        _ => &Len::Unknown,
    }
}

fn has_all_elements(parts: &BTreeMap<Step, Cover>, ty: &Type) -> bool {
    let Len::Literal(len) = *length(ty) else { return false };
    let is_all = |element| parts.get(&Step::Element(element)) == Some(&Cover::All);
    parts.len() as u64 >= len && (0..len).all(is_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Type {
        Type::Array(Box::new(Type::unset()), Len::Literal(2))
    }

    #[test]
    fn all_elements_make_the_whole() {
        let mut cover = Cover::default();
        cover.assign(&[Step::Element(0)], &row());
        assert!(cover.covers(&[Step::Element(0)]) && !cover.covers(&[Step::Element(1)]));
        cover.assign(&[Step::Element(1)], &row());
        assert_eq!(cover, Cover::All);
    }

    #[test]
    fn some_element_is_no_particular_one() {
        let mut cover = Cover::default();
        cover.assign(&[Step::Anywhere], &row());
        assert!(!cover.covers(&[Step::Anywhere]) && !cover.covers(&[Step::Element(0)]));
    }

    #[test]
    fn two_paths_have_in_common_what_both_assign() {
        let (mut one, mut other) = (Cover::default(), Cover::default());
        one.assign(&[Step::Element(0)], &row());
        other.assign(&[Step::Element(1)], &row());
        assert_eq!(one.meet(&other), Cover::default());
        assert_eq!(one.meet(&Cover::All), one);
    }
}
