//! What is measured, and for how long.

use std::time::Duration;

use super::figures::Kept;

/// A whole measurement.
pub(crate) struct Plan {
    pub(crate) storage: &'static [Kept],
    /// Sizes of conversations.
    pub(crate) members: &'static [usize],
    /// Numbers of people who write or read at the same time.
    pub(crate) clients: &'static [usize],
    pub(crate) bound: Bound,
    /// How often each kind of reading is measured, by all clients together.
    pub(crate) readings: usize,
}

/// When a cell ends: whatever comes first.
#[derive(Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) sends: u32,
    pub(crate) time: Duration,
}

/// One combination.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) kept: Kept,
    pub(crate) members: usize,
    /// Over how many conversations the writers spread.
    pub(crate) conversations: usize,
    pub(crate) clients: usize,
}

impl Plan {
    /// Numbers of conversations: everybody in one is the worst case for a log, sixteen are a working day.
    pub(crate) const SPREADS: [usize; 2] = [1, 16];

    pub(crate) fn full() -> Self {
        Self {
            storage: &[Kept::Disk, Kept::Memory],
            members: &[2, 50, 1_000, 5_000],
            clients: &[1, 16, 64],
            bound: Bound { sends: 3_000, time: Duration::from_secs(3) },
            readings: 200,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            storage: &[Kept::Memory],
            members: &[2, 50],
            clients: &[1, 16],
            bound: Bound { sends: 100, time: Duration::from_millis(500) },
            readings: 20,
        }
    }

    /// Lists every combination for one kind of storage.
    pub(crate) fn cells(&self, kept: Kept) -> impl Iterator<Item = Cell> {
        self.members.iter().flat_map(move |&members| {
            Self::SPREADS.iter().flat_map(move |&conversations| {
                self.clients.iter().map(move |&clients| Cell { kept, members, conversations, clients })
            })
        })
    }
}
