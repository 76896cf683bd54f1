//! What is true in Confer: the log of a conversation, its rules and its words.
//!
//! **Invariant:** no I/O, no clock, no randomness; every public type holds only valid values; no type prints what a
//! user wrote through `Debug`.

pub mod chain;
pub mod clock;
pub mod conversation;
pub mod entry;
pub mod id;
pub mod identifier;
pub mod inbox;
pub mod member;
pub mod mention;
pub mod page;
pub mod project;
pub mod text;
pub mod unread;
pub mod user;
