//! Recursive coordinate bisection: parts that are boxes of points.
//!
//! The points are cut in two across the longest side of their bounding box, such that the sides have
//! as many points as their parts shall have; then each side is cut, and so on:
//!
//! ```text
//!   4 parts:    +------+---------+
//!               | 0    | 2       |     the first cut is the vertical one
//!               |      +---------+
//!               +------+ 3       |
//!               | 1    |         |
//!               +------+---------+
//! ```
//!
//! M. J. Berger, S. H. Bokhari: A partitioning strategy for nonuniform problems on multiprocessors,
//! IEEE Transactions on Computers C-36(5), 1987.
//!
//! Points stay on their ranks: medians are found by counting (`select`), for all
//! pieces of one level together.

use std::ops::Range;

use crate::base::blocks::block_range;
use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::dist::partition::check_parts;
use crate::dist::partition::combine::{combine, share, sums};
use crate::dist::partition::select::{Search, thresholds};

/// The points of the elements that this rank owns.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a, const D: usize> {
    /// What the coordinates are called, for messages.
    pub name: &'a str,
    /// The user's numbers of the elements (`[owned]`); no two ranks own the same.
    pub numbers: &'a [u64],
    /// Their coordinates (`[owned]`), in the same sequence.
    pub coordinates: &'a [[f64; D]],
}

/// The part of each of this rank's points (`[owned]`, values below `parts`). Collective.
///
/// Numbers of points differ by one at most between parts. Points with equal coordinates are told apart
/// by the user's number, so the answer does not depend on which rank has which points.
///
/// Takes a few rounds of messages for each doubling of the parts; memory in proportion to this rank's
/// points and to the number of parts.
///
/// # Errors
/// A coordinate is not a finite number, and all ranks say the same; there are no parts, or more than
/// 32 bits can count; a rank has ended.
///
/// # Panics
/// There is not one number for each point.
pub fn rcb<const D: usize>(
    comm: &dyn Comm,
    points: &Points<'_, D>,
    parts: usize,
) -> Result<Vec<u32>> {
    const { assert!(D > 0, "points have coordinates") };
    assert_eq!(points.numbers.len(), points.coordinates.len(), "one number for each point");
    let parts = check_parts(parts)?;
    check_finite(comm, points)?;
    let [total] = sums(comm, [points.numbers.len() as u64])?;
    let mut bisection = Bisection::new(points, total, parts);
    while bisection.pieces.iter().any(Piece::is_divisible) {
        bisection.cut(comm)?;
    }
    Ok(bisection.into_parts())
}

/// The points of this rank, in the order of their pieces.
struct Bisection<'a, const D: usize> {
    points: &'a Points<'a, D>,
    /// Points on all ranks.
    total: u64,
    /// Parts that all pieces have together.
    parts: u32,
    /// The same on all ranks but for the places of their points.
    pieces: Vec<Piece>,
    /// Positions of points, those of one piece next to each other, ascending in each.
    order: Vec<u32>,
}

/// Points that will go to the same parts.
struct Piece {
    parts: Range<u32>,
    /// The places of this rank's points in the order.
    places: Range<usize>,
}

impl Piece {
    fn is_divisible(&self) -> bool {
        self.parts.len() > 1
    }

    /// The first part on the far side of the cut.
    fn middle(&self) -> u32 {
        self.parts.start + (self.parts.end - self.parts.start) / 2
    }
}

/// Where a piece is cut: points whose key along the axis is below the threshold are on the near side.
struct Cut {
    axis: usize,
    threshold: u128,
}

impl<'a, const D: usize> Bisection<'a, D> {
    fn new(points: &'a Points<'a, D>, total: u64, parts: u32) -> Self {
        let owned = points.numbers.len();
        let whole = Piece { parts: 0..parts, places: 0..owned };
        Self { points, total, parts, pieces: vec![whole], order: (0..owned as u32).collect() }
    }

