//! `GET` and `POST /v1/unsubscribe/{token}`: fewer mails with one click, without signing in (RFC 8058).
//!
//! Looking at the page changes nothing, because mail scanners follow every link; pressing its button does, and so does the
//! mail program that sends the same request. All that whoever has the link can do is to stop digests.

use api::{Path, Problem};
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use domain::preferences::{Field, Frequency, Language, Preferences};
use domain::text::Username;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::{HeaderName, HeaderValue};
use store::Purpose;

use crate::App;

/// What a page says: its language, a title, a sentence, and what its button says, if it has one.
struct Page {
    language: &'static str,
    title: &'static str,
    text: &'static str,
    button: Option<&'static str>,
}

const fn asking(language: Language) -> Page {
    match language {
        Language::English => Page {
            language: "en",
            title: "Stop digests?",
            text: "You will get no more digests from Confer by mail. Notices of messages that mention you or are important \
                   still come, unless you turn them off in your preferences.",
            button: Some("Stop digests"),
        },
        Language::Spanish => Page {
            language: "es",
            title: "¿Dejar de recibir resúmenes?",
            text: "Confer no le enviará más resúmenes por correo. Los avisos de mensajes importantes o que le mencionan \
                   seguirán llegando, salvo que los desactive en sus preferencias.",
            button: Some("Dejar de recibir resúmenes"),
        },
    }
}

const fn done(language: Language) -> Page {
    match language {
        Language::English => Page {
            language: "en",
            title: "Digests are stopped",
            text: "You can have them again at any time: your preferences in Confer say how often.",
            button: None,
        },
        Language::Spanish => Page {
            language: "es",
            title: "Ya no recibirá resúmenes",
            text: "Puede volver a recibirlos cuando quiera: en sus preferencias de Confer se indica cada cuánto.",
            button: None,
        },
    }
}

impl IntoResponse for Page {
    /// All of it is ours: nothing of a request or of a person is in it.
    fn into_response(self) -> Response {
        let Self { language, title, text, button } = self;
        let form = button.map_or_else(String::new, |button| {
            format!(
                "<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">\
                 <button>{button}</button></form>"
            )
        });
        let page = format!(
            "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
             <title>{title}</title><style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;\
             padding:0 1rem}}button{{font:inherit;padding:.5rem 1rem}}</style>\
             <main><h1>{title}</h1><p>{text}</p>{form}</main></html>"
        );
        let mut response = Html(page).into_response();
        let mut say = |name: HeaderName, value| response.headers_mut().insert(name, HeaderValue::from_static(value));
        say(
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        );
        // The address of this page is a secret of a kind.
        say(REFERRER_POLICY, "no-referrer");
        response
    }
}

/// Ask whether digests are to stop.
///
/// The page behind the link in a mail. Looking at it changes nothing.
#[utoipa::path(get, path = "/v1/unsubscribe/{token}", tag = "people", security(()),
    params(("token" = String, Path, description = "From the mail.")),
    responses((status = 200, content_type = "text/html", body = String, description = "A page with a button."), Problem))]
pub(crate) async fn ask_to_unsubscribe(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Problem> {
    let name = reader(&app, &token).await?;
    let (said, _) = app.store.preferences(&name).await?;
    Ok(asking(language(&app, said.as_ref()).await?).into_response())
}

/// Stop digests, without signing in.
///
/// Sets the frequency to `none`; instant notices stay as they are. What the body says does not matter: mail programs send
/// `List-Unsubscribe=One-Click`.
#[utoipa::path(post, path = "/v1/unsubscribe/{token}", tag = "people", security(()),
    params(("token" = String, Path, description = "From the mail.")),
    responses((status = 200, content_type = "text/html", body = String, description = "Digests are stopped."), Problem))]
pub(crate) async fn unsubscribe(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Problem> {
    let name = reader(&app, &token).await?;
    let now = app.clock.now();
    let settings = app.store.current_settings(now).await?;
    if settings.mail.locked.contains(&Field::Frequency) {
        return Err(store::Error::Locked([Field::Frequency].into()).into());
    }
    let stop = |said: Option<Preferences>| Preferences {
        frequency: Frequency::None,
        ..settings.mail.effective(said.as_ref())
    };
    let (preferences, _) = app.store.set_preferences(&name, None, now, stop).await?;
    Ok(done(preferences.language).into_response())
}

/// Whose mail the link is from.
async fn reader(app: &App, token: &str) -> Result<Username, Problem> {
    let name = app.store.unseal(Purpose::Unsubscribe, token).await?;
    name.ok_or_else(|| api::Kind::NotFound.into())
}

async fn language(app: &App, said: Option<&Preferences>) -> Result<Language, Problem> {
    Ok(app.store.current_settings(app.clock.now()).await?.mail.effective(said).language)
}
