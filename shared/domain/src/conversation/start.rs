//! How a conversation begins.

use super::{Before, Head, History, Signature, State, entry};
use crate::entry::{Act, Entry, Event};
use crate::id::ConversationId;
use crate::project::ProjectId;
use crate::text::{Title, Username};

/// A conversation that somebody wants to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// Its name.
    pub id: ConversationId,
    /// What it is called.
    pub title: Title,
    /// What those who join later may see.
    pub history: History,
    /// The project it is labelled with.
    pub project: Option<ProjectId>,
    /// Who else belongs to it from the start.
    pub others: Vec<Username>,
}

/// Starts a conversation: returns its state and its first entry.
///
/// Whoever starts it is its administrator. Naming somebody twice, or oneself, changes nothing.
pub fn create(creation: Creation, signature: Signature) -> (Head, Entry) {
    let Creation { id, title, history, project, mut others } = creation;
    others.retain(|other| *other != signature.by);
    others.sort();
    others.dedup();
    let mut members = vec![signature.by.clone()];
    members.extend(others);
    let created = Event::Created { title: title.clone(), history, members, project: project.clone() };
    let first = entry(id, Before::default(), signature, Act::Event { event: created });
    let head = begun(id, &first, title, history, project);
    (head, first)
}

/// Folds the first entry of a log; nothing if it is not one that starts a conversation.
pub fn founded(id: ConversationId, first: &Entry) -> Option<Head> {
    match &first.act {
        Act::Event { event: Event::Created { title, history, project, .. } } => {
            Some(begun(id, first, title.clone(), *history, project.clone()))
        }
        Act::Event { .. } | Act::Message(_) | Act::Revision { .. } => None,
    }
}

fn begun(id: ConversationId, first: &Entry, title: Title, history: History, project: Option<ProjectId>) -> Head {
    Head {
        id,
        title,
        state: State::Active,
        history,
        project,
        members_count: first.members,
        administrators_count: 1,
        created_by: first.by.clone(),
        created_at: first.at,
        seq: first.seq,
        messages: first.messages,
        hash: first.hash,
        rev: first.seq,
        last_message: None,
    }
}
