use super::*;
use crate::testing::at;
use proptest::prelude::*;

const NOW: &str = "2026-06-15T04:00:00Z";

fn read(kind: TransferKind, cells: &[&str]) -> Result<Line, Vec<LineFault>> {
    let zone = crate::time::zone("Asia/Shanghai").expect("a zone");
    let cells: Vec<Option<String>> = cells
        .iter()
        .map(|it| (!it.is_empty()).then(|| (*it).to_owned()))
        .collect();
    let facts = Facts {
        country: "86",
        zone: &zone,
        now: at(NOW),
    };
    read_line(kind, &cells, facts)
}

#[test]
fn a_member_is_read_as_it_is_stored() {
    let cells = [
        "c-1",
        " Li ",
        "Li@Example.com",
        "138 0013 8000",
        "1990-04-30",
        "zh",
        "Asia/Tokyo",
        "2024-05-01",
        "tea; vip;tea",
        "YES",
        "否",
        "0",
    ];
    let Ok(Line::Member(it)) = read(TransferKind::Members, &cells) else {
        panic!("it is right")
    };
    assert_eq!(it.name.as_deref(), Some("Li"));
    assert_eq!(it.email.as_deref(), Some("li@example.com"));
    assert_eq!(it.phone.as_deref(), Some("+8613800138000"));
    assert_eq!(it.joined_at, Some(at("2024-04-30T16:00:00Z")));
    assert_eq!(it.tags, Some(vec!["tea".to_owned(), "vip".to_owned()]));
    assert_eq!(
        (it.consent_email, it.consent_sms, it.consent_push),
        (Some(true), Some(false), Some(false))
    );
    let bare = read(
        TransferKind::Members,
        &["c-1", "", "", "", "", "", "", "", "", "", "", ""],
    );
    let only = MemberLine {
        external_id: "c-1".to_owned(),
        ..MemberLine::default()
    };
    assert_eq!(bare, Ok(Line::Member(only)));
}

#[test]
fn everything_that_is_wrong_is_told() {
    let long = "x".repeat(MAX_CELL + 1);
    let empty = ["", "", "", "", "", "", "", "", "", "", ""];
    let with = |first: &str, place: usize, cell: &str| {
        let mut cells = vec![first.to_owned()];
        cells.extend(empty.iter().map(|it| (*it).to_owned()));
        cells[place] = cell.to_owned();
        cells
    };
    for (place, cell, column, fault) in [
        (0, "", "external_id", Fault::Required),
        (0, "a\tb", "external_id", Fault::NotAnId),
        (1, &*"x".repeat(61), "name", Fault::NotAName),
        (2, "li@", "email", Fault::NotAnEmail),
        (3, "12", "phone", Fault::NotAPhone),
        (4, "2030-01-01", "birthday", Fault::NotABirthday),
        (4, "30.04.1990", "birthday", Fault::NotABirthday),
        (5, "fr", "locale", Fault::NotALanguage),
        (6, "Mars/Olympus", "time_zone", Fault::NotAZone),
        (7, "yesterday", "joined_at", Fault::NotATime),
        (8, "a\tb", "tags", Fault::NotTags),
        (9, "perhaps", "consent_email", Fault::NotYesOrNo),
    ] {
        let cells = with("c-1", place, cell);
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let faults = read(TransferKind::Members, &cells).expect_err("it is wrong");
        assert_eq!(faults, [(Some(column), fault)], "{cell}");
    }
    let cells = with("c-1", 1, &long);
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let faults = read(TransferKind::Members, &cells).expect_err("it is wrong");
    assert_eq!(faults[0], (Some("name"), Fault::TooLong));
}

#[test]
fn points_and_coupons_end_ahead() {
    let points = |cells: &[&str]| read(TransferKind::Points, cells);
    let Ok(Line::Points(it)) = points(&["c-1", "100", "", "2026-06-15", ""]) else {
        panic!("today is not over")
    };
    assert_eq!(it.expires_at, Some(at("2026-06-15T15:59:59.999Z")));
    for (cells, column, fault) in [
        (["c-1", "0", "", "", ""], "points", Fault::NotPoints),
        (["c-1", "1.5", "", "", ""], "points", Fault::NotPoints),
        (["c-1", "-5", "", "", ""], "points", Fault::NotPoints),
        (["", "5", "", "", ""], "member", Fault::Required),
        (["c-1", "5", "", NOW, ""], "expires_at", Fault::InThePast),
        (
            ["c-1", "5", "2028-01-01", "2027-01-01", ""],
            "expires_at",
            Fault::EndsTooSoon,
        ),
        (["c-1", "5", "soon", "", ""], "active_from", Fault::NotATime),
        (["c-1", "5", "", "", "a\nb"], "reference", Fault::NotAnId),
    ] {
        let faults = points(&cells).expect_err("it is wrong");
        assert_eq!(faults, [(Some(column), fault)], "{cells:?}");
    }
    let faults = read(TransferKind::Coupons, &["", "", "2020-01-01", ""]).expect_err("it is wrong");
    let columns: Vec<_> = faults.iter().filter_map(|it| it.0).collect();
    assert_eq!(columns, ["template", "member", "expires_at"]);
}

