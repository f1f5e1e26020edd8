//! Checks an order from scratch, by other means than those that made it.
//!
//! Orders are made by colors in bit masks and by sorting; the audit lets everyone who changes a row leave
//! a mark there, and trusts nothing of the order: neither that it is complete, nor that its parts
//! fit together.

mod staged;

use std::fmt;
use std::ops::Range;

use super::request::{ReachTable, Request, RequestTarget};
use super::{Order, Races};
use crate::matrix::table::DROPPED;

/// What is wrong with an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The target whose rows it endangers, where it is one target's.
    pub target: Option<usize>,
    /// The rule and how it is broken.
    pub what: String,
}

impl Flaw {
    fn of(target: usize, what: String) -> Self {
        Self { target: Some(target), what }
    }
}

impl From<String> for Flaw {
    fn from(what: String) -> Self {
        Self { target: None, what }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(target) = self.target {
            write!(f, "target {target}: ")?;
        }
        f.write_str(&self.what)
    }
}

/// Checks that an order runs each position of the loop exactly once, that nobody who may run at once
/// changes the same row of the same target, and that the tables of blocks say what the maps say.
///
/// # Errors
/// The first rule that is found broken.
pub fn audit(request: &Request<'_>, order: &Order) -> Result<(), Flaw> {
    check_entries(request)?;
    check_parts(order)?;
    let place = |place: u32| place as usize;
    match (order.races, &order.staging) {
        (Races::None, _) => {
            check_each_once("position", request.positions, &order.launches, place)?;
            check_no_shared_row(request, &order.launches, |place| request.element(place as usize))
        }
        (Races::Coloring, _) => check_colors(request, order),
        (Races::Atomics, _) => {
            check_targets(request, "combined in one piece", |target| {
                target.combines && target.atomic
            })?;
            Ok(check_each_once("position", request.positions, &order.launches, place)?)
        }
        (Races::Serial, _) => {
            Ok(check_each_once("position", request.positions, &order.launches, place)?)
        }
        (Races::Staging, Some(staging)) => staged::check(request, order, staging),
        (Races::Staging, None) => Err("there are no blocks".to_owned().into()),
    }
}

/// Only what the way of keeping apart needs is there.
fn check_parts(order: &Order) -> Result<(), String> {
    if !order.elements.is_empty() && order.races != Races::Coloring {
        return Err(format!("{:?} has a list of elements", order.races));
    }
    if order.staging.is_some() && order.races != Races::Staging {
        return Err(format!("{:?} has blocks", order.races));
    }
    Ok(())
}

/// All entries that the loop uses name rows of their target.
fn check_entries(request: &Request<'_>) -> Result<(), Flaw> {
    for position in 0..request.positions {
        let element = request.element(position);
        for (index, target) in request.targets.iter().enumerate() {
            for reach in &target.reaches {
                check_entries_of(reach, element, target.num_rows)
                    .map_err(|what| Flaw::of(index, format!("element {element}: {what}")))?;
            }
        }
    }
    Ok(())
}

