//! The stored shapes: yesterday's items outlive today's code.

use domain::broadcast::{Announcement, Audience, Group, Kind, Span};
use domain::chain::Digest;
use domain::conversation::message::{Draft, send};
use domain::conversation::{Creation, History, Role, Signature, apply, create, seal};
use domain::inbox::Delivered;
use domain::institution::log::{Act, seal as record};
use domain::member::Notify;
use domain::mention::Mention;
use domain::notice::due::{Due, Timer};
use domain::notice::spread::Reached;
use domain::notice::{DecisionResult, Fate, Mailed, Reason, Rule, Skipped};
use domain::preferences::{QuietHours, TimeOfDay};
use domain::project::ProjectId;
use domain::retention::{HoldOn, Purge};
use domain::text::{Body, Title};
use domain::unread::Mark;
use domain::user::InstitutionRole;
use serde_json::{Value, json};

use super::*;
use crate::keys;

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

fn id() -> ConversationId {
    "019ca8a0-3e80-7707-8707-070707070707".parse().unwrap()
}

fn signature(last: &str) -> Signature {
    Signature {
        id: format!("019ca8a0-3e80-7707-8707-0707070707{last}").parse().unwrap(),
        by: name("Ann"),
        at: "2026-03-01T09:00:00Z".parse().unwrap(),
    }
}

fn log(title: &str, body: &str) -> (Head, Entry, Entry) {
    let creation = Creation {
        id: id(),
        title: Title::try_from(title.to_owned()).unwrap(),
        history: History::All,
        project: None,
        others: vec![name("ben")],
    };
    let (head, first) = create(creation, signature("01"));
    let draft = Draft {
        body: Some(Body::try_from(body.to_owned()).unwrap()),
        important: true,
        mentions: vec![Mention { username: name("ben"), start: 0, end: 4 }],
        attachments: Vec::new(),
    };
    let act = send(&head, draft).unwrap();
    let second = seal(&head, signature("02"), act);
    (apply(&head, &second), first, second)
}

fn stored<T: Entity>(key: Key, value: &T) -> Value {
    serde_dynamo::from_item(write(key, value).unwrap()).unwrap()
}

fn size(item: &Item) -> usize {
    fn of(value: &AttributeValue) -> usize {
        match value {
            AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
            AttributeValue::M(fields) => {
                fields.iter().map(|(name, value)| name.len() + of(value) + 1).sum::<usize>() + 3
            }
            AttributeValue::L(values) => values.iter().map(|value| of(value) + 1).sum::<usize>() + 3,
            _ => 1,
        }
    }
    item.iter().map(|(name, value)| name.len() + of(value)).sum()
}

#[test]
fn the_stored_shape_of_a_log_is_a_contract() {
    let (head, first, second) = log("Ward 4", "@ben please");
    let hashes = [first.hash.to_string(), second.hash.to_string()];
    let pk = "C#019ca8a0-3e80-7707-8707-070707070707";
    let at = "2026-03-01T09:00:00.000Z";
    assert_eq!(
        stored(keys::entry(id(), first.seq), &first),
        json!({
            "pk": pk, "sk": "E#000000000001", "entity": "entry", "seq": 1, "id": "019ca8a0-3e80-7707-8707-070707070701",
            "by": "Ann", "at": at, "kind": "event", "messages": 0, "members": 2, "previous": "0".repeat(64), "hash": hashes[0],
            "event": { "type": "created", "title": "Ward 4", "history": "all", "members": ["Ann", "ben"] },
        })
    );
    assert_eq!(
        stored(keys::entry(id(), second.seq), &second),
        json!({
            "pk": pk, "sk": "E#000000000002", "entity": "entry", "seq": 2, "id": "019ca8a0-3e80-7707-8707-070707070702",
            "by": "Ann", "at": at, "kind": "message", "messages": 1, "members": 2, "previous": hashes[0], "hash": hashes[1],
            "content": { "body": "@ben please" }, "important": true,
            "mentions": [{ "username": "ben", "start": 0, "end": 4 }],
        })
    );
    assert_eq!(
        stored(keys::head(id()), &head),
        json!({
            "pk": pk, "sk": "E~", "entity": "head", "id": "019ca8a0-3e80-7707-8707-070707070707", "title": "Ward 4",
            "state": "active", "history": "all", "members_count": 2, "administrators_count": 1, "created_by": "Ann",
            "created_at": at, "seq": 2, "messages": 1, "hash": hashes[1], "rev": 1,
            "last_message": { "at": at, "by": "Ann" },
        })
    );
}

