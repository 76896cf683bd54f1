use super::*;
use crate::user::InstitutionRole;

#[test]
fn members_back_up_unless_the_institution_says_otherwise() {
    let may = |by: BackupBy| [by.permits(Role::Administrator), by.permits(Role::Member)];
    assert_eq!(may(BackupBy::default()), [true, true]);
    assert_eq!(may(BackupBy::Member), [true, true]);
    assert_eq!(may(BackupBy::Administrator), [true, false]);
    assert_eq!(may(BackupBy::Nobody), [false, false]);
}

#[test]
fn everything_may_be_uploaded_but_what_is_denied() {
    let pdf = ContentType::try_from("application/pdf".to_owned()).unwrap();
    let film = ContentType::try_from("video/mp4".to_owned()).unwrap();
    let mut settings = Settings::default();
    assert!(settings.permits(&pdf) && settings.permits(&film));
    settings.denied_types = serde_json::from_str(r#"["Video/*"]"#).unwrap();
    assert!(settings.permits(&pdf) && !settings.permits(&film));
}

#[test]
fn what_was_never_decided_is_not_stored() {
    let stored = serde_json::to_string(&Settings::default()).unwrap();
    assert_eq!(stored, r#"{"messenger_enabled":true,"protect_admins":false,"break_glass":false}"#);
    assert_eq!(serde_json::from_str::<Settings>(&stored).unwrap(), Settings::default());
}

#[test]
fn who_is_protected_is_approached_by_their_like_only() {
    let username: Username = "ann".parse().unwrap();
    let person = |roles: &[InstitutionRole]| Profile { roles: roles.to_vec(), ..Profile::gone(&username) };
    let (administrator, auditor) =
        (person(&[InstitutionRole::SystemAdministrator]), person(&[InstitutionRole::Auditor]));
    let settings = |protect_admins| Settings { protect_admins, ..Settings::default() };
    for (protected, who, other, may) in [
        (true, &auditor, &administrator, false),
        (true, &administrator, &administrator, true),
        (true, &administrator, &auditor, true),
        (true, &auditor, &auditor, true),
        (false, &auditor, &administrator, true),
    ] {
        assert_eq!(settings(protected).lets_approach(who, other), may, "{who:?}, {other:?}");
    }
}

#[test]
fn a_glass_is_open_until_its_time_is_over() {
    let until: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
    let glass = Glass { auditor: "aud".parse().unwrap(), until };
    assert!(glass.is_open(Timestamp::from_millis(until.as_millis() - 1)));
    assert!(!glass.is_open(until) && !glass.is_open(until.after(Duration::from_millis(1))));
}
