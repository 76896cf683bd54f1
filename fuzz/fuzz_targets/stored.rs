//! What lies in the table: whatever is read from it is written as it was, verifies as it did, and does not show.
#![no_main]

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::attachment::Attachment;
use domain::backup::{Backup, Line};
use domain::broadcast::Broadcast;
use domain::chain::End;
use domain::conversation::Head;
use domain::entry::{self, Entry};
use domain::id::ConversationId;
use domain::institution::{Settings, log};
use domain::member::{Member, Membership};
use domain::notice::spread::Spread;
use domain::notice::{Decision, Notices};
use domain::preferences::Preferences;
use domain::project::{Collaborator, Project};
use domain::retention::{Hold, Retention};
use domain::session::Seen;
use domain::user::Profile;
use fuzz::{first_line, tells};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{changed, lacks_preview, traced, waits_for_run};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((kind, stored)) = first_line(input) else { return Corpus::Reject };
    let Ok(stored) = serde_json::from_slice::<Value>(stored) else { return Corpus::Reject };
    match kind {
        "entry" => {
            if let Some(entry) = again::<Entry>(&stored) {
                chained(&entry);
            }
        }
        "institution entry" => {
            if let Some(entry) = again::<log::Entry>(&stored) {
                let sealed = log::Entry { hash: entry.chained(), ..entry.clone() };
                let from = End { seq: entry.seq.previous(), hash: entry.previous };
                assert!(entry.seq.get() == 0 || log::verify(from, [&sealed]).is_ok());
            }
        }
        "line" => drop(again::<Line>(&stored)),
        "head" => drop(again::<Head>(&stored)),
        "participant" => drop(again::<Member>(&stored)),
        "inbox row" => drop(again::<Membership>(&stored)),
        "profile" => drop(again::<Profile>(&stored)),
        "project" => drop(again::<Project>(&stored)),
        "collaborator" => drop(again::<Collaborator>(&stored)),
        "broadcast" => drop(again::<Broadcast>(&stored)),
        "settings" => drop(again::<Settings>(&stored)),
        "preferences" => drop(again::<Preferences>(&stored)),
        "notices" => drop(again::<Notices>(&stored)),
        "spread" => drop(again::<Spread>(&stored)),
        "look" => drop(again::<Decision>(&stored)),
        "seen" => drop(again::<Seen>(&stored)),
        "hold" => drop(again::<Hold>(&stored)),
        "retention" => drop(again::<Retention>(&stored)),
        "attachment" => {
            if let Some(attachment) = again::<Attachment>(&stored) {
                assert!(!attachment.lacks_preview() || attachment.content_type.is_picture());
            }
        }
        "backup" => {
            if let Some(backup) = again::<Backup>(&stored) {
                assert!(!backup.is_over(backup.at));
            }
        }
        _ => return Corpus::Reject,
    }
    streamed(&stored);
    Corpus::Keep
});

/// Reads something as the table has it, and as it is written again.
fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(stored: &Value) -> Option<T> {
    let item: serde_dynamo::Item = serde_dynamo::to_item(stored).ok()?;
    // What is wrong quotes what is there, and the store does not repeat it.
    let is: T = serde_dynamo::from_item(item).ok()?;
    let written: serde_dynamo::Item = serde_dynamo::to_item(&is).expect("it is written");
    assert_eq!(serde_dynamo::from_item::<_, T>(written).expect("it is read again"), is);
    let json = serde_json::to_vec(&is).expect("it is written");
    assert_eq!(serde_json::from_slice::<T>(&json).expect("it is read again"), is);
    assert!(!tells(&format!("{is:?}")), "it shows for debugging: {is:?}");
    Some(is)
}

/// An entry has the same hash without its text, and another one elsewhere.
fn chained(entry: &Entry) {
    let here: ConversationId = "019ca8a0-3e80-7707-8707-070707070707".parse().expect("an id");
    let elsewhere: ConversationId = "019ca8a0-3e80-7707-8707-070707070708".parse().expect("an id");
    let hash = entry.chained(here);
    assert_eq!(entry.clone().without_text().chained(here), hash);
    assert_ne!(entry.chained(elsewhere), hash);
    let sealed = Entry { hash, ..entry.clone() };
    let from = End { seq: entry.seq.previous(), hash: entry.previous };
    assert!(entry.seq.get() == 0 || entry::verify(here, from, [&sealed]).is_ok());
    let next = End { seq: entry.seq, hash: entry.previous };
    assert!(entry::verify(here, next, [&sealed]).is_err(), "it is not in its place");
}

/// What the stream shows of it, at the key that it says.
fn streamed(stored: &Value) {
    let (Some(pk), Some(sk)) = (stored["pk"].as_str(), stored["sk"].as_str()) else { return };
    let Ok(image) = serde_dynamo::to_item::<_, serde_dynamo::Item>(stored) else { return };
    let _ = (waits_for_run(image.clone()), lacks_preview(image.clone()));
    let one = |of: &dyn Debug| {
        let mut hash = DefaultHasher::new();
        format!("{of:?}").hash(&mut hash);
        hash.finish()
    };
    let is = changed(pk, sk);
    assert_eq!(one(&is), one(&changed(pk, sk)));
    match traced(pk, sk, image) {
        Ok(Some(line)) => {
            let written = serde_json::to_string(&line).expect("it is written");
            assert!(!tells(&written), "the trail says what was written: {written}");
        }
        Ok(None) => {}
        Err(error) => {
            let mut cause: &dyn std::error::Error = &error;
            assert!(!tells(&cause.to_string()));
            while let Some(source) = cause.source() {
                assert!(!tells(&source.to_string()), "an error says what is stored: {source}");
                cause = source;
            }
        }
    }
}
