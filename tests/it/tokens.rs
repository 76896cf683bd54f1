//! Whose word is taken for who somebody is: tokens that were tampered with, keys that change, and the gateway's claims.

mod gateway;
mod idle;
mod mutations;
mod rotation;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;
use tests::world::World;

/// Signs what an issuer never would, with the issuer's own key.
struct Forge {
    key: EncodingKey,
    header: Value,
    claims: Value,
    now: i64,
}

impl Forge {
    /// Has the header and claims of a good token of ann's.
    async fn of(world: &World) -> Self {
        let ann = world.newcomer("ann").await;
        let mut parts = ann.token().split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
        let key = EncodingKey::from_rsa_pem(world.issuer_key().as_bytes()).unwrap();
        Self { key, header: json(), claims: json(), now: world.clock().now().as_seconds() }
    }

    /// A good token, but for what `change` does to its header and claims.
    fn token(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        self.token_by(&self.key, Algorithm::RS256, change)
    }

    fn token_by(&self, key: &EncodingKey, algorithm: Algorithm, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = (self.header.clone(), self.claims.clone());
        change(&mut header, &mut claims);
        sign(key, algorithm, &header.to_string(), &claims.to_string())
    }

    fn with_header(&self, name: &str, value: impl Into<Value>) -> String {
        self.token(|header, _| header[name] = value.into())
    }

    fn with_claim(&self, name: &str, value: impl Into<Value>) -> String {
        self.token(|_, claims| claims[name] = value.into())
    }

    fn without_claim(&self, name: &str) -> String {
        self.token(|_, claims| remove(claims, name))
    }
}

fn sign(key: &EncodingKey, algorithm: Algorithm, header: &str, claims: &str) -> String {
    let signed = unsigned(header, claims);
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn remove(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name).expect("something to remove");
}
