//! People of whom nothing is due, put into the table past its functions: importing a million of them takes an hour.

use std::collections::HashMap;
use std::time::Duration;

use domain::clock::Timestamp;
use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use local::functions::TABLE;
use store::Store;

use crate::markdown::thousands;

/// How many people are planted at a time.
const AT_ONCE: usize = 10_000;

/// One of so many has a look to come. These lie in the index, which else would be as small as in the smallest
/// institution.
const WITH_A_LOOK: u32 = 10;

/// When it is: after everything that is measured.
const LATER: Duration = Duration::from_hours(365 * 24);

/// Plants so many people, who all got a mail before.
pub(super) fn people(database: &Database, people: u32, now: Timestamp) -> anyhow::Result<()> {
    database.enable_bulk_loading()?;
    let mut items = Vec::with_capacity(2 * AT_ONCE);
    for number in 0..people {
        items.push(profile(number));
        items.push(notices(number, now));
        if items.len() >= 2 * AT_ONCE || number + 1 == people {
            // Without records in the stream: nothing is to be delivered of it.
            database.import_items(TABLE, std::mem::take(&mut items), ImportOptions::default())?;
            eprint!("\r{} of {} people planted", thousands(number + 1), thousands(people));
        }
    }
    eprintln!();
    Ok(database.disable_bulk_loading()?)
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn fields<const N: usize>(fields: [(&str, AttributeValue); N]) -> Item {
    HashMap::from(fields.map(|(name, value)| (name.to_owned(), value)))
}

fn username(number: u32) -> String {
    format!("somebody.else{number:07}")
}

fn profile(number: u32) -> Item {
    let name = username(number);
    fields([
        ("pk", text(format!("U#{name}"))),
        ("sk", text("~PROFILE")),
        ("entity", text("profile")),
        ("email", text(format!("{name}@hospital.example"))),
        ("name", text("Somebody Else")),
        ("active", AttributeValue::BOOL(true)),
        ("version", AttributeValue::N("0".to_owned())),
        ("username", text(name)),
    ])
}

fn notices(number: u32, now: Timestamp) -> Item {
    let (pk, sk) = (format!("U#{}", username(number)), "~NOTICE");
    let mailed = fields([("at", text(now.to_string())), ("fate", text("sent"))]);
    let mut item = fields([
        ("pk", text(pk.clone())),
        ("sk", text(sk)),
        ("entity", text("notices")),
        ("mailed", AttributeValue::M(mailed)),
        ("version", AttributeValue::N("3".to_owned())),
    ]);
    if number.is_multiple_of(WITH_A_LOOK) {
        let at = now.after(LATER).to_string();
        let shard = number / WITH_A_LOOK % u32::from(Store::SHARDS);
        let due = fields([("at", text(at.clone())), ("rule", text("digest")), ("reason", text("interval"))]);
        item.extend(fields([
            ("due", AttributeValue::M(due)),
            ("dk", text(format!("D#{shard:02}"))),
            ("ds", text(format!("{at}#{pk}#{sk}"))),
        ]));
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
        item.get(name).and_then(|value| if let AttributeValue::S(text) = value { Some(text.as_str()) } else { None })
    }

    #[test]
    fn a_tenth_lies_in_the_index_and_every_shard_has_some() {
        let now = "2026-03-01T09:00:00Z".parse().unwrap();
        let items: Vec<Item> = (0..800).map(|number| notices(number, now)).collect();
        let mut shards: Vec<&str> = items.iter().filter_map(|item| held(item, "dk")).collect();
        assert_eq!(shards.len(), 80);
        shards.sort_unstable();
        shards.dedup();
        assert_eq!(shards, ["D#00", "D#01", "D#02", "D#03", "D#04", "D#05", "D#06", "D#07"]);
        assert_eq!(held(&items[0], "ds"), Some("2027-03-01T09:00:00.000Z#U#somebody.else0000000#~NOTICE"));
        assert_eq!(held(&profile(0), "pk"), held(&items[0], "pk"));
    }
}
