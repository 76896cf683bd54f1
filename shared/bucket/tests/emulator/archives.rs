//! Back-ups, in parts and in one piece, and the notes beside them.

use bucket::{BucketError, PART, Part};
use domain::backup::{ArchiveKey, Backup, State};
use domain::chain::{Digest, Seq};
use domain::id::{BackupId, NoteId};

use super::{Scene, follows, many};

fn archive() -> ArchiveKey {
    ArchiveKey::new("019ca8a0-3e80-7707-8707-0707070707b1".parse::<BackupId>().unwrap(), [9; 16])
}

/// A back-up that is this large and lies there.
fn ready(size: u64) -> Backup {
    let at = "2026-03-01T09:00:00Z".parse().unwrap();
    Backup {
        id: "019ca8a0-3e80-7707-8707-0707070707b1".parse().unwrap(),
        conversation: "019ca8a0-3e80-7707-8707-0707070707c1".parse().unwrap(),
        by: "ann".parse().unwrap(),
        joined: Seq::START,
        at,
        from: Seq::START.next(),
        to: Seq::START.next(),
        hash: Digest::of(b""),
        archive: archive(),
        state: State::Ready { size, ready_at: at },
    }
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn an_archive_of_three_parts_comes_back_as_one() {
    let scene = Scene::new("archive").await;
    let (archive, bytes) = (archive(), many(2 * PART + 4));
    let upload = scene.bucket.begin(&archive).await.unwrap();
    let mut parts = Vec::new();
    for (part, number) in bytes.chunks(PART).zip(1..) {
        parts.push(scene.bucket.put_part(&archive, &upload, number, part.to_vec()).await.unwrap());
    }
    assert_eq!(parts.len(), 3);
    // Until it is put together there is none.
    assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), None);
    scene.bucket.put_together(&archive, &upload, &parts).await.unwrap();
    let size = scene.bucket.archive_size(&archive).await.unwrap().unwrap();
    assert_eq!(size, bytes.len() as u64);

    let link = scene.bucket.download_backup(&ready(size)).await.unwrap();
    let (status, headers, fetched) = follows(&link).await;
    assert_eq!(status, 200);
    assert!(fetched == bytes, "{} other bytes", fetched.len());
    assert_eq!(headers["content-type"], "application/zip");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"conversation-2026-03-01.zip\"");
    assert_eq!(headers["cache-control"], "private, no-store");
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn of_a_part_that_is_put_again_the_later_one_counts() {
    let scene = Scene::new("again").await;
    let archive = archive();
    let upload = scene.bucket.begin(&archive).await.unwrap();
    let earlier = scene.bucket.put_part(&archive, &upload, 1, b"earlier".to_vec()).await.unwrap();
    let later = scene.bucket.put_part(&archive, &upload, 1, b"later".to_vec()).await.unwrap();
    let refused = scene.bucket.put_together(&archive, &upload, &[earlier]).await.unwrap_err();
    assert!(refused.is_refusal(), "{refused:?}");
    scene.bucket.put_together(&archive, &upload, &[later]).await.unwrap();
    let link = scene.bucket.download_backup(&ready(5)).await.unwrap();
    assert_eq!(follows(&link).await.2, b"later");
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn of_parts_that_are_not_those_that_were_put_there_is_no_archive() {
    let scene = Scene::new("tags").await;
    let archive = archive();
    let upload = scene.bucket.begin(&archive).await.unwrap();
    let put = scene.bucket.put_part(&archive, &upload, 1, b"part".to_vec()).await.unwrap();
    let wrong = Part(format!("\"{}\"", "0".repeat(32)));
    for parts in [vec![wrong.clone()], vec![put.clone(), wrong], vec![put.clone(), put]] {
        let refused = scene.bucket.put_together(&archive, &upload, &parts).await.unwrap_err();
        assert!(refused.is_refusal(), "{refused:?}");
    }
    assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), None);
    assert_eq!(scene.versions().await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn an_archive_in_one_piece_is_there_until_it_is_removed() {
    let scene = Scene::new("small").await;
    let archive = archive();
    scene.bucket.put_archive(&archive, b"PK\x05\x06".to_vec()).await.unwrap();
    assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), Some(4));
    let link = scene.bucket.download_backup(&ready(4)).await.unwrap();
    assert_eq!(follows(&link).await.2, b"PK\x05\x06");
    for _ in 0..2 {
        scene.bucket.remove_archive(&archive).await.unwrap();
        assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), None);
    }
    assert_eq!(follows(&link).await.0, 404);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_note_says_what_was_put_until_it_is_removed() {
    let scene = Scene::new("note").await;
    let archive = archive();
    let [note, other] = ["019ca8a0-3e80-7707-8707-0707070707d1", "019ca8a0-3e80-7707-8707-0707070707d2"]
        .map(|id| id.parse::<NoteId>().unwrap());
    scene.bucket.put_note(&archive, note, b"up to entry 7".to_vec()).await.unwrap();
    assert_eq!(scene.bucket.note(&archive, note).await.unwrap(), b"up to entry 7");
    assert!(matches!(scene.bucket.note(&archive, other).await, Err(BucketError::Missing)));
    for _ in 0..2 {
        scene.bucket.remove_note(&archive, note).await.unwrap();
        assert!(matches!(scene.bucket.note(&archive, note).await, Err(BucketError::Missing)));
    }
}
