//! Reading and sending in one conversation, read marks and unread counts.

mod list;
mod mark_read;
mod revise;
mod send;
