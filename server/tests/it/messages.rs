//! Messages to members: what ends soon and what became of the tier, each told once.

use crate::support::shop::{contents, line, paid};
use crate::support::{Shop, TestApp, on_both};
use server::jobs::run_all;
use shared::ids::MemberId;
use shared::members::api::Summary;
use shared::messages::Content;
use shared::messages::api::{Message, Unread};
use shared::page::Page;

/// A signed-in member whom the shop knows too.
struct Reader<'a> {
    app: &'a TestApp,
    id: MemberId,
    token: String,
}

impl<'a> Reader<'a> {
    /// The shop's member, with a session that its hand-off opened.
    async fn of(app: &'a TestApp, shop: &Shop<'_>, external_id: &str) -> Self {
        let request = serde_json::json!({ "member": format!("ext:{external_id}") });
        let made = app.post("/api/v1/embed_sessions").bearer(&shop.key);
        let made = made.json(&request).await.json();
        let url = made["url"].as_str().expect("an address");
        let code = url.rsplit(['/', '=', '#']).next().expect("a code");
        let opened = app.post("/api/v1/sessions/exchange").page("member");
        let opened = opened.json(&serde_json::json!({ "code": code })).await;
        opened.assert_status(201);
        let opened: shared::sessions::api::MemberSession = opened.parse();
        Self {
            app,
            id: opened.member_id,
            token: opened.access_token,
        }
    }

    async fn page(&self, query: &str) -> Page<Message> {
        let path = format!("/api/v1/me/messages{query}");
        let answer = self.app.get(&path).bearer(&self.token).await;
        answer.assert_status(200);
        answer.parse()
    }

    /// Kinds of all messages, newest first.
    async fn kinds(&self) -> Vec<&'static str> {
        let page = self.page("?limit=100").await;
        page.data.iter().map(|it| it.content.kind()).collect()
    }

    /// The message of the upgrade to celebrate.
    async fn celebrated(&self, summary: &Summary) -> Option<Message> {
        let page = self.page("?limit=100").await;
        page.data
            .into_iter()
            .find(|it| summary.celebrate == Some(it.id))
    }

    async fn summary(&self) -> Summary {
        let answer = self.app.get("/api/v1/me/summary").bearer(&self.token);
        answer.await.parse()
    }
}

#[tokio::test]
async fn an_upgrade_is_celebrated_once() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let ann = Reader::of(app, &shop, "ann").await;
        assert_eq!(ann.summary().await.unread_messages, 0);
        shop.pay("ann", "a1", 60_000).await;
        let summary = ann.summary().await;
        let message = ann
            .celebrated(&summary)
            .await
            .expect("an upgrade to celebrate");
        assert_eq!(summary.unread_messages, 1);
        assert_eq!(message.title.en, "Welcome to Silver");
        assert_eq!(message.title.zh_cn, "恭喜升级为银卡会员");

        // A second one takes the place of the first.
        shop.pay("ann", "a2", 200_000).await;
        let summary = ann.summary().await;
        let message = ann.celebrated(&summary).await.expect("the later upgrade");
        assert_eq!(
            (summary.unread_messages, &*message.title.en),
            (2, "Welcome to Gold")
        );
        let path = format!("/api/v1/me/messages/{}/read", message.id);
        let read = app.post(&path).bearer(&ann.token).await;
        read.assert_status(200);
        let first: Message = read.parse();
        assert_eq!(first.read_at, Some(shop.now()));
        app.advance_seconds(5);
        let again: Message = app.post(&path).bearer(&ann.token).await.parse();
        assert_eq!(again, first);

        // The first one is of a tier that she no longer has.
        let summary = ann.summary().await;
        assert_eq!((summary.unread_messages, summary.celebrate), (1, None));
        let unread = ann.page("?unread=true").await.data;
        assert_eq!(unread.len(), 1);
        let all = app
            .post("/api/v1/me/messages/read")
            .bearer(&ann.token)
            .await;
        assert_eq!(all.parse::<Unread>().unread, 0);
        assert_eq!(ann.summary().await.unread_messages, 0);
        assert!(ann.page("?unread=true").await.data.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_refund_ends_the_celebration_of_what_it_takes_back() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let ann = Reader::of(app, &shop, "ann").await;
        shop.pay("ann", "a1", 60_000).await;
        app.advance_seconds(60);
        shop.refund_all("a1").await;
        assert_eq!(ann.summary().await.celebrate, None);
        let page = ann.page("").await;
        let newest = &page.data[0];
        assert_eq!(newest.content.kind(), "tier_lowered");
        assert!(newest.text.en.contains("refunded"), "{:?}", newest.text);
    })
    .await;
}

