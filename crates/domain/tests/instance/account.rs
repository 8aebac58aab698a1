use switchboard_domain::instance::{Account, AccountFull, CHANGES_WINDOW_DAYS, Changes, Limits};

use crate::NOW;

fn after(count: u32, limits: &Limits) -> Changes {
    (0..count).fold(Changes::default(), |changes, _| changes.with_one(limits, NOW))
}

#[test]
fn aws_gives_an_account_two_instances() {
    let with = |instances| Account { instances, ..Account::default() };
    assert_eq!(with(1).admit(&Limits::aws(), NOW), Ok(()));
    assert_eq!(with(2).admit(&Limits::aws(), NOW), Err(AccountFull::Instances { max: 2 }));
    assert_eq!(with(2).admit(&Limits::default(), NOW), Ok(()));
}

#[test]
fn a_hundred_changes_within_thirty_days_are_enough() {
    let limits = Limits::aws();
    let account = |changes| Account { instances: 0, changes };
    assert_eq!(account(after(99, &limits)).admit(&limits, NOW), Ok(()));

    let full = account(after(100, &limits));
    assert_eq!(full.admit(&limits, NOW), Err(AccountFull::Changes { max: 100 }));
    let window_minutes = CHANGES_WINDOW_DAYS * 24 * 60;
    assert!(full.admit(&limits, NOW.plus_minutes(window_minutes - 1)).is_err());
    assert_eq!(full.admit(&limits, NOW.plus_minutes(window_minutes)), Ok(()));
}

#[test]
fn only_what_counts_is_kept() {
    let limits = Limits::aws();
    let later = NOW.plus_minutes(CHANGES_WINDOW_DAYS * 24 * 60);
    assert_eq!(after(7, &limits).with_one(&limits, later), Changes::default().with_one(&limits, later));
    assert_eq!(after(7, &Limits::default()), Changes::default());
}

#[test]
fn numbers_per_instance_hold_by_default_too() {
    let default = Limits::default();
    assert_eq!((default.lex_v1_bots, default.lex_v2_bots), (Some(70), Some(100)));
    assert_eq!(default, Limits { instances: None, instance_changes: None, ..Limits::aws() });
}
