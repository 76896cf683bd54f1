//! Conversations: starting one, the inbox, who is in one and as what, and what its administrators do with it.

mod create;
mod inbox;
mod manage;
mod members;
