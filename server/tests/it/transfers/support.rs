//! A shop that sends files.

use crate::support::{Answer, Shop, SignedInStaff, TestApp};
use server::App;
use server::transfers::service::work;
use shared::page::Page;
use shared::staff::Role;
use shared::transfers::ImportState;
use shared::transfers::api::{Export, Import, ImportError};

/// An operator who imports and exports.
pub(super) struct Desk<'a> {
    pub(super) app: &'a TestApp,
    pub(super) shop: Shop<'a>,
    pub(super) operator: SignedInStaff,
}

impl<'a> Desk<'a> {
    pub(super) async fn open(app: &'a TestApp) -> Self {
        Self {
            app,
            shop: Shop::open(app).await,
            operator: app.staff(Role::Operator).await,
        }
    }

    /// Sends a file; `query` begins with the kind.
    pub(super) async fn send(&self, query: &str, file: &str) -> Answer {
        self.send_as(query, file, &self.shop.intent()).await
    }

    pub(super) async fn send_as(&self, query: &str, file: &str, intent: &str) -> Answer {
        let call = self.app.post(&format!("/api/v1/imports?kind={query}"));
        call.bearer(&self.shop.key)
            .idempotency_key(intent)
            .raw(file)
            .header("content-type", "text/csv")
            .await
    }

    /// Sends a file that is taken in.
    pub(super) async fn begin(&self, query: &str, file: &str) -> Import {
        let answer = self.send(query, file).await;
        answer.assert_status(202);
        answer.parse()
    }

    /// Sends a file and carries it out.
    pub(super) async fn import(&self, query: &str, file: &str) -> Import {
        let begun = self.begin(query, file).await;
        carry_out(&self.app.app).await;
        self.get(&begun).await
    }

    /// An import as it stands now.
    pub(super) async fn get(&self, it: &Import) -> Import {
        let call = self.app.get(&format!("/api/v1/imports/{}", it.id));
        call.bearer(&self.shop.key).await.parse()
    }

    /// What is to be said of its lines: line, column and code.
    pub(super) async fn errors(&self, it: &Import, stage: &str) -> Vec<(i64, String, String)> {
        let path = format!("/api/v1/imports/{}/errors?stage={stage}&limit=100", it.id);
        let page: Page<ImportError> = self.app.get(&path).bearer(&self.shop.key).await.parse();
        let rows = page.data.into_iter();
        rows.map(|it| (it.line, it.column.unwrap_or_default(), it.code))
            .collect()
    }

    /// Asks for an import to be stopped or undone.
    pub(super) async fn ask(&self, it: &Import, verb: &str) -> Answer {
        let call = self.app.post(&format!("/api/v1/imports/{}/{verb}", it.id));
        call.bearer(&self.shop.key)
            .idempotency_key(&self.shop.intent())
            .json(&serde_json::json!({}))
            .await
    }

    /// Undoes an import.
    pub(super) async fn undo(&self, it: &Import) -> Import {
        let answer = self.ask(it, "undo").await;
        answer.assert_status(202);
        assert_eq!(answer.parse::<Import>().state, ImportState::Undoing);
        carry_out(&self.app.app).await;
        let undone = self.get(it).await;
        assert_eq!(undone.state, ImportState::Undone);
        assert_eq!(undone.lines_done, undone.lines);
        undone
    }

    /// Writes a file and fetches it.
    pub(super) async fn export(&self, wanted: &serde_json::Value) -> (Export, String) {
        let begun = self.ask_export(wanted).await;
        carry_out(&self.app.app).await;
        let call = self.app.get(&format!("/api/v1/exports/{}", begun.id));
        let done: Export = call.bearer(&self.shop.key).await.parse();
        let file = self.file(&done).await;
        file.assert_status(200);
        (done, file.text())
    }

    pub(super) async fn ask_export(&self, wanted: &serde_json::Value) -> Export {
        let call = self.app.post("/api/v1/exports");
        let call = call.bearer(&self.shop.key);
        let answer = call.idempotency_key(&self.shop.intent()).json(wanted).await;
        answer.assert_status(202);
        answer.parse()
    }

    pub(super) async fn file(&self, it: &Export) -> Answer {
        let call = self.app.get(&format!("/api/v1/exports/{}/file", it.id));
        call.bearer(&self.shop.key).await
    }
}

/// Does all the work that there is.
pub(super) async fn carry_out(app: &App) {
    while work(app).await.expect("a step") {}
}

/// What an import did: added, changed, unchanged, refused.
pub(super) const fn counts(it: &Import) -> (i64, i64, i64, i64) {
    (it.added, it.changed, it.unchanged, it.refused)
}

/// A row of an expected list of errors.
pub(super) fn error(line: i64, column: &str, code: &str) -> (i64, String, String) {
    (line, column.to_owned(), code.to_owned())
}
