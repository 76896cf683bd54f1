//! The system from outside: a world with people in it, who act over HTTP.
//!
//! A [`World`](world::World) is every function behind its real router, the real SDK and an emulated table of its own,
//! with a clock that stands still. The same stories run against a base URL, told by the environment.

pub mod actor;
pub mod beside;
pub mod bus;
pub mod contract;
pub mod environment;
pub mod faults;
pub mod history;
mod links;
pub mod logs;
pub mod meter;
pub mod orders;
pub mod post;
pub mod turnstile;
pub mod wire;
pub mod world;
