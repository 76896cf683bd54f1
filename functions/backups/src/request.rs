//! `POST /v1/conversations/{id}/backups`

use api::{Accepted, Caller, Idempotency, Path, Problem, random, schema};
use axum::extract::State;
use domain::backup::ArchiveKey;
use domain::id::ConversationId;
use store::{Asking, Quota};

use crate::App;
use crate::view::BackupView;

/// Ask for a back-up.
///
/// Takes no body. What I may see of the conversation up to now becomes a ZIP file: as tables, as pages to read, as the
/// log with its hashes, and with the attachments. Who may ask is for the institution to say; the conversation says that
/// I did. An archived conversation can be backed up, too.
#[utoipa::path(post, path = "/v1/conversations/{id}/backups", tag = "backups",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("Idempotency-Key" = schema::Id, Header, description = "A new UUID for each act; the same when it is repeated."),
    ),
    responses((status = 202, body = BackupView, description = "It is being made."), Problem))]
pub(crate) async fn request_backup(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Idempotency(key): Idempotency,
) -> Result<Accepted<BackupView>, Problem> {
    let now = app.clock.now();
    app.store.spend(caller.username(), Quota::BACKUPS, now).await?;
    let backup = app.ids.mint();
    let archive = ArchiveKey::new(backup, random());
    let signature = caller.signature(app.ids.mint(), now);
    let asking = Asking { conversation: id, signature, key, backup, archive };
    let (backup, replayed) = app.store.request_backup(&asking, caller.admission.settings.backup_by).await?;
    Ok(Accepted { made: BackupView::new(&backup, None), replayed })
}
