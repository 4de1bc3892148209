//! What the tests of referrals share.

use crate::support::{Answer, Shop, SignedInStaff};
use serde_json::{Value, json};
use shared::page::Page;
use shared::referrals::ReferralState;
use shared::referrals::api::{
    Binding, InvitedFriend, MyReferral, ReferralDetail, ReferralReport, ReferralRow, TermsVersion,
};
use shared::staff::Role;

/// A shop that has a referral programme.
pub struct Inviting<'a> {
    /// The shop.
    pub shop: Shop<'a>,
    /// Who runs the programme.
    pub staff: SignedInStaff,
}

/// Terms that give the friend ¥20 of credit and the inviter 500 points for an order of ¥50.
pub fn terms(edit: &Value) -> Value {
    let mut terms = json!({
        "enabled": true, "attribution_days": 14, "order_days": 30, "minimum_order": 5_000,
        "hold_days": 7, "friend_rewards": [{ "kind": "credit", "amount": 2_000 }],
        "inviter_rewards": [{ "kind": "points", "amount": 500 }], "cost_per_friend": 2_500,
        "milestones": [], "friends_per_month": null, "acquisition_cost": 10_000, "target_bps": 5_000,
        "monthly_budget": 1_000_000
    });
    if let (Some(terms), Some(edit)) = (terms.as_object_mut(), edit.as_object()) {
        terms.extend(edit.clone());
    }
    terms
}

impl<'a> Inviting<'a> {
    /// Opens a shop with these terms.
    pub async fn open(shop: Shop<'a>, edit: Value) -> Self {
        let staff = shop.app.staff(Role::Operator).await;
        let inviting = Self { shop, staff };
        inviting.set_terms(&terms(&edit)).await.assert_status(200);
        inviting
    }

    /// Changes the terms.
    pub async fn set_terms(&self, terms: &Value) -> Answer {
        let found: TermsVersion = self.read("/api/v1/referral_terms").await;
        let staff = self.shop.app.staff(Role::Operator).await;
        let call = self.shop.app.put("/api/v1/referral_terms");
        let call = call.bearer(&staff.token);
        let seen = format!("\"{}\"", found.version);
        call.header("if-match", &seen).json(terms).await
    }

    /// Reads as staff.
    pub async fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let staff = self.shop.app.staff(Role::Operator).await;
        let answer = self.shop.app.get(path).bearer(&staff.token).await;
        answer.assert_status(200);
        answer.parse()
    }

    /// A member's code, as the member sees it.
    pub async fn code(&self, member: &str) -> String {
        let path = format!("/api/v1/members/ext:{member}/referral");
        let call = self.shop.app.get(&path).bearer(&self.shop.key);
        let answer = call.await;
        answer.assert_status(200);
        answer.parse::<MyReferral>().code
    }

    /// What a member's own page says.
    pub async fn invitation(&self, member: &str) -> MyReferral {
        let path = format!("/api/v1/members/ext:{member}/referral");
        let answer = self.shop.app.get(&path).bearer(&self.shop.key).await;
        answer.assert_status(200);
        answer.parse()
    }

    /// A member's friends, as the member sees them.
    pub async fn friends(&self, member: &str) -> Vec<InvitedFriend> {
        let path = format!("/api/v1/members/ext:{member}/referrals");
        let answer = self.shop.app.get(&path).bearer(&self.shop.key).await;
        answer.assert_status(200);
        answer.parse::<Page<InvitedFriend>>().data
    }

    /// Tries to bind a friend by a code.
    pub async fn try_bind(&self, friend: &str, code: &str) -> Answer {
        let path = format!("/api/v1/members/ext:{friend}/referral_bindings");
        let call = self.shop.app.post(&path).bearer(&self.shop.key);
        call.json(&json!({ "code": code })).await
    }

    /// Binds a friend who joins now.
    pub async fn bind(&self, friend: &str, inviter: &str) -> Binding {
        self.shop.member(friend).await;
        let code = self.code(inviter).await;
        let answer = self.try_bind(friend, &code).await;
        answer.assert_status(201);
        answer.parse()
    }

    /// Where the only friend of a member stands.
    pub async fn state(&self, inviter: &str) -> ReferralState {
        let friends = self.friends(inviter).await;
        assert_eq!(friends.len(), 1, "{friends:?}");
        friends[0].state
    }

    /// All referrals, newest first.
    pub async fn all(&self) -> Vec<ReferralRow> {
        let page: Page<ReferralRow> = self.read("/api/v1/referrals?limit=100").await;
        page.data
    }

    /// What the programme brought and cost.
    pub async fn report(&self) -> ReferralReport {
        self.read("/api/v1/referral_reports/summary").await
    }

    /// A referral with its history.
    pub async fn detail(&self, id: &str) -> ReferralDetail {
        self.read(&format!("/api/v1/referrals/{id}")).await
    }

    /// Decides about a referral.
    pub async fn decide(&self, id: &str, decision: &str) -> Answer {
        let staff = self.shop.app.staff(Role::Operator).await;
        let path = format!("/api/v1/referrals/{id}/decisions");
        let call = self.shop.app.post(&path).bearer(&staff.token);
        let body = json!({ "decision": decision, "note": "looked at it" });
        call.json(&body).await
    }

    /// Notes hashes that a member is known by.
    pub async fn signal(&self, member: &str, body: Value) {
        let path = format!("/api/v1/members/ext:{member}/signals");
        let call = self.shop.app.post(&path).bearer(&self.shop.key);
        call.json(&body).await.assert_status(204);
    }

    /// A member's store credit that can be used.
    pub async fn credit(&self, member: &str) -> i64 {
        self.shop.summary(member).await.credit.available
    }
}
