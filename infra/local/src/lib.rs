//! The cloud on a laptop, and `cargo run`.
//!
//! One process plays AWS on one port, issues tokens, and serves every function's router. The functions are the same
//! code as in production: they meet this crate only over HTTP, through the real SDK.
//!
//! **Invariant:** everything listens on 127.0.0.1 only, and nothing of this crate is compiled into what is deployed.

pub mod aws;
pub mod background;
pub mod controls;
pub mod folder;
pub mod functions;
pub mod institution;
pub mod issuer;
pub mod outbox;
pub mod page;
pub mod person;
pub mod problem;
pub mod reference;
pub mod schedule;
pub mod server;
pub mod stack;
pub mod stream;

#[cfg(test)]
mod sigv4;