    /// Cuts all pieces that have more than one part.
    fn cut(&mut self, comm: &dyn Comm) -> Result<()> {
        let bounds = self.bounds(comm)?;
        let axes: Vec<usize> = bounds.iter().map(Bounds::longest).collect();
        let divisible = self.pieces.iter().filter(|piece| piece.is_divisible());
        let searches = divisible.zip(bounds.iter().zip(&axes));
        let searches = searches.map(|(piece, (bounds, &axis))| self.search(piece, bounds, axis));
        let thresholds = thresholds(comm, searches.collect())?;
        let cuts = axes.into_iter().zip(thresholds);
        self.split(cuts.map(|(axis, threshold)| Cut { axis, threshold }));
        Ok(())
    }

    /// The bounds of each divisible piece over all ranks.
    fn bounds(&self, comm: &dyn Comm) -> Result<Vec<Bounds<D>>> {
        let divisible = self.pieces.iter().filter(|piece| piece.is_divisible());
        let mine: Vec<u64> = divisible.flat_map(|piece| self.local_bounds(piece).words()).collect();
        let combined = combine(comm, Bounds::<D>::WORDS, &mine, u64::min)?;
        let all = share(comm, &combined.words)?;
        Ok(all.chunks_exact(Bounds::<D>::WORDS).map(Bounds::from_words).collect())
    }

    fn local_bounds(&self, piece: &Piece) -> Bounds<D> {
        let mut bounds = Bounds { first: [u64::MAX; D], last: [0; D], numbers: [u64::MAX, 0] };
        for &point in &self.order[piece.places.clone()] {
            bounds.include(&self.points.coordinates[point as usize], self.number(point));
        }
        bounds
    }

    /// The search for the threshold that gives each side of a piece the points of its parts.
    fn search(&self, piece: &Piece, bounds: &Bounds<D>, axis: usize) -> Search {
        let start = |part| block_range(self.total, self.parts as usize, part as usize).start;
        let first = start(piece.parts.start);
        let near = start(piece.middle()) - first;
        let points = &self.order[piece.places.clone()];
        Search {
            keys: points.iter().map(|&point| self.key(point, axis)).collect(),
            range: bounds.keys(axis),
            lower_halves: bounds.numbers,
            total: start(piece.parts.end) - first,
            below: near,
        }
    }

    fn number(&self, point: u32) -> u64 {
        self.points.numbers[point as usize]
    }

    /// Sorts by the coordinate, then by the user's number.
    fn key(&self, point: u32, axis: usize) -> u128 {
        let coordinate = self.points.coordinates[point as usize][axis];
        key(ordered(coordinate), self.number(point))
    }

    /// Replaces each divisible piece by its two sides.
    fn split(&mut self, mut cuts: impl Iterator<Item = Cut>) {
        for piece in std::mem::take(&mut self.pieces) {
            if !piece.is_divisible() {
                self.pieces.push(piece);
                continue;
            }
            let cut = cuts.next().expect("one cut for each divisible piece");
            let (middle, Piece { parts, places }) = (piece.middle(), piece);
            let far = places.start + self.near_first(places.clone(), &cut);
            self.pieces.push(Piece { parts: parts.start..middle, places: places.start..far });
            self.pieces.push(Piece { parts: middle..parts.end, places: far..places.end });
        }
    }

    /// Puts the points on the near side before those on the far side, both in their present sequence;
    /// gives the number of the former.
    fn near_first(&mut self, places: Range<usize>, cut: &Cut) -> usize {
        let is_near = |&point: &u32| self.key(point, cut.axis) < cut.threshold;
        let (near, far): (Vec<u32>, Vec<u32>) =
            self.order[places.clone()].iter().copied().partition(is_near);
        let (to_near, to_far) = self.order[places].split_at_mut(near.len());
        to_near.copy_from_slice(&near);
        to_far.copy_from_slice(&far);
        near.len()
    }

