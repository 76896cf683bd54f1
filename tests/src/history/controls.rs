//! Negative controls: one small history for each way to break a rule, which breaks nothing else.

use super::{Act, Entry, Figures, FinalReads, History, Operation, Outcome, Page, Stored, check};

const CONVERSATION: &str = "conversation";

fn entry(seq: u64) -> Entry {
    Entry { seq, id: format!("id-{seq}") }
}

fn page(seqs: impl Iterator<Item = u64>) -> Act {
    Act::Read { outcome: Outcome::Ok(Page { entries: seqs.map(entry).collect(), newest: true }) }
}

fn send(key: &str, outcome: Outcome<Entry>) -> Act {
    Act::Send { key: key.to_owned(), outcome }
}

fn remove(member: &str) -> Act {
    Act::Remove { member: member.to_owned(), outcome: Outcome::Ok(()) }
}

fn add(member: &str, outcome: Outcome<()>) -> Act {
    Act::Add { member: member.to_owned(), outcome }
}

/// A history with its final read, which each test spoils in one place.
struct Story {
    history: History,
    log: Vec<Stored>,
}

impl Story {
    /// Two messages acknowledged, one unknown and stored, one refused; two reads and a removal of the reader.
    fn new() -> Self {
        let mut story = Self { history: History::default(), log: Vec::new() };
        story.stores(None);
        story.stores(Some("first"));
        story.stores(Some("second"));
        story.stores(Some("unknown"));
        story.stores(None);
        story.tells(10, "nurse", send("first", Outcome::Ok(entry(2))));
        story.tells(20, "nurse", send("second", Outcome::Ok(entry(3))));
        story.tells(30, "nurse", send("unknown", Outcome::Unknown));
        story.tells(40, "nurse", send("refused", Outcome::Refused));
        story.tells(50, "guest", page(1..=3));
        story.tells(60, "guest", page(2..=4));
        story.tells(70, "nurse", remove("guest"));
        story.tells(80, "guest", Act::Read { outcome: Outcome::Refused });
        story
    }

    /// Adds an operation that takes five ticks.
    fn tells(&mut self, began: u64, client: &str, act: Act) {
        let (client, conversation) = (client.to_owned(), CONVERSATION.to_owned());
        self.history.operations.push(Operation { began, ended: began + 5, client, conversation, act });
    }

    fn stores(&mut self, key: Option<&str>) {
        let next = self.log.len() as u64 + 1;
        self.log.push(Stored { entry: entry(next), key: key.map(str::to_owned) });
    }

    /// The operation that began then.
    fn at(&mut self, began: u64) -> &mut Operation {
        self.history.operations.iter_mut().find(|operation| operation.began == began).unwrap()
    }

