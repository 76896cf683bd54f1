//! The stack for people: one page, and the API reference. Both load nothing from anywhere.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::aws;
use crate::controls::Controls;
use crate::outbox::{Channel, Sent};
use crate::person::{Colleague, Person, READY, STAFF};
use crate::problem::Problem;
use crate::reference::Reference;
use crate::stack::Addresses;

/// The one script, which makes the copy buttons work.
const SCRIPT: &str = include_str!("../templates/copy.js");

/// Nothing may be loaded, and no script may run but the one above. Mails bring styles of their own, and run in frames
/// that inherit this.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SCRIPT.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    addresses: &'a Addresses,
    bucket: &'static str,
    access_key: &'static str,
    secret_key: &'static str,
    region: &'static str,
    ready: Vec<Ready>,
    others: &'static [Colleague],
    /// Newest first: people look for what they have just set off.
    sent: Vec<Sent>,
    script: &'static str,
}

struct Ready {
    colleague: Colleague,
    token: String,
}

#[derive(Template)]
#[template(path = "reference.html")]
struct ReferencePage {
    reference: Reference,
    script: &'static str,
}

/// `GET /_local/`
pub async fn show(State(controls): State<Controls>) -> Result<Response, Problem> {
    let (ready, others) = STAFF.split_at(READY);
    let ready = ready.iter().map(|colleague| {
        let token = controls.issuer.mint(&Person::named(colleague.username))?.access_token;
        Ok(Ready { colleague: *colleague, token })
    });
    let mut sent = controls.outbox.items();
    sent.reverse();
    page(&Page {
        addresses: &controls.addresses,
        bucket: aws::s3::BUCKET,
        access_key: aws::ACCESS_KEY,
        secret_key: aws::SECRET_KEY,
        region: aws::REGION,
        ready: ready.collect::<anyhow::Result<_>>()?,
        others,
        sent,
        script: SCRIPT,
    })
}

/// `GET /_local/reference`
pub async fn reference(State(controls): State<Controls>) -> Result<Response, Problem> {
    page(&ReferencePage { reference: Reference::of(&controls.document), script: SCRIPT })
}

fn page(template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(anyhow::Error::from)?;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, html).into_response())
}
