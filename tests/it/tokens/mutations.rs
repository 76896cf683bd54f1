//! Tokens that were tampered with, and tokens that are for something else.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use jsonwebtoken::{Algorithm, EncodingKey};
use local::issuer::Issuer;
use local::person::Person;
use serde_json::{Value, json};
use tests::actor::Answer;
use tests::world::World;

use super::{Forge, remove, sign, unsigned};

/// What stands before the modulus and after it in the DER of an RSA key of 2048 bits (RFC 8017, appendix A.1.1).
const BEFORE_MODULUS: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
const AFTER_MODULUS: [u8; 5] = [2, 3, 1, 0, 1];

/// Answers `GET /v1/me`, which writes a profile for anybody whose token is good.
async fn ask(world: &World, authorization: &[&str]) -> Answer {
    let headers: Vec<_> = authorization.iter().map(|value| ("authorization", *value)).collect();
    world.nobody().raw(Method::GET, "/v1/me", &headers, Vec::new()).await
}

/// The public key in every form in which somebody could have taken it for a secret.
fn public_key(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    let modulus = URL_SAFE_NO_PAD.decode(world.issuer().jwks()["keys"][0]["n"].as_str().unwrap()).unwrap();
    assert_eq!(modulus.len(), 256);
    let der = [&STANDARD.decode(BEFORE_MODULUS).unwrap()[..], &modulus, &AFTER_MODULUS].concat();
    let text = STANDARD.encode(&der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    vec![
        ("PEM", pem.clone().into_bytes()),
        ("PEM without its last line break", pem.trim_end().as_bytes().to_vec()),
        ("DER", der),
        ("modulus", modulus),
        ("JWK", world.issuer().jwks()["keys"][0].to_string().into_bytes()),
        ("nothing", Vec::new()),
    ]
}

/// Algorithms and signatures that prove nothing.
fn badly_signed(world: &World, forge: &Forge) -> Vec<(String, String)> {
    let good = forge.token(|_, _| {});
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let mut tokens = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "RS256 ", "rs256"] {
        let mut header = forge.header.clone();
        header["alg"] = alg.into();
        let unsigned = unsigned(&header.to_string(), &forge.claims.to_string());
        tokens.push((format!("alg {alg:?} without a signature"), format!("{unsigned}.")));
        tokens.push((format!("alg {alg:?} with another token's signature"), format!("{unsigned}.{signature}")));
        tokens.push((format!("alg {alg:?} in two parts"), unsigned));
    }
    for (form, key) in public_key(world) {
        let key = EncodingKey::from_secret(&key);
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let token = forge.token_by(&key, algorithm, |header, _| header["alg"] = format!("{algorithm:?}").into());
            tokens.push((format!("{algorithm:?} with the public key as {form}"), token));
        }
        let token = forge.token_by(&key, Algorithm::HS256, |_, _| {});
        tokens.push((format!("HS256 that says RS256, with the public key as {form}"), token));
    }
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let named = format!("{algorithm:?}");
        tokens.push((named.clone(), forge.token_by(&forge.key, algorithm, |header, _| header["alg"] = named.into())));
    }
    let stranger = Issuer::in_memory(world.issuer().url(), world.clock().clone()).unwrap();
    let others = stranger.mint(&Person::named("ann")).unwrap().access_token;
    let (others_signed, others_signature) = others.rsplit_once('.').unwrap();
    let others_claims = others_signed.split_once('.').unwrap().1;
    let mut flipped = signature.to_owned().into_bytes();
    flipped[10] = if flipped[10] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    let mut root = forge.claims.clone();
    root["username"] = "root".into();
    let root = URL_SAFE_NO_PAD.encode(root.to_string());
    tokens.extend(
        [
            ("another issuer's key under its own id", others.clone()),
            ("another issuer's key under our key's id", format!("{header}.{others_claims}.{others_signature}")),
            ("claims that were changed", format!("{header}.{root}.{signature}")),
            ("a changed signature", format!("{signed}.{flipped}")),
            ("a cut signature", format!("{signed}.{}", &signature[..signature.len() - 4])),
            ("an empty signature", format!("{signed}.")),
            ("no signature", signed.to_owned()),
            ("a signature twice", format!("{good}{signature}")),
            ("a fourth part", format!("{good}.{signature}")),
            ("five parts, as if encrypted", format!("{good}.{header}.{header}")),
            ("an empty part before", format!(".{good}")),
            ("padding", format!("{good}==")),
            ("standard base64", format!("{header}.{claims}.+/{}", &signature[2..])),
            ("a cut token", good[..good.len() / 2].to_owned()),
            ("half a header", good[..10].to_owned()),
            ("one dot", ".".to_owned()),
            ("two dots", "..".to_owned()),
            ("a word", "ann".to_owned()),
            ("a space within", format!("{header}. {claims}.{signature}")),
            ("something after a space", format!("{good} {good}")),
            ("something after a comma", format!("{good},{good}")),
            ("quotes", format!("\"{good}\"")),
            ("twenty kilobytes of nothing", "x".repeat(20 * 1024)),
        ]
        .map(|(name, token)| (name.to_owned(), token)),
    );
    tokens
}

