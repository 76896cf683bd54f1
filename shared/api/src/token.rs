//! Access tokens: verified here where no gateway stands in front, and checked again where one does.
//!
//! Only RS256, only keys of the configured issuer, only tokens for this audience; whatever a token says about where
//! its key is (`jku`, `x5u`, `jwk`) makes it invalid (RFC 8725).

use std::collections::HashMap;
use std::sync::Arc;

use domain::clock::{Clock, Timestamp};
use domain::text::{DisplayName, Email, Username};
use domain::user::{InstitutionRole, Introduction};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use crate::problem::Kind;

mod keys;

pub use keys::Keys;

/// How far two machines' clocks may differ.
const LEEWAY_SECONDS: i64 = 60;

/// What a token must say to be accepted.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Who vouches for people.
    pub issuer: Arc<str>,
    /// For whom the token must be.
    pub audience: Arc<str>,
    /// What it must permit.
    pub scope: Arc<str>,
    /// Which claim holds the username.
    pub username_claim: Arc<str>,
}

/// The claims of a token, of whatever shape the identity provider gives them.
pub type Claims = HashMap<String, Value>;

impl Rules {
    /// Says whom the claims of a token with a good signature speak for.
    pub fn introduction(&self, claims: &Claims, now: Timestamp) -> Result<Introduction, Kind> {
        let refused = Kind::Unauthenticated;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(&*self.issuer) || !self.is_for_us(claims.get("aud")) {
            return Err(refused);
        }
        let seconds = |name: &str| claims.get(name).and_then(number);
        let now = now.as_seconds();
        let in_time = seconds("exp").is_some_and(|exp| now <= exp.saturating_add(LEEWAY_SECONDS))
            && ["iat", "nbf"].iter().all(|from| match claims.get(*from) {
                Some(value) => number(value).is_some_and(|from| from <= now.saturating_add(LEEWAY_SECONDS)),
                None => true,
            });
        // A token that tells who somebody is does not permit anything (OpenID Connect Core, section 2).
        let identity_token = text("token_use").is_some_and(|usage| usage != "access")
            || ["nonce", "at_hash"].iter().any(|c| claims.contains_key(*c));
        if !in_time || identity_token {
            return Err(refused);
        }
        if !["scope", "scp"].iter().any(|claim| list(claims.get(*claim)).any(|scope| scope == *self.scope)) {
            return Err(Kind::InsufficientScope);
        }
        let username: Username = text(&self.username_claim).ok_or(refused)?.parse().map_err(|_| refused)?;
        if username.is_system() {
            return Err(refused);
        }
        let name = text("name").and_then(|name| DisplayName::try_from(name.to_owned()).ok());
        let email = text("email").and_then(|email| Email::try_from(email.to_owned()).ok());
        let roles = list(claims.get("roles"))
            .filter_map(|role| InstitutionRole::ALL.into_iter().find(|known| known.as_str() == role))
            .collect();
        let at = seconds("iat").map(|at| Timestamp::from_millis(at.saturating_mul(1_000)));
        Ok(Introduction { username, name, email, roles, at })
    }

    /// An audience is one name or a list of names (RFC 7519); a space in it is part of a name.
    fn is_for_us(&self, audience: Option<&Value>) -> bool {
        match audience {
            Some(Value::String(name)) => **name == *self.audience,
            Some(Value::Array(names)) => names.iter().any(|name| name == &*self.audience),
            _ => false,
        }
    }
}

/// A claim as the token had it, of the text that API Gateway makes of it: `[a b]` of a list, digits of a time.
pub(crate) fn handed_on(claim: &str, text: &str) -> Value {
    let list = || text.strip_prefix('[')?.strip_suffix(']');
    match claim {
        "exp" | "iat" | "nbf" => text.parse().map_or_else(|_| text.into(), Value::Number),
        "aud" | "scope" | "scp" | "roles" => match list() {
            Some(items) => items.split([' ', ',']).filter(|item| !item.is_empty()).collect(),
            None => text.into(),
        },
        _ => text.into(),
    }
}

/// Several values, which identity providers write as a list or with spaces.
fn list(value: Option<&Value>) -> impl Iterator<Item = String> {
    let values: Vec<String> = match value {
        Some(Value::String(text)) => {
            text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    values.into_iter()
}

/// Seconds since 1970, up to the end of the year 9999: more is no date.
fn number(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "NumericDate may have a fraction (RFC 7519)")]
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
    (0..=253_402_300_799).contains(&seconds).then_some(seconds)
}

/// Verifies bearer tokens.
#[derive(Clone, Debug)]
pub struct Verifier {
    rules: Rules,
    keys: Keys,
    clock: Clock,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(flatten)]
    others: HashMap<String, Value>,
}

impl Verifier {
    /// Verifies by these rules, with these keys.
    pub const fn new(rules: Rules, keys: Keys, clock: Clock) -> Self {
        Self { rules, keys, clock }
    }

    /// Says whom a token speaks for.
    pub async fn introduction(&self, token: &str) -> Result<Introduction, Kind> {
        let kid = kid(token).ok_or(Kind::Unauthenticated)?;
        let key = self.keys.find(&kid, self.clock.now()).await?.ok_or(Kind::Unauthenticated)?;
        let mut validation = Validation::new(Algorithm::RS256);
        // Time, issuer and audience are checked by our own rules, with our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims =
            jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| Kind::Unauthenticated)?.claims;
        self.rules.introduction(&claims, self.clock.now())
    }
}

/// The key id of a token whose header is one that we accept.
fn kid(token: &str) -> Option<String> {
    use base64::Engine as _;
    // Longer than any token of a person who is in every group of a hospital.
    if token.len() > 16 * 1024 {
        return None;
    }
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: Header = serde_json::from_slice(&header).ok()?;
    let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
    let access = matches!(typ.as_deref(), None | Some("jwt" | "at+jwt" | "application/at+jwt"));
    let points_elsewhere = ["jku", "jwk", "x5u", "x5c", "crit"].iter().any(|name| header.others.contains_key(*name));
    (header.alg == "RS256" && access && !points_elsewhere).then_some(header.kid).flatten()
}

/// The verifying key with this id.
fn decoding_key(set: &JwkSet, kid: &str) -> Option<DecodingKey> {
    let jwk = set.find(kid)?;
    let signs =
        jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == jsonwebtoken::jwk::PublicKeyUse::Signature);
    let rsa = matches!(jwk.algorithm, jsonwebtoken::jwk::AlgorithmParameters::RSA(_));
    (signs && rsa).then(|| DecodingKey::from_jwk(jwk).ok()).flatten()
}
