//! The seven rules, for one conversation.

use std::collections::{BTreeMap, BTreeSet};

use super::{Act, Breach, Entry, Figures, Operation, Outcome, Page, Stored};

/// One conversation: what its clients noted, sorted by what the rules ask.
#[derive(Default)]
pub(super) struct Case<'a> {
    stored: &'a [Stored],
    messages: BTreeMap<&'a str, Message<'a>>,
    reads: BTreeMap<&'a str, Vec<Read<'a>>>,
    removals: Vec<Change<'a>>,
    additions: Vec<Change<'a>>,
}

/// All that is known of one message, from its send and every retry.
#[derive(Default)]
struct Message<'a> {
    /// When the first try began.
    began: Option<u64>,
    acknowledgements: Vec<&'a Entry>,
    /// When the first acknowledgement was there.
    acknowledged: Option<u64>,
    /// When the last try without a clear answer ended.
    unknown: Option<u64>,
    /// When the last try that was refused began.
    refused: Option<u64>,
    stored: Vec<&'a Entry>,
}

/// A page that was shown.
struct Read<'a> {
    began: u64,
    ended: u64,
    page: &'a Page,
}

/// A member who goes or comes.
struct Change<'a> {
    member: &'a str,
    began: u64,
    ended: u64,
}

impl Message<'_> {
    /// Whether the last word was no. A try without an answer may be carried out after a refusal that it ran beside.
    fn is_refused(&self) -> bool {
        self.acknowledged.is_none() && self.refused > self.unknown
    }
}

