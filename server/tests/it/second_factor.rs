//! The second step of staff signing in.

use crate::support::{Answer, PASSWORD, SignedInStaff, TestApp, on_both, on_both_with};
use serde_json::{Value, json};
use shared::staff::Role;
use totp_rs::{Builder, Secret};

/// The code that an authenticator app shows now.
fn code_now(app: &TestApp, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let totp = Builder::new()
        .with_secret(secret)
        .with_account_name("x")
        .build()
        .expect("a secret of the right length");
    let seconds = app.app.db.now().as_millis() / 1000;
    totp.generate(seconds.unsigned_abs()).to_string()
}

/// A code that is surely not the present one.
fn wrong_code(app: &TestApp, secret: &str) -> String {
    let right = code_now(app, secret);
    let last = if right.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &right[..5])
}

async fn sign_in(app: &TestApp, email: &str, code: Option<&str>) -> Answer {
    let mut body = json!({ "email": email, "password": PASSWORD });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    let call = app.post("/api/v1/staff_sessions").page("console");
    call.json(&body).await
}

/// Asks with a body as this person.
async fn ask(app: &TestApp, staff: &SignedInStaff, path: &str, body: Value) -> Answer {
    let path = format!("/api/v1/staff/me/totp{path}");
    app.post(&path).bearer(&staff.token).json(&body).await
}

async fn email_of(app: &TestApp, staff: &SignedInStaff) -> String {
    let own = app.get("/api/v1/staff/me").bearer(&staff.token).await;
    own.json()["email"].as_str().unwrap_or_default().to_owned()
}

/// Sets up an authenticator; answers with its secret and the recovery codes.
async fn enrol(app: &TestApp, staff: &SignedInStaff) -> (String, Vec<String>) {
    let begun = ask(app, staff, "", json!({ "password": PASSWORD })).await;
    begun.assert_status(201);
    let secret = begun.json()["secret"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let body = json!({ "code": code_now(app, &secret) });
    let confirmed = ask(app, staff, "/confirm", body).await;
    confirmed.assert_status(200);
    let codes = confirmed.json()["codes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let codes = codes.iter().filter_map(|it| it.as_str().map(str::to_owned));
    (secret, codes.collect())
}

#[tokio::test]
async fn signing_in_takes_a_code_that_works_once() {
    on_both(async |app: &TestApp| {
        let staff = app.staff(Role::Operator).await;
        let email = email_of(app, &staff).await;
        let (secret, _) = enrol(app, &staff).await;
        // The code that confirmed it is used up, too.
        let used = sign_in(app, &email, Some(&code_now(app, &secret))).await;
        used.assert_problem(401, "auth.code_wrong");
        app.advance_seconds(30);
        sign_in(app, &email, None)
            .await
            .assert_problem(401, "auth.code_required");
        let wrong = sign_in(app, &email, Some(&wrong_code(app, &secret))).await;
        wrong.assert_problem(401, "auth.code_wrong");
        let code = code_now(app, &secret);
        sign_in(app, &email, Some(&code)).await.assert_status(201);
        sign_in(app, &email, Some(&code))
            .await
            .assert_problem(401, "auth.code_wrong");
        app.advance_seconds(30);
        // One before the last that counted never counts again, one a step late does.
        sign_in(app, &email, Some(&code))
            .await
            .assert_problem(401, "auth.code_wrong");
        let code = code_now(app, &secret);
        app.advance_seconds(30);
        sign_in(app, &email, Some(&code)).await.assert_status(201);
        let wrong_password = json!({ "email": email, "password": "wrong wrong", "code": "000000" });
        let call = app.post("/api/v1/staff_sessions").page("console");
        let refused = call.json(&wrong_password).await;
        refused.assert_problem(401, "auth.bad_credentials");
    })
    .await;
}

#[tokio::test]
async fn of_many_who_use_a_code_at_once_one_gets_in() {
    on_both(async |app: &TestApp| {
        let staff = app.staff(Role::Operator).await;
        let email = email_of(app, &staff).await;
        let (secret, codes) = enrol(app, &staff).await;
        app.advance_seconds(30);
        for code in [&code_now(app, &secret), &codes[0]] {
            let calls = (0..4).map(|_| sign_in(app, &email, Some(code)));
            let answers = futures::future::join_all(calls).await;
            let mut statuses: Vec<u16> = answers.iter().map(|it| it.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 401, 401, 401]);
        }
    })
    .await;
}

#[tokio::test]
async fn setting_up_needs_the_password_and_a_right_code_in_time() {
    on_both(async |app: &TestApp| {
        let staff = app.staff(Role::Auditor).await;
        let wrong = ask(app, &staff, "", json!({ "password": "wrong wrong" })).await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/password".to_owned(), "invalid".to_owned())]
        );
        let early = ask(app, &staff, "/confirm", json!({ "code": "123456" })).await;
        early.assert_problem(409, "staff.second_factor_missing");

        let begun = ask(app, &staff, "", json!({ "password": PASSWORD }))
            .await
            .json();
        let secret = begun["secret"].as_str().unwrap_or_default();
        let uri = begun["uri"].as_str().unwrap_or_default();
        assert!(
            uri.starts_with("otpauth://totp/") && uri.contains(secret),
            "{uri}"
        );
        assert!(
            begun["qr_svg"]
                .as_str()
                .is_some_and(|it| it.starts_with("<svg"))
        );
        let email = email_of(app, &staff).await;
        sign_in(app, &email, None).await.assert_status(201);
        let wrong = ask(
            app,
            &staff,
            "/confirm",
            json!({ "code": wrong_code(app, secret) }),
        )
        .await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/code".to_owned(), "invalid".to_owned())]
        );
        app.advance_seconds(14 * 60);
        app.advance_seconds(61);
        let staff = app.sign_in_staff(&email).await;
        let late = ask(
            app,
            &staff,
            "/confirm",
            json!({ "code": code_now(app, secret) }),
        )
        .await;
        late.assert_problem(409, "staff.second_factor_missing");

        enrol(app, &staff).await;
        let again = ask(app, &staff, "", json!({ "password": PASSWORD })).await;
        again.assert_problem(409, "staff.second_factor_enabled");
        let again = ask(app, &staff, "/confirm", json!({ "code": "123456" })).await;
        again.assert_problem(409, "staff.second_factor_enabled");
    })
    .await;
}

