//! Everything the product does, told from outside: one binary, one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod authz;
mod bad_inputs;
mod contract;
mod conversations;
mod costs;
mod delivery;
mod faults;
mod junk;
mod messages;
mod models;
mod people;
mod phi;
mod races;
mod tokens;
