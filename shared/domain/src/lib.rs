//! What is true in Confer: the log of a conversation, its rules and its words.
//!
//! **Invariant:** no I/O, no clock, no randomness; every public type holds only valid values; no type prints what a
//! user wrote through `Debug`.

pub mod attachment;
pub mod backup;
pub mod broadcast;
pub mod chain;
pub mod clock;
pub mod conversation;
pub mod entry;
pub mod event;
pub mod id;
pub mod identifier;
pub mod inbox;
pub mod institution;
pub mod member;
pub mod mention;
pub mod notice;
pub mod object;
pub mod page;
pub mod preferences;
pub mod project;
pub mod retention;
pub mod session;
pub mod text;
pub mod trail;
pub mod unread;
pub mod user;
