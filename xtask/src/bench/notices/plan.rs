//! What is measured, and how often.

/// A whole measurement; sizes go from small to large.
pub(super) struct Plan {
    /// Numbers of people.
    pub(super) people: &'static [u32],
    /// To how many of them a mail is due, in each institution.
    pub(super) due: u32,
    /// How often each institution is swept while nothing is due.
    pub(super) idle_sweeps: u32,
    /// How often each is swept when mails are due.
    pub(super) rounds: u32,
    /// Numbers of conversations that one mail tells of.
    pub(super) conversations: &'static [u32],
    /// Numbers of mails that are due at once.
    pub(super) mails: &'static [u32],
    /// Sizes of conversations.
    pub(super) members: &'static [u32],
    /// Important messages to each of them, to see how long their sender waits.
    pub(super) sends: u32,
    /// Important messages to each that are followed until all mails are sent: as often with a mail service that takes
    /// no time as with an ordinary one.
    pub(super) followed: u32,
}

impl Plan {
    pub(super) fn full() -> Self {
        Self {
            people: &[10_000, 100_000, 1_000_000],
            due: 1_000,
            idle_sweeps: 200,
            rounds: 5,
            conversations: &[1, 3, 10],
            mails: &[1, 100, 1_000],
            members: &[2, 500, 5_000],
            sends: 50,
            followed: 3,
        }
    }

    /// Small, but no path is left out: more than one conversation has those who are due, and a conversation has more
    /// members than copies of its head are made.
    pub(super) fn quick() -> Self {
        Self {
            people: &[200, 2_000, 20_000],
            due: 120,
            idle_sweeps: 10,
            rounds: 1,
            conversations: &[1, 3, 10],
            mails: &[1, 10, 120],
            members: &[2, 50, 300],
            sends: 5,
            followed: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_somebody_for_every_place() {
        for plan in [Plan::full(), Plan::quick()] {
            assert!(plan.people.iter().all(|&people| plan.due <= people));
            assert!(plan.members.iter().all(|&members| members >= 2));
            let sizes = [plan.people, plan.conversations, plan.mails, plan.members];
            assert!(sizes.iter().all(|sizes| sizes.len() == 3 && sizes.is_sorted()));
        }
    }
}