    fn into_parts(self) -> Vec<u32> {
        let mut parts = vec![0; self.order.len()];
        for Piece { parts: part, places } in self.pieces {
            for &point in &self.order[places] {
                parts[point as usize] = part.start;
            }
        }
        parts
    }
}

/// The least and the greatest coordinates of a piece, as [`ordered`] numbers, and users' numbers.
struct Bounds<const D: usize> {
    first: [u64; D],
    last: [u64; D],
    numbers: [u64; 2],
}

impl<const D: usize> Bounds<D> {
    const WORDS: usize = 2 * (D + 1);

    fn include(&mut self, point: &[f64; D], number: u64) {
        for (axis, coordinate) in point.iter().map(|&x| ordered(x)).enumerate() {
            self.first[axis] = self.first[axis].min(coordinate);
            self.last[axis] = self.last[axis].max(coordinate);
        }
        self.numbers = [self.numbers[0].min(number), self.numbers[1].max(number)];
    }

    /// Words of which the smaller one bounds both of two pieces: what is greatest stands inverted.
    fn words(&self) -> impl Iterator<Item = u64> + use<D> {
        let [least, greatest] = self.numbers;
        let last = self.last.map(|word| !word);
        self.first.into_iter().chain(last).chain([least, !greatest])
    }

    fn from_words(words: &[u64]) -> Self {
        Self {
            first: std::array::from_fn(|axis| words[axis]),
            last: std::array::from_fn(|axis| !words[D + axis]),
            numbers: [words[2 * D], !words[2 * D + 1]],
        }
    }

    /// The axis of the longest side, the first of equals.
    fn longest(&self) -> usize {
        // Halved, so that no side is too long for a number.
        let length =
            |axis: usize| coordinate(self.last[axis]) / 2.0 - coordinate(self.first[axis]) / 2.0;
        (1..D).fold(0, |longest, axis| if length(axis) > length(longest) { axis } else { longest })
    }

    /// The least and the greatest key that a point of the piece may have along an axis.
    fn keys(&self, axis: usize) -> [u128; 2] {
        let [least, greatest] = self.numbers;
        [key(self.first[axis], least), key(self.last[axis], greatest)]
    }
}

fn key(coordinate: u64, number: u64) -> u128 {
    u128::from(coordinate) << 64 | u128::from(number)
}

/// Numbers that are in the order of the coordinates; both zeros have the same.
fn ordered(coordinate: f64) -> u64 {
    let bits = (coordinate + 0.0).to_bits();
    if coordinate < 0.0 { !bits } else { bits | SIGN }
}

/// What [`ordered`] was made of.
fn coordinate(ordered: u64) -> f64 {
    f64::from_bits(if ordered & SIGN == 0 { !ordered } else { ordered & !SIGN })
}

const SIGN: u64 = 1 << 63;

/// Points that are nowhere have no order. The error names the one with the least number, on all ranks.
fn check_finite<const D: usize>(comm: &dyn Comm, points: &Points<'_, D>) -> Result<()> {
    let pairs = points.numbers.iter().zip(points.coordinates);
    let nowhere = pairs.filter(|(_, point)| !point.iter().all(|x| x.is_finite()));
    let found = nowhere.min_by_key(|(number, _)| **number).map(|(number, point)| {
        let axis = point.iter().position(|x| !x.is_finite()).expect("one is not finite");
        [*number, axis as u64, point[axis].to_bits()]
    });
    let all = share(comm, found.as_ref().map_or(&[], |found| &found[..]))?;
    match all.chunks_exact(3).min() {
        None => Ok(()),
        Some(found) => Err(not_finite(points.name, found)),
    }
}