#[test]
fn formulas_are_guarded_and_given_back() {
    for (text, guarded) in [
        ("=1+1", "'=1+1"),
        ("+86138", "'+86138"),
        ("-2", "'-2"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("", ""),
        ("Li", "Li"),
        ("a=b", "a=b"),
        ("'quoted'", "'quoted'"),
    ] {
        assert_eq!(guard(text), guarded);
        assert_eq!(unguard(guarded), text);
    }
}

#[test]
fn an_import_is_undone_for_a_week_once_it_has_ended() {
    let ended = Some(at("2026-06-01T00:00:00Z"));
    let late = at("2026-06-08T00:00:00.001Z");
    let (just, none) = (at("2026-06-08T00:00:00Z"), None);
    for (state, kept, finished, now, expected) in [
        (ImportState::Done, true, ended, just, Ok(())),
        (ImportState::Cancelled, true, ended, just, Ok(())),
        (ImportState::Failed, true, ended, just, Ok(())),
        (
            ImportState::Done,
            true,
            ended,
            late,
            Err(ErrorCode::ImportTooLate),
        ),
        (
            ImportState::Done,
            false,
            ended,
            just,
            Err(ErrorCode::ImportNotUndoable),
        ),
        (
            ImportState::Running,
            true,
            none,
            just,
            Err(ErrorCode::ImportNotUndoable),
        ),
        (
            ImportState::Refused,
            true,
            ended,
            just,
            Err(ErrorCode::ImportNotUndoable),
        ),
        (
            ImportState::Undoing,
            true,
            ended,
            just,
            Err(ErrorCode::ImportNotUndoable),
        ),
        (
            ImportState::Undone,
            true,
            ended,
            just,
            Err(ErrorCode::ImportNotUndoable),
        ),
    ] {
        assert_eq!(can_undo(state, kept, finished, now), expected, "{state:?}");
    }
    assert_eq!(can_cancel(ImportState::Running), Ok(()));
    assert_eq!(
        can_cancel(ImportState::Undoing),
        Err(ErrorCode::ImportEnded)
    );
}

fn text() -> impl Strategy<Value = String> {
    "[ -~林王＝']{1,20}"
        .prop_map(|it| it.trim().to_owned())
        .prop_filter("not empty", |it| !it.is_empty())
}

fn ahead() -> impl Strategy<Value = Option<Timestamp>> {
    proptest::option::of((1i64..1_000_000_000).prop_map(|it| at(NOW).plus_millis(it)))
}

prop_compose! {
    fn member()(
        external_id in text(), name in proptest::option::of(text()),
        email in proptest::option::of("[a-z]{1,8}@[a-z]{1,8}\\.com"), phone in proptest::option::of("\\+861[0-9]{10}"),
        day in proptest::option::of(0i64..20_000), tags in proptest::collection::btree_set(text(), 0..4),
        joined_at in ahead(), consents in any::<(Option<bool>, Option<bool>, Option<bool>)>(),
        locale in proptest::option::of(prop_oneof![Just(Locale::En), Just(Locale::ZhCn)]),
    ) -> Line {
        let birthday = day.map(|it| at("1970-01-01T00:00:00Z").plus_days(it).date_in(&TimeZone::UTC).into());
        Line::Member(MemberLine {
            external_id, name, email, phone, birthday, locale, joined_at,
            time_zone: Some("Europe/Paris".to_owned()),
            tags: (!tags.is_empty()).then(|| tags.into_iter().collect()),
            consent_email: consents.0, consent_sms: consents.1, consent_push: consents.2,
        })
    }
}

prop_compose! {
    fn points()(
        member in text(), points in 1..=MAX_AMOUNT, expires_at in ahead(), reference in proptest::option::of(text()),
    ) -> Line {
        Line::Points(PointsLine { member, points, active_from: None, expires_at, reference })
    }
}

prop_compose! {
    fn coupon()(
        template in text(), member in text(), expires_at in ahead(), reference in proptest::option::of(text()),
    ) -> Line {
        Line::Coupon(CouponLine { template, member, expires_at, reference })
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(line in prop_oneof![member(), points(), coupon()]) {
        let kind = match &line {
            Line::Member(_) => TransferKind::Members,
            Line::Points(_) => TransferKind::Points,
            Line::Coupon(_) => TransferKind::Coupons,
        };
        let guarded: Vec<Option<String>> = line.cells().iter().map(|it| it.as_deref().map(guard)).collect();
        for cell in guarded.iter().flatten() {
            prop_assert!(!is_formula(cell), "{}", cell);
        }
        let cells: Vec<Option<String>> =
            guarded.iter().map(|it| it.as_deref().map(|it| unguard(it).to_owned())).collect();
        let zone = crate::time::zone("Asia/Shanghai").expect("a zone");
        let facts = Facts { country: "86", zone: &zone, now: at(NOW) };
        prop_assert_eq!(read_line(kind, &cells, facts), Ok(line));
    }

    #[test]
    fn a_guard_is_taken_off_again(text in "[ '=+a\\-@\t\r＝]{0,8}") {
        let guarded = guard(&text);
        prop_assert_eq!(unguard(&guarded), text.as_str());
        prop_assert!(!is_formula(&guarded));
    }

    #[test]
    fn a_list_survives_its_cell(texts in proptest::collection::vec(text(), 0..5)) {
        prop_assert_eq!(split_list(&join_list(&texts)), texts);
    }
}
