//! Files that come in and go out.

use super::build::{create, index, key, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null, text, text_null, uuid,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, tables(), indexes()).await
    }
}

fn imports() -> TableCreateStatement {
    table(
        "imports",
        vec![
            key(uuid("id")),
            string("kind"),
            string("format"),
            string_null("file_name"),
            boolean("dry_run"),
            boolean("all_or_nothing"),
            string("state"),
            integer("pieces"),
            integer("next_piece"),
            integer("failures"),
            big_integer("lines"),
            big_integer("lines_done"),
            big_integer("listed"),
            big_integer("added"),
            big_integer("changed"),
            big_integer("unchanged"),
            big_integer("refused"),
            big_integer("undone"),
            big_integer("kept"),
            string("created_by"),
            string_null("undone_by"),
            big_integer("created_at"),
            big_integer_null("finished_at"),
            big_integer_null("undone_at"),
        ],
    )
}

fn exports() -> TableCreateStatement {
    table(
        "exports",
        vec![
            key(uuid("id")),
            string("kind"),
            string("format"),
            text("filter"),
            string("state"),
            integer("pieces"),
            integer("failures"),
            string_null("place"),
            big_integer("members"),
            big_integer("members_done"),
            big_integer("lines"),
            big_integer("bytes"),
            string("created_by"),
            big_integer("created_at"),
            big_integer_null("finished_at"),
        ],
    )
}

fn tables() -> Vec<TableCreateStatement> {
    let pieces = table(
        "transfer_pieces",
        vec![
            uuid("owner_id"),
            integer("place"),
            big_integer("created_at"),
            big_integer("lines"),
            text_null("body"),
            text_null("effects"),
        ],
    )
    .primary_key(Index::create().col("owner_id").col("place"))
    .to_owned();
    let errors = table(
        "import_errors",
        vec![
            key(uuid("id")),
            uuid("import_id"),
            string("stage"),
            big_integer("line"),
            string_null("column_name"),
            string("code"),
            text("message"),
            big_integer("created_at"),
        ],
    );
    let marks = table(
        "import_marks",
        vec![key(string("mark")), uuid("import_id"), big_integer("line")],
    );
    let sweeps = table(
        "transfer_sweeps",
        vec![key(uuid("owner_id")), integer("from_place")],
    );
    vec![imports(), exports(), pieces, errors, marks, sweeps]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("imports_by_time", "imports", &["created_at", "id"]),
        index("imports_by_state", "imports", &["state"]),
        index("exports_by_time", "exports", &["created_at", "id"]),
        index("exports_by_state", "exports", &["state"]),
        index(
            "transfer_pieces_by_time",
            "transfer_pieces",
            &["created_at"],
        ),
        index(
            "import_errors_of",
            "import_errors",
            &["import_id", "stage", "line", "id"],
        ),
        index("import_errors_by_time", "import_errors", &["created_at"]),
        index("import_marks_of", "import_marks", &["import_id", "line"]),
    ]
}
