//! A drill: a table that was written to is restored to another one, and that one is whole until somebody changes it.

use domain::conversation::message::Draft;
use domain::conversation::{History, Signature};
use domain::entry::Entry;
use domain::institution::Settings as Institution;
use domain::user::Introduction;
use dynoxide::Database;
use dynoxide::actions::scan::ScanRequest;
use local::aws::dynamodb;
use local::folder::Folder;
use local::functions;
use serde_json::json;
use store::{Sending, Starting};

use super::*;
use api::Boot;
use domain::clock::Clock;

/// A table with two conversations in it and something in the institution's log, and where it is.
async fn written(database: &Database) -> (String, local::server::Server) {
    let (url, server) = dynamodb::serve(database.clone()).await.unwrap();
    let store = functions::store(&url, false).await.unwrap();
    let clock = Clock::system();
    let ids = Boot::ids(&clock);
    let said = Introduction { username: "ada".parse().unwrap(), name: None, email: None, roles: Vec::new(), at: None };
    let by = store.admit(&said, None, clock.now()).await.unwrap();
    for title in ["Ward 4", "Ward 5"] {
        let id = ids.mint();
        let starting = Starting {
            id,
            by: by.clone(),
            at: clock.now(),
            key: ids.mint(),
            request: Digest::of(b"request"),
            title: title.to_owned().try_into().unwrap(),
            history: History::All,
            project: None,
            others: Vec::new(),
            message: None,
            entry_ids: [ids.mint(), ids.mint()],
        };
        Box::pin(store.create_conversation(starting)).await.unwrap();
        for n in 0..20 {
            let body = Some(format!("message {n}").try_into().unwrap());
            let draft = Draft { body, important: false, mentions: Vec::new(), attachments: Vec::new() };
            let sending = Sending {
                conversation: id,
                by: "ada".parse().unwrap(),
                at: clock.now(),
                id: ids.mint(),
                key: ids.mint(),
                request: Digest::of(b"request"),
                draft,
                attachments: Vec::new(),
                after: None,
            };
            Box::pin(store.send(&sending)).await.unwrap();
        }
    }
    let signature = Signature { id: ids.mint(), by: "ada".parse().unwrap(), at: clock.now() };
    let change = |was: &Institution| Institution { break_glass: true, ..was.clone() };
    Box::pin(store.set_up(&signature, None, change)).await.unwrap();
    (url, server)
}

/// Writes the log of a conversation anew from the seventh entry on, whose author is another, with all that follows from it.
fn forge(database: &Database) -> String {
    let scan = ScanRequest { table_name: functions::TABLE.to_owned(), ..ScanRequest::default() };
    let items: Vec<Value> = database.scan(scan).unwrap().items.unwrap().iter().map(|item| json!(item)).collect();
    let head = items.iter().find(|item| item["entity"]["S"] == "head").unwrap();
    let id = head["id"]["S"].as_str().unwrap().to_owned();
    let mut log: Vec<&Value> =
        items.iter().filter(|item| item["entity"]["S"] == "entry" && item["pk"] == head["pk"]).collect();
    log.sort_by_key(|item| item["sk"]["S"].as_str());
    let mut last = Digest::default();
    for item in log {
        let attributes: serde_dynamo::Item = serde_json::from_value(item.clone()).unwrap();
        let mut entry: Entry = serde_dynamo::from_item(attributes).unwrap();
        if entry.seq.get() == 7 {
            entry.by = "eve".parse().unwrap();
        }
        entry.previous = last;
        last = entry.chained(id.parse().unwrap());
        let mut forged = item.clone();
        forged["by"]["S"] = entry.by.as_str().into();
        (forged["previous"]["S"], forged["hash"]["S"]) = (entry.previous.to_string().into(), last.to_string().into());
        put(database, &forged);
    }
    let mut forged = head.clone();
    forged["hash"]["S"] = last.to_string().into();
    put(database, &forged);
    id
}

