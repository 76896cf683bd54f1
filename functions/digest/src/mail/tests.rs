use domain::preferences::Language;
use proptest::prelude::*;

use super::*;

const FULL: DigestFacts =
    DigestFacts { messages: 3, conversations: 2, important: true, mentioned: true, broadcasts: 1 };
const LITTLE: DigestFacts =
    DigestFacts { messages: 1, conversations: 1, important: false, mentioned: false, broadcasts: 0 };

fn reader(language: Language, zone: &str) -> Preferences {
    Preferences { language, timezone: zone.parse().unwrap(), ..Preferences::default() }
}

fn stop() -> UnsubscribeUrl {
    UnsubscribeUrl::new(&"https://api.example/".parse().unwrap(), "dG9rZW4")
}

fn text(facts: &DigestFacts, language: Language, unsubscribe: Option<&UnsubscribeUrl>) -> String {
    let at = "2026-03-01T09:05:00Z".parse().unwrap();
    let panel: PanelUrl = "https://panel.example/".parse().unwrap();
    render(facts, &reader(language, "Europe/Madrid"), at, &panel, unsubscribe).unwrap().text
}

#[test]
fn it_says_in_english_how_much_waits() {
    insta::assert_snapshot!(text(&FULL, Language::English, Some(&stop())), @r"
    At 2026-03-01 10:05 (Europe/Madrid) you had 3 unread messages in 2 conversations and 1 unread announcement.
    At least one message is important.
    At least one message mentions you.

    Sign in to Confer:
    https://panel.example/

    About this mail

    This mail says nothing of what was written, or of who wrote it.
    You get it because notices by mail are switched on for you in Confer.
    To change when such mails come, open your preferences in the panel.

    Stop digests:
    https://api.example/v1/unsubscribe/dG9rZW4
    This link stops digests, not instant notices. You need not sign in.
    ");
    insta::assert_snapshot!(text(&LITTLE, Language::English, None), @r"
    At 2026-03-01 10:05 (Europe/Madrid) you had 1 unread message in 1 conversation.

    Sign in to Confer:
    https://panel.example/

    About this mail

    This mail says nothing of what was written, or of who wrote it.
    You get it because notices by mail are switched on for you in Confer.
    To change when such mails come, open your preferences in the panel.
    ");
}

#[test]
fn it_says_in_spanish_how_much_waits() {
    insta::assert_snapshot!(text(&FULL, Language::Spanish, Some(&stop())), @r"
    A fecha de 2026-03-01 10:05 (Europe/Madrid) tenía 3 mensajes sin leer en 2 conversaciones y 1 anuncio sin leer.
    Al menos un mensaje es importante.
    Al menos un mensaje le menciona.

    Iniciar sesión en Confer:
    https://panel.example/

    Sobre este correo

    Este correo no dice nada de lo que se ha escrito ni de quién lo ha escrito.
    Lo recibe porque los avisos por correo están activados para usted en Confer.
    Para cambiar cuándo llegan estos correos, abra sus preferencias en el panel.

    Dejar de recibir resúmenes:
    https://api.example/v1/unsubscribe/dG9rZW4
    Este enlace detiene los resúmenes, no los avisos inmediatos. No hace falta iniciar sesión.
    ");
    insta::assert_snapshot!(text(&LITTLE, Language::Spanish, None), @r"
    A fecha de 2026-03-01 10:05 (Europe/Madrid) tenía 1 mensaje sin leer en 1 conversación.

    Iniciar sesión en Confer:
    https://panel.example/

    Sobre este correo

    Este correo no dice nada de lo que se ha escrito ni de quién lo ha escrito.
    Lo recibe porque los avisos por correo están activados para usted en Confer.
    Para cambiar cuándo llegan estos correos, abra sus preferencias en el panel.
    ");
}

#[test]
fn numbers_agree_with_what_they_count() {
    let cases = [
        ((0, 0, 1), "1 unread announcement", "1 anuncio sin leer"),
        ((0, 0, 2), "2 unread announcements", "2 anuncios sin leer"),
        ((1, 1, 0), "1 unread message in 1 conversation", "1 mensaje sin leer en 1 conversación"),
        ((2, 1, 0), "2 unread messages in 1 conversation", "2 mensajes sin leer en 1 conversación"),
        (
            (1, 1, 2),
            "1 unread message in 1 conversation and 2 unread announcements",
            "1 mensaje sin leer en 1 conversación y 2 anuncios sin leer",
        ),
    ];
    for ((messages, conversations, broadcasts), english, spanish) in cases {
        let facts = DigestFacts { messages, conversations, broadcasts, ..LITTLE };
        let said = |language| Words::of(language).waits(&facts, "then", "UTC").join(" ");
        assert_eq!(said(Language::English), format!("At then (UTC) you had {english}."));
        assert_eq!(said(Language::Spanish), format!("A fecha de then (UTC) tenía {spanish}."));
    }
}

#[test]
fn of_a_single_message_it_is_known_which_one_is_meant() {
    let facts = DigestFacts { important: true, mentioned: true, ..LITTLE };
    let said = |language| Words::of(language).waits(&facts, "then", "UTC").split_off(1).join(" ");
    assert_eq!(said(Language::English), "The message is important. The message mentions you.");
    assert_eq!(said(Language::Spanish), "El mensaje es importante. El mensaje le menciona.");
}

#[test]
fn a_mail_leads_over_tls_or_to_this_machine() {
    for url in [
        "https://panel.example",
        "https://panel.example:8443/hospital/?from=mail&tab=messages#unread",
        "http://127.0.0.1:3000/",
        "http://localhost",
    ] {
        assert!(url.parse::<PanelUrl>().is_ok(), "{url}");
    }
    for url in [
        "",
        "panel.example",
        "https://",
        "https:///panel",
        "https://:443/",
        "https://panel.example:",
        "https://panel.example:+443",
        "https://panel.example:99999",
        "https://panel.example@elsewhere.example/",
        "https://panel.example/ and more",
        "https://panel.example/\r\nBcc: jo",
        "https://panel.example/\"><b>",
        "http://panel.example",
        "http://localhost.example",
        "javascript://localhost",
    ] {
        assert_eq!(url.parse::<PanelUrl>(), Err(UrlError), "{url}");
    }
    for url in ["https://api.example/?v=1", "https://api.example/#v1"] {
        assert_eq!(url.parse::<ApiUrl>(), Err(UrlError), "{url}");
    }
}

#[test]
fn a_link_that_acts_is_not_shown_to_logs() {
    assert!(stop().as_str().ends_with("dG9rZW4"));
    assert_eq!(format!("{:?}", stop()), "UnsubscribeUrl(..)");
}

/// What HTML is without its tags: one element stands in each line.
fn seen(html: &str) -> Vec<String> {
    let (_, body) = html.split_once("<body>").unwrap();
    let mut text = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if inside => {}
            _ => text.push(c),
        }
    }
    decoded(&text).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn decoded(html: &str) -> String {
    let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    entities.into_iter().fold(html.to_owned(), |text, (entity, is)| text.replace(entity, is))
}

/// What the text says besides where its links lead.
fn said(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.contains("://"));
    lines.map(|line| line.strip_suffix(':').unwrap_or(line).to_owned()).collect()
}

fn facts() -> impl Strategy<Value = DigestFacts> {
    let number = || prop_oneof![0_u64..3, any::<u64>()];
    (number(), number(), any::<bool>(), any::<bool>(), number()).prop_map(
        |(messages, conversations, important, mentioned, broadcasts)| DigestFacts {
            messages,
            conversations,
            important,
            mentioned,
            broadcasts,
        },
    )
}

proptest! {
    #[test]
    fn both_parts_say_the_same_whatever_waits(
        facts in facts(),
        language in prop::sample::select(vec![Language::English, Language::Spanish]),
        zone in prop::sample::select(vec!["UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires"]),
        at in (0_i64..4_102_444_800_000).prop_map(Timestamp::from_millis),
        stop in prop::option::of(Just(stop())),
    ) {
        let link = "https://panel.example/?from=mail&tab='messages'";
        let panel: PanelUrl = link.parse().unwrap();
        let preferences = reader(language, zone);
        let mail = render(&facts, &preferences, at, &panel, stop.as_ref()).unwrap();

        let seen = seen(&mail.html);
        prop_assert_eq!(&seen[0], mail.subject);
        prop_assert_eq!(&seen[1..], said(&mail.text));

        let mut numbers = Vec::new();
        if facts.messages > 0 || facts.broadcasts == 0 {
            numbers.extend([facts.messages, facts.conversations]);
        }
        if facts.broadcasts > 0 {
            numbers.push(facts.broadcasts);
        }
        for part in [mail.text.clone(), seen.join("\n")] {
            let words: Vec<&str> = part.split_whitespace().collect();
            for number in &numbers {
                prop_assert!(words.contains(&number.to_string().as_str()));
            }
            prop_assert!(part.contains(&preferences.timezone.shows(at)) && part.contains(zone));
        }

        let links: Vec<&str> = [Some(link), stop.as_ref().map(UnsubscribeUrl::as_str)].into_iter().flatten().collect();
        let html = decoded(&mail.html);
        for link in &links {
            prop_assert!(mail.text.lines().any(|line| line == *link));
            let href = format!("href=\"{link}\"");
            prop_assert!(html.contains(&href));
        }
        // A mail that fetches something tells that it was opened.
        prop_assert_eq!(mail.html.matches("://").count(), links.len());
        prop_assert!(mail.html.contains("?from=mail&#38;tab=&#39;messages&#39;\""));
        for part in [&mail.text, &mail.html] {
            let markup = ["{{", "{%", "{#"].iter().any(|mark| part.contains(mark));
            prop_assert!(!markup);
        }
        prop_assert!(mail.subject.chars().all(|c| c.is_alphabetic() || c == ' '));
    }
}