#[tokio::test]
async fn recovery_codes_work_once_each_and_can_be_renewed() {
    on_both(async |app: &TestApp| {
        let staff = app.staff(Role::Operator).await;
        let email = email_of(app, &staff).await;
        let (secret, codes) = enrol(app, &staff).await;
        assert_eq!(codes.len(), 10);
        let left = async || {
            let own = app
                .get("/api/v1/staff/me/totp")
                .bearer(&staff.token)
                .await
                .json();
            assert_eq!(
                (&own["enabled"], &own["required"]),
                (&json!(true), &json!(false))
            );
            own["recovery_codes_left"].clone()
        };
        assert_eq!(left().await, 10);
        sign_in(app, &email, Some(&codes[3].to_uppercase()))
            .await
            .assert_status(201);
        sign_in(app, &email, Some(&codes[3]))
            .await
            .assert_problem(401, "auth.code_wrong");
        assert_eq!(left().await, 9);
        app.advance_seconds(30);
        let body = json!({ "code": code_now(app, &secret) });
        let renewed = ask(app, &staff, "/recovery_codes", body).await;
        renewed.assert_status(200);
        sign_in(app, &email, Some(&codes[4]))
            .await
            .assert_problem(401, "auth.code_wrong");
        let code = renewed.json()["codes"][0]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        sign_in(app, &email, Some(&code)).await.assert_status(201);
        assert_eq!(left().await, 9);
    })
    .await;
}

#[tokio::test]
async fn no_answer_ever_holds_the_secret_again() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let (secret, codes) = enrol(app, &admin).await;
        for path in [
            "/api/v1/staff/me",
            "/api/v1/staff/me/totp",
            "/api/v1/staff",
            "/api/v1/staff_policy",
        ] {
            let text = app.get(path).bearer(&admin.token).await.text();
            assert!(
                !text.contains(&secret) && !text.contains("secret"),
                "{path}: {text}"
            );
            assert!(codes.iter().all(|it| !text.contains(it)), "{path}: {text}");
        }
        let listed = app.get("/api/v1/staff").bearer(&admin.token).await.json();
        assert_eq!(listed["data"][0]["second_factor"], true);
    })
    .await;
}