#[tokio::test]
async fn a_log_that_was_written_anew_verifies_and_is_not_what_its_trail_says() {
    let folder = Folder::temporary().unwrap();
    let database = dynamodb::open(&folder.path().join("table.sqlite")).unwrap();
    let (at, _server) = written(&database).await;
    let at = functions::settings(&at);
    let read = async || Found::read(&at, functions::TABLE).await.unwrap();
    let was = read().await;
    // As the function writes them, but for one entry.
    let lines = was.entries.iter().skip(1).map(|((log, seq), hash)| {
        json!({ "log": log, "seq": seq, "at": "2026-03-01T09:00:00.000Z", "previous": Digest::default(), "hash": hash })
    });
    let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
    let day = folder.path().join("trail/log/2026/03/01");
    fs::create_dir_all(&day).unwrap();
    fs::write(day.join("1.jsonl"), lines[..20].join("\n")).unwrap();
    // Some lines may be there twice.
    fs::write(day.join("2.jsonl"), lines[10..].join("\n")).unwrap();
    let trail = trail(&folder.path().join("trail")).unwrap();
    let compared = was.compare(&trail);
    assert_eq!(compared, Compared { lines: 52, others: Vec::new(), untold: 1 });

    let id = forge(&database);
    let is = read().await;
    let followed = follow(&store(&at, functions::TABLE), &is.conversations).await.unwrap();
    assert_eq!((followed.entries, followed.broken), (43, Vec::new()), "it is a chain");
    let others = is.compare(&trail).others;
    assert_eq!(others.len(), 15, "from the seventh to the last");
    assert!(others.contains(&format!("{id} at 7 is another")) && others.iter().all(|other| other.starts_with(&id)));
    let missing = Found { entries: BTreeMap::new(), ..is }.compare(&trail).others;
    assert_eq!(missing.len(), 42);
}

/// Another table with the same items, as AWS makes one of the table's past.
async fn restored(from: &Database, to: &Database) -> (String, local::server::Server) {
    let (url, server) = dynamodb::serve(to.clone()).await.unwrap();
    functions::store(&url, false).await.unwrap();
    let scan = ScanRequest { table_name: functions::TABLE.to_owned(), ..ScanRequest::default() };
    for item in from.scan(scan).unwrap().items.unwrap() {
        put(to, &json!(item));
    }
    (url, server)
}

fn put(to: &Database, item: &Value) {
    let put = json!({ "TableName": functions::TABLE, "Item": item });
    to.put_item(serde_json::from_value(put).unwrap()).unwrap();
}

#[tokio::test]
async fn a_restored_table_is_whole_and_one_that_somebody_changed_is_not() {
    let folder = Folder::temporary().unwrap();
    let (before, after) = (
        dynamodb::open(&folder.path().join("before.sqlite")).unwrap(),
        dynamodb::open(&folder.path().join("after.sqlite")).unwrap(),
    );
    let (was_at, _was) = written(&before).await;
    let (is_at, _is) = restored(&before, &after).await;
    let (was_at, is_at) = (functions::settings(&was_at), functions::settings(&is_at));
    let (was, is) =
        (Found::read(&was_at, functions::TABLE).await.unwrap(), Found::read(&is_at, functions::TABLE).await.unwrap());
    assert_eq!((is.differences(&was), is.conversations.len(), is.kinds["entry"]), (0, 2, 42));
    let restored = store(&is_at, functions::TABLE);
    let whole = follow(&restored, &is.conversations).await.unwrap();
    assert_eq!(whole, Followed { logs: 3, entries: 43, broken: Vec::new() });

    // Somebody else wrote the seventh entry, says the table now.
    let seventh = "E#000000000007";
    let scan = ScanRequest { table_name: functions::TABLE.to_owned(), ..ScanRequest::default() };
    let items = after.scan(scan).unwrap().items.unwrap();
    let found = items.iter().map(|item| json!(item)).find(|item| item["sk"]["S"] == seventh).unwrap();
    let mut changed = found.clone();
    changed["by"]["S"] = "eve".into();
    put(&after, &changed);
    let is = Found::read(&is_at, functions::TABLE).await.unwrap();
    assert_eq!(is.differences(&was), 1);
    let broken = follow(&restored, &is.conversations).await.unwrap().broken;
    let id = changed["pk"]["S"].as_str().unwrap().trim_start_matches("C#");
    assert_eq!(broken, [format!("{id} at 7")]);
}
