//! Everything the product does, told from outside: one binary, one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod attachments;
mod audit;
mod authz;
mod backups;
mod bad_inputs;
mod broadcasts;
mod contract;
mod conversations;
mod costs;
mod delivery;
mod events;
mod faults;
mod institution;
mod junk;
mod messages;
mod models;
mod notices;
mod people;
mod phi;
mod races;
mod reference;
mod retention;
mod smoke;
mod tokens;
mod trail;
