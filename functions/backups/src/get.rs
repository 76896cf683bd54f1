//! `GET /v1/conversations/{id}/backups/{backup}`

use api::{Caller, Path, Problem, schema, view};
use axum::extract::State;
use domain::backup::{LINK_GOOD_FOR, State as BackupState};
use domain::id::{BackupId, ConversationId};

use crate::App;
use crate::view::BackupView;

/// Read how far a back-up is.
///
/// For the one who asked for it, as long as they are a member. When it is ready the answer says where it is fetched, for a
/// quarter of an hour; it is kept for a day.
#[utoipa::path(get, path = "/v1/conversations/{id}/backups/{backup}", tag = "backups",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("backup" = schema::Id, Path, description = "The back-up."),
    ),
    responses((status = 200, body = BackupView, description = "How far it is."), Problem))]
pub(crate) async fn get_backup(
    State(app): State<App>,
    caller: Caller,
    Path((id, backup)): Path<(ConversationId, BackupId)>,
) -> Result<axum::Json<BackupView>, Problem> {
    let now = app.clock.now();
    let backup = app.store.own_backup(id, caller.username(), backup, now).await?;
    let download = match backup.state {
        BackupState::Ready { .. } => {
            let link = app.bucket.download_backup(&backup).await.map_err(store::Error::from)?;
            Some(view::Download { url: link.url, expires_at: now.after(LINK_GOOD_FOR) })
        }
        BackupState::Running(_) | BackupState::Failed { .. } => None,
    };
    Ok(axum::Json(BackupView::new(&backup, download)))
}