#[tokio::test]
async fn what_ends_is_told_thirty_and_seven_days_ahead_and_each_time_once() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 30_000).await;
        app.advance_seconds(60);
        shop.pay("ann", "a2", 10_000).await;
        // The points of June end with the June of the year after.
        let end = shop.lots("ann").await[0].expires_at.expect("an end");
        app.clock.set(end.plus_days(-31));
        shop.run_jobs().await;
        let ann = Reader::of(app, &shop, "ann").await;
        let before = ann.kinds().await;
        assert!(!before.contains(&"expiring"), "{before:?}");
        for (ahead, times) in [(30, 1), (29, 1), (7, 2), (6, 2)] {
            app.clock.set(end.plus_days(-ahead));
            run_all(&app.app).await.expect("the work is done");
            run_all(&app.app).await.expect("and done again");
            let ann = Reader::of(app, &shop, "ann").await;
            let kinds = ann.kinds().await;
            let found = kinds.iter().filter(|it| **it == "expiring").count();
            assert_eq!(found, times, "{ahead} days ahead");
        }
        let ann = Reader::of(app, &shop, "ann").await;
        let page = ann.page("").await;
        let newest = page.data.iter().find(|it| it.content.kind() == "expiring");
        let Some(Message {
            content: Content::Expiring { amount, at, .. },
            text,
            ..
        }) = newest
        else {
            panic!("no message about an end");
        };
        // One message for all lots of the month.
        assert_eq!((*amount, *at), (400, end));
        assert!(
            text.en.contains("400 points") && text.zh_cn.contains("400 积分"),
            "{text:?}"
        );
        // What was used is not told of.
        assert_eq!(shop.spend("ann", "s1", 400, 100_000).await.status, 201);
        app.clock.set(end.plus_days(-1));
        shop.run_jobs().await;
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_tier_is_warned_of_and_kept_and_old_messages_go() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 60_000).await;
        let until = shop.tier("ann").await.standing.valid_until.expect("an end");
        app.clock.set(until.plus_days(-30));
        shop.run_jobs().await;
        app.advance_seconds(60);
        shop.pay("ann", "a2", 60_000).await;
        let ann = Reader::of(app, &shop, "ann").await;
        let kinds = ann.kinds().await;
        let tiers: Vec<_> = kinds.into_iter().filter(|it| *it != "expiring").collect();
        // The upgrade is more than half a year ago: its message is gone.
        assert_eq!(tiers, ["tier_kept", "tier_warned"]);
        app.clock.advance_days(181);
        shop.run_jobs().await;
        let ann = Reader::of(app, &shop, "ann").await;
        assert!(ann.kinds().await.iter().all(|it| *it == "expiring"));
    })
    .await;
}

#[tokio::test]
async fn anothers_message_is_nobodys() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo"]).await;
        shop.pay("ann", "a1", 60_000).await;
        let ann = Reader::of(app, &shop, "ann").await;
        let bo = Reader::of(app, &shop, "bo").await;
        assert_ne!(ann.id, bo.id);
        let message = ann.page("").await.data[0].id;
        for id in [
            message.to_string(),
            "msg_01k0000000e008000000000001".to_owned(),
        ] {
            let path = format!("/api/v1/me/messages/{id}/read");
            let answer = app.post(&path).bearer(&bo.token).await;
            answer.assert_problem(404, "messages.not_found");
        }
        assert_eq!(ann.summary().await.unread_messages, 1);
    })
    .await;
}

#[tokio::test]
async fn of_an_imported_history_nobody_is_told() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("orders.csv");
        let text = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at\n\
                    o1,ann,2026-06-01,CNY,tea,,1,900.00,,,\n";
        std::fs::write(&path, text).expect("the file is written");
        let format = server::import::Format::Csv;
        let content = server::import::read(&path, format, &app.app).expect("the file is read");
        let done = server::import::import(&app.app, content, |_| {}).await;
        assert_eq!(done.expect("the import succeeds").orders, 1);
        let ann = Reader::of(app, &shop, "ann").await;
        assert_eq!(shop.tier("ann").await.standing.code, "silver");
        assert!(ann.kinds().await.is_empty());
        // News of today are told again.
        app.advance_seconds(60);
        let contents = contents(Some("ann"), &[line("1", 1, 200_000)]);
        shop.apply(&paid("o2", shop.now(), &contents)).await;
        assert_eq!(ann.kinds().await, ["tier_raised"]);
    })
    .await;
}
