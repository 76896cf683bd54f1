//! The people of the demonstration institution, and anyone else one likes to be.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// What the institution, not a conversation, lets a person do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the institution's Confer.
    SystemAdministrator,
    /// Reads what was done by whom.
    Auditor,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name in the institution's directory.
    pub username: String,
    /// The name that colleagues see.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// Roles of the institution.
    pub roles: Vec<Role>,
}

impl Person {
    /// Someone of the demonstration institution, or else a new person whose name is made from the username.
    pub fn named(username: &str) -> Self {
        let colleague = STAFF.iter().find(|colleague| colleague.username == username);
        Self {
            username: username.to_owned(),
            name: colleague.map_or_else(|| readable(username), |colleague| colleague.name.to_owned()),
            email: email(username),
            roles: colleague.map_or_else(Vec::new, |colleague| colleague.roles.to_vec()),
        }
    }
}

/// Someone who works at the demonstration institution.
#[derive(Clone, Copy, Debug)]
pub struct Colleague {
    /// The name in the institution's directory.
    pub username: &'static str,
    /// The name that colleagues see.
    pub name: &'static str,
    /// What they do there.
    pub job: &'static str,
    /// Roles of the institution.
    pub roles: &'static [Role],
}

/// How many of [`STAFF`] are offered as ready users.
pub const READY: usize = 3;

/// Everyone at the demonstration institution, the ready users first.
pub const STAFF: [Colleague; 6] = [
    Colleague { username: "mara.lindqvist", name: "Mara Lindqvist", job: "study nurse", roles: &[] },
    Colleague { username: "tomas.okafor", name: "Tomás Okafor", job: "principal investigator", roles: &[] },
    Colleague {
        username: "noor.vandenberg",
        name: "Noor van den Berg",
        job: "system administrator",
        roles: &[Role::SystemAdministrator],
    },
    Colleague { username: "yuki.hartmann", name: "Yuki Hartmann", job: "data manager", roles: &[] },
    Colleague { username: "ines.castelo", name: "Inês Castelo", job: "care coordinator", roles: &[] },
    Colleague { username: "samuel.adeyemi", name: "Samuel Adeyemi", job: "pharmacist", roles: &[] },
];

/// Makes `Jane Roe` of `jane.roe`.
fn readable(username: &str) -> String {
    let words = username.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        if !name.is_empty() {
            name.push(' ');
        }
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(letters.as_str());
    }
    if name.is_empty() { username.to_owned() } else { name }
}

/// An address of its own for every username: what an address may not hold is written as its number.
fn email(username: &str) -> String {
    let mut address = String::new();
    for c in username.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() || ".-_".contains(c) {
            address.push(c);
        } else {
            let _ = write!(address, "={:x}", u32::from(c));
        }
    }
    address + "@hospital.example"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_makes_a_readable_name() {
        for (username, name) in [
            ("jane.roe", "Jane Roe"),
            ("jane_roe-smith", "Jane Roe Smith"),
            ("nurse7", "Nurse7"),
            ("östen", "Östen"),
            ("--", "--"),
            ("ines.castelo", "Inês Castelo"),
        ] {
            assert_eq!(Person::named(username).name, name);
        }
    }

    #[test]
    fn different_usernames_have_different_addresses() {
        assert_eq!(Person::named("jane.roe").email, "jane.roe@hospital.example");
        assert_eq!(Person::named("östen").email, "=f6sten@hospital.example");
        assert_ne!(Person::named("a b").email, Person::named("a=b").email);
    }
}
