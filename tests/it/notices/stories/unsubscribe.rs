//! Fewer mails with one click, without signing in.

use http::Method;
use serde_json::{Value, json};
use tests::actor::Answer;

use super::{NOBODY, Story};
use crate::notices::{hours, minutes, preferences};

/// Where the link in the digest of a message leads that Ann has just sent, and the header beside it.
async fn link(story: &Story) -> String {
    story.says("one").await;
    story.world.passes(minutes(5)).await;
    let letters = story.world.mails();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    let header = |name: &str| {
        let found = letter.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    let url = header("List-Unsubscribe");
    let url = url.strip_prefix('<').and_then(|url| url.strip_suffix('>')).unwrap();
    assert!(letter.text.lines().any(|line| line == url), "{}", letter.text);
    url[url.find("/v1/unsubscribe/").unwrap()..].to_owned()
}

/// What a mail program sends when its button is pressed.
async fn presses(story: &Story, path: &str) -> Answer {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    story.world.nobody().raw(Method::POST, path, &form, b"List-Unsubscribe=One-Click".to_vec()).await
}

async fn wanted(story: &Story) -> Value {
    story.ben.get("/v1/me/preferences").await.expect(200)
}

#[tokio::test]
async fn the_link_in_a_mail_stops_digests_and_nothing_else() {
    let story = Story::new().await;
    let path = link(&story).await;
    // Scanners of mail follow every link.
    let page = story.world.nobody().get(&path).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(wanted(&story).await, preferences(json!({})));
    for _ in 0..2 {
        assert_eq!(presses(&story, &path).await.status, 200);
        assert_eq!(wanted(&story).await, preferences(json!({ "frequency": "none" })));
    }
    story.says("two").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    story.says("@ben, three").await;
    assert_eq!(story.mails(), ["ben 03-02 09:15:00"]);
}

#[tokio::test]
async fn a_changed_link_leads_nowhere() {
    let story = Story::new().await;
    let path = link(&story).await;
    let (start, token) = path.split_at("/v1/unsubscribe/".len());
    for n in [0, token.len() / 2] {
        let other = if token.as_bytes()[n] == b'A' { 'B' } else { 'A' };
        let changed = format!("{start}{}{other}{}", &token[..n], &token[n + 1..]);
        story.world.nobody().get(&changed).await.expect_problem(404, "not-found");
        presses(&story, &changed).await.expect_problem(404, "not-found");
    }
    // Nor does one that was sealed for something else.
    let other = story.world.reference(store::Purpose::Notice, &story.ben).await;
    presses(&story, &format!("{start}{other}")).await.expect_problem(404, "not-found");
    assert_eq!(wanted(&story).await, preferences(json!({})));
}

#[tokio::test]
async fn where_the_institution_decides_how_often_there_is_no_link() {
    let story = Story::new().await;
    let path = link(&story).await;
    let office = story.world.office().await;
    let mail = json!({ "defaults": preferences(json!({})), "locked": ["frequency"], "short_delay_minutes": 5 });
    let decided = json!({
        "messenger_enabled": true, "closed_reason": null, "protect_admins": false, "break_glass": false, "mail": mail,
    });
    office.put("/v1/admin/settings", decided).await.expect(200);
    presses(&story, &path).await.expect_problem(409, "preference-locked");
    story.says("two").await;
    story.world.passes(hours(24)).await;
    let letters = story.world.mails();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert!(letter.headers.iter().all(|(name, _)| !name.starts_with("List-")), "{:?}", letter.headers);
}
