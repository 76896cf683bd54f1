//! Who does something in a conversation, and when.

use api::Caller;
use domain::chain::Seq;
use domain::conversation::Signature;
use domain::id::ConversationId;
use store::Acting;

use crate::App;

impl App {
    /// Somebody acts now.
    pub(crate) fn acting(&self, caller: &Caller, conversation: ConversationId, if_match: Option<Seq>) -> Acting {
        let signature = Signature { id: self.ids.mint(), by: caller.username.clone(), at: self.clock.now() };
        Acting { conversation, signature, if_match }
    }
}