#[tokio::test]
async fn it_is_given_up_with_password_and_code_or_reset_by_another_admin() {
    on_both(async |app: &TestApp| {
        let (admin, staff) = (
            app.staff(Role::Admin).await,
            app.staff(Role::Operator).await,
        );
        let email = email_of(app, &staff).await;
        let (secret, codes) = enrol(app, &staff).await;
        app.advance_seconds(30);
        let code = code_now(app, &secret);
        let wrong = ask(
            app,
            &staff,
            "/disable",
            json!({ "password": "wrong wrong", "code": code }),
        )
        .await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/password".to_owned(), "invalid".to_owned())]
        );
        let wrong = ask(
            app,
            &staff,
            "/disable",
            json!({ "password": PASSWORD, "code": "nothing" }),
        )
        .await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/code".to_owned(), "invalid".to_owned())]
        );
        let body = json!({ "password": PASSWORD, "code": codes[0] });
        ask(app, &staff, "/disable", body.clone())
            .await
            .assert_status(204);
        ask(app, &staff, "/disable", body)
            .await
            .assert_problem(409, "staff.second_factor_missing");
        sign_in(app, &email, None).await.assert_status(201);

        enrol(app, &staff).await;
        let reset = |id: String, reason: &str| {
            let call = app
                .post(&format!("/api/v1/staff/{id}/reset_totp"))
                .bearer(&admin.token);
            call.json(&json!({ "reason": reason })).into_future()
        };
        let own = reset(admin.id.to_string(), "lost it").await;
        own.assert_problem(403, "auth.forbidden");
        let nobody = reset("stf_01k0000000e008000000000001".to_owned(), "lost it").await;
        nobody.assert_problem(404, "staff.not_found");
        let short = reset(staff.id.to_string(), " ").await;
        assert_eq!(
            short.wrong_parts(),
            [("/reason".to_owned(), "out_of_range".to_owned())]
        );
        let done = reset(staff.id.to_string(), "lost the phone").await;
        done.assert_status(200);
        assert_eq!(done.json()["second_factor"], false);
        reset(staff.id.to_string(), "again")
            .await
            .assert_problem(409, "staff.second_factor_missing");
        let out = app.get("/api/v1/staff/me").bearer(&staff.token).await;
        out.assert_problem(401, "auth.session_ended");
        sign_in(app, &email, None).await.assert_status(201);
    })
    .await;
}

#[tokio::test]
async fn when_the_shop_asks_for_it_nothing_else_works_before() {
    on_both(async |app: &TestApp| {
        let (admin, staff) = (
            app.staff(Role::Admin).await,
            app.staff(Role::Operator).await,
        );
        let email = email_of(app, &staff).await;
        let policy = json!({ "second_factor_required": true });
        let refused = app
            .put("/api/v1/staff_policy")
            .bearer(&staff.token)
            .json(&policy)
            .await;
        refused.assert_problem(403, "auth.forbidden");
        enrol(app, &admin).await;
        let set = app
            .put("/api/v1/staff_policy")
            .bearer(&admin.token)
            .json(&policy)
            .await;
        set.assert_status(200);
        // Who is signed in already is asked as well, at once.
        let members = |token: &str| app.get("/api/v1/members").bearer(token).into_future();
        members(&staff.token)
            .await
            .assert_problem(403, "auth.enrolment_required");
        members(&admin.token).await.assert_status(200);
        let session = sign_in(app, &email, None).await;
        session.assert_status(201);
        assert_eq!(session.json()["must_enrol"], true);
        let own = app
            .get("/api/v1/staff/me/totp")
            .bearer(&staff.token)
            .await
            .json();
        assert_eq!(
            (&own["enabled"], &own["required"]),
            (&json!(false), &json!(true))
        );
        enrol(app, &staff).await;
        members(&staff.token).await.assert_status(200);
        let refresh = app.post("/api/v1/staff_sessions/refresh").page("console");
        let refreshed = refresh.cookie(&staff.cookie).await;
        assert_eq!(refreshed.json()["must_enrol"], false);
    })
    .await;
}

#[tokio::test]
async fn codes_are_tried_a_few_times_a_minute() {
    let few = |config: &mut server::config::Config| config.limits.sign_in_account_per_minute = 3;
    on_both_with(few, async |app: &TestApp| {
        let staff = app.staff(Role::Operator).await;
        let password = json!({ "password": "wrong wrong" });
        for _ in 0..3 {
            ask(app, &staff, "", password.clone())
                .await
                .assert_status(422);
        }
        let refused = ask(app, &staff, "", password).await;
        refused.assert_problem(429, "request.rate_limited");
    })
    .await;
}
