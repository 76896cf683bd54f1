//! What was uploaded and never sent goes after a day; what was sent never does.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tests::faults::Fault;
use tests::turnstile::{Turnstile, named};
use tokio::task::JoinHandle;

use super::{PDF, Scene, completes, fetches, follows, id_of, sends};

const A_DAY: Duration = Duration::from_hours(24);

/// An attachment, and where its bytes are or would be.
struct Attachment {
    id: String,
    object: PathBuf,
}

/// How far Ann comes with an attachment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Upload {
    Asked,
    Uploaded,
    Complete,
}

/// What is left of an attachment: its item, and its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    item: bool,
    object: bool,
}

const ALL: Left = Left { item: true, object: true };

const NOTHING: Left = Left { item: false, object: false };

async fn upload(scene: &Scene, as_far_as: Upload) -> Attachment {
    let asked = scene.asks().await;
    let id = id_of(&asked["attachment"]);
    let noted = scene.world.item(&format!("A#{id}"), "~").await.unwrap();
    let attachment = Attachment { id, object: scene.world.bucket().join(noted["object"].as_str().unwrap()) };
    if as_far_as != Upload::Asked {
        assert_eq!(scene.world.upload(&asked, PDF).await, 200);
    }
    if as_far_as == Upload::Complete {
        completes(&scene.ann, &scene.ward, &attachment.id).await.expect(200);
    }
    // What the scanner found is heard.
    scene.world.settles().await;
    attachment
}

async fn item(scene: &Scene, of: &Attachment) -> Option<Value> {
    scene.world.item(&format!("A#{}", of.id), "~").await
}

async fn left(scene: &Scene, of: &Attachment) -> Left {
    Left { item: item(scene, of).await.is_some(), object: of.object.exists() }
}

/// The tick of the present hour.
fn tick(scene: &Scene) -> Value {
    json!({ "scheduled_at": scene.world.clock().now() })
}

async fn cleans_up(scene: &Scene) -> Value {
    scene.world.jobs().handle(tick(scene), None).await.unwrap()
}

fn report(removed: usize, failed: usize, unfinished: bool) -> Value {
    let attachments = json!({ "removed": removed, "failed": failed, "unfinished": unfinished });
    json!({ "attachments": attachments, "backups": { "made": 0, "removed": 0, "failed": 0 } })
}

/// Ann cannot tell it from one that never was.
async fn expect_unknown(scene: &Scene, attachment: &Attachment) {
    let Scene { ann, ward, .. } = scene;
    let never = fetches(ann, ward, tests::beside::NOTHING).await;
    never.expect_problem(404, "not-found");
    for answer in [fetches(ann, ward, &attachment.id).await, completes(ann, ward, &attachment.id).await] {
        assert_eq!((answer.status, answer.without_request_id()), (404, never.without_request_id()));
    }
    sends(ann, ward, &[&attachment.id]).await.expect_problem(422, "attachment-not-usable");
}

#[tokio::test]
async fn what_was_never_sent_is_gone_after_a_day_and_an_hour() {
    let scene = Scene::new().await;
    scene.world.hand().advance(Duration::from_mins(1));
    let mut uploads = Vec::new();
    for (as_far_as, all) in
        [(Upload::Asked, Left { object: false, ..ALL }), (Upload::Uploaded, ALL), (Upload::Complete, ALL)]
    {
        uploads.push((upload(&scene, as_far_as).await, all));
    }
    // It is 10:00 when the hour comes at which all of them are a day old.
    scene.world.passes(A_DAY + Duration::from_mins(58)).await;
    for (attachment, all) in &uploads {
        assert_eq!(left(&scene, attachment).await, *all);
    }
    fetches(&scene.ann, &scene.ward, &uploads[2].0.id).await.expect(200);
    scene.world.passes(Duration::from_mins(1)).await;
    for (attachment, _) in &uploads {
        assert_eq!(left(&scene, attachment).await, NOTHING);
        expect_unknown(&scene, attachment).await;
    }
}