    fn check(self) -> Result<Figures, Vec<String>> {
        let finals = FinalReads { conversations: [(CONVERSATION.to_owned(), self.log)].into() };
        check(&self.history, &finals).map_err(|violations| violations.iter().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn breaks(self, rule: u8, how: &str) {
        assert_eq!(self.check().unwrap_err(), [format!("conversation {CONVERSATION}, rule {rule}: {how}")]);
    }
}

#[test]
fn a_history_without_fault_is_counted() {
    let figures = Figures { histories: 1, acknowledged: 2, unknown: 1, refused: 1, reads: 2 };
    assert_eq!(Story::new().check(), Ok(figures));
}

#[test]
fn rule_1_an_acknowledged_message_that_is_not_there() {
    let mut story = Story::new();
    story.tells(90, "nurse", send("third", Outcome::Ok(entry(6))));
    story.breaks(1, "message third was acknowledged and is not there");
}

#[test]
fn rule_1_an_acknowledged_message_that_is_another_entry() {
    let mut story = Story::new();
    story.at(20).act = send("second", Outcome::Ok(entry(4)));
    story.breaks(1, "message second was acknowledged as entry 4 (id-4) and is entry 3 (id-3)");
}

#[test]
fn rule_1_a_retry_that_is_answered_with_another_entry() {
    let mut story = Story::new();
    story.tells(90, "nurse", send("first", Outcome::Ok(entry(3))));
    story.breaks(1, "message first was acknowledged as entry 3 (id-3) and is entry 2 (id-2)");
}

#[test]
fn rule_2_a_message_that_is_there_twice() {
    for key in ["second", "unknown"] {
        let mut story = Story::new();
        story.stores(Some(key));
        story.breaks(2, &format!("message {key} is there 2 times"));
    }
}

#[test]
fn rule_2_a_refused_message_that_is_there() {
    let mut story = Story::new();
    story.stores(Some("refused"));
    story.breaks(2, "message refused was refused and is there");
}

#[test]
fn rule_2_an_unknown_message_that_is_there_and_refused_to_the_retry() {
    let mut story = Story::new();
    story.tells(90, "nurse", send("unknown", Outcome::Refused));
    story.breaks(2, "message unknown was refused and is there");
}

#[test]
fn rule_2_a_message_that_nobody_sent() {
    let mut story = Story::new();
    story.stores(Some("ghost"));
    story.breaks(2, "message ghost is there and nobody sent it");
}

#[test]
fn rule_3_a_gap() {
    let mut story = Story::new();
    story.log[4].entry = entry(6);
    story.breaks(3, "entry 6 stands where 5 should");
}

#[test]
fn rule_3_an_event_that_is_there_twice() {
    let mut story = Story::new();
    story.stores(None);
    story.log[5].entry.id = entry(5).id;
    story.breaks(3, "entry 6 (id-5) has the id of an earlier one");
}

#[test]
fn rule_4_a_page_that_leaves_an_entry_out() {
    let mut story = Story::new();
    story.at(60).act = page([1, 2, 4].into_iter());
    story.breaks(4, "entry 4 (id-4) is out of place on the page that guest asked for at 60");
}

#[test]
fn rule_4_a_page_with_an_entry_that_is_not_stored() {
    let mut story = Story::new();
    story.at(60).act = page(5..=6);
    story.breaks(4, "entry 6 (id-6) is out of place on the page that guest asked for at 60");
}

#[test]
fn rule_5_a_message_before_one_that_was_acknowledged_earlier() {
    let mut story = Story::new();
    story.at(20).began = 1;
    story.at(1).ended = 5;
    story.breaks(5, "message first was sent after second was acknowledged and stands before it");
}

#[test]
fn rule_5_leaves_messages_of_the_same_time_in_any_order() {
    let mut story = Story::new();
    story.at(20).began = 1;
    story.at(1).ended = 10;
    story.check().unwrap();
}

#[test]
fn rule_6_a_reader_who_is_shown_an_older_end() {
    let mut story = Story::new();
    story.at(60).act = page(1..=2);
    story.breaks(6, "what guest was shown at 60 ends before what it had been shown");
}

#[test]
fn rule_7_a_page_asked_for_after_the_removal() {
    let mut story = Story::new();
    story.at(80).act = page(2..=4);
    story.breaks(7, "guest had been removed and was shown entries it asked for at 80");
}

#[test]
fn rule_7_a_page_asked_for_before_the_removal_with_what_was_sent_later() {
    let mut story = Story::new();
    story.stores(Some("later"));
    story.tells(80, "nurse", send("later", Outcome::Ok(entry(6))));
    story.tells(71, "guest", page(5..=6));
    story.at(71).ended = 90;
    story.breaks(7, "guest had been removed and was shown entries it asked for at 71");
}

#[test]
fn rule_7_ends_when_the_member_is_added_again() {
    for outcome in [Outcome::Ok(()), Outcome::Unknown] {
        let mut story = Story::new();
        story.stores(None);
        story.tells(90, "nurse", add("guest", outcome));
        story.tells(100, "guest", page(1..=6));
        story.check().unwrap();
    }
}
