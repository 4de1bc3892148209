//! How versions of the schema write down tables and indexes.

use sea_orm_migration::prelude::*;

/// Makes tables, then their indexes.
pub(super) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// A table.
pub(super) fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    table.to_owned()
}

/// The column as the primary key.
pub(super) fn key(mut column: ColumnDef) -> ColumnDef {
    column.primary_key().to_owned()
}

/// The column as one whose values are all different.
pub(super) fn unique(mut column: ColumnDef) -> ColumnDef {
    column.unique_key().to_owned()
}

/// An index.
pub(super) fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index.to_owned()
}
