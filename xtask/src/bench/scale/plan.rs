//! What is measured, and how often.

/// A whole measurement; sizes go from small to large.
pub(crate) struct Plan {
    /// Numbers of people who can be found.
    pub(crate) people: &'static [u32],
    /// How often each kind of search is made among each number of people.
    pub(crate) searches: u32,
    /// Sizes of conversations; the largest needs that many people.
    pub(crate) members: &'static [u32],
    /// Messages to each conversation.
    pub(crate) sends: u32,
    /// Important messages to each conversation.
    pub(crate) importants: u32,
    /// Numbers of conversations in one inbox.
    pub(crate) conversations: &'static [u32],
    /// How often each inbox is read.
    pub(crate) readings: u32,
}

impl Plan {
    pub(crate) fn full() -> Self {
        Self {
            people: &[1_000, 10_000, 100_000],
            searches: 300,
            members: &[2, 500, 5_000],
            sends: 500,
            importants: 5,
            conversations: &[10, 50, 200],
            readings: 300,
        }
    }

    /// Small, but no path is left out: more than one request imports, and more than one adds members.
    pub(crate) fn quick() -> Self {
        Self {
            people: &[100, 500, 2_000],
            searches: 20,
            members: &[2, 50, 1_200],
            sends: 20,
            importants: 1,
            conversations: &[2, 5, 20],
            readings: 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_somebody_for_every_place() {
        for plan in [Plan::full(), Plan::quick()] {
            assert!(plan.members.last() <= plan.people.last());
            assert!([plan.people, plan.members, plan.conversations].iter().all(|sizes| sizes.is_sorted()));
        }
    }
}
