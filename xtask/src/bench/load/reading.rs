//! What a reader waits for: opening a conversation, the inbox, marking as read; one reader, one request at a time.

use anyhow::Context;

use super::figures::{Kept, Reading};
use super::stage::Stage;
use crate::bench::person::random_key;
use crate::bench::timing::{middle, timed};

pub(crate) async fn run(stage: &Stage, kept: Kept, members: usize, times: u32) -> anyhow::Result<Reading> {
    let [writer, reader, ..] = stage.members(members) else { anyhow::bail!("a conversation needs two") };
    let conversation = stage.conversations(members, 1)?.first().context("no conversation")?;

    // The mark moves forward only, so there must be news to mark.
    let mut news = Vec::new();
    for _ in 0..times {
        let (receipt, _) = writer.send_until_acknowledged(conversation, random_key(), "News").await?;
        news.push(receipt.seq);
    }

    let mut opens = Vec::new();
    let mut inboxes = Vec::new();
    let mut marks = Vec::new();
    for seq in news {
        opens.push(timed(reader.open(conversation)).await?.1);
        inboxes.push(timed(reader.inbox()).await?.1);
        marks.push(timed(reader.mark_read(conversation, seq)).await?.1);
    }
    Ok(Reading { kept, members, open_ms: middle(opens), inbox_ms: middle(inboxes), mark_read_ms: middle(marks) })
}
