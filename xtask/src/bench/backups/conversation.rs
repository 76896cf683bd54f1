//! A conversation to back up, in an embedded table and bucket.

use std::sync::Arc;

use anyhow::Context as _;
use api::Boot;
use bucket::Bucket;
use domain::attachment::{Attachment, Declared, ObjectKey, Verdict};
use domain::backup::{ArchiveKey, Backup};
use domain::chain::Digest;
use domain::clock::Clock;
use domain::conversation::message::Draft;
use domain::conversation::{History, Signature};
use domain::id::{AttachmentId, BackupId, ConversationId, Ids};
use domain::institution::BackupBy;
use domain::text::Username;
use domain::user::Introduction;
use local::aws::events::Bus;
use local::aws::{dynamodb, s3};
use local::functions;
use local::server::{Server, listen, url};
use store::{Asking, Cloud, Sending, Starting, Store};
use tempfile::TempDir;

use crate::bench::scratch;

/// The largest attachment.
const SIZE: usize = 52_428_800;

/// What people write.
const BODY: &str = "Please look at the infusion in bed twelve before the round. It was changed at six, the pump alarmed \
    twice in the night and the line was flushed both times. The family comes at ten and would like to know how it goes \
    on. I am on the ward until four, after that ask the colleague who has the late shift today.";

/// A conversation to back up.
pub(super) struct Conversation {
    pub(super) id: ConversationId,
    pub(super) messages: u32,
    /// How many bytes were attached.
    pub(super) attached: u64,
    /// Where the table and the bucket are.
    pub(super) table: String,
    pub(super) bucket: String,
    store: Store,
    clock: Clock,
    ids: Ids,
    writer: Username,
    // In the order of their end: who asks goes before who answers.
    _servers: [Server; 2],
    folder: TempDir,
}

impl Conversation {
    /// Writes so many messages, and sends so many of the largest attachments among them.
    pub(super) async fn write(messages: u32, attachments: u32) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(scratch()?)?;
        let (table, table_server) = dynamodb::serve(dynamodb::open(&folder.path().join("db.sqlite"))?).await?;
        let store = functions::store(&table, false).await?;
        let clock = Clock::system();
        let buckets = s3::Buckets::open(&folder.path().join("s3"), Arc::<Bus>::default(), clock.clone())?;
        let listener = listen(0, "").await?;
        let bucket = url(listener.local_addr()?);
        let servers = [Server::start(listener, s3::router(buckets)), table_server];
        let ids = Boot::ids(&clock);
        let writer: Username = "ada".parse()?;
        let id = start(&store, &clock, &ids, &writer).await?;
        let attached = u64::from(attachments) * SIZE as u64;
        let conversation =
            Self { id, messages, attached, table, bucket, store, clock, ids, writer, _servers: servers, folder };
        // From one attachment to the next.
        let apart = messages / attachments.max(1);
        for n in 0..messages {
            let with = if attachments > 0 && n % apart == 0 { conversation.uploads(n).await? } else { Vec::new() };
            conversation.sends(with).await?;
        }
        Ok(conversation)
    }

    async fn uploads(&self, n: u32) -> anyhow::Result<Vec<AttachmentId>> {
        let mut random = fastrand::Rng::with_seed(u64::from(n));
        let mut bytes = vec![0; SIZE];
        random.fill(&mut bytes);
        let declared = Declared {
            name: "scan.bin".to_owned().try_into()?,
            content_type: "application/octet-stream".to_owned().try_into()?,
            size: (SIZE as u64).try_into()?,
            sha256: Digest::of(&bytes),
        };
        let (attachment, now) = (self.ids.mint(), self.clock.now());
        let object = ObjectKey::new(attachment, random.u128(..).to_be_bytes());
        let asked = Attachment::requested(attachment, self.id, self.writer.clone(), declared, object, now);
        self.store.request_attachment(&asked, self.ids.mint(), Digest::of(b"request")).await?;
        let cloud = Cloud { settings: functions::settings(&self.bucket), http: dynamodb::http_client() };
        let link = Bucket::new(&cloud, s3::BUCKET).upload(&asked).await?;
        let mut put = reqwest::Client::new().put(&link.url);
        for (name, value) in link.headers {
            put = put.header(name, value);
        }
        put.body(bytes).send().await?.error_for_status()?;
        self.store.complete_attachment(attachment, "").await?;
        let signature = |by| Signature { id: self.ids.mint(), by, at: now };
        self.store.judge_attachment(&asked.object, "", Verdict::Clean, signature).await?;
        Ok(vec![attachment])
    }

    async fn sends(&self, attachments: Vec<AttachmentId>) -> anyhow::Result<()> {
        let body = Some(BODY.to_owned().try_into()?);
        let draft = Draft { body, important: false, mentions: Vec::new(), attachments: Vec::new() };
        let sending = Sending {
            conversation: self.id,
            by: self.writer.clone(),
            at: self.clock.now(),
            id: self.ids.mint(),
            key: self.ids.mint(),
            request: Digest::of(b"request"),
            draft,
            attachments,
            after: None,
        };
        Ok(Box::pin(self.store.send(&sending)).await.map(drop)?)
    }

    /// Asks for a back-up, and returns its id.
    pub(super) async fn asks(&self) -> anyhow::Result<String> {
        let backup: BackupId = self.ids.mint();
        let signature = Signature { id: self.ids.mint(), by: self.writer.clone(), at: self.clock.now() };
        let archive = ArchiveKey::new(backup, fastrand::u128(..).to_be_bytes());
        let asking = Asking { conversation: self.id, signature, key: self.ids.mint(), backup, archive };
        let (asked, _) = self.store.request_backup(&asking, BackupBy::Member).await?;
        Ok(asked.id.to_string())
    }

    /// How far a back-up is.
    pub(super) async fn backup(&self, id: &str) -> anyhow::Result<Backup> {
        Ok(self.store.own_backup(self.id, &self.writer, id.parse()?, self.clock.now()).await?)
    }

    /// Verifies a back-up as a stranger would, and returns its size.
    pub(super) async fn verified(&self, id: &str) -> anyhow::Result<u64> {
        let backup = self.backup(id).await?;
        let archive = self.folder.path().join("s3").join(s3::BUCKET).join(backup.archive.as_str());
        tokio::task::block_in_place(|| super::verified(&archive)).context("the back-up is not what it should be")
    }
}

async fn start(store: &Store, clock: &Clock, ids: &Ids, writer: &Username) -> anyhow::Result<ConversationId> {
    let said = Introduction { username: writer.clone(), name: None, email: None, roles: Vec::new(), at: None };
    let by = store.admit(&said, None, clock.now()).await?;
    let id = ids.mint();
    let starting = Starting {
        id,
        by,
        at: clock.now(),
        key: ids.mint(),
        request: Digest::of(b"request"),
        title: "Ward 4".to_owned().try_into()?,
        history: History::All,
        project: None,
        others: Vec::new(),
        message: None,
        entry_ids: [ids.mint(), ids.mint()],
    };
    Box::pin(store.create_conversation(starting)).await?;
    Ok(id)
}
