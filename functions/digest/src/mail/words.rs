//! What mails say, in each language.

use domain::notice::DigestFacts;
use domain::preferences::Language;

/// Something that is counted.
struct Noun {
    one: &'static str,
    /// Of any other number, and of none.
    more: &'static str,
}

impl Noun {
    fn counted(&self, number: u64) -> String {
        let noun = if number == 1 { self.one } else { self.more };
        format!("{number} {noun}")
    }
}

/// What holds of messages: of the one there is, or of one of them at least. More is not known.
struct Remark {
    the_one: &'static str,
    at_least_one: &'static str,
}

impl Remark {
    fn of(&self, messages: u64) -> String {
        let sentence = if messages == 1 { self.the_one } else { self.at_least_one };
        sentence.to_owned()
    }
}

/// All that a mail can say in one language.
pub(super) struct Words {
    /// The language, as HTML names it.
    pub(super) language: &'static str,
    /// Seen on locked screens and by whoever forwards the mail: it says nothing.
    pub(super) subject: &'static str,
    message: Noun,
    conversation: Noun,
    broadcast: Noun,
    within: fn(&str, &str) -> String,
    both: fn(&str, &str) -> String,
    /// When, in which zone, and what.
    waited: fn(&str, &str, &str) -> String,
    important: Remark,
    mentioned: Remark,
    /// What the link to the panel is called.
    pub(super) sign_in: &'static str,
    /// The heading of what is no news.
    pub(super) about: &'static str,
    /// That it tells nothing.
    pub(super) silent: &'static str,
    /// Why it came.
    pub(super) why: &'static str,
    /// How to get fewer.
    pub(super) change: &'static str,
    /// What the link that stops digests is called.
    pub(super) stop: &'static str,
    /// What it does.
    pub(super) stops: &'static str,
}

static ENGLISH: Words = Words {
    language: "en",
    subject: "Something is waiting for you in Confer",
    message: Noun { one: "unread message", more: "unread messages" },
    conversation: Noun { one: "conversation", more: "conversations" },
    broadcast: Noun { one: "unread announcement", more: "unread announcements" },
    within: |messages, conversations| format!("{messages} in {conversations}"),
    both: |messages, broadcasts| format!("{messages} and {broadcasts}"),
    waited: |at, zone, what| format!("At {at} ({zone}) you had {what}."),
    important: Remark { the_one: "The message is important.", at_least_one: "At least one message is important." },
    mentioned: Remark { the_one: "The message mentions you.", at_least_one: "At least one message mentions you." },
    sign_in: "Sign in to Confer",
    about: "About this mail",
    silent: "This mail says nothing of what was written, or of who wrote it.",
    why: "You get it because notices by mail are switched on for you in Confer.",
    change: "To change when such mails come, open your preferences in the panel.",
    stop: "Stop digests",
    stops: "This link stops digests, not instant notices. You need not sign in.",
};

static SPANISH: Words = Words {
    language: "es",
    subject: "Tiene algo pendiente en Confer",
    message: Noun { one: "mensaje sin leer", more: "mensajes sin leer" },
    conversation: Noun { one: "conversación", more: "conversaciones" },
    broadcast: Noun { one: "anuncio sin leer", more: "anuncios sin leer" },
    within: |messages, conversations| format!("{messages} en {conversations}"),
    both: |messages, broadcasts| format!("{messages} y {broadcasts}"),
    waited: |at, zone, what| format!("A fecha de {at} ({zone}) tenía {what}."),
    important: Remark { the_one: "El mensaje es importante.", at_least_one: "Al menos un mensaje es importante." },
    mentioned: Remark { the_one: "El mensaje le menciona.", at_least_one: "Al menos un mensaje le menciona." },
    sign_in: "Iniciar sesión en Confer",
    about: "Sobre este correo",
    silent: "Este correo no dice nada de lo que se ha escrito ni de quién lo ha escrito.",
    why: "Lo recibe porque los avisos por correo están activados para usted en Confer.",
    change: "Para cambiar cuándo llegan estos correos, abra sus preferencias en el panel.",
    stop: "Dejar de recibir resúmenes",
    stops: "Este enlace detiene los resúmenes, no los avisos inmediatos. No hace falta iniciar sesión.",
};

impl Words {
    /// The words of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Spanish => &SPANISH,
        }
    }

    /// What waited, a sentence each, when the reader's clock showed `at`.
    pub(super) fn waits(&self, facts: &DigestFacts, at: &str, zone: &str) -> Vec<String> {
        let DigestFacts { messages, conversations, important, mentioned, broadcasts } = *facts;
        let unread = (self.within)(&self.message.counted(messages), &self.conversation.counted(conversations));
        let announced = self.broadcast.counted(broadcasts);
        let what = match (messages, broadcasts) {
            (_, 0) => unread,
            (0, _) => announced,
            _ => (self.both)(&unread, &announced),
        };
        let important = important.then(|| self.important.of(messages));
        let mentioned = mentioned.then(|| self.mentioned.of(messages));
        [Some((self.waited)(at, zone, &what)), important, mentioned].into_iter().flatten().collect()
    }
}
