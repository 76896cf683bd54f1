//! Names for as many people as are wanted: the same ones in every run, and about as unequal as in a real institution.

use fastrand::Rng;
use serde_json::{Value, json};

/// Beginnings and ends of two hundred first names.
const FIRST: (&[&str], &[&str]) = (
    &[
        "Ma", "Lu", "Jo", "An", "El", "So", "Ka", "Ni", "To", "Mi", "Fre", "Inê", "Sa", "Há", "Le", "Dé", "Vi", "Ras",
        "Zo", "Yu",
    ],
    &["ra", "lina", "nes", "mir", "dor", "bel", "vin", "rik", "thea", "sko"],
);

/// Beginnings and ends of five hundred last names.
const LAST: (&[&str], &[&str]) = (
    &[
        "Ander", "Bjørk", "Castel", "Dahl", "Ekel", "Falk", "Gonç", "Holm", "Iver", "Jans", "Kowal", "Łask", "Müll",
        "Nord", "Okaf", "Petr", "Quint", "Ros", "Sund", "Tan", "Ulv", "Vand", "Wester", "Ylm", "Zimm",
    ],
    &[
        "berg", "sen", "ström", "qvist", "alves", "ová", "ski", "mann", "dottir", "dal", "erson", "ou", "ard", "ini",
        "czyk", "feld", "gård", "hof", "ius", "lund",
    ],
);

/// Somebody of the institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Colleague {
    pub(crate) username: String,
    pub(crate) first: String,
    pub(crate) last: String,
}

impl Colleague {
    /// The name that people call them.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// Where mail to them goes.
    pub(crate) fn email(&self) -> String {
        format!("{}@hospital.example", self.username)
    }

    /// Their row in an import.
    pub(crate) fn row(&self) -> Value {
        json!({ "username": self.username, "name": self.name(), "email": self.email(), "active": true })
    }
}

/// Makes one of the people; each number is somebody else.
///
/// First names are about equally frequent. The least of three draws makes some last names three times as frequent as
/// the average, and others rare; a dozen of a hundred thousand people share both names.
pub(crate) fn colleague(number: u32) -> Colleague {
    let mut draw = Rng::with_seed(u64::from(number));
    let first = nth(FIRST, draw.usize(..count(FIRST)));
    let mut place = || draw.usize(..count(LAST));
    let last = nth(LAST, place().min(place()).min(place()));
    Colleague { username: format!("{}.{}{number}", plain(&first), plain(&last)), first, last }
}

fn count((beginnings, ends): (&[&str], &[&str])) -> usize {
    beginnings.len() * ends.len()
}

fn nth((beginnings, ends): (&[&str], &[&str]), place: usize) -> String {
    [beginnings[place / ends.len()], ends[place % ends.len()]].concat()
}

/// Writes a name as usernames are made of it: small letters without marks.
fn plain(name: &str) -> String {
    let letters = name.chars().flat_map(char::to_lowercase);
    letters
        .map(|letter| match letter {
            'á' | 'å' => 'a',
            'ç' => 'c',
            'é' | 'ê' => 'e',
            'ł' => 'l',
            'ö' | 'ø' => 'o',
            'ü' => 'u',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    const EVERYBODY: u32 = 100_000;

    #[test]
    fn the_same_number_is_the_same_person_and_every_number_another() {
        assert_eq!(colleague(4_711), colleague(4_711));
        let usernames: HashSet<String> = (0..EVERYBODY).map(|number| colleague(number).username).collect();
        assert_eq!(u32::try_from(usernames.len()), Ok(EVERYBODY));
        assert!(usernames.iter().all(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')));
    }

    #[test]
    fn no_more_people_share_both_names_than_one_search_shows() {
        let mut namesakes: HashMap<String, u32> = HashMap::new();
        for number in 0..EVERYBODY {
            *namesakes.entry(colleague(number).name()).or_default() += 1;
        }
        assert!(namesakes.values().all(|&count| count <= 20));
    }

    #[test]
    fn no_name_is_the_beginning_of_another() {
        for names in [FIRST, LAST] {
            let names: Vec<String> = (0..count(names)).map(|place| nth(names, place)).collect();
            for (place, name) in names.iter().enumerate() {
                let longer = |other: &String| other.starts_with(name.as_str());
                assert!(!names[..place].iter().any(longer) && !names[place + 1..].iter().any(longer), "{name}");
            }
        }
    }
}
