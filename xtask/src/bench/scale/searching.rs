//! Finding people, among more and more of them.

use std::time::Duration;

use reqwest::Client;

use super::figures::Searching;
use super::plan::Plan;
use crate::bench::Product;
use crate::bench::directory::{AT_ONCE, import, search};
use crate::bench::names::{Colleague, colleague};
use crate::bench::person::Person;
use crate::bench::timing::{Spread, timed};

pub(crate) async fn run(product: &Product, plan: &Plan) -> anyhow::Result<Vec<Searching>> {
    let (http, api) = (Client::new(), &product.addresses.api);
    let director = Person::sign_in_as(&http, api, "scale-director", &["system_administrator"]).await?;
    let seeker = Person::sign_in(&http, api, "scale-seeker").await?;
    let mut there = 0;
    let mut all = Vec::new();
    for &people in plan.people {
        let newcomers: Vec<Colleague> = (there..people).map(colleague).collect();
        let took = import_all(&director, &newcomers).await?;
        // The stream tells of everything that was written: it must not be read while searches are measured.
        director.settle().await?;
        let imported_per_second = f64::from(people - there) / took.as_secs_f64();
        there = people;
        let searched = measure(&seeker, people, plan.searches, imported_per_second.round()).await?;
        eprintln!("{searched}");
        all.push(searched);
    }
    Ok(all)
}

/// Imports people, and returns how long they were waited for.
async fn import_all(director: &Person, newcomers: &[Colleague]) -> anyhow::Result<Duration> {
    let mut took = Duration::ZERO;
    let mut done = 0;
    for some in newcomers.chunks(AT_ONCE) {
        let ((), time) = timed(import(director, some)).await?;
        took += time;
        done += some.len();
        eprint!("\r{done} of {} people imported", newcomers.len());
    }
    eprintln!();
    Ok(took)
}

async fn measure(seeker: &Person, people: u32, searches: u32, imported_per_second: f64) -> anyhow::Result<Searching> {
    let mut durations = <[Vec<Duration>; 4]>::default();
    let mut missed = 0;
    for turn in 0..searches {
        // People from everywhere in the directory, the first imported and the last.
        let wanted = colleague(turn * people / searches);
        let name = wanted.name();
        for (query, durations) in queries(&wanted).iter().zip(&mut durations) {
            let (found, took) = timed(search(seeker, query)).await?;
            durations.push(took);
            if *query == name && !found.contains(&wanted.username) {
                missed += 1;
            }
        }
    }
    let [two_letters, first_name, full_name, username] = durations.map(Spread::of);
    Ok(Searching {
        people,
        imported_per_second,
        two_letters,
        first_name,
        full_name,
        username,
        wanted: searches,
        missed,
    })
}

/// What people type to find somebody: two letters, the first name, both names, the beginning of the username.
fn queries(wanted: &Colleague) -> [String; 4] {
    let (first, last) = wanted.username.split_once('.').unwrap_or((wanted.username.as_str(), ""));
    let some = |text: &str| text.chars().take(2).collect::<String>();
    [some(&wanted.first), wanted.first.clone(), wanted.name(), format!("{first}.{}", some(last))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_looked_for_in_four_ways() {
        let wanted = Colleague {
            username: "inera.mullstrom7".to_owned(),
            first: "Inêra".to_owned(),
            last: "Müllström".to_owned(),
        };
        assert_eq!(queries(&wanted), ["In", "Inêra", "Inêra Müllström", "inera.mu"]);
    }
}
