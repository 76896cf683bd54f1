//! Starting conversations, the inbox, and reading one.

mod create;
mod inbox;
mod manage;
mod members;