impl<'a> Case<'a> {
    pub(super) fn new(operations: &[&'a Operation], stored: &'a [Stored]) -> Self {
        let mut case = Self { stored, ..Self::default() };
        for operation in operations {
            case.note(operation);
        }
        for Stored { entry, key } in stored {
            if let Some(key) = key {
                case.messages.entry(key).or_default().stored.push(entry);
            }
        }
        case
    }

    fn note(&mut self, operation: &'a Operation) {
        let Operation { began, ended, ref client, ref act, .. } = *operation;
        match act {
            Act::Send { key, outcome } => {
                let message = self.messages.entry(key).or_default();
                message.began = Some(message.began.map_or(began, |first| first.min(began)));
                match outcome {
                    Outcome::Ok(entry) => {
                        message.acknowledgements.push(entry);
                        message.acknowledged = Some(message.acknowledged.map_or(ended, |first| first.min(ended)));
                    }
                    Outcome::Refused => message.refused = message.refused.max(Some(began)),
                    Outcome::Unknown => message.unknown = message.unknown.max(Some(ended)),
                }
            }
            Act::Read { outcome: Outcome::Ok(page) } => {
                self.reads.entry(client).or_default().push(Read { began, ended, page });
            }
            Act::Remove { member, outcome: Outcome::Ok(()) } => self.removals.push(Change { member, began, ended }),
            Act::Add { member, outcome: Outcome::Ok(()) } => self.additions.push(Change { member, began, ended }),
            // It may still be carried out, whenever.
            Act::Add { member, outcome: Outcome::Unknown } => {
                self.additions.push(Change { member, began, ended: u64::MAX });
            }
            Act::Read { .. } | Act::Remove { .. } | Act::Add { .. } => {}
        }
    }

    pub(super) fn figures(&self) -> Figures {
        let mut figures =
            Figures { reads: self.reads.values().map(|reads| reads.len() as u64).sum(), ..Figures::default() };
        for message in self.messages.values() {
            if message.acknowledged.is_some() {
                figures.acknowledged += 1;
            } else if message.is_refused() {
                figures.refused += 1;
            } else {
                figures.unknown += 1;
            }
        }
        figures
    }

    pub(super) fn breaches(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        breaches.extend(self.acknowledged_is_there());
        breaches.extend(self.nothing_else_is_there());
        breaches.extend(self.numbers_are_dense());
        breaches.extend(self.pages_are_pieces());
        breaches.extend(self.sends_keep_their_order());
        breaches.extend(self.readers_go_forward());
        breaches.extend(self.removed_see_nothing());
        breaches
    }

    /// Rule 1.
    fn acknowledged_is_there(&self) -> impl Iterator<Item = Breach> {
        self.messages.iter().flat_map(|(&key, message)| {
            message.acknowledgements.iter().filter_map(move |&acknowledged| match message.stored.first() {
                None => Some(Breach::Lost { key: key.to_owned() }),
                Some(&stored) if stored == acknowledged => None,
                Some(&stored) => {
                    let (acknowledged, stored) = (acknowledged.clone(), stored.clone());
                    Some(Breach::Displaced { key: key.to_owned(), acknowledged, stored })
                }
            })
        })
    }

    /// Rule 2.
    fn nothing_else_is_there(&self) -> impl Iterator<Item = Breach> {
        self.messages.iter().filter(|(_, message)| !message.stored.is_empty()).filter_map(|(&key, message)| {
            let key = key.to_owned();
            match message.stored.len() {
                _ if message.began.is_none() => Some(Breach::Invented { key }),
                _ if message.is_refused() => Some(Breach::Smuggled { key }),
                1 => None,
                times => Some(Breach::Doubled { key, times }),
            }
        })
    }

    /// Rule 3. After one gap all numbers are off, so the first one says it all.
    fn numbers_are_dense(&self) -> impl Iterator<Item = Breach> {
        let mut numbered = (1..).zip(self.stored.iter().map(|stored| stored.entry.seq));
        let gap = numbered.find(|(expected, found)| expected != found);
        let mut ids = BTreeSet::new();
        let repeated = self.stored.iter().filter(move |stored| !ids.insert(&stored.entry.id));
        gap.map(|(expected, found)| Breach::Gap { expected, found })
            .into_iter()
            .chain(repeated.map(|stored| Breach::Repeated { entry: stored.entry.clone() }))
    }

    /// Rule 4.
    fn pages_are_pieces(&self) -> impl Iterator<Item = Breach> {
        let log: BTreeMap<u64, &str> = self.stored.iter().map(|Stored { entry, .. }| (entry.seq, &*entry.id)).collect();
        self.shown().filter_map(move |(reader, read)| {
            let first = read.page.entries.first()?.seq;
            let mut numbered = (first..).zip(&read.page.entries);
            let torn = numbered.find(|(seq, entry)| entry.seq != *seq || log.get(seq).copied() != Some(&entry.id));
            torn.map(|(_, entry)| Breach::Torn { reader: reader.to_owned(), began: read.began, entry: entry.clone() })
        })
    }

    /// Rule 5.
    fn sends_keep_their_order(&self) -> impl Iterator<Item = Breach> {
        let spans = self.messages.iter().filter_map(|(&key, message)| {
            let (place, began) = (message.stored.first()?.seq, message.began?);
            Some(Span { place, began, ended: message.acknowledged.unwrap_or(u64::MAX), of: key })
        });
        let overtaken = out_of_order(spans.collect()).into_iter();
        overtaken.map(|(first, second)| Breach::Overtaken { first: first.of.to_owned(), second: second.of.to_owned() })
    }

    /// Rule 6.
    fn readers_go_forward(&self) -> impl Iterator<Item = Breach> {
        self.reads.iter().flat_map(|(&reader, reads)| {
            let spans = reads.iter().filter(|read| read.page.newest).filter_map(|read| {
                let place = read.page.entries.last()?.seq;
                Some(Span { place, began: read.began, ended: read.ended, of: reader })
            });
            let back = out_of_order(spans.collect()).into_iter();
            back.map(|(_, second)| Breach::WentBack { reader: second.of.to_owned(), began: second.began })
        })
    }

    /// Rule 7.
    fn removed_see_nothing(&self) -> impl Iterator<Item = Breach> {
        self.removals.iter().flat_map(move |removal| {
            let later = self.messages.values().filter(|message| message.began > Some(removal.ended));
            let forbidden = later.flat_map(|message| &message.stored).map(|entry| entry.seq).min().unwrap_or(u64::MAX);
            let reads = self.reads.get(removal.member).into_iter().flatten();
            let shown = reads.filter(move |read| {
                let newest = read.page.entries.last().map(|entry| entry.seq);
                let too_late = read.began > removal.ended && newest.is_some();
                (too_late || newest >= Some(forbidden)) && !self.may_be_back(removal, read)
            });
            shown.map(|read| Breach::ShownAfterRemoval { member: removal.member.to_owned(), began: read.began })
        })
    }

    /// Whether the removed member may have been added again before the read was answered.
    fn may_be_back(&self, removal: &Change, read: &Read) -> bool {
        let mut additions = self.additions.iter().filter(|addition| addition.member == removal.member);
        additions.any(|addition| addition.ended > removal.began && addition.began < read.ended)
    }

    fn shown(&self) -> impl Iterator<Item = (&'a str, &Read<'a>)> {
        self.reads.iter().flat_map(|(&reader, reads)| reads.iter().map(move |read| (reader, read)))
    }
}

/// Something that has a place, and took effect at some moment of a time span.
#[derive(Clone, Copy)]
struct Span<'a> {
    place: u64,
    began: u64,
    ended: u64,
    of: &'a str,
}

/// Returns the pairs of which the first ended before the second began, and yet has the greater place.
///
/// One pair for each second is enough. Going down from the greatest place, the one that ended first so far is the
/// strictest; spans of one place are met latest first, so that none can be found to precede another.
fn out_of_order(mut spans: Vec<Span<'_>>) -> Vec<(Span<'_>, Span<'_>)> {
    spans.sort_by_key(|span| (span.place, span.began));
    let mut first: Option<Span> = None;
    let mut pairs = Vec::new();
    for span in spans.into_iter().rev() {
        pairs.extend(first.filter(|first| first.ended < span.began).map(|first| (first, span)));
        first = first.filter(|first| first.ended <= span.ended).or(Some(span));
    }
    pairs
}
