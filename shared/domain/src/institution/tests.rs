use super::*;

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
