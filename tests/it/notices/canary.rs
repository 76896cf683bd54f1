//! Nothing that somebody wrote is in a mail: not in the text, the HTML, the subject or a header.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;
use tests::environment::told;
use tests::post::Letter;
use tests::world::World;

/// How many mails are looked at.
fn mails() -> usize {
    told("CONFER_MAILS").unwrap_or(400)
}

/// A text of letters that no word of ours has four of in a row, so that four in a row can only be somebody's.
fn secret(length: usize) -> String {
    const LETTERS: &[u8] = b"xqzjkvXQZJKV";
    (0..length).map(|_| char::from(LETTERS[fastrand::usize(..LETTERS.len())])).collect()
}

/// Every four characters in a row of these texts.
fn pieces(texts: &[String]) -> HashSet<Vec<char>> {
    let fours = |text: &String| text.chars().collect::<Vec<_>>().windows(4).map(<[char]>::to_vec).collect::<Vec<_>>();
    texts.iter().flat_map(fours).collect()
}

/// All that a receiver or a mail server between can read, but for the address it goes to and the link that is made of
/// random letters.
fn legible(letter: &Letter) -> String {
    let Letter { from, subject, text, html, headers, .. } = letter;
    let link =
        headers.iter().find(|(name, _)| name == "List-Unsubscribe").map(|(_, link)| link.trim_matches(['<', '>']));
    let headers: Vec<_> = headers.iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
    let all = [from.as_str(), subject, text, html, &headers.join("\n")].join("\n");
    link.map_or(all.clone(), |link| all.replace(link, ""))
}

fn found(letter: &Letter, pieces: &HashSet<Vec<char>>) -> bool {
    legible(letter).chars().collect::<Vec<_>>().windows(4).any(|four| pieces.contains(four))
}

#[tokio::test]
async fn no_four_characters_of_what_people_wrote_are_in_a_mail() {
    let mut looked = 0;
    while looked < mails() {
        let world = World::new().await;
        let author = world.person(&format!("p{}", secret(12))).await;
        let mut readers = Vec::new();
        for n in 0..20 {
            let reader = world.person(&format!("r{n}{}", secret(9))).await;
            let language = if n % 2 == 0 { "en" } else { "es" };
            let preferences = json!({
                "frequency": if n % 3 == 0 { "none" } else { "immediate" }, "digest_mode": "leading", "instant": true,
                "instant_when": "always", "broadcasts": n % 5 == 0, "daily_at": "08:00", "timezone": "Europe/Madrid",
                "language": language,
            });
            reader.put("/v1/me/preferences", preferences).await.expect(200);
            readers.push(reader);
        }
        let everybody: Vec<_> = readers.iter().collect();
        let mut written = vec![author.username().to_owned()];
        written.extend(readers.iter().map(|reader| reader.username().to_owned()));
        for round in 0..4 {
            let (title, body) = (secret(20), secret(60));
            let conversation = author.starts(&title, &everybody).await;
            let said = json!({ "body": body, "important": round % 2 == 0 });
            author.post(&conversation.messages(), said).await.expect(201);
            written.extend([title, body]);
            world.passes(Duration::from_hours(1)).await;
        }
        let letters = world.mails();
        assert!(letters.len() >= 20, "{} mails", letters.len());
        let pieces = pieces(&written);
        for letter in &letters {
            assert!(!found(letter, &pieces), "{}", legible(letter));
        }
        // A mail that quoted one would be seen.
        let mut quoting = letters[0].clone();
        quoting.text.push_str(&written[fastrand::usize(..written.len())]);
        assert!(found(&quoting, &pieces));
        looked += letters.len();
    }
    eprintln!("{looked} mails, in none of which are four characters of what anybody wrote");
}
