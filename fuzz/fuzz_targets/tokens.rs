//! Access tokens: a header, claims and a set of keys. The header and the claims are signed, so that what they say is looked
//! at; and once they are not.
#![no_main]

use std::sync::LazyLock;

use api::Kind;
use api::token::{Keys, Verifier};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::user::Introduction;
use fuzz::{Front, clock, rules, runtime, tells};
use http::StatusCode;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;
use tokio::runtime::Runtime;

struct Issuer {
    key: EncodingKey,
    set: JwkSet,
    runtime: Runtime,
    front: Front,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("a key");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
    let mut public = Jwk::from_encoding_key(&key, Algorithm::RS256).expect("a key");
    public.common.key_id = Some("k".to_owned());
    Issuer { key, set: JwkSet { keys: vec![public] }, runtime: runtime(), front: Front::new() }
});

fuzz_target!(|input: &[u8]| -> Corpus {
    let mut parts = input.split(|byte| *byte == b'\n');
    let (Some(header), Some(claims)) = (parts.next(), parts.next()) else { return Corpus::Reject };
    let strange = parts.next().and_then(|set| serde_json::from_slice::<JwkSet>(set).ok());
    let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &ISSUER.key, Algorithm::RS256).expect("a signature");
    let good = introduction(ISSUER.set.clone(), &format!("{signed}.{signature}"));
    if let Ok(introduction) = &good {
        vouched(header, claims, introduction);
    }
    let other = if signature.starts_with('A') { "B" } else { "A" };
    for bad in [format!("{signed}.{other}{}", &signature[1..]), format!("{signed}."), signed.clone()] {
        assert_eq!(introduction(ISSUER.set.clone(), &bad).err(), Some(Kind::Unauthenticated), "nobody signed it");
    }
    // Nobody has the key of a set that somebody made up.
    if let Some(set) = strange {
        assert_eq!(introduction(set, &format!("{signed}.{signature}")).err(), Some(Kind::Unauthenticated));
    }
    if let Ok(claims) = serde_json::from_slice::<Value>(claims) {
        gateway(&claims);
    }
    Corpus::Keep
});

fn introduction(set: JwkSet, token: &str) -> Result<Introduction, Kind> {
    let verifier = Verifier::new(rules(), Keys::fixed(set), clock());
    ISSUER.runtime.block_on(verifier.introduction(token))
}

/// Whoever is let in has a token that says all that it must.
fn vouched(header: &[u8], claims: &[u8], introduction: &Introduction) {
    let [header, claims] = [header, claims].map(|part| serde_json::from_slice::<Value>(part).expect("JSON"));
    assert_eq!((&header["alg"], &header["kid"]), (&"RS256".into(), &"k".into()));
    assert!(["jku", "jwk", "x5u", "x5c", "crit"].iter().all(|name| header.get(*name).is_none()));
    said(&claims, introduction.username.as_str());
}

fn said(claims: &Value, username: &str) {
    assert_eq!(claims["iss"], "https://issuer.example");
    assert!(claims["aud"].to_string().contains("confer"), "it is for others");
    assert!(
        claims["exp"]
            .as_f64()
            .or_else(|| claims["exp"].as_str()?.parse().ok())
            .is_some_and(|exp| exp >= 1_772_355_540.0)
    );
    assert!(claims.get("nonce").is_none() && claims.get("at_hash").is_none());
    assert!(["scope", "scp"].iter().any(|claim| claims[*claim].to_string().contains("confer")));
    assert!(!username.is_empty() && username.to_lowercase() != "confer", "nobody is the system");
}

/// What API Gateway hands on is looked at once more.
fn gateway(claims: &Value) {
    let Some(asked) = ISSUER.front.ask_as(claims) else { return };
    assert!(!asked.status.is_server_error() && !tells(&asked.logged), "{} {}", asked.status, asked.logged);
    match asked.status {
        StatusCode::UNAUTHORIZED => assert_eq!(asked.headers["www-authenticate"], "Bearer"),
        StatusCode::FORBIDDEN => {}
        StatusCode::OK => {
            let me: Value = serde_json::from_slice(&asked.body).expect("JSON");
            said(claims, me["username"].as_str().expect("a name"));
        }
        other => panic!("{other}"),
    }
}
