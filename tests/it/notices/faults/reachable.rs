//! Requests that let mail reach somebody, and die: after any of their requests to the table, with or without its answer.

use std::collections::BTreeSet;

use local::person::Person;
use serde_json::json;
use tests::actor::{Actor, Conversation};
use tests::turnstile::{Last, dies};
use tests::world::World;

use crate::notices::{minutes, wants};

/// By what mail reaches somebody whom it did not reach before.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Their account is active again.
    Account,
    /// Their token says an address.
    Address,
    /// They want mails again.
    Wish,
    /// They want to be told again of what is said in the conversation.
    Unmuted,
}

/// More requests than any of them makes.
const REQUESTS: usize = 12;

fn address(name: &str) -> String {
    format!("{name}@hospital.example")
}

/// Whoever has a token that says this of their address.
fn with_address(world: &World, name: &str, address: &str) -> Actor {
    let person = Person { email: address.to_owned(), ..Person::named(name) };
    world.bearer(&world.issuer().mint(&person).unwrap().access_token)
}

impl Way {
    /// Somebody who writes with Ann, and whom mail will not reach.
    async fn shuts(self, world: &World, ann: &Actor, office: &Actor, name: &str) -> (Actor, Conversation) {
        let jo = if let Self::Address = self { with_address(world, name, "") } else { world.person(name).await };
        let ward = jo.starts("Ward 4", &[ann]).await;
        match self {
            Self::Account => {
                let gone = json!({ "name": "Jo", "email": address(name), "active": false });
                office.put(&format!("/v1/admin/users/{name}"), gone).await.expect(200);
            }
            Self::Address => {}
            Self::Wish => {
                wants(&jo, json!({ "frequency": "none", "instant": false })).await.expect(200);
            }
            Self::Unmuted => {
                jo.patch(&format!("{}/settings", ward.path()), json!({ "notify": "nothing" })).await.expect(200);
            }
        }
        (jo, ward)
    }

    /// What they show from then on that they are who they are.
    fn token(self, world: &World, jo: &Actor, name: &str) -> String {
        let shown = if let Self::Address = self { with_address(world, name, &address(name)) } else { jo.clone() };
        shown.token().to_owned()
    }

    /// The one request by which mail reaches them.
    async fn opens(self, office: Actor, jo: Actor, name: String, ward: Conversation) {
        let asked = match self {
            Self::Account => {
                let back = json!({ "username": name, "name": "Jo", "email": address(&name), "active": true });
                office.post("/v1/admin/import", json!({ "users": [back] })).await
            }
            Self::Address => jo.get("/v1/me").await,
            Self::Wish => wants(&jo, json!({ "instant": false })).await,
            Self::Unmuted => jo.patch(&format!("{}/settings", ward.path()), json!({ "notify": "all" })).await,
        };
        asked.expect(200);
    }
}

#[tokio::test]
async fn whom_mail_reaches_again_is_told_of_what_waited_wherever_the_request_for_it_died() {
    let world = World::new().await;
    let (ann, office) = (world.person("ann").await, world.office().await);
    let mut shut = Vec::new();
    for way in [Way::Account, Way::Address, Way::Wish, Way::Unmuted] {
        for last in [Last::Answered, Last::Unanswered] {
            for requests in 0..REQUESTS {
                let name = format!("jo.{way:?}.{last:?}.{requests}").to_lowercase();
                let (jo, ward) = way.shuts(&world, &ann, &office, &name).await;
                ann.sends(&ward, "one").await.expect(201);
                shut.push((way, last, requests, jo, name, ward));
            }
        }
    }
    world.settles().await;
    world.passes(minutes(12)).await;
    let told = |world: &World| -> Vec<String> { world.mails().into_iter().map(|letter| letter.to).collect() };
    assert_eq!(told(&world), [""; 0], "nobody is reached");

    let (mut opened, mut deaths) = (BTreeSet::new(), 0);
    let mut ended = BTreeSet::new();
    for (way, last, requests, jo, name, ward) in &shut {
        let case = format!("{way:?} {last:?}");
        if ended.contains(&case) {
            continue;
        }
        let token = way.token(&world, jo, name);
        let process = world.another_process();
        let act = way.opens(process.bearer(office.token()), process.bearer(&token), name.clone(), ward.clone());
        let died = dies(&process, *requests, *last, act).await;
        deaths += usize::from(died);
        if !died {
            ended.insert(case);
        }
        // It is asked again, of another process.
        way.opens(office.clone(), world.bearer(&token), name.clone(), ward.clone()).await;
        opened.insert(address(name));
    }
    assert_eq!(ended.len(), 8, "each died everywhere: {ended:?}");
    assert!(opened.len() < shut.len() && deaths >= 10, "{deaths} deaths, {} opened", opened.len());
    world.passes(minutes(20)).await;
    let told = told(&world);
    assert_eq!(told.iter().cloned().collect::<BTreeSet<_>>(), opened, "whom mail reaches, and nobody else");
    assert_eq!(told.len(), opened.len(), "once");
    eprintln!("{deaths} deaths of a request that lets mail reach somebody");
}
