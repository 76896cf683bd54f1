//! The forms of the contract: how a text, a word or a number looks, each once and under one name.
//!
//! The domain's types parse. Here stands what of that a client can know beforehand; what depends on what is there, on the
//! time or on what Unicode says of a character, the problem says that refuses it.

use domain::attachment as attached;
use domain::retention::Period;
use domain::{chain, identifier, project, text};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! forms {
    ($($(#[doc = $says:literal])+ $name:ident = $form:expr;)+) => {$(
        $(#[doc = $says])+
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $form.description(Some(concat!($($says),+).trim())).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

forms! {
    /// Names something for ever.
    Id = formatted(KnownFormat::Uuid);
    /// A moment, in UTC.
    Timestamp = formatted(KnownFormat::DateTime);
    /// The place of an entry in its log: 1, 2, 3 without gaps; 0 is before the first.
    Seq = number(0, chain::Seq::MAX.get());
    /// How many bytes.
    Size = number(1, attached::Size::MAX.get()).examples([1024]);
    /// A SHA-256, in hexadecimal.
    Sha256 = form("^[0-9a-f]{64}$", 64, 64)
        .examples(["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]);

    /// Names somebody, as the institution writes it: letters and digits of any script, and `.`, `_`, `-`, `@`, `+`.
    Username = form(r"^[\p{L}\p{N}._@+-]+$", 1, text::Username::MAX).examples(["jane.roe"]);
    /// What somebody is called.
    DisplayName = text(1, text::DisplayName::MAX).examples(["Jane Roe"]);
    /// An address for mail.
    Email = formatted(KnownFormat::Email).max_length(Some(254)).examples(["jane.roe@hospital.example"]);
    /// What somebody may do at the institution.
    InstitutionRole = words(&["system_administrator", "auditor"]);
    /// Names a project: letters and digits of English, and `.`, `_`, `-`.
    ProjectId = form("^[A-Za-z0-9._-]+$", 1, project::ProjectId::MAX).examples(["heart-study"]);
    /// How a project writes its record numbers: `#` stands for a digit, of which there are at least two, `@` for a letter.
    RecordPattern = form("#[^#]*#", 3, identifier::RecordPattern::MAX).examples(["HS-@###"]);
    /// How many days something is kept at least.
    RetentionDays = number(Period::MIN.days().into(), Period::MAX.days().into()).examples([2557]);

    /// What something is called: one line.
    Title = text(1, text::Title::MAX);
    /// What somebody wrote.
    Body = text(1, text::Body::MAX).examples(["Room 4 at ten."]);
    /// Why, in somebody's words.
    Reason = text(1, 1_000);
    /// The institution's name for a case.
    CaseNumber = text(1, 100);
    /// Why nobody is let in.
    ClosedReason = text(1, 200);

    /// What somebody may do in a conversation.
    Role = words(&["administrator", "member"]);
    /// What those who join later may see.
    History = words(&["all", "from_join"]);
    /// Of what somebody wants to be told. What mentions them or is important they always are.
    Notify = words(&["all", "mentions", "nothing"]);
    /// Who makes back-ups.
    BackupBy = words(&["member", "administrator", "nobody"]);
    /// Who speaks: `general` for the administrators, `system` for the product.
    BroadcastKind = words(&["general", "system"]);

    /// What an attachment is, such as `application/pdf`.
    ContentType = form(CONTENT_TYPE, 3, attached::ContentType::MAX).examples(["application/pdf"]);
    /// A type of attachments, or all of a kind, as `video/*`.
    TypePattern = form(TYPE_PATTERN, 3, attached::ContentType::MAX).examples(["application/x-msdownload", "video/*"]);

    /// How often digests come at most.
    Frequency = words(&["none", "immediate", "2h", "4h", "6h", "8h", "12h", "daily"]);
    /// When the first digest after a quiet time comes: `leading`, after a short delay; `trailing`, when the interval is over.
    DigestMode = words(&["leading", "trailing"]);
    /// When what mentions somebody or is important is mailed: `offline`, when they are not there, or as soon as they leave
    /// without having read it; `always`.
    InstantWhen = words(&["offline", "always"]);
    /// A language of mails.
    Language = words(&["en", "es"]);
    /// A time by the clock on the wall.
    TimeOfDay = form("^([01][0-9]|2[0-3]):[0-5][0-9]$", 5, 5).examples(["07:00"]);
    /// A clock on a wall: a name of the IANA database.
    TimeZone = text(1, 64).examples(["Europe/Madrid"]);
    /// Names one of the preferences.
    Preference = words(&[
        "frequency", "digest_mode", "instant", "instant_when", "broadcasts", "daily_at", "timezone", "language", "quiet_hours",
    ]);
    /// Why a mail goes.
    NoticeRule = words(&["instant", "digest", "broadcast"]);
    /// Why none goes to an address.
    Suppression = words(&["bounced", "complained"]);
}

/// Two restricted names of RFC 6838.
const CONTENT_TYPE: &str = "^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$";
const TYPE_PATTERN: &str = r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/([A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*|\*)$";

fn object(of: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(of)
}

fn formatted(format: KnownFormat) -> ObjectBuilder {
    object(Type::String).format(Some(SchemaFormat::KnownFormat(format)))
}

fn text(least: usize, most: usize) -> ObjectBuilder {
    object(Type::String).min_length(Some(least)).max_length(Some(most))
}

fn form(pattern: &str, least: usize, most: usize) -> ObjectBuilder {
    text(least, most).pattern(Some(pattern))
}

fn number(least: u64, most: u64) -> ObjectBuilder {
    object(Type::Integer).minimum(Some(least)).maximum(Some(most))
}

fn words(all: &[&str]) -> ObjectBuilder {
    object(Type::String).enum_values(Some(all.iter().copied()))
}
