//! A mail service that takes no more, refuses, or does not answer.

use serde_json::json;
use tests::actor::{Actor, Conversation};
use tests::post::Failure;
use tests::world::World;

use crate::notices::{hours, log, mails, minutes, sends_important, wants};

const NOBODY: [&str; 0] = [];

/// Ann and Ben, who have been away since five past nine. It is ten past nine.
struct Scene {
    world: World,
    ann: Actor,
    ben: Actor,
    ward: Conversation,
}

impl Scene {
    async fn wanting(frequency: &str) -> Self {
        let world = World::new().await;
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let ward = ann.starts("Ward 4", &[&ben]).await;
        if frequency != "4h" {
            wants(&ben, json!({ "frequency": frequency })).await.expect(200);
        }
        world.passes(minutes(10)).await;
        Self { world, ann, ben, ward }
    }

    /// Something important comes and meets these failures; then a day passes.
    async fn urgent(failures: &[Failure]) -> Self {
        let scene = Self::wanting("4h").await;
        scene.world.post().fail(failures.to_vec());
        sends_important(&scene.ann, &scene.ward, "fire").await.expect(201);
        scene.world.passes(hours(24)).await;
        assert_eq!(scene.world.post().left(), 0);
        scene
    }

    /// The same for an ordinary message.
    async fn plain(frequency: &str, failures: &[Failure]) -> Self {
        let scene = Self::wanting(frequency).await;
        scene.world.post().fail(failures.to_vec());
        scene.ann.sends(&scene.ward, "plain").await.expect(201);
        scene.world.passes(hours(48)).await;
        assert_eq!(scene.world.post().left(), 0);
        scene
    }
}

#[tokio::test]
async fn what_the_service_does_not_take_now_it_gets_a_minute_later() {
    let scene = Scene::urgent(&[Failure::Throttle, Failure::Throttle]).await;
    assert_eq!(mails(&scene.world), ["ben 03-01 09:12:00"]);
    let rows = log(&scene.ben).await;
    assert_eq!(rows, ["instant sent throttled", "instant held throttled", "instant held throttled"]);
    let scene = Scene::plain("4h", &[Failure::Throttle]).await;
    assert_eq!(mails(&scene.world), ["ben 03-01 09:16:00"]);
    assert_eq!(log(&scene.ben).await, ["digest sent throttled", "digest held throttled"]);
}

#[tokio::test]
async fn what_the_service_refuses_it_gets_again_in_the_next_window() {
    let scene = Scene::urgent(&[Failure::Reject]).await;
    assert_eq!(mails(&scene.world), ["ben 03-01 10:10:00"]);
    assert_eq!(log(&scene.ben).await, ["instant sent refused", "instant refused urgent"]);
    let scene = Scene::plain("4h", &[Failure::Reject]).await;
    assert_eq!(mails(&scene.world), ["ben 03-01 13:15:00"]);
    assert!(log(&scene.ben).await[1].starts_with("digest refused "));
}

#[tokio::test]
async fn a_mail_of_which_nobody_knows_whether_it_left_is_sent_once_more_in_the_next_window() {
    let scene = Scene::urgent(&[Failure::LoseTheAnswer]).await;
    assert_eq!(mails(&scene.world), ["ben 03-01 09:10:00", "ben 03-01 10:10:00"]);
    assert_eq!(log(&scene.ben).await, ["instant sent outcome_unknown", "instant unknown urgent"]);
}

#[tokio::test]
async fn a_mail_that_never_arrived_comes_in_the_next_window() {
    let scene = Scene::urgent(&[Failure::Drop]).await;
    assert_eq!(mails(&scene.world), ["ben 03-01 10:10:00"]);
    assert_eq!(log(&scene.ben).await, ["instant sent outcome_unknown", "instant unknown urgent"]);
}

#[tokio::test]
async fn the_next_window_of_a_digest_comes_after_the_interval_or_four_hours() {
    for (frequency, again) in [("immediate", "13:15:00"), ("2h", "11:15:00"), ("4h", "13:15:00"), ("12h", "21:15:00")] {
        let again = format!("ben 03-01 {again}");
        let scene = Scene::plain(frequency, &[Failure::LoseTheAnswer]).await;
        assert_eq!(mails(&scene.world), ["ben 03-01 09:15:00", again.as_str()], "{frequency}");
        let scene = Scene::plain(frequency, &[Failure::Drop]).await;
        assert_eq!(mails(&scene.world), [again.as_str()], "{frequency}");
    }
}

#[tokio::test]
async fn what_is_urgent_does_not_wait_for_the_next_window_of_a_digest() {
    let scene = Scene::wanting("12h").await;
    scene.world.post().fail([Failure::LoseTheAnswer]);
    scene.ann.sends(&scene.ward, "plain").await.expect(201);
    scene.world.passes(minutes(20)).await;
    sends_important(&scene.ann, &scene.ward, "fire").await.expect(201);
    scene.world.passes(hours(24)).await;
    // It came after the one of which nobody knows, and was no part of it.
    assert_eq!(mails(&scene.world), ["ben 03-01 09:15:00", "ben 03-01 09:30:00"]);
}

#[tokio::test]
async fn what_came_after_a_mail_that_failed_does_not_wait_with_it() {
    let scene = Scene::wanting("immediate").await;
    scene.world.post().fail([Failure::LoseTheAnswer]);
    scene.ann.sends(&scene.ward, "one").await.expect(201);
    scene.world.passes(minutes(20)).await;
    scene.ann.sends(&scene.ward, "two").await.expect(201);
    scene.world.passes(hours(24)).await;
    // The second one tells of both.
    assert_eq!(mails(&scene.world), ["ben 03-01 09:15:00", "ben 03-01 09:35:00"]);
}

#[tokio::test]
async fn what_was_read_before_the_next_window_is_not_sent_again() {
    let scene = Scene::wanting("4h").await;
    scene.world.post().fail([Failure::LoseTheAnswer]);
    let sent = sends_important(&scene.ann, &scene.ward, "fire").await.expect(201);
    scene.world.passes(minutes(30)).await;
    assert_eq!(mails(&scene.world), ["ben 03-01 09:10:00"]);
    scene.ben.put(&scene.ward.read(), json!({ "seq": sent["seq"] })).await.expect(200);
    scene.world.passes(hours(24)).await;
    assert_eq!(mails(&scene.world), NOBODY);
}

#[tokio::test]
async fn what_fails_for_one_does_not_fail_for_others() {
    let scene = Scene::wanting("4h").await;
    let cleo = scene.world.person("cleo").await;
    scene.ann.adds(&scene.ward, &[&cleo]).await.expect(200);
    scene.world.passes(minutes(10)).await;
    scene.world.post().fail([Failure::Drop]);
    sends_important(&scene.ann, &scene.ward, "fire").await.expect(201);
    scene.world.settles().await;
    let first = mails(&scene.world);
    scene.world.passes(hours(24)).await;
    let second = mails(&scene.world);
    let mut told: Vec<&str> = first.iter().chain(&second).map(|mail| mail.split(' ').next().unwrap()).collect();
    told.sort_unstable();
    assert_eq!((first.len(), second.len(), told), (1, 1, vec!["ben", "cleo"]));
}