/// Headers that name no key of ours, or try to bring one along. All have a good signature.
fn badly_headed(world: &World, forge: &Forge) -> Vec<(String, String)> {
    let jwk = world.issuer().jwks()["keys"][0].clone();
    let kid = forge.header["kid"].as_str().unwrap();
    let mut tokens = vec![("no kid".to_owned(), forge.token(|header, _| remove(header, "kid")))];
    for other in [
        json!("unknown"),
        json!(""),
        json!("../../../../../../dev/null"),
        json!("/dev/null"),
        json!("file:///dev/null"),
        json!("https://evil.test/jwks.json"),
        json!("' UNION SELECT 'key"),
        json!(format!("{kid}\0")),
        json!(format!(" {kid}")),
        json!(kid.to_ascii_uppercase()),
        json!([kid]),
        json!({ "$ne": "" }),
        json!(0),
        json!(null),
    ] {
        tokens.push((format!("kid {other}"), forge.with_header("kid", other)));
    }
    for (name, value) in [
        ("jku", json!("https://issuer.test/.well-known/jwks.json")),
        ("jku", json!("")),
        ("jku", json!(null)),
        ("x5u", json!("https://evil.test/certificate")),
        ("jwk", jwk),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("typ", json!("JWT+ID")),
        ("typ", json!("id+jwt")),
        ("typ", json!("logout+jwt")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("")),
        ("typ", json!(7)),
        ("alg", json!(["RS256"])),
        ("alg", json!(null)),
    ] {
        tokens.push((format!("{name} {value}"), forge.with_header(name, value)));
    }
    let (header, claims) = (forge.header.to_string(), forge.claims.to_string());
    for (name, header) in [
        ("two algorithms", header.replacen('{', r#"{"alg":"none","#, 1)),
        ("two key ids", header.replacen('{', r#"{"kid":"unknown","#, 1)),
        ("a header that is a list", r#"["RS256"]"#.to_owned()),
        ("a header that is cut", header[..header.len() - 1].to_owned()),
        ("an empty header", "{}".to_owned()),
    ] {
        tokens.push((name.to_owned(), sign(&forge.key, Algorithm::RS256, &header, &claims)));
    }
    tokens
}

/// Claims that are not for us, not of now, or of nobody. All have a good signature.
fn badly_claimed(forge: &Forge) -> Vec<(String, String)> {
    let now = forge.now;
    let mut tokens = Vec::new();
    for missing in ["iss", "aud", "exp", "username"] {
        tokens.push((format!("no {missing}"), forge.without_claim(missing)));
    }
    for (name, value) in [
        ("iss", json!("https://evil.test")),
        ("iss", json!("https://issuer.test/")),
        ("iss", json!("https://issuer.test.evil.test")),
        ("iss", json!("HTTPS://ISSUER.TEST")),
        ("iss", json!(["https://issuer.test"])),
        ("iss", json!(null)),
        ("aud", json!("other")),
        ("aud", json!("")),
        ("aud", json!("Confer")),
        ("aud", json!("confer-admin")),
        ("aud", json!("other confer")),
        ("aud", json!("[confer]")),
        ("aud", json!("other,confer")),
        ("aud", json!([])),
        ("aud", json!(["other"])),
        ("aud", json!([["confer"]])),
        ("aud", json!({ "confer": true })),
        ("aud", json!(null)),
        ("exp", json!(now - 61)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(-1e300)),
        ("exp", json!(i64::MIN)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", json!((now + 3_600) * 1_000_000)),
        ("exp", json!((now + 3_600).to_string())),
        ("exp", json!("never")),
        ("exp", json!([now + 3_600])),
        ("exp", json!(true)),
        ("exp", json!(null)),
        ("iat", json!(now + 61)),
        ("iat", json!("now")),
        ("iat", json!(now.to_string())),
        ("iat", json!(null)),
        ("iat", json!(-1)),
        ("nbf", json!(now + 61)),
        ("nbf", json!("now")),
        ("nbf", json!(null)),
        ("nonce", json!("n-0S6")),
        ("nonce", json!(null)),
        ("at_hash", json!("77Qm")),
        ("token_use", json!("id")),
        ("username", json!("")),
        ("username", json!("ann#x")),
        ("username", json!("ann/../root")),
        ("username", json!("ann\0")),
        ("username", json!("ann root")),
        ("username", json!("a".repeat(101))),
        ("username", json!(["ann"])),
        ("username", json!(7)),
        ("username", json!(null)),
    ] {
        let shown: String = value.to_string().chars().take(40).collect();
        tokens.push((format!("{name} {shown}"), forge.with_claim(name, value)));
    }
    for claims in ["[]", "\"ann\"", "null", "{}", "{", ""] {
        let token = sign(&forge.key, Algorithm::RS256, &forge.header.to_string(), claims);
        tokens.push((format!("claims {claims:?}"), token));
    }
    tokens.push(("a token of twenty kilobytes".to_owned(), forge.with_claim("pad", "x".repeat(15 * 1024))));
    tokens
}

#[tokio::test]
async fn no_token_that_was_tampered_with_or_is_for_something_else_is_accepted() {
    let world = World::new().await;
    let forge = Forge::of(&world).await;
    let mut tokens = badly_signed(&world, &forge);
    tokens.extend(badly_headed(&world, &forge));
    tokens.extend(badly_claimed(&forge));
    tokens.push(("nothing".to_owned(), String::new()));
    assert!(tokens.len() > 100, "{}", tokens.len());

    let first = ask(&world, &[]).await;
    first.expect_problem(401, "unauthenticated");
    assert_eq!(first.headers["www-authenticate"], "Bearer");
    for (name, token) in tokens {
        let answer = ask(&world, &[&format!("Bearer {token}")]).await;
        assert_eq!(answer.status, 401, "{name}");
        // Nobody learns from the answer which of the checks it was.
        assert_eq!(answer.without_request_id(), first.without_request_id(), "{name}");
        assert_eq!(answer.headers.len(), first.headers.len(), "{name}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{name}");
    }
    assert_eq!(world.table().await, Vec::<String>::new());
    // It was not because of something else.
    ask(&world, &[&format!("Bearer {}", forge.token(|_, _| {}))]).await.expect(200);
}

#[tokio::test]
async fn a_good_token_in_the_wrong_place_is_none() {
    let world = World::new().await;
    let forge = Forge::of(&world).await;
    let good = forge.token(|_, _| {});
    let bearer = format!("Bearer {good}");
    for authorization in [
        vec![bearer.as_str(), bearer.as_str()],
        vec![&bearer, "Basic YW5uOmFubg=="],
        vec!["", &bearer],
        vec!["Basic YW5uOmFubg=="],
        vec![&format!("Basic {good}")],
        vec![&format!("DPoP {good}")],
        vec![&format!("Bearer{good}")],
        vec![&format!("Bearer\t{good}")],
        vec![&format!("Bearer: {good}")],
        vec![&format!("Bearer Bearer {good}")],
        vec![&format!("Bearer x {good}")],
        vec![&format!(" {good}")],
        vec![&good],
        vec!["Bearer"],
        vec!["Bearer "],
        vec!["Bearer \u{e9}"],
        vec![""],
    ] {
        ask(&world, &authorization).await.expect_problem(401, "unauthenticated");
    }
    for (path, header) in [
        (format!("/v1/me?access_token={good}"), ("x-none", "")),
        ("/v1/me".to_owned(), ("cookie", &*format!("access_token={good}"))),
        ("/v1/me".to_owned(), ("x-authorization", &*bearer)),
        ("/v1/me".to_owned(), ("proxy-authorization", &*bearer)),
    ] {
        world.nobody().raw(Method::GET, &path, &[header], Vec::new()).await.expect_problem(401, "unauthenticated");
    }
    assert_eq!(world.table().await, Vec::<String>::new());
}

#[tokio::test]
async fn every_way_in_which_issuers_write_a_good_token_is_accepted() {
    let world = World::new().await;
    let forge = Forge::of(&world).await;
    let now = forge.now;
    let good = forge.token(|_, _| {});
    for authorization in [format!("bearer {good}"), format!("BEARER {good}"), format!("Bearer   {good}")] {
        ask(&world, &[&authorization]).await.expect(200);
    }
    let mut tokens = vec![
        ("no typ", forge.token(|header, _| remove(header, "typ"))),
        ("no iat", forge.without_claim("iat")),
        ("no name", forge.without_claim("name")),
        ("no mail address", forge.without_claim("email")),
        ("no roles", forge.without_claim("roles")),
        ("another header", forge.with_header("cty", "anything")),
        (
            "scp instead of scope",
            forge.token(|_, claims| {
                remove(claims, "scope");
                claims["scp"] = json!(["other", "confer"]);
            }),
        ),
    ];
    for typ in ["JWT", "jwt", "AT+JWT", "application/at+jwt"] {
        tokens.push((typ, forge.with_header("typ", typ)));
    }
    for (name, value) in [
        ("aud", json!(["other", "confer"])),
        ("scope", json!("openid confer profile")),
        ("scope", json!(["openid", "confer"])),
        ("token_use", json!("access")),
        ("exp", json!(now - 59)),
        ("exp", json!(253_402_300_799_i64)),
        ("iat", json!(now + 59)),
        ("iat", json!(0)),
        ("nbf", json!(now + 59)),
        ("another claim", json!({ "any": ["shape"] })),
    ] {
        tokens.push((name, forge.with_claim(name, value)));
    }
    #[expect(clippy::cast_precision_loss, reason = "a time, in the notation of some issuers")]
    tokens.push(("exp with a fraction", forge.with_claim("exp", now as f64 + 0.5)));
    for (name, token) in tokens {
        let answer = ask(&world, &[&format!("Bearer {token}")]).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        assert_eq!(answer.body["username"], "ann", "{name}");
    }
}

#[tokio::test]
async fn a_token_is_good_for_a_minute_after_its_end_and_not_longer() {
    let world = World::new().await;
    let forge = Forge::of(&world).await;
    let token = format!("Bearer {}", forge.with_claim("exp", forge.now + 10));
    for (seconds, status) in [(0, 200), (69, 200), (2, 401), (3_600, 401)] {
        world.hand().advance(std::time::Duration::from_secs(seconds));
        assert_eq!(ask(&world, &[&token]).await.status, status, "{seconds} s later");
    }
}

#[tokio::test]
async fn a_token_for_something_else_of_the_same_issuer_is_told_so() {
    let world = World::new().await;
    let forge = Forge::of(&world).await;
    let mut tokens = vec![forge.without_claim("scope")];
    for scope in [
        json!(""),
        json!("openid"),
        json!("Confer"),
        json!("confer.read"),
        json!("confer-admin"),
        json!("notconfer"),
        json!("[confer]"),
        json!([]),
        json!(["other"]),
        json!([["confer"]]),
        json!({ "confer": true }),
        json!(true),
        json!(null),
    ] {
        tokens.push(forge.with_claim("scope", scope));
    }
    for token in tokens {
        ask(&world, &[&format!("Bearer {token}")]).await.expect_problem(403, "insufficient-scope");
    }
    assert_eq!(world.table().await, Vec::<String>::new());
}

#[tokio::test]
async fn roles_come_from_the_token_and_unknown_ones_give_nothing() {
    let world = World::new().await;
    let forge = Forge::of(&world).await;
    for (roles, expected) in [
        (json!(["auditor", "root", "Auditor", 7, null]), json!(["auditor"])),
        (json!("system_administrator"), json!(["system_administrator"])),
        (json!({ "auditor": true }), json!([])),
        (Value::Null, json!([])),
    ] {
        let token = forge.with_claim("roles", roles);
        assert_eq!(ask(&world, &[&format!("Bearer {token}")]).await.expect(200)["roles"], expected);
    }
}
