//! The keys are a contract, and their order is the order of what lies under them.

use super::*;
use proptest::prelude::*;

fn id() -> ConversationId {
    "019ca8a0-3e80-7707-8707-070707070707".parse().unwrap()
}

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

#[test]
fn the_keys_are_a_contract() {
    let key = "019ca8a0-3e80-7707-8707-0707070707aa".parse().unwrap();
    let seq = Seq::try_from(42).unwrap();
    let strom = domain::text::DisplayName::try_from("Ström".to_owned()).unwrap();
    let token = domain::user::Profile { name: strom, active: true, ..domain::user::Profile::gone(&name("jo")) }
        .tokens()
        .pop()
        .unwrap();
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let study = ProjectId::try_from("STUDY-1".to_owned()).unwrap();
    let news = "019ca8a0-3e80-7707-8707-0707070707bb".parse().unwrap();
    let all = [
        entry(id(), seq),
        head(id()),
        participant(id(), &name("Jo")),
        idempotency(id(), &name("Jo"), key),
        inbox_row(&name("Jo"), id()),
        creation(&name("Jo"), key),
        profile(&name("Jo")),
        seen(&name("Jo")),
        rate(&name("Jo"), "sends", 29_539_260),
        directory(&token, &name("Jo")),
        project(&study),
        collaborator(&study, &name("Jo")),
        own_project(&name("Jo"), &study),
        broadcast(news),
        broadcast_mark(&name("Jo"), news),
        settings(),
        institution_end(),
        institution_entry(seq),
        glass(id(), &name("Jo")),
        preferences(&name("Jo")),
        notices(&name("Jo")),
        mail(&name("Jo"), at),
        look(&name("Jo"), at, "019ca8a0-3e80-7707-8707-0707070707cc".parse().unwrap()),
        conversation_spread(id()),
        broadcast_spread(news),
        roster(&name("Jo")),
        suppression(&Email::try_from("Jo@site.example".to_owned()).unwrap()),
        seal(),
        attachment("019ca8a0-3e80-7707-8707-0707070707dd".parse().unwrap()),
        backup(id(), "019ca8a0-3e80-7707-8707-0707070707ee".parse().unwrap()),
        retention(id()),
        hold(&HoldOn::Conversation { conversation: id() }),
        hold(&HoldOn::Project { project: study }),
        institution_retention(),
    ]
    .map(|Key { pk, sk }| format!("{pk} | {sk}"))
    .join("\n");
    insta::assert_snapshot!(all, @r"
    C#019ca8a0-3e80-7707-8707-070707070707 | E#000000000042
    C#019ca8a0-3e80-7707-8707-070707070707 | E~
    C#019ca8a0-3e80-7707-8707-070707070707 | P#jo
    C#019ca8a0-3e80-7707-8707-070707070707 | K#jo#019ca8a0-3e80-7707-8707-0707070707aa
    U#jo | C#019ca8a0-3e80-7707-8707-070707070707
    U#jo | K#019ca8a0-3e80-7707-8707-0707070707aa
    U#jo | ~PROFILE
    U#jo | ~SEEN
    U#jo | ~RATE#sends#29539260
    D#st | strom#jo
    J#STUDY-1 | ~
    J#STUDY-1 | U#jo
    U#jo | J#STUDY-1
    B# | 019ca8a0-3e80-7707-8707-0707070707bb
    U#jo | B#019ca8a0-3e80-7707-8707-0707070707bb
    I# | ~SETTINGS
    I# | E~
    I# | E#000000000042
    C#019ca8a0-3e80-7707-8707-070707070707 | G#jo
    U#jo | ~PREFERENCES
    U#jo | ~NOTICE
    U#jo | M#2026-03-01T09:00:00.000Z
    U#jo | M#2026-03-01T09:00:00.000Z#019ca8a0-3e80-7707-8707-0707070707cc
    N# | C#019ca8a0-3e80-7707-8707-070707070707
    N# | B#019ca8a0-3e80-7707-8707-0707070707bb
    R#02 | U#jo
    S# | 1d90a2eff6d38b528416ebeea5a2848a2e7b48b2f182feb4e8dc84cf9ec34861
    I# | ~SEAL
    A#019ca8a0-3e80-7707-8707-0707070707dd | ~
    C#019ca8a0-3e80-7707-8707-070707070707 | B#019ca8a0-3e80-7707-8707-0707070707ee
    C#019ca8a0-3e80-7707-8707-070707070707 | R~
    I# | H#C#019ca8a0-3e80-7707-8707-070707070707
    I# | H#J#STUDY-1
    I# | R~
    ");
}

#[test]
fn whoever_is_due_is_read_from_the_key() {
    for written in ["jo", "İbrahim", "Jörg.Straße", &"ß".repeat(50)] {
        assert_eq!(subject(&notices(&name(written))), Some(Subject::Person(name(written))), "{written}");
    }
}

proptest! {
    #[test]
    fn key_order_is_log_order_and_the_head_comes_last(a in 0_u64..1_000_000_000_000, b in 0_u64..1_000_000_000_000) {
        let (a, b) = (Seq::try_from(a).unwrap(), Seq::try_from(b).unwrap());
        prop_assert_eq!(entry(id(), a).sk.cmp(&entry(id(), b).sk), a.cmp(&b));
        prop_assert!(entry(id(), a).sk < head(id()).sk);
        let range = log_and_head(id());
        prop_assert!((range.from..=range.to).contains(&entry(id(), a).sk));
    }

    #[test]
    fn no_two_people_share_a_key(a in "[a-z0-9._@+-]{1,12}", b in "[a-z0-9._@+-]{1,12}") {
        prop_assert_eq!(a == b, inbox(&name(&a)).pk == inbox(&name(&b)).pk);
        prop_assert_eq!(a == b, participant(id(), &name(&a)) == participant(id(), &name(&b)));
    }
}
