//! Issues access tokens as an institution's identity provider would.
//!
//! The functions verify them the way they verify any issuer's: against the key set, with no shortcut.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::clock::{Clock, Timestamp};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::person::{Person, Role};

/// Whom tokens are for.
pub const AUDIENCE: &str = "confer";

/// What tokens are good for.
pub const SCOPE: &str = "confer";

/// How long a token is good: a year.
///
/// Verifiers compare with the stack's clock, which people and tests set forward by hours and days; a token in hand
/// must outlive that. A real issuer's tokens live for minutes.
pub const LIFE: Duration = Duration::from_hours(365 * 24);

/// An issuer with one key pair.
pub struct Issuer {
    url: String,
    clock: Clock,
    key: EncodingKey,
    public: Jwk,
    key_id: String,
}

/// A token, and when it ends.
#[derive(Clone, Serialize)]
pub struct Token {
    /// Goes after `Bearer ` in the `Authorization` header.
    pub access_token: String,
    /// When it ends, by the stack's clock.
    pub expires_at: Timestamp,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    username: &'a str,
    name: &'a str,
    email: &'a str,
    scope: &'a str,
    roles: &'a [Role],
    iat: i64,
    exp: i64,
    jti: String,
}

impl Issuer {
    /// An issuer at `url` whose key goes with the process.
    pub fn in_memory(url: &str, clock: Clock) -> Result<Self> {
        Self::with_key(&new_key()?, url, clock)
    }

    /// An issuer at `url` whose key is kept in `path`, as PKCS#8, readable for its owner only.
    pub fn load_or_create(path: &Path, url: &str, clock: Clock) -> Result<Self> {
        let unusable = || format!("the issuer's key {} cannot be used", path.display());
        let pem = match std::fs::read_to_string(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let pem = new_key()?;
                keep(path, &pem).with_context(unusable)?;
                pem
            }
            Err(error) => return Err(error).with_context(unusable),
        };
        Self::with_key(&pem, url, clock).with_context(unusable)
    }

    fn with_key(pem: &str, url: &str, clock: Clock) -> Result<Self> {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes())?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::RS256)?;
        let key_id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { url: url.to_owned(), clock, key, public, key_id })
    }

    /// The address that tokens name as their issuer.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The public key set.
    pub fn jwks(&self) -> Value {
        json!(JwkSet { keys: vec![self.public.clone()] })
    }

    /// What clients need to know of this issuer (OpenID Connect Discovery).
    pub fn configuration(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}/.well-known/jwks.json", self.url),
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "scopes_supported": [SCOPE],
        })
    }

    /// Signs a token that speaks for `person`.
    pub fn mint(&self, person: &Person) -> Result<Token> {
        let now = self.clock.now();
        let expires_at = now.after(LIFE);
        let header =
            Header { typ: Some("at+jwt".to_owned()), kid: Some(self.key_id.clone()), ..Header::new(Algorithm::RS256) };
        let claims = Claims {
            iss: &self.url,
            aud: AUDIENCE,
            sub: &person.username,
            username: &person.username,
            name: &person.name,
            email: &person.email,
            scope: SCOPE,
            roles: &person.roles,
            iat: now.as_seconds(),
            exp: expires_at.as_seconds(),
            jti: random_id()?,
        };
        Ok(Token { access_token: jsonwebtoken::encode(&header, &claims, &self.key)?, expires_at })
    }

    /// What verifiers ask for, below the issuer's address.
    pub fn router(&self) -> Router {
        let (configuration, jwks) = (self.configuration(), self.jwks());
        Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(configuration)))
            .route("/.well-known/jwks.json", get(async move || Json(jwks)))
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({})", self.url)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(until {})", self.expires_at)
    }
}

/// Ids of what the stack makes itself: random, so that they are unique over restarts and moved clocks.
pub(crate) fn random_id() -> Result<String> {
    let mut random = [0; 16];
    aws_lc_rs::rand::fill(&mut random)?;
    Ok(uuid::Builder::from_random_bytes(random).into_uuid().to_string())
}

fn new_key() -> Result<String> {
    let key: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
    let text = STANDARD.encode(key.as_ref());
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")))
}

/// Writes aside and renames, so that no start ever finds half a key.
fn keep(path: &Path, pem: &str) -> std::io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&aside)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(aside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
    use std::os::unix::fs::PermissionsExt;

    const URL: &str = "http://127.0.0.1:3000/_local/issuer";

    /// Verifies as any client of an issuer would: by the key that the header names.
    fn verified(token: &Token, jwks: Value) -> jsonwebtoken::errors::Result<Value> {
        let set: JwkSet = serde_json::from_value(jwks).unwrap();
        let header = decode_header(&token.access_token)?;
        let Some(key) = set.find(&header.kid.unwrap()) else {
            return Err(jsonwebtoken::errors::ErrorKind::InvalidToken.into());
        };
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[URL]);
        Ok(decode::<Value>(&token.access_token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
    }

    #[test]
    fn a_token_verifies_against_the_issuers_own_key_set() {
        let (clock, hand) = Clock::running();
        let issuer = Issuer::in_memory(URL, clock.clone()).unwrap();
        let token = issuer.mint(&Person::named("noor.vandenberg")).unwrap();
        let claims = verified(&token, issuer.jwks()).unwrap();
        assert_eq!(claims["sub"], "noor.vandenberg");
        assert_eq!(claims["username"], "noor.vandenberg");
        assert_eq!(claims["name"], "Noor van den Berg");
        assert_eq!(claims["email"], "noor.vandenberg@hospital.example");
        assert_eq!(claims["scope"], "confer");
        assert_eq!(claims["roles"], json!(["system_administrator"]));
        assert_eq!(decode_header(&token.access_token).unwrap().typ.as_deref(), Some("at+jwt"));

        hand.advance(Duration::from_hours(48));
        assert!(token.expires_at > clock.now(), "a token outlives days that pass in a second");

        let stranger = Issuer::in_memory(URL, clock).unwrap();
        verified(&token, stranger.jwks()).unwrap_err();
    }

    #[test]
    fn the_key_set_holds_no_private_part() {
        let issuer = Issuer::in_memory(URL, Clock::running().0).unwrap();
        let jwks = issuer.jwks();
        let mut members: Vec<&String> = jwks["keys"][0].as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    }

    #[test]
    fn the_key_survives_a_restart_and_is_its_owners_only() {
        let folder = Folder::temporary().unwrap();
        let path = folder.path().join("issuer.pem");
        let clock = Clock::running().0;
        let before = Issuer::load_or_create(&path, URL, clock.clone()).unwrap();
        let token = before.mint(&Person::named("jane.roe")).unwrap();
        let after = Issuer::load_or_create(&path, URL, clock).unwrap();
        assert_eq!(verified(&token, after.jwks()).unwrap()["name"], "Jane Roe");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
