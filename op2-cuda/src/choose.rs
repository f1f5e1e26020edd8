//! Which of several GPUs.

use crate::driver::Card;

/// The least compute capability, times ten, with atomic operations on 64 bits in the memory of groups.
const OLDEST: u32 = 50;

/// The place of the wanted card, by its number from 0 or a part of its name in any case; without a wish
/// that of the first good one.
///
/// # Errors
/// There is none, or it cannot be used. The text lists those that there are.
pub(crate) fn choose(cards: &[Card], wanted: Option<&str>) -> Result<usize, String> {
    if cards.is_empty() {
        return Err("the driver finds no GPU (does CUDA_VISIBLE_DEVICES hide it?)".to_owned());
    }
    let Some(wanted) = wanted.map(str::trim).filter(|wanted| !wanted.is_empty()) else {
        let good = cards.iter().position(|card| unfit(card).is_none());
        return good.ok_or_else(|| format!("no GPU here can be used; {}", list(cards)));
    };
    let card = find(cards, wanted)
        .ok_or_else(|| format!("there is no GPU `{wanted}`; {}", list(cards)))?;
    match unfit(&cards[card]) {
        None => Ok(card),
        Some(reason) => Err(format!("the GPU `{wanted}` {reason}; {}", list(cards))),
    }
}

/// A number that is none of a card may still be part of a name: `4090`. Of cards of one name the first good one.
fn find(cards: &[Card], wanted: &str) -> Option<usize> {
    if let Some(number) = wanted.parse().ok().filter(|&number| number < cards.len()) {
        return Some(number);
    }
    let wanted = wanted.to_lowercase();
    let named = |card: &Card| card.name.to_lowercase().contains(&wanted);
    let good = cards.iter().position(|card| named(card) && unfit(card).is_none());
    good.or_else(|| cards.iter().position(named))
}

fn unfit(card: &Card) -> Option<&'static str> {
    if card.prohibited {
        Some("is closed to programs (`nvidia-smi -c 0` opens it)")
    } else if card.arch < OLDEST {
        Some("is too old")
    } else {
        None
    }
}

fn list(cards: &[Card]) -> String {
    let line = |(number, card): (usize, &Card)| {
        let gib = card.memory_bytes as f64 / f64::from(1 << 30);
        let (major, minor) = (card.arch / 10, card.arch % 10);
        let unfit = unfit(card).map(|reason| format!(": {reason}")).unwrap_or_default();
        format!(
            "\n  {number}  {} ({gib:.1} GiB, compute capability {major}.{minor}){unfit}",
            card.name
        )
    };
    let lines: String = cards.iter().enumerate().map(line).collect();
    format!("those here are, by number and name:{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(name: &str, arch: u32) -> Card {
        Card {
            name: name.to_owned(),
            arch,
            memory_bytes: 24 << 30,
            local_bytes: 48 << 10,
            max_group: 1024,
            prohibited: false,
        }
    }

    fn cards() -> [Card; 4] {
        let closed = Card { prohibited: true, ..card("NVIDIA A100", 80) };
        [card("Tesla K40", 35), closed, card("NVIDIA RTX 4090", 89), card("NVIDIA A100", 80)]
    }

    #[test]
    fn without_a_wish_the_first_good_one_is_taken() {
        assert_eq!(choose(&cards(), None), Ok(2));
        assert_eq!(choose(&cards(), Some(" ")), Ok(2));
    }

    #[test]
    fn a_number_is_a_place() {
        assert_eq!(choose(&cards(), Some("3")), Ok(3));
    }

    #[test]
    fn a_number_may_be_part_of_a_name() {
        assert_eq!(choose(&cards(), Some("4090")), Ok(2));
    }

    #[test]
    fn of_equal_names_the_first_good_one_is_taken() {
        assert_eq!(choose(&cards(), Some("a100")), Ok(3));
    }

    #[test]
    fn a_wrong_wish_is_answered_with_what_there_is() {
        let reason = choose(&cards()[2..], Some("7")).unwrap_err();
        assert_eq!(
            reason,
            "there is no GPU `7`; those here are, by number and name:\n  \
             0  NVIDIA RTX 4090 (24.0 GiB, compute capability 8.9)\n  \
             1  NVIDIA A100 (24.0 GiB, compute capability 8.0)"
        );
    }

    #[test]
    fn cards_that_cannot_be_used_say_why() {
        let old = choose(&cards(), Some("k40")).unwrap_err();
        assert!(old.starts_with("the GPU `k40` is too old; "), "{old}");
        let closed = choose(&cards(), Some("1")).unwrap_err();
        assert!(closed.starts_with("the GPU `1` is closed to programs"), "{closed}");
        let none = choose(&cards()[..2], None).unwrap_err();
        assert!(none.starts_with("no GPU here can be used; "), "{none}");
        assert!(none.contains("3.5): is too old"), "{none}");
    }

    #[test]
    fn no_card_at_all_is_no_choice() {
        assert!(choose(&[], Some("0")).unwrap_err().starts_with("the driver finds no GPU"));
    }
}
