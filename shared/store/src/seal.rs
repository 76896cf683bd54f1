//! References to people that only we can read: in a mail's link, and on the event bus, where no name belongs.
//!
//! The key is made once and lies in the table, under the same protection as everything else.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::chain::Digest;
use domain::text::Username;

use crate::Store;
use crate::commit::{Outcome, put_new};
use crate::error::Error;
use crate::item::SealItem;
use crate::keys;
use crate::query::Consistency;

/// What a reference is for. One for something else is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To ask for fewer mails, without signing in.
    Unsubscribe,
    /// To say to whom a notice is due.
    Notice,
}

impl Purpose {
    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Unsubscribe => b"unsubscribe",
            Self::Notice => b"notice",
        }
    }
}

/// The key of this process, once it was read.
#[derive(Default)]
pub(crate) struct Seal(OnceLock<Arc<RandomizedNonceKey>>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

/// Longer than any sealed username.
const LONGEST: usize = 2_000;

impl Store {
    /// A reference to somebody.
    pub async fn seal(&self, purpose: Purpose, name: &Username) -> Result<String, Error> {
        let key = self.seal_key(true).await?.ok_or(Error::Unavailable(None))?;
        let mut sealed = name.as_str().as_bytes().to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut sealed).map_err(broken)?;
        sealed.extend_from_slice(nonce.as_ref());
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// To whom a reference is, if it is one of ours for this.
    pub async fn unseal(&self, purpose: Purpose, text: &str) -> Result<Option<Username>, Error> {
        let Some(mut sealed) = (text.len() <= LONGEST).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten() else {
            return Ok(None);
        };
        let Some(end) = sealed.len().checked_sub(NONCE_LEN) else { return Ok(None) };
        let Ok(nonce) = Nonce::try_assume_unique_for_key(&sealed[end..]) else { return Ok(None) };
        sealed.truncate(end);
        // Where nothing was ever sealed, this is nothing that we sealed.
        let Some(key) = self.seal_key(false).await? else { return Ok(None) };
        let opened = key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut sealed).ok();
        Ok(opened.and_then(|name| std::str::from_utf8(name).ok()?.parse().ok()))
    }

    /// The key, made now if there is none and `make` says so.
    async fn seal_key(&self, make: bool) -> Result<Option<Arc<RandomizedNonceKey>>, Error> {
        if let Some(key) = self.seal.0.get() {
            return Ok(Some(key.clone()));
        }
        let item = match self.get::<SealItem>(keys::seal(), Consistency::Strong).await? {
            Some(item) => item,
            None if make => self.make_seal_key().await?,
            None => return Ok(None),
        };
        let key = Arc::new(RandomizedNonceKey::new(&AES_256_GCM, item.key.as_bytes()).map_err(broken)?);
        Ok(Some(self.seal.0.get_or_init(|| key).clone()))
    }

    /// Makes the key, unless somebody else just did.
    async fn make_seal_key(&self) -> Result<SealItem, Error> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(broken)?;
        let item = SealItem { key: Digest::of(&bytes) };
        match self.transact(vec![put_new(&self.table, keys::seal(), &item)?]).await? {
            Outcome::Committed => Ok(item),
            Outcome::Rejected(_) | Outcome::Throttled | Outcome::Unknown => {
                self.get(keys::seal(), Consistency::Strong).await?.ok_or(Error::Unavailable(None))
            }
        }
    }
}

fn broken(error: aws_lc_rs::error::Unspecified) -> Error {
    Error::Misused(error.into())
}
