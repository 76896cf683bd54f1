//! Where a list goes on, as text that only its reader can use.
//!
//! A cursor holds a position and nothing else: the key always comes from the path and the caller. The check value binds
//! it to its list and user, so that a cursor that was cut, changed or taken from somebody else is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::chain::Digest;
use domain::text::Username;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{Kind, Problem};

const CHECK: usize = 12;

/// Writes a position in `list` of `user`.
pub fn write(list: &str, user: &Username, position: &impl Serialize) -> Result<String, Problem> {
    let position = serde_json::to_vec(position).map_err(Problem::internal)?;
    let mut cursor = check(list, user, &position).to_vec();
    cursor.extend(position);
    Ok(URL_SAFE_NO_PAD.encode(cursor))
}

/// Reads a position in `list` of `user`.
pub fn read<T: DeserializeOwned>(list: &str, user: &Username, cursor: &str) -> Result<T, Problem> {
    let refused = || Problem::from(Kind::InvalidCursor);
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let (found, position) = bytes.split_at_checked(CHECK).ok_or_else(refused)?;
    if found != check(list, user, position) {
        return Err(refused());
    }
    serde_json::from_slice(position).map_err(|_| refused())
}

fn check(list: &str, user: &Username, position: &[u8]) -> [u8; CHECK] {
    let mut bound = format!("{list}\n{}\n", user.folded()).into_bytes();
    bound.extend_from_slice(position);
    let mut check = [0; CHECK];
    check.copy_from_slice(&Digest::of(&bound).as_bytes()[..CHECK]);
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_and_user_only_and_not_when_a_bit_is_changed() {
        let (jo, ann) = ("jo".parse().unwrap(), "ann".parse().unwrap());
        let cursor = write("inbox", &jo, &(true, 7_u64)).unwrap();
        assert_eq!(read::<(bool, u64)>("inbox", &jo, &cursor).unwrap(), (true, 7));
        for (list, user, cursor) in [("inbox", &ann, &*cursor), ("other", &jo, &cursor), ("inbox", &jo, &cursor[1..])] {
            assert_eq!(read::<(bool, u64)>(list, user, cursor).unwrap_err().kind, Kind::InvalidCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(read::<(bool, u64)>("inbox", &jo, &URL_SAFE_NO_PAD.encode(changed)).is_err());
        }
    }
}