fn not_finite(name: &str, found: &[u64]) -> Error {
    let (number, axis, value) = (found[0], found[1], f64::from_bits(found[2]));
    Error::declaration(
        "partition by",
        name,
        format!(
            "coordinate {axis} of element {number} is {value}; elements are put in order by finite numbers only"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::{Points, coordinate, ordered, rcb};
    use crate::base::blocks::block_range;
    use crate::base::error::Result;
    use crate::dist::partition::testing::{SPREADS, Spread};
    use crate::dist::partition::testing::{Triangles, hash, on, on_all, random_points, sizes};

    /// On all numbers of ranks and spreads.
    fn parts_of<const D: usize>(points: &[[f64; D]], parts: usize) -> Result<Vec<u32>> {
        on_all(points.len() as u64, |comm, _, owned| {
            let own: Vec<_> = owned.iter().map(|&element| points[element as usize]).collect();
            rcb(comm, &Points { name: "x", numbers: owned, coordinates: &own }, parts)
        })
    }

    /// The same by sorting, on one rank.
    fn reference<const D: usize>(points: &[[f64; D]], num_parts: u32) -> Vec<u32> {
        let mut parts = vec![0; points.len()];
        let mut whole: Vec<usize> = (0..points.len()).collect();
        bisect(points, &mut whole, [0, num_parts], num_parts, &mut parts);
        parts
    }

    fn bisect<const D: usize>(
        points: &[[f64; D]],
        elements: &mut [usize],
        [first, last]: [u32; 2],
        num_parts: u32,
        parts: &mut [u32],
    ) {
        if last - first == 1 {
            return elements.iter().for_each(|&element| parts[element] = first);
        }
        let side = |axis: usize| {
            let coordinates = || elements.iter().map(|&element| points[element][axis]);
            coordinates().fold(f64::MIN, f64::max) - coordinates().fold(f64::MAX, f64::min)
        };
        let longest = (0..D).rev().max_by(|&a, &b| side(a).total_cmp(&side(b))).unwrap();
        elements.sort_by(|&a, &b| {
            points[a][longest].partial_cmp(&points[b][longest]).unwrap().then(a.cmp(&b))
        });
        let middle = first + (last - first) / 2;
        let start =
            |part| block_range(points.len() as u64, num_parts as usize, part as usize).start;
        let (near, far) = elements.split_at_mut((start(middle) - start(first)) as usize);
        bisect(points, near, [first, middle], num_parts, parts);
        bisect(points, far, [middle, last], num_parts, parts);
    }

    #[track_caller]
    fn check<const D: usize>(points: &[[f64; D]], num_parts: usize) {
        let parts = parts_of(points, num_parts).unwrap();
        assert_eq!(parts, reference(points, num_parts as u32), "{num_parts} parts");
        let sizes = sizes(&parts, num_parts);
        let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
        assert!(most - least <= 1, "{sizes:?}");
    }

    #[test]
    fn random_points_are_cut_as_by_sorting() {
        let points = random_points::<2>(500);
        (1..=9).for_each(|num_parts| check(&points, num_parts));
        check(&random_points::<3>(300), 7);
        check(&random_points::<1>(100), 6);
    }

    #[test]
    fn a_square_is_cut_into_quarters() {
        let centers = Triangles::square(16, 16).centers();
        check(&centers, 4);
        let parts = parts_of(&centers, 4).unwrap();
        for ([x, y], part) in centers.iter().zip(parts) {
            assert_eq!(part, 2 * u32::from(*x > 0.5) + u32::from(*y > 0.5));
        }
    }

    #[test]
    fn cuts_of_meshes_are_short() {
        let square = Triangles::square(32, 32);
        let quarters = parts_of(&square.centers(), 4).unwrap();
        assert_eq!(square.cut(&quarters), 64);
        let annulus = Triangles::annulus(96, 16);
        check(&annulus.centers(), 6);
        let sixths = parts_of(&annulus.centers(), 6).unwrap();
        // A straight line from the inner to the outer circle crosses some 32 edges.
        assert!(annulus.cut(&sixths) < 6 * 40, "{}", annulus.cut(&sixths));
    }

    #[test]
    fn equal_points_are_told_apart_by_their_numbers() {
        let parts = parts_of(&[[0.25, -1.5]; 100], 7).unwrap();
        let blocks: Vec<usize> = (0..7).map(|r| block_range(100, 7, r).count()).collect();
        assert_eq!(sizes(&parts, 7), blocks);
        assert!(parts.is_sorted());
        let zeros: Vec<_> = (0..64).map(|i| [if i % 2 == 0 { 0.0 } else { -0.0 }]).collect();
        assert!(parts_of(&zeros, 4).unwrap().is_sorted());
    }

    #[test]
    fn points_on_a_line_are_cut_along_it() {
        let line: Vec<_> = (0..210).map(|i| [2.0, f64::from(i), 1e-3 * f64::from(i)]).collect();
        check(&line, 6);
        assert!(parts_of(&line, 6).unwrap().is_sorted());
        let few_places: Vec<_> = (0..240).map(|i| [(hash(i) % 3) as f64, 0.5]).collect();
        check(&few_places, 5);
    }

    #[test]
    fn sizes_of_any_magnitude_are_compared() {
        let huge = |i: u64| if hash(i).is_multiple_of(2) { f64::MAX } else { f64::MIN };
        let points: Vec<_> = (0..50).map(|i| [i as f64, huge(i)]).collect();
        let parts = parts_of(&points, 2).unwrap();
        let low = points.iter().filter(|point| point[1] < 0.0).count();
        let misplaced = points.iter().zip(&parts).filter(|(p, part)| (p[1] > 0.0) != (**part == 1));
        assert_eq!(misplaced.count(), low.abs_diff(25));
        let tiny: Vec<_> = (0..40).map(|i| [f64::from(i) * 5e-324, -1e-300]).collect();
        check(&tiny, 3);
    }

    #[test]
    fn more_parts_than_points_leave_parts_empty() {
        check(&random_points::<2>(5), 8);
        check(&random_points::<2>(1), 3);
        assert_eq!(parts_of::<2>(&[], 4).unwrap(), [0; 0]);
    }

    #[test]
    fn many_parts_are_found_too() {
        let points = random_points::<2>(3000);
        for ranks in [1, 5] {
            let parts = on(ranks, Spread::Cyclic, 3000, |comm, _, owned| {
                let own: Vec<_> = owned.iter().map(|&element| points[element as usize]).collect();
                rcb(comm, &Points { name: "x", numbers: owned, coordinates: &own }, 1000)
            });
            assert_eq!(parts.unwrap(), reference(&points, 1000));
        }
    }

    #[test]
    fn points_that_are_nowhere_are_named_on_all_ranks() {
        let mut points = random_points::<2>(20);
        points[17][0] = f64::NAN;
        points[11][1] = f64::NEG_INFINITY;
        let expected = "partition by `x`: coordinate 1 of element 11 is -inf";
        for spread in SPREADS {
            let told = on(4, spread, 20, |comm, _, owned| {
                let own: Vec<_> = owned.iter().map(|&element| points[element as usize]).collect();
                let points = Points { name: "x", numbers: owned, coordinates: &own };
                let error = rcb(comm, &points, 2).unwrap_err().to_string();
                assert!(error.starts_with(expected), "{error}");
                Ok(vec![0; owned.len()])
            });
            told.unwrap();
        }
        points[11][1] = 0.0;
        let error = parts_of(&points, 2).unwrap_err().to_string();
        assert!(error.contains("coordinate 0 of element 17 is NaN"), "{error}");
    }

    #[test]
    fn no_parts_are_refused() {
        let error = parts_of(&random_points::<2>(3), 0).unwrap_err().to_string();
        assert!(error.contains("cannot be partitioned into 0 parts"), "{error}");
    }

    #[test]
    fn ordered_numbers_are_in_the_order_of_coordinates() {
        let sorted = [f64::MIN, -1.0, -5e-324, 0.0, 5e-324, 1.0, f64::MAX];
        assert!(sorted.map(ordered).is_sorted_by(|a, b| a < b));
        assert_eq!(sorted.map(|x| coordinate(ordered(x))), sorted);
        assert_eq!(ordered(-0.0), ordered(0.0));
    }
}
