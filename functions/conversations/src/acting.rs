//! Who does something in a conversation, and when.

use api::Caller;
use domain::chain::Seq;
use domain::id::ConversationId;
use store::Acting;

use crate::App;

impl App {
    /// Somebody acts now.
    pub(crate) fn acting(&self, caller: &Caller, conversation: ConversationId, if_match: Option<Seq>) -> Acting {
        let signature = caller.signature(self.ids.mint(), self.clock.now());
        Acting { conversation, signature, if_match }
    }
}