fn check_entries_of(reach: &ReachTable<'_>, element: usize, num_rows: usize) -> Result<(), String> {
    let begin = element * reach.arity;
    let entries = reach.table.get(begin..begin + reach.arity).ok_or("it has no entries")?;
    for &column in &reach.columns {
        match entries.get(column) {
            None => return Err(format!("there is no entry {column}")),
            Some(&row) if row != DROPPED && row as usize >= num_rows => {
                return Err(format!("entry {column} leads to row {row} of {num_rows}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn check_targets(
    request: &Request<'_>,
    what: &str,
    test: impl Fn(&RequestTarget<'_>) -> bool,
) -> Result<(), Flaw> {
    match request.targets.iter().position(|target| !test(target)) {
        Some(target) => Err(Flaw::of(target, format!("it cannot be {what}"))),
        None => Ok(()),
    }
}

/// What the launches name are the numbers below `count`, each once.
fn check_each_once(
    what: &str,
    count: usize,
    launches: &[Range<u32>],
    named: impl Fn(u32) -> usize,
) -> Result<(), String> {
    let mut times = vec![0_u8; count];
    for (launch, range) in launches.iter().enumerate() {
        if range.is_empty() {
            return Err(format!("launch {launch} is empty"));
        }
        for place in range.clone() {
            let number = named(place);
            match times.get_mut(number) {
                None => return Err(format!("{what} {number} is named, but there are {count}")),
                Some(times @ 0) => *times = 1,
                Some(_) => return Err(format!("{what} {number} runs twice")),
            }
        }
    }
    match times.iter().position(|&times| times == 0) {
        Some(number) => Err(format!("{what} {number} does not run")),
        None => Ok(()),
    }
}

fn check_colors(request: &Request<'_>, order: &Order) -> Result<(), Flaw> {
    let places = order.elements.len();
    if places != request.positions {
        let positions = request.positions;
        return Err(format!("{places} elements are listed, but there are {positions}").into());
    }
    check_each_once("place", places, &order.launches, |place| place as usize)?;
    let mut listed = order.elements.clone();
    listed.sort_unstable();
    for (position, &found) in listed.iter().enumerate() {
        let element = request.element(position);
        if found as usize != element {
            return Err(format!("element {found} is listed where {element} should be").into());
        }
    }
    check_no_shared_row(request, &order.launches, |place| order.elements[place as usize] as usize)
}

/// No row is changed by two elements of one launch.
fn check_no_shared_row(
    request: &Request<'_>,
    launches: &[Range<u32>],
    element: impl Fn(u32) -> usize,
) -> Result<(), Flaw> {
    for (index, target) in request.targets.iter().enumerate() {
        let mut marks = Marks::new(target.num_rows);
        for (launch, range) in launches.iter().enumerate() {
            for place in range.clone() {
                let element = element(place);
                for row in rows(target, element) {
                    marks.leave(row, launch, element).map_err(|other| {
                        let both = format!("elements {other} and {element}");
                        let what =
                            format!("launch {launch}: {both} change row {row} at the same time");
                        Flaw::of(index, what)
                    })?;
                }
            }
        }
    }
    Ok(())
}

/// The rows that an element changes.
fn rows(target: &RequestTarget<'_>, element: usize) -> impl Iterator<Item = u32> {
    entries(target, element).filter(|&row| row != DROPPED)
}

/// The entries of an element, one for each column of each reach.
fn entries(target: &RequestTarget<'_>, element: usize) -> impl Iterator<Item = u32> {
    target.reaches.iter().flat_map(move |reach| {
        reach.columns.iter().map(move |column| reach.table[element * reach.arity + column])
    })
}

/// Who changed each row of a target last: in which launch, and who.
struct Marks(Vec<Option<(u32, u32)>>);

impl Marks {
    fn new(num_rows: usize) -> Self {
        Self(vec![None; num_rows])
    }

    /// Says who else has changed the row in this launch.
    fn leave(&mut self, row: u32, launch: usize, who: usize) -> Result<(), u32> {
        let (launch, who) = (launch as u32, who as u32);
        match self.0[row as usize].replace((launch, who)) {
            Some((before, other)) if before == launch && other != who => Err(other),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "some orders have one launch")]
mod tests {
    use super::super::tests::{increments, path, request, writes};
    use super::*;

    /// What the audit says, in words.
    fn audit(request: &Request<'_>, order: &Order) -> Result<(), String> {
        super::audit(request, order).map_err(|flaw| flaw.to_string())
    }

    fn plain(races: Races, launches: Vec<Range<u32>>) -> Order {
        let (elements, staging) = (Vec::new(), None);
        Order { races, reason: String::new(), launches, elements, staging, seconds: 0.0 }
    }

    fn colored(launches: &[Range<u32>], elements: &[u32]) -> Order {
        Order { elements: elements.to_vec(), ..plain(Races::Coloring, launches.to_vec()) }
    }

    #[test]
    fn elements_of_one_color_must_not_meet() {
        let path = path(4);
        let targets = [increments(&path, 2, 5)];
        let request = request(4, &targets);
        assert_eq!(audit(&request, &colored(&[0..2, 2..4], &[0, 2, 3, 1])), Ok(()));
        assert_eq!(
            audit(&request, &colored(&[0..2, 2..4], &[3, 0, 1, 2])).unwrap_err(),
            "target 0: launch 1: elements 1 and 2 change row 2 at the same time"
        );
        assert!(audit(&request, &plain(Races::None, vec![0..4])).is_err());
        assert_eq!(
            audit(&request, &plain(Races::None, (0..4).map(|i| i..i + 1).collect())),
            Ok(())
        );
    }

    #[test]
    fn every_element_runs_once() {
        let path = path(4);
        let targets = [increments(&path, 2, 5)];
        let request = request(4, &targets);
        let refuse = |order: &Order| audit(&request, order).unwrap_err();
        assert_eq!(refuse(&colored(&[0..2], &[0, 2, 1, 3])), "place 2 does not run");
        assert_eq!(refuse(&colored(&[0..2, 1..4], &[0, 2, 1, 3])), "place 1 runs twice");
        assert_eq!(refuse(&colored(&[0..2, 2..4, 4..4], &[0, 2, 1, 3])), "launch 2 is empty");
        let twice = colored(&[0..2, 2..4], &[0, 2, 2, 0]);
        assert_eq!(refuse(&twice), "element 0 is listed where 1 should be");
        let fewer = colored(&[0..2, 2..3], &[0, 2, 1]);
        assert_eq!(refuse(&fewer), "3 elements are listed, but there are 4");
        assert_eq!(
            refuse(&plain(Races::Serial, vec![0..5])),
            "position 4 is named, but there are 4"
        );
        assert_eq!(refuse(&plain(Races::Atomics, vec![0..2, 3..4])), "position 2 does not run");
    }

    #[test]
    fn only_what_can_be_combined_in_one_piece_is() {
        let path = path(2);
        let refuse = |target| audit(&request(2, &[target]), &plain(Races::Atomics, vec![0..2]));
        assert_eq!(refuse(increments(&path, 2, 3)), Ok(()));
        let not = Err("target 0: it cannot be combined in one piece".to_owned());
        assert_eq!(refuse(writes(&path, 2, 3)), not);
        assert_eq!(refuse(RequestTarget { atomic: false, ..increments(&path, 2, 3) }), not);
    }

    #[test]
    fn entries_must_lead_to_rows() {
        let path = path(2);
        let targets = [increments(&path, 2, 2)];
        let serial = plain(Races::Serial, vec![0..2]);
        assert_eq!(
            audit(&request(2, &targets), &serial).unwrap_err(),
            "target 0: element 1: entry 1 leads to row 2 of 2"
        );
        assert_eq!(
            audit(&request(3, &[increments(&path, 2, 3)]), &serial).unwrap_err(),
            "target 0: element 2: it has no entries"
        );
    }

    #[test]
    fn parts_must_belong() {
        let order = Order { elements: vec![0], ..plain(Races::Serial, vec![0..1]) };
        assert_eq!(audit(&request(1, &[]), &order).unwrap_err(), "Serial has a list of elements");
        let order = plain(Races::Staging, vec![0..1]);
        assert_eq!(audit(&request(1, &[]), &order).unwrap_err(), "there are no blocks");
    }
}
