//! Back-ups: asked for, made in the background, fetched by whoever asked, read by anybody, and gone after a day.

mod archives;
mod crashes;
mod stories;

use std::collections::BTreeMap;
use std::io::Read as _;

use domain::backup::{Line, verify};
use domain::chain::{Digest, End};
use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::beside::declared;
use tests::world::World;

/// Something that was uploaded and found clean, or not.
async fn uploads(world: &World, who: &Actor, to: &Conversation, (name, kind): (&str, &str), bytes: &[u8]) -> String {
    let id = world.uploads_as(who, to, declared(name, kind, bytes), bytes).await;
    world.settles().await;
    id
}

/// Asks for a back-up.
async fn asks(who: &Actor, of: &Conversation) -> Answer {
    asks_with_key(who, of, &key()).await
}

async fn asks_with_key(who: &Actor, of: &Conversation, key: &str) -> Answer {
    who.call(Method::POST, &of.backups(), &[("idempotency-key", key)], None).await
}

/// Looks how far a back-up is.
async fn looks(who: &Actor, of: &Conversation, asked: &Value) -> Answer {
    who.get(&format!("{}/{}", of.backups(), asked["id"].as_str().unwrap())).await
}

/// A back-up that was asked for and made.
async fn backs_up(world: &World, who: &Actor, of: &Conversation) -> Unpacked {
    let asked = asks(who, of).await.expect(202);
    world.settles().await;
    let ready = looks(who, of, &asked).await.expect(200);
    fetched(world, of, &ready).await
}

/// What is in a back-up that is ready, of which everything is as it should be.
async fn fetched(world: &World, of: &Conversation, ready: &Value) -> Unpacked {
    assert_eq!(ready["state"], "ready", "{ready}");
    let (status, headers, bytes) = world.fetch(ready["download"]["url"].as_str().unwrap()).await;
    assert_eq!((status, ready["size"].as_u64()), (200, Some(bytes.len() as u64)));
    assert_eq!(headers["content-type"], "application/zip");
    let unpacked = Unpacked::of(bytes);
    unpacked.expect_whole(of, ready);
    unpacked
}

/// A back-up, unpacked as others do it.
struct Unpacked(BTreeMap<String, Vec<u8>>);

impl Unpacked {
    fn of(bytes: Vec<u8>) -> Self {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let files = (0..archive.len()).map(|n| {
            let mut file = archive.by_index(n).unwrap();
            let mut bytes = Vec::new();
            // Reads to the end only if the checksum is right.
            file.read_to_end(&mut bytes).unwrap();
            (file.name().strip_prefix("conversation/").unwrap().to_owned(), bytes)
        });
        Self(files.collect())
    }

    fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.0.get(name).unwrap_or_else(|| panic!("{name} is not there"))).unwrap()
    }

    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// The files of a kind.
    fn named(&self, prefix: &str, ending: &str) -> Vec<&str> {
        let is = |name: &&str| name.starts_with(prefix) && name.rsplit_once('.').is_some_and(|(_, end)| end == ending);
        self.names().into_iter().filter(is).collect()
    }

    /// All files of a kind, one after the other.
    fn all(&self, prefix: &str, ending: &str) -> String {
        self.named(prefix, ending).into_iter().map(|name| self.text(name)).collect()
    }

    fn lines(&self) -> Vec<Line> {
        self.all("log-", "jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The rows of the tables, without their headers.
    fn rows(&self) -> Vec<Vec<String>> {
        let rows = self.named("messages-", "csv").into_iter().flat_map(|name| {
            let table = self.text(name).strip_prefix('\u{feff}').unwrap();
            let mut read = csv::Reader::from_reader(table.as_bytes());
            let rows: Vec<_> = read.records().map(Result::unwrap).collect();
            rows
        });
        rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
    }

    /// Checks that each file is there with its hash, and that the log is the one that the conversation has.
    fn expect_whole(&self, of: &Conversation, ready: &Value) {
        let sums: BTreeMap<&str, &str> = self
            .text("SHA256SUMS")
            .lines()
            .map(|line| line.split_once("  ").unwrap())
            .map(|(sum, name)| (name, sum))
            .collect();
        for (name, bytes) in self.0.iter().filter(|(name, _)| *name != "SHA256SUMS") {
            assert_eq!(sums.get(&**name).copied(), Some(&*Digest::of(bytes).to_string()), "{name}");
        }
        assert_eq!(sums.len() + 1, self.0.len());

        let manifest: Value = serde_json::from_str(self.text("manifest.json")).unwrap();
        for fact in ["from", "to", "hash", "requested_at"] {
            assert_eq!(manifest[fact], ready[fact], "{fact}");
        }
        let lines = self.lines();
        let first = &lines[0];
        assert_eq!(json!(first.seq), ready["from"]);
        let from = End { seq: first.seq.previous(), hash: first.previous };
        let end = verify(of.id.parse().unwrap(), from, &lines).unwrap();
        assert_eq!((json!(end.seq), json!(end.hash)), (ready["to"].clone(), ready["hash"].clone()));
    }
}