#[test]
fn the_hashes_of_a_log_are_a_contract() {
    let (head, first, _) = log("Ward 4", "@ben please");
    assert_eq!(first.hash.to_string(), "346657375a1c54fa8ca6af03674c2f25b5793961ac7369418112c4051176842d");
    assert_eq!(head.hash.to_string(), "52c7284db777075125e07fa3871351bd4326aeeca62bd30c258f0550c3fe1601");
}

#[test]
fn the_stored_shape_of_the_rest_is_a_contract() {
    let key = "019ca8a0-3e80-7707-8707-0707070707aa".parse().unwrap();
    let seq = Seq::try_from(7).unwrap();
    let request = Digest::of(b"asked");
    let at = "2026-03-01T09:00:00Z".parse().unwrap();
    let member = Member { username: name("Ben"), role: Role::Member, joined: seq, joined_at: at };
    let (head, _, second) = log("Ward 4", "@ben please");
    let marked = [seq].into_iter().collect();
    let delivered = Delivered { mentions: marked, ..Delivered::with(&head) };
    let read = Mark { seq, messages: 5 };
    let membership = Membership {
        role: Role::Administrator,
        joined: seq,
        read,
        pinned: true,
        notify: Notify::Mentions,
        delivered,
        noticed: Seq::START,
    };
    let row = InboxItem { conversation: id(), membership };
    let okri = DisplayName::try_from("Ben Okri".to_owned()).unwrap();
    let profile = Profile {
        name: okri,
        active: true,
        roles: vec![InstitutionRole::Auditor],
        since: Some(at),
        version: 3,
        ..Profile::gone(&name("Ben"))
    };
    let entry = DirectoryItem { username: profile.username.clone(), name: profile.name.clone() };
    let token = profile.tokens().remove(0);
    let done = Done { seq, request };
    let started = Started { conversation: id(), last: seq, request, rows: 45 };
    let shapes = [
        stored(keys::revision(id(), Seq::START.next(), second.seq), &Revision(second)),
        stored(keys::participant(id(), &member.username), &member),
        stored(keys::inbox_row(&name("Ben"), id()), &row),
        stored(keys::idempotency(id(), &name("Ben"), key), &done),
        stored(keys::creation(&name("Ben"), key), &started),
        stored(keys::profile(&name("Ben")), &profile),
        stored(keys::directory(&token, &name("Ben")), &entry),
        stored(keys::seen(&name("Ben")), &Seen::leaving(Some(&Seen::noted(None, at)), at)),
    ];
    let shapes = shapes.map(|shape| shape.to_string()).join("\n");
    insta::assert_snapshot!(shapes, @r#"
    {"at":"2026-03-01T09:00:00.000Z","by":"Ann","content":{"body":"@ben please"},"entity":"revision","hash":"52c7284db777075125e07fa3871351bd4326aeeca62bd30c258f0550c3fe1601","id":"019ca8a0-3e80-7707-8707-070707070702","important":true,"kind":"message","members":2,"mentions":[{"end":4,"start":0,"username":"ben"}],"messages":1,"pk":"C#019ca8a0-3e80-7707-8707-070707070707","previous":"346657375a1c54fa8ca6af03674c2f25b5793961ac7369418112c4051176842d","seq":2,"sk":"E#000000000001#000000000002"}
    {"entity":"participant","joined":7,"joined_at":"2026-03-01T09:00:00.000Z","pk":"C#019ca8a0-3e80-7707-8707-070707070707","role":"member","sk":"P#ben","username":"Ben"}
    {"conversation":"019ca8a0-3e80-7707-8707-070707070707","delivered":{"copy":{"here":{"administrators_count":1,"created_at":"2026-03-01T09:00:00.000Z","created_by":"Ann","hash":"52c7284db777075125e07fa3871351bd4326aeeca62bd30c258f0550c3fe1601","history":"all","id":"019ca8a0-3e80-7707-8707-070707070707","last_message":{"at":"2026-03-01T09:00:00.000Z","by":"Ann"},"members_count":2,"messages":1,"rev":1,"seq":2,"state":"active","title":"Ward 4"}},"mentions":[7],"seq":2},"entity":"inbox row","joined":7,"noticed":0,"notify":"mentions","pinned":true,"pk":"U#ben","read":{"messages":5,"seq":7},"role":"administrator","sk":"C#019ca8a0-3e80-7707-8707-070707070707"}
    {"entity":"idempotency","pk":"C#019ca8a0-3e80-7707-8707-070707070707","request":"c66790da5943c4466dd80634deb63f4e19f07e7f81624f222b86fecf9fff6445","seq":7,"sk":"K#ben#019ca8a0-3e80-7707-8707-0707070707aa"}
    {"conversation":"019ca8a0-3e80-7707-8707-070707070707","entity":"creation","last":7,"pk":"U#ben","request":"c66790da5943c4466dd80634deb63f4e19f07e7f81624f222b86fecf9fff6445","rows":45,"sk":"K#019ca8a0-3e80-7707-8707-0707070707aa"}
    {"active":true,"entity":"profile","name":"Ben Okri","pk":"U#ben","roles":["auditor"],"since":"2026-03-01T09:00:00.000Z","sk":"~PROFILE","username":"Ben","version":3}
    {"entity":"directory","name":"Ben Okri","pk":"D#be","sk":"ben#ben","username":"Ben"}
    {"at":"2026-03-01T09:00:00.000Z","entity":"seen","pk":"U#ben","signed_out":"2026-03-01T09:00:00.000Z","since":"2026-03-01T09:00:00.000Z","sk":"~SEEN"}
    "#);
}

#[test]
fn the_stored_shape_of_what_people_are_mailed_is_a_contract() {
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let look = "019ca8a0-3e80-7707-8707-0707070707cc".parse().unwrap();
    let due = Due { at, rule: Rule::Instant, reason: Reason::Urgent };
    let (timer, claim) = Timer::default().mark(due).unwrap().claim(at, look, at).unwrap();
    let notices = Notices {
        timer: timer.mark(due).unwrap(),
        mailed: Some(Mailed { at, fate: Fate::Sent }),
        instant_at: Some(at),
        told: ["019ca8a0-3e80-7707-8707-0707070707bb".parse().unwrap()].into(),
        skipped: Some(Skipped { reason: Reason::FrequencyNone, at }),
        version: 4,
    };
    let spread = Spread::default().with(at).unwrap();
    let spread = Spread { reached: Some(Reached { part: 3, name: name("Ben") }), done: Some(at), ..spread };
    let dated = |key: &Key, due: Timestamp| {
        let (dk, ds) = keys::due(key, due);
        Some(Place { dk, ds })
    };
    let decision = Decision {
        at,
        rule: Rule::Digest,
        result: DecisionResult::Sent,
        reason: Reason::ShortDelay,
        messages: 3,
        conversations: 2,
        broadcasts: 1,
        until: Some(at),
    };
    let looked = Looked { look, decision, message_id: Some("0100".to_owned()), expires: 9 };
    let quiet = QuietHours { from: TimeOfDay::EIGHT, to: TimeOfDay::EIGHT };
    let preferences = Preferences { quiet_hours: Some(quiet), ..Preferences::default() };
    let email = Email::try_from("ben@site.org".to_owned()).unwrap();
    let ben = keys::notices(&name("Ben"));
    let shapes = [
        stored(ben.clone(), &Dated { value: notices, place: dated(&ben, at) }),
        stored(ben, &Dated { value: Notices::default(), place: None }),
        stored(keys::conversation_spread(id()), &Dated { value: spread, place: None }),
        stored(keys::mail(&name("Ben"), claim.window), &looked),
        stored(keys::preferences(&name("Ben")), &PreferencesItem { preferences, rev: Seq::START.next() }),
        stored(keys::roster(&name("Ben")), &RosterItem { username: name("Ben"), broadcasts: Some(true) }),
        stored(keys::suppression(&email), &Suppressed { email, state: Suppression::Bounced, at }),
    ];
    let shapes = shapes.map(|shape| shape.to_string()).join("\n");
    insta::assert_snapshot!(shapes, @r#"
    {"again":{"at":"2026-03-01T09:00:00.000Z","reason":"urgent","rule":"instant"},"claim":{"at":"2026-03-01T09:00:00.000Z","by":"019ca8a0-3e80-7707-8707-0707070707cc","window":"2026-03-01T09:00:00.000Z"},"dk":"D#06","ds":"2026-03-01T09:00:00.000Z#U#ben#~NOTICE","due":{"at":"2026-03-01T09:00:00.000Z","reason":"urgent","rule":"instant"},"entity":"notices","instant_at":"2026-03-01T09:00:00.000Z","mailed":{"at":"2026-03-01T09:00:00.000Z","fate":"sent"},"pk":"U#ben","sk":"~NOTICE","skipped":{"at":"2026-03-01T09:00:00.000Z","reason":"frequency_none"},"told":["019ca8a0-3e80-7707-8707-0707070707bb"],"version":4}
    {"entity":"notices","pk":"U#ben","sk":"~NOTICE","version":0}
    {"done":"2026-03-01T09:00:00.000Z","due":{"at":"2026-03-01T09:00:00.000Z","reason":"changed","rule":"digest"},"entity":"spread","pk":"N#","reached":{"name":"Ben","part":3},"since":"2026-03-01T09:00:00.000Z","sk":"C#019ca8a0-3e80-7707-8707-070707070707","version":0}
    {"at":"2026-03-01T09:00:00.000Z","broadcasts":1,"conversations":2,"entity":"look","expires":9,"look":"019ca8a0-3e80-7707-8707-0707070707cc","message_id":"0100","messages":3,"pk":"U#ben","reason":"short_delay","result":"sent","rule":"digest","sk":"M#2026-03-01T09:00:00.000Z","until":"2026-03-01T09:00:00.000Z"}
    {"broadcasts":false,"daily_at":"08:00","digest_mode":"leading","entity":"preferences","frequency":"4h","instant":true,"instant_when":"offline","language":"en","pk":"U#ben","quiet_hours":{"from":"08:00","to":"08:00"},"rev":1,"sk":"~PREFERENCES","timezone":"UTC"}
    {"broadcasts":true,"entity":"roster","pk":"R#07","sk":"U#ben","username":"Ben"}
    {"at":"2026-03-01T09:00:00.000Z","email":"ben@site.org","entity":"suppression","pk":"S#","sk":"024c2d97d7be81db8723eb50139842e671e1fc0f4cc03814735f9b946cf40cba","state":"bounced"}
    "#);
}

#[test]
fn the_stored_shape_of_what_the_institution_does_is_a_contract() {
    let key = "019ca8a0-3e80-7707-8707-0707070707aa".parse().unwrap();
    let news: BroadcastId = "019ca8a0-3e80-7707-8707-0707070707bb".parse().unwrap();
    let (seq, request) = (Seq::try_from(7).unwrap(), Digest::of(b"asked"));
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let study = ProjectId::try_from("STUDY-1".to_owned()).unwrap();
    let title = Title::try_from("Study 1".to_owned()).unwrap();
    let project = Project { id: study.clone(), title: title.clone(), record_patterns: Vec::new(), retention: None };
    let collaborator = Collaborator { project: study.clone(), username: name("Ben") };
    let group = Group { projects: vec![study.clone()], ..Group::default() };
    let body = Body::try_from("Down at noon".to_owned()).unwrap();
    let audience = Audience::Only(group);
    let announcement = Announcement::new(Kind::General, body, true, audience, Span::default(), at).unwrap();
    let broadcast = Broadcast {
        id: news,
        by: name("Ann"),
        at,
        announcement: announcement.clone(),
        corrected_at: None,
        withdrawn: false,
    };
    let settings = Settings { protect_admins: true, ..Settings::default() };
    let end = End { seq, hash: request };
    let project_changed = Act::ProjectChanged {
        project: study.clone(),
        title,
        added: vec![name("Ben")],
        removed: vec![],
        retention: None,
    };
    let sent = Act::BroadcastSent { broadcast: news, announcement };
    let recorded = |act| record(End::default(), signature("01"), act);
    let shapes = [
        stored(keys::project(&study), &project),
        stored(keys::collaborator(&study, &name("Ben")), &collaborator),
        stored(keys::broadcast(news), &BroadcastItem { broadcast, rev: seq }),
        stored(keys::broadcast_mark(&name("Ben"), news), &BroadcastMark { broadcast: news, at, expires: 9 }),
        stored(keys::creation(&name("Ann"), key), &Announced { broadcast: news, request }),
        stored(keys::creation(&name("Ann"), key), &GlassBroken { until: at, request }),
        stored(keys::glass(id(), &name("Ann")), &Glass { auditor: name("Ann"), until: at }),
        stored(keys::settings(), &SettingsItem { settings, rev: seq }),
        stored(keys::institution_end(), &InstitutionEnd(end)),
        stored(keys::institution_entry(seq), &recorded(project_changed)),
        stored(keys::institution_entry(seq), &recorded(sent)),
    ];
    let shapes = shapes.map(|shape| shape.to_string()).join("\n");
    insta::assert_snapshot!(shapes, @r#"
    {"entity":"project","id":"STUDY-1","pk":"J#STUDY-1","sk":"~","title":"Study 1"}
    {"entity":"collaborator","pk":"J#STUDY-1","project":"STUDY-1","sk":"U#ben","username":"Ben"}
    {"at":"2026-03-01T09:00:00.000Z","audience":{"only":{"projects":["STUDY-1"],"roles":[],"usernames":[]}},"by":"Ann","content":{"body":"Down at noon"},"entity":"broadcast","from":"2026-03-01T09:00:00.000Z","id":"019ca8a0-3e80-7707-8707-0707070707bb","important":true,"kind":"general","pk":"B#","rev":7,"sk":"019ca8a0-3e80-7707-8707-0707070707bb","withdrawn":false}
    {"at":"2026-03-01T09:00:00.000Z","broadcast":"019ca8a0-3e80-7707-8707-0707070707bb","entity":"broadcast mark","expires":9,"pk":"U#ben","sk":"B#019ca8a0-3e80-7707-8707-0707070707bb"}
    {"broadcast":"019ca8a0-3e80-7707-8707-0707070707bb","entity":"announcement","pk":"U#ann","request":"c66790da5943c4466dd80634deb63f4e19f07e7f81624f222b86fecf9fff6445","sk":"K#019ca8a0-3e80-7707-8707-0707070707aa"}
    {"entity":"glass broken","pk":"U#ann","request":"c66790da5943c4466dd80634deb63f4e19f07e7f81624f222b86fecf9fff6445","sk":"K#019ca8a0-3e80-7707-8707-0707070707aa","until":"2026-03-01T09:00:00.000Z"}
    {"auditor":"Ann","entity":"glass","pk":"C#019ca8a0-3e80-7707-8707-070707070707","sk":"G#ann","until":"2026-03-01T09:00:00.000Z"}
    {"break_glass":false,"entity":"settings","messenger_enabled":true,"pk":"I#","protect_admins":true,"rev":7,"sk":"~SETTINGS"}
    {"entity":"institution end","hash":"c66790da5943c4466dd80634deb63f4e19f07e7f81624f222b86fecf9fff6445","pk":"I#","seq":7,"sk":"E~"}
    {"added":["Ben"],"at":"2026-03-01T09:00:00.000Z","by":"Ann","entity":"institution entry","hash":"f6c4e521d6e0c7a5930871c423de04344f30eb2eb3702ef830fe0251fe4e18b4","id":"019ca8a0-3e80-7707-8707-070707070701","pk":"I#","previous":"0000000000000000000000000000000000000000000000000000000000000000","project":"STUDY-1","seq":1,"sk":"E#000000000007","title":"Study 1","type":"project_changed"}
    {"at":"2026-03-01T09:00:00.000Z","audience":{"only":{"projects":["STUDY-1"],"roles":[],"usernames":[]}},"broadcast":"019ca8a0-3e80-7707-8707-0707070707bb","by":"Ann","content":{"body":"Down at noon"},"entity":"institution entry","from":"2026-03-01T09:00:00.000Z","hash":"cd46150007a39f44141ed72e65c35574c905e7e9d220547afebd66617de61212","id":"019ca8a0-3e80-7707-8707-070707070701","important":true,"kind":"general","pk":"I#","previous":"0000000000000000000000000000000000000000000000000000000000000000","seq":1,"sk":"E#000000000007","type":"broadcast_sent"}
    "#);
}

#[test]
fn the_stored_shape_of_what_is_kept_and_how_long_is_a_contract() {
    let key = "019ca8a0-3e80-7707-8707-0707070707aa".parse().unwrap();
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let seq = Seq::try_from(7).unwrap();
    let (_, _, sent) = log("Ward 4", "@ben please");
    let purge = Purge { conversation: id(), from: seq, to: seq, messages: 1, attachments: 2 };
    let begun = Retention::begun(id(), at);
    let study = HoldOn::Project { project: ProjectId::try_from("STUDY-1".to_owned()).unwrap() };
    let case = Some("C-7".to_owned().try_into().unwrap());
    let hold = |on: &HoldOn| Hold {
        on: on.clone(),
        by: name("Ann"),
        at,
        reason: "A claim".to_owned().try_into().unwrap(),
        case: case.clone(),
    };
    let ward = HoldOn::Conversation { conversation: id() };
    let shapes = [
        stored(keys::entry(id(), sent.seq), &EntryItem::new(&sent, key)),
        stored(keys::entry(id(), sent.seq), &sent.without_text()),
        stored(keys::retention(id()), &RetentionItem::new(begun.went(seq, Some(purge)), 2)),
        stored(keys::retention(id()), &RetentionItem::new(begun.looked(None), 3)),
        stored(keys::hold(&study), &hold(&study)),
        stored(keys::hold(&ward), &hold(&ward)),
        stored(keys::institution_retention(), &LookedThrough { through: seq }),
    ];
    let shapes = shapes.map(|shape| shape.to_string()).join("\n");
    insta::assert_snapshot!(shapes, @r#"
    {"at":"2026-03-01T09:00:00.000Z","by":"Ann","content":{"body":"@ben please"},"entity":"entry","hash":"52c7284db777075125e07fa3871351bd4326aeeca62bd30c258f0550c3fe1601","id":"019ca8a0-3e80-7707-8707-070707070702","important":true,"key":"019ca8a0-3e80-7707-8707-0707070707aa","kind":"message","members":2,"mentions":[{"end":4,"start":0,"username":"ben"}],"messages":1,"pk":"C#019ca8a0-3e80-7707-8707-070707070707","previous":"346657375a1c54fa8ca6af03674c2f25b5793961ac7369418112c4051176842d","seq":2,"sk":"E#000000000002"}
    {"at":"2026-03-01T09:00:00.000Z","by":"Ann","content":{"absent":"cbb9bc27d322e3d51bbf2c9042f49d54226467ba129a0f0c1e2cf2e31dff06ce"},"entity":"entry","hash":"52c7284db777075125e07fa3871351bd4326aeeca62bd30c258f0550c3fe1601","id":"019ca8a0-3e80-7707-8707-070707070702","important":true,"kind":"message","members":2,"mentions":[{"end":4,"start":0,"username":"ben"}],"messages":1,"pk":"C#019ca8a0-3e80-7707-8707-070707070707","previous":"346657375a1c54fa8ca6af03674c2f25b5793961ac7369418112c4051176842d","seq":2,"sk":"E#000000000002"}
    {"conversation":"019ca8a0-3e80-7707-8707-070707070707","dk":"R#05","ds":"2026-03-31T09:00:00.000Z#C#019ca8a0-3e80-7707-8707-070707070707","entity":"retention","look_at":"2026-03-31T09:00:00.000Z","pk":"C#019ca8a0-3e80-7707-8707-070707070707","purge":{"attachments":2,"conversation":"019ca8a0-3e80-7707-8707-070707070707","from":7,"messages":1,"to":7},"rev":2,"sk":"R~","through":7}
    {"conversation":"019ca8a0-3e80-7707-8707-070707070707","entity":"retention","pk":"C#019ca8a0-3e80-7707-8707-070707070707","rev":3,"sk":"R~","through":0}
    {"at":"2026-03-01T09:00:00.000Z","by":"Ann","case":"C-7","entity":"hold","on":"project","pk":"I#","project":"STUDY-1","reason":"A claim","sk":"H#J#STUDY-1"}
    {"at":"2026-03-01T09:00:00.000Z","by":"Ann","case":"C-7","conversation":"019ca8a0-3e80-7707-8707-070707070707","entity":"hold","on":"conversation","pk":"I#","reason":"A claim","sk":"H#C#019ca8a0-3e80-7707-8707-070707070707"}
    {"entity":"looked through","pk":"I#","sk":"R~","through":7}
    "#);
}

#[test]
fn the_head_stays_below_a_kilobyte_and_an_entry_below_sixty_four() {
    let (head, _, second) = log(&"Ä".repeat(150), &"👍".repeat(10_000));
    assert!(size(&write(keys::head(id()), &head).unwrap()) < 1_024);
    let second = EntryItem::new(&second, "019ca8a0-3e80-7707-8707-0707070707aa".parse().unwrap());
    assert!(size(&write(keys::entry(id(), second.entry.seq), &second).unwrap()) < 64 * 1_024);
}

#[test]
fn what_is_read_is_what_was_written_and_what_is_broken_is_loud() {
    let (head, first, second) = log("Ward 4", "@ben please");
    assert_eq!(read::<Head>(write(keys::head(id()), &head).unwrap()).unwrap(), head);
    for entry in [first, second] {
        let mut item = write(keys::entry(id(), entry.seq), &entry).unwrap();
        assert_eq!(read::<Entry>(item.clone()).unwrap(), entry);
        item.remove("hash");
        assert!(matches!(read::<Entry>(item), Err(Error::Corrupt { entity: "entry", .. })));
    }
}

#[test]
fn what_is_broken_is_not_quoted() {
    let (head, ..) = log("Ward 4", "@ben please");
    let mut item = write(keys::head(id()), &head).unwrap();
    item.insert("state".to_owned(), AttributeValue::S("Jane Roe".to_owned()));
    let error = read::<Head>(item).unwrap_err();
    assert_eq!(error.to_string(), "a stored head is broken: it is not written as one");
    assert!(!format!("{error:?}").contains("Jane"));
}

#[test]
fn an_item_that_lacks_what_may_be_lacking_is_read() {
    let (head, ..) = log("Ward 4", "@ben please");
    let mut item = write(keys::head(id()), &head).unwrap();
    item.remove("last_message");
    // What tomorrow's code adds does not disturb today's, which may still run beside it.
    item.insert("colour".to_owned(), AttributeValue::S("green".to_owned()));
    assert_eq!(read::<Head>(item).unwrap(), Head { last_message: None, ..head });
    let email = Some("ben@example.org".to_owned().try_into().unwrap());
    let name_shown = DisplayName::try_from("Ben".to_owned()).unwrap();
    let profile = Profile { name: name_shown, email, active: true, ..Profile::gone(&name("ben")) };
    let mut item = write(keys::profile(&name("ben")), &profile).unwrap();
    for optional in ["email", "version", "roles", "since"] {
        item.remove(optional);
    }
    assert_eq!(read::<Profile>(item).unwrap(), Profile { email: None, ..profile });
}