#[tokio::test]
async fn what_was_sent_stays_for_ever() {
    let scene = Scene::new().await;
    let (sent, withdrawn) = (upload(&scene, Upload::Complete).await, upload(&scene, Upload::Complete).await);
    sends(&scene.ann, &scene.ward, &[&sent.id]).await.expect(201);
    let seq = sends(&scene.ann, &scene.ward, &[&withdrawn.id]).await.expect(201)["seq"].as_u64().unwrap();
    scene.ann.delete(&scene.ward.message(seq)).await.expect(204);
    scene.world.passes(A_DAY * 100).await;
    assert_eq!(cleans_up(&scene).await, report(0, 0, false));
    assert_eq!((left(&scene, &sent).await, left(&scene, &withdrawn).await), (ALL, ALL));
    let fetched = fetches(&scene.ben, &scene.ward, &sent.id).await.expect(200);
    assert_eq!(follows(&scene.world, &fetched).await, (200, PDF.to_vec()));
}

#[tokio::test]
async fn a_run_that_comes_twice_late_or_early_does_nothing_more() {
    let scene = Scene::new().await;
    let old = upload(&scene, Upload::Complete).await;
    scene.world.passes(A_DAY / 2).await;
    let new = upload(&scene, Upload::Complete).await;
    scene.world.hand().advance(A_DAY / 2);
    let (before, now) = (json!({ "scheduled_at": "2026-03-02T08:59:59.999Z" }), tick(&scene));
    assert_eq!(scene.world.jobs().handle(before.clone(), None).await.unwrap(), report(0, 0, false));
    let far = json!({ "scheduled_at": "2036-03-01T09:00:00Z" });
    for (tick, removed) in [(&now, 1), (&now, 0), (&before, 0), (&far, 0)] {
        assert_eq!(scene.world.jobs().handle(tick.clone(), None).await.unwrap(), report(removed, 0, false), "{tick}");
        assert_eq!(left(&scene, &new).await, ALL, "{tick}");
    }
    assert_eq!(left(&scene, &old).await, NOTHING);
    for wrong in [json!({}), json!({ "scheduled_at": "now" }), json!(null)] {
        scene.world.jobs().handle(wrong, None).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_run_ends_before_its_deadline_and_leaves_the_rest_to_the_next() {
    let scene = Scene::new().await;
    let attachment = upload(&scene, Upload::Complete).await;
    scene.world.hand().advance(A_DAY);
    let now = scene.world.clock().now();
    let soon = scene.world.jobs().handle(tick(&scene), Some(now.after(Duration::from_secs(5)))).await;
    assert_eq!((soon.unwrap(), left(&scene, &attachment).await), (report(0, 0, true), ALL));
    let later = scene.world.jobs().handle(tick(&scene), Some(now.after(Duration::from_mins(1)))).await;
    assert_eq!((later.unwrap(), left(&scene, &attachment).await), (report(1, 0, false), NOTHING));
}

#[tokio::test]
async fn what_cannot_be_removed_stops_nothing_else_and_is_tried_again() {
    let scene = Scene::new().await;
    let mut uploads = Vec::new();
    for _ in 0..4 {
        uploads.push(upload(&scene, Upload::Complete).await);
    }
    // One is in a place that cannot be deleted, one cannot be read, and some are nothing that we know.
    let [stuck, broken, fine @ ..] = &uploads[..] else { panic!("four") };
    std::fs::remove_file(&stuck.object).unwrap();
    std::fs::create_dir(&stuck.object).unwrap();
    let mut spoilt = item(&scene, broken).await.unwrap();
    let size = std::mem::replace(&mut spoilt["size"], json!("broken"));
    scene.world.plant(&spoilt).await;
    for (shard, ds) in (0..8).flat_map(|shard| ["2026-03-01T09:00:00.000Z#X", "0", "#"].map(|ds| (shard, ds))) {
        let unknown = json!({ "pk": format!("X#{shard}"), "sk": ds, "dk": format!("A#{shard:02}"), "ds": ds });
        scene.world.plant(&unknown).await;
    }
    scene.world.hand().advance(A_DAY);
    assert_eq!(cleans_up(&scene).await, report(2, 2, false));
    for attachment in fine {
        assert_eq!(left(&scene, attachment).await, NOTHING);
    }
    // Its bytes are still there, and nobody can have them.
    assert_eq!((left(&scene, stuck).await, left(&scene, broken).await), (ALL, ALL));
    expect_unknown(&scene, stuck).await;

    std::fs::remove_dir(&stuck.object).unwrap();
    std::fs::write(&stuck.object, PDF).unwrap();
    let mut mended = item(&scene, broken).await.unwrap();
    mended["size"] = size;
    scene.world.plant(&mended).await;
    assert_eq!(cleans_up(&scene).await, report(2, 0, false));
    assert_eq!((left(&scene, stuck).await, left(&scene, broken).await), (NOTHING, NOTHING));
}

#[tokio::test]
async fn an_answer_of_the_table_that_is_lost_changes_nothing() {
    for operation in ["Query", "UpdateItem", "DeleteItem"] {
        for fault in [Fault::LoseTheAnswer, Fault::Drop, Fault::ServerError, Fault::Throttle] {
            let scene = Scene::new().await;
            let attachment = upload(&scene, Upload::Complete).await;
            scene.world.hand().advance(A_DAY);
            scene.world.wire().faults.plan(operation, [Some(fault)]);
            let done = scene.world.metered_jobs().handle(tick(&scene), None).await.unwrap();
            assert_eq!(done, report(1, 0, false), "{operation} {fault:?}");
            assert_eq!(scene.world.wire().faults.left(), 0);
            assert_eq!(left(&scene, &attachment).await, NOTHING, "{operation} {fault:?}");
        }
    }
}

/// Somebody whose requests to the table wait until they are let through.
struct Held<T> {
    who: &'static str,
    turnstile: Turnstile,
    task: JoinHandle<T>,
    answer: Option<T>,
}

impl<T: Send + 'static> Held<T> {
    fn new(who: &'static str, turnstile: &Turnstile, act: impl Future<Output = T> + Send + 'static) -> Self {
        Self { who, turnstile: turnstile.clone(), task: tokio::spawn(named(who, act)), answer: None }
    }

    /// Which request waits; none if all is done.
    async fn next(&mut self) -> Option<String> {
        if self.answer.is_none() {
            tokio::select! {
                operation = self.turnstile.wait_for(self.who) => return Some(operation),
                answer = &mut self.task => self.answer = Some(answer.unwrap()),
            }
        }
        None
    }

    /// Lets so many requests through, and says whether there were as many.
    async fn goes(&mut self, requests: usize) -> bool {
        for _ in 0..requests {
            if self.next().await.is_none() {
                return false;
            }
            self.turnstile.let_through(self.who).await;
        }
        true
    }

    /// Lets all requests through that come before the first one of this kind.
    async fn comes_to(&mut self, operation: &str) {
        while self.next().await.is_some_and(|next| next != operation) {
            self.turnstile.let_through(self.who).await;
        }
        assert!(self.answer.is_none(), "{} never asks for {operation}", self.who);
    }

    async fn ends(mut self) -> T {
        while self.goes(1).await {}
        self.answer.unwrap()
    }
}

fn hold(scene: &Scene) -> Turnstile {
    let turnstile = Turnstile::default();
    scene.world.wire().hold(turnstile.clone());
    turnstile
}

/// The function at work, held before it gives anything up.
async fn held_clean_up(scene: &Scene, turnstile: &Turnstile) -> Held<Value> {
    let (jobs, tick) = (scene.world.metered_jobs(), tick(scene));
    let mut held = Held::new("jobs", turnstile, async move { jobs.handle(tick, None).await.unwrap() });
    held.comes_to("UpdateItem").await;
    held
}

/// An attachment of yesterday, and nobody of whom it must be looked up who they are.
async fn yesterdays(scene: &Scene) -> Attachment {
    let attachment = upload(scene, Upload::Complete).await;
    scene.world.hand().advance(A_DAY);
    scene.ann.get("/v1/me").await.expect(200);
    attachment
}

/// An attachment is sent while it is removed: so many requests of the send go before it is given up, and so many before
/// the rest. Says whether it was sent, and whether there were as many requests each time.
async fn last_moment(scene: &Scene, before: usize, between: usize) -> (bool, [bool; 2]) {
    let attachment = yesterdays(scene).await;
    let messages = scene.ann.reads(&scene.ward).await.len();

    let turnstile = hold(scene);
    let mut cleaning = held_clean_up(scene, &turnstile).await;
    let (ann, ward, id) = (scene.ann.clone(), scene.ward.clone(), attachment.id.clone());
    let mut sending = Held::new("ann", &turnstile, async move { sends(&ann, &ward, &[&id]).await });
    let first = sending.goes(before).await;
    assert!(cleaning.goes(1).await);
    let second = sending.goes(between).await;
    let (done, answer) = (cleaning.ends().await, sending.ends().await);

    let which = format!("{before} {between} {}", answer.body);
    let sent = answer.status == 201;
    if !sent {
        answer.expect_problem(422, "attachment-not-usable");
    }
    assert_eq!(done, report(usize::from(!sent), 0, false), "{which}");
    assert_eq!(left(scene, &attachment).await, if sent { ALL } else { NOTHING }, "{which}");
    let fetched = fetches(&scene.ben, &scene.ward, &attachment.id).await;
    assert_eq!(fetched.status, if sent { 200 } else { 404 }, "{which}");
    assert_eq!(scene.ann.reads(&scene.ward).await.len(), messages + usize::from(sent), "{which}");
    assert_eq!(cleans_up(scene).await, report(0, 0, false), "{which}");
    (sent, [first, second])
}

#[tokio::test]
async fn what_is_sent_at_the_last_moment_is_sent_or_gone_and_never_half() {
    let scene = Scene::new().await;
    let (mut sent, mut refused) = (0, 0);
    for before in 0.. {
        let mut last = false;
        for between in 0.. {
            let (was_sent, [first, second]) = last_moment(&scene, before, between).await;
            *if was_sent { &mut sent } else { &mut refused } += 1;
            last = !first;
            if !second {
                break;
            }
        }
        if last {
            break;
        }
    }
    // It is sent if its transaction came first, and refused if not.
    assert!(sent >= 2 && refused >= 3, "{sent} sent, {refused} refused");
}

#[tokio::test]
async fn a_run_that_dies_anywhere_is_gone_on_with_by_the_next() {
    let scene = Scene::new().await;
    let mut halves = 0;
    for requests in 0.. {
        let attachment = yesterdays(&scene).await;
        let turnstile = hold(&scene);
        let mut cleaning = held_clean_up(&scene, &turnstile).await;
        let mut died = cleaning.goes(requests).await;
        // What it does beside the table is done before it asks the table again.
        died &= cleaning.next().await.is_some();
        cleaning.task.abort();
        let there = left(&scene, &attachment).await;
        if requests > 0 {
            // Given up is gone, whatever is left of it.
            expect_unknown(&scene, &attachment).await;
        }
        halves += usize::from(there == Left { object: false, ..ALL });
        assert_eq!(cleans_up(&scene).await, report(usize::from(there.item), 0, false), "{requests}");
        assert_eq!(left(&scene, &attachment).await, NOTHING, "{requests}");
        if !died {
            break;
        }
    }
    assert!(halves > 0, "one died when the object was gone and the item was not");
}
