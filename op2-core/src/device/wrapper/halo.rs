//! Writes the programs that move rows between a dat and a room for messages: a work-item for each word.
//!
//! In a room a row's leaves follow each other whatever the dat's layout; where a row begins is in a table.

use crate::kernel::source;
use crate::kernel::source::Dialect;

use super::dialect::{self, Groups, words};
use super::text::{ProgramText, Text};

/// Which way rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Out of a dat.
    Pack,
    /// Into it.
    Unpack,
}

/// What the text of such a program depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HaloForm {
    /// Which way rows go.
    pub direction: Direction,
    /// Bytes that move in one piece: 1, 4 or 8.
    pub word: usize,
    /// Words of a row.
    pub row: usize,
    /// Words of a leaf.
    pub leaf: usize,
    /// Whether the leaves of a row lie apart (structure of arrays).
    pub apart: bool,
}

impl HaloForm {
    /// Rows of `dim` leaves of `leaf` bytes each.
    pub fn new(direction: Direction, dim: usize, leaf: usize, apart: bool) -> Self {
        let word = [8, 4].into_iter().find(|word| leaf.is_multiple_of(*word)).unwrap_or(1);
        let leaf = leaf / word;
        Self { direction, word, row: dim * leaf, leaf, apart }
    }

    fn entry(&self) -> &'static str {
        match self.direction {
            Direction::Pack => "op2_pack",
            Direction::Unpack => "op2_unpack",
        }
    }

    /// Where in the dat a word is.
    fn place(&self) -> String {
        let Self { row, leaf, apart, .. } = self;
        match (apart, row, leaf) {
            (_, 1, _) => "row".to_owned(),
            (false, ..) => format!("row * {row} + word"),
            (true, _, 1) => "(u64)word * stride + row".to_owned(),
            (true, ..) => format!("((u64)(word / {leaf}) * stride + row) * {leaf} + word % {leaf}"),
        }
    }
}

/// The program that moves rows, for groups of `group` work-items.
///
/// The parameters are, in this order: how many rows; their numbers, and the words of the room where they begin; the
/// dat, and the rows from one of its leaves to the next; the room.
pub fn write_halo(form: &HaloForm, dialect: Dialect, group: usize) -> ProgramText {
    let (names, groups, entry) = (words(dialect), Groups::any(dialect, group), form.entry());
    let (global, restrict) = (names.global, names.restrict);
    let ty = format!("u{}", 8 * form.word);
    let [data, room] = match form.direction {
        Direction::Pack => ["const ", ""],
        Direction::Unpack => ["", "const "],
    };
    let mut text = Text::default();
    text.line(format!("{} {entry}(", dialect::entry(dialect, groups)));
    text.line(format!("    const u32 num_rows, {global}const u32 *{restrict}rows,"));
    text.line(format!("    {global}const u32 *{restrict}places,"));
    text.line(format!("    {global}{data}{ty} *{restrict}data, const u32 stride,"));
    text.line(format!("    {global}{room}{ty} *{restrict}room"));
    text.open(")");
    let size = groups.size();
    text.line(format!("const u64 at = (u64){} * {size} + {};", names.group, names.item));
    text.line(format!("if (at >= (u64)num_rows * {}) return;", form.row));
    text.line(format!("const u64 row = rows[at / {0}], there = places[at / {0}];", form.row));
    let mut there = "there".to_owned();
    if form.row > 1 {
        text.line(format!("const u32 word = (u32)(at % {});", form.row));
        there.push_str(" + word");
    }
    let place = form.place();
    text.line(match form.direction {
        Direction::Pack => format!("room[{there}] = data[{place}];"),
        Direction::Unpack => format!("data[{place}] = room[{there}];"),
    });
    text.close();
    let lie = if form.apart { "soa" } else { "aos" };
    let title = format!("// {entry}: rows of {} x {} bytes, {lie}\n", form.row, form.word);
    let text = format!("{title}{}\n{}", source::head(dialect, false), text.into_string());
    ProgramText { text, entry, most_group: groups.most() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(direction: Direction, dim: usize, leaf: usize, apart: bool) -> String {
        write_halo(&HaloForm::new(direction, dim, leaf, apart), Dialect::OpenClC, 64).text
    }

    #[test]
    fn rows_are_found_in_either_layout() {
        let aos = text(Direction::Pack, 3, 8, false);
        assert!(aos.contains("room[there + word] = data[row * 3 + word];"), "{aos}");
        assert!(aos.contains("__global const u64 *restrict data"), "{aos}");
        let soa = text(Direction::Unpack, 3, 4, true);
        assert!(soa.contains("data[(u64)word * stride + row] = room[there + word];"), "{soa}");
        assert!(soa.contains("__global const u32 *restrict room"), "{soa}");
        let scalar = text(Direction::Pack, 1, 1, false);
        assert!(scalar.contains("room[there] = data[row];"), "{scalar}");
    }

    #[test]
    fn leaves_of_several_words_stay_together() {
        let form = HaloForm::new(Direction::Pack, 2, 12, true);
        assert_eq!((form.word, form.row, form.leaf), (4, 6, 3));
        let text = text(Direction::Pack, 2, 12, true);
        let place = "((u64)(word / 3) * stride + row) * 3 + word % 3";
        assert!(text.contains(&format!("= data[{place}];")), "{text}");
    }
}
