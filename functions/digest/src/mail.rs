//! The mail itself: that something waits, how much of it, and where; never what.
//!
//! Both of its parts are made of the same sentences. These are ours, and all that is put into them are numbers, a time
//! and the name of a time zone. Nothing that somebody wrote has a way in.

mod words;

use std::fmt;
use std::str::FromStr;

use askama::Template;
use domain::clock::Timestamp;
use domain::notice::DigestFacts;
use domain::preferences::Preferences;

use words::Words;

/// A mail may not lead there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an address like https://confer.example")]
pub struct UrlError;

/// Where the mail leads: the institution's panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelUrl(Box<str>);

impl FromStr for PanelUrl {
    type Err = UrlError;

    fn from_str(url: &str) -> Result<Self, UrlError> {
        may_lead_to(url).then(|| Self(url.into())).ok_or(UrlError)
    }
}

/// Where the API is: paths are appended to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUrl(Box<str>);

impl FromStr for ApiUrl {
    type Err = UrlError;

    fn from_str(url: &str) -> Result<Self, UrlError> {
        let leads = may_lead_to(url) && !url.contains(['?', '#']);
        leads.then(|| Self(url.trim_end_matches('/').into())).ok_or(UrlError)
    }
}

/// Whether a mail may lead there: over TLS, or to this machine. Nobody is named before an `@`, where a name deceives.
fn may_lead_to(url: &str) -> bool {
    let (secure, rest) = match url.split_once("://") {
        Some(("https", rest)) => (true, rest),
        Some(("http", rest)) => (false, rest),
        _ => return false,
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let reached = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte));
    named && reached && plain && (secure || ["127.0.0.1", "localhost"].contains(&host))
}

/// The link by which a reader stops digests without signing in. Whoever has it can, so its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct UnsubscribeUrl(Box<str>);

impl UnsubscribeUrl {
    /// The link with this token, which is ours and made of what a path may hold.
    pub fn new(api: &ApiUrl, token: &str) -> Self {
        Self(format!("{}/v1/unsubscribe/{token}", api.0).into())
    }

    /// The link, for the mail and its headers.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnsubscribeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsubscribeUrl(..)")
    }
}

/// A mail, ready to go.
pub(crate) struct Mail {
    /// The same for everybody who reads the same language.
    pub(crate) subject: &'static str,
    /// For those who read plain text.
    pub(crate) text: String,
    /// For all others.
    pub(crate) html: String,
}

/// What both parts say.
struct Wording<'a> {
    words: &'static Words,
    waits: Vec<String>,
    panel: &'a str,
    stop: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "notice.txt")]
struct TextPart<'a> {
    mail: &'a Wording<'a>,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct HtmlPart<'a> {
    mail: &'a Wording<'a>,
}

/// Writes the mail to somebody with these preferences, for whom this waits at that moment.
pub(crate) fn render(
    facts: &DigestFacts,
    preferences: &Preferences,
    at: Timestamp,
    panel: &PanelUrl,
    unsubscribe: Option<&UnsubscribeUrl>,
) -> Result<Mail, askama::Error> {
    let Preferences { language, timezone, .. } = preferences;
    let words = Words::of(*language);
    let mail = Wording {
        words,
        waits: words.waits(facts, &timezone.shows(at), timezone.name()),
        panel: &panel.0,
        stop: unsubscribe.map(UnsubscribeUrl::as_str),
    };
    let (text, html) = (TextPart { mail: &mail }.render()?, HtmlPart { mail: &mail }.render()?);
    Ok(Mail { subject: words.subject, text, html })
}

#[cfg(test)]
mod tests;
