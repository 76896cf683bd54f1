//! What we give out to get it back: cursors of lists, and references to people in links and on the bus.
#![no_main]

use std::sync::LazyLock;

use api::{Kind, cursor};
use domain::text::Username;
use fuzz::{runtime, stand_in};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::{Corpus, fuzz_target};
use store::{Purpose, Store};
use tokio::runtime::Runtime;

static TABLE: LazyLock<(Store, Runtime)> = LazyLock::new(|| (stand_in().1, runtime()));

/// Whose reference it is, where to, and what becomes of it on the way.
#[derive(Debug, Arbitrary)]
struct Input<'a> {
    name: &'a str,
    other: &'a str,
    position: (bool, u64, &'a str),
    bit: u16,
    cut: u8,
    made_up: &'a str,
}

fuzz_target!(|input: Input<'_>| -> Corpus {
    let (Ok(name), Ok(other)) = (input.name.parse::<Username>(), input.other.parse::<Username>()) else {
        return Corpus::Reject;
    };
    cursors(&name, &other, &input);
    TABLE.1.block_on(seals(&TABLE.0, &name, &input));
    Corpus::Keep
});

type Position = (bool, u64, String);

fn cursors(name: &Username, other: &Username, input: &Input<'_>) {
    let position: Position = (input.position.0, input.position.1, input.position.2.to_owned());
    let cursor = cursor::write("inbox", name, &position).expect("a position is written");
    assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{cursor}");
    let read = |list: &str, name: &Username, cursor: &str| {
        cursor::read::<Position>(list, name, cursor).map_err(|problem| problem.kind)
    };
    assert_eq!(read("inbox", name, &cursor), Ok(position));
    if name != other {
        assert_eq!(read("inbox", other, &cursor), Err(Kind::InvalidCursor));
    }
    assert_eq!(read("suggested", name, &cursor), Err(Kind::InvalidCursor));
    // Whoever makes inputs sees what is compared here, and makes up what was given out before.
    drop(read("inbox", name, input.made_up));
    for wrong in [changed(&cursor, input.bit), cut(&cursor, input.cut)] {
        assert!(wrong == cursor || read("inbox", name, &wrong) == Err(Kind::InvalidCursor), "{wrong}");
    }
    // Of another shape, as from an older version.
    assert_eq!(
        cursor::read::<u64>("inbox", name, &cursor).err().map(|problem| problem.kind),
        Some(Kind::InvalidCursor)
    );
}

async fn seals(store: &Store, name: &Username, input: &Input<'_>) {
    let sealed = store.seal(Purpose::Unsubscribe, name).await.expect("a key");
    let opened = async |purpose, text: &str| store.unseal(purpose, text).await.expect("the table answers");
    let found = opened(Purpose::Unsubscribe, &sealed).await;
    assert_eq!(found.as_ref().map(Username::as_str), Some(name.as_str()));
    assert_eq!(opened(Purpose::Notice, &sealed).await, None);
    let made_up = opened(Purpose::Notice, input.made_up).await;
    assert_eq!(made_up, None, "nothing is given out for this");
    for wrong in [changed(&sealed, input.bit), cut(&sealed, input.cut)] {
        assert!(wrong == sealed || opened(Purpose::Unsubscribe, &wrong).await.is_none(), "{wrong}");
    }
}

/// The text with a bit of one of its characters changed, as far as that is a text.
fn changed(text: &str, bit: u16) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let place = usize::from(bit / 8) % bytes.len();
    bytes[place] ^= 1 << (bit % 7);
    String::from_utf8(bytes).unwrap_or_default()
}

fn cut(text: &str, cut: u8) -> String {
    text[usize::from(cut) % text.len()..].to_owned()
}
