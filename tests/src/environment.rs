//! What whoever starts the tests tells them: how much to try, and where.

use std::env::VarError;
use std::str::FromStr;

/// What a variable of the environment says; nothing if it is not there. One that cannot be understood ends the test: a
/// misspelt number of tries would otherwise be a run of the usual number that looks like a long one.
#[expect(clippy::disallowed_methods, reason = "told by whoever starts the tests")]
pub fn told<T: FromStr>(name: &str) -> Option<T> {
    match std::env::var(name) {
        Ok(said) => Some(understood(name, &said)),
        Err(VarError::NotPresent) => None,
        Err(VarError::NotUnicode(_)) => panic!("{name} is no text"),
    }
}

fn understood<T: FromStr>(name: &str, said: &str) -> T {
    said.parse().unwrap_or_else(|_| panic!("{name} is `{said}`, which cannot be understood"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_nothing_and_what_is_said_is_understood() {
        assert_eq!(told::<u32>("CONFER_NOBODY_SAYS_THIS"), None);
        assert_eq!(understood::<u32>("CONFER_MAILS", "20000"), 20_000);
    }

    #[test]
    #[should_panic = "CONFER_MAILS is `20,000`, which cannot be understood"]
    fn a_misspelt_number_is_no_default() {
        understood::<u32>("CONFER_MAILS", "20,000");
    }
}
