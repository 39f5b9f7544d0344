"""What integrators need: events, webhooks, numbers of any PSTN, words in either language."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_integrators"
down_revision = "2026_11_22_main_job"
branch_labels = None
depends_on = None

WORDS = (
    ("support_cases", "subject", sa.String(256)),
    ("support_case_comments", "message", sa.String()),
)
ORGANIZATIONS_OWN = ("event_counters", "events", "webhook_deliveries", "webhooks")


def upgrade() -> None:
    see_every_organization()
    for name in ("is_toll_free", "is_service"):
        op.add_column(
            "numbers",
            sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False),
        )
    # Toll-free in North America or anywhere (+800); no other was held so far.
    op.execute("""
        update numbers set is_toll_free = true
        where number::text ~ '^(800|18(00|22|33|44|55|66|77|88))'
    """)
    op.drop_column("port_orders", "is_expedited")
    # What was written stays as it is: a string, in JSON.
    for table, column, was in WORDS:
        op.alter_column(
            table,
            column,
            existing_type=was,
            existing_nullable=False,
            type_=postgresql.JSONB(astext_type=sa.Text()),
            postgresql_using=f"to_jsonb({column})",
        )
    op.create_table(
        "event_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_feed")),
    )
    op.create_table(
        "event_counters",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_event_counters")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("insertion", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_events_org_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("position", name=op.f("uq_events_position")),
        sa.UniqueConstraint("org_id", "sequence", name=op.f("uq_events_org_id_sequence")),
    )
    op.create_index("ix_events_org_id_position", "events", ["org_id", "position"], unique=False)
    op.create_index(
        "ix_events_waiting",
        "events",
        ["insertion"],
        unique=False,
        postgresql_where=sa.text("position is null"),
    )
    op.execute("insert into event_feed values (1, 0, 0)")
    op.create_table(
        "webhook_announced",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_announced")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("target_url", sa.String(length=2000), nullable=False),
        sa.Column("events", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("disabled_reason", sa.String(length=10), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begins_after", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("throttled_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_webhooks_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index("ix_webhooks_org_id_id", "webhooks", ["org_id", "id"], unique=False)
    op.create_index(
        "ix_webhooks_due_at",
        "webhooks",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'enabled' and due_at is not null"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_webhook_deliveries_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name=op.f("fk_webhook_deliveries_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        "uq_webhook_deliveries_message",
        "webhook_deliveries",
        ["webhook_id", "message_id"],
        unique=True,
    )
    op.create_index(
        "ix_webhook_deliveries_webhook_id_id",
        "webhook_deliveries",
        ["webhook_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_deliveries_webhook_id_status_id",
        "webhook_deliveries",
        ["webhook_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_deliveries_pending",
        "webhook_deliveries",
        ["webhook_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_webhook_deliveries_ended_at",
        "webhook_deliveries",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("status <> 'pending'"),
    )
    op.execute("insert into webhook_announced values (1, 0)")
    for statement in isolation():
        op.execute(statement)


def downgrade() -> None:
    see_every_organization()
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
    op.drop_table("webhook_announced")
    op.drop_table("events")
    op.drop_table("event_counters")
    op.drop_table("event_feed")
    for table, column, was in WORDS:
        put_into_english(table, column)
        op.alter_column(
            table,
            column,
            existing_type=postgresql.JSONB(astext_type=sa.Text()),
            existing_nullable=False,
            type_=was,
            postgresql_using=f"({column} #>> '{{}}')::{was}",
        )
    op.add_column(
        "port_orders",
        sa.Column("is_expedited", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.alter_column("port_orders", "is_expedited", server_default=None)
    op.drop_column("numbers", "is_service")
    op.drop_column("numbers", "is_toll_free")


def see_every_organization() -> None:
    """Row-level security is forced: without this the owner would change no row of a table."""
    op.execute("select set_config('pstn.organizations', '*', true)")


def isolation() -> Iterator[str]:
    """Row-level security of the new tables, as the first ones have it."""
    for table in ORGANIZATIONS_OWN:
        yield f"alter table {table} enable row level security"
        yield f"alter table {table} force row level security"
        yield f"""
            create policy organization on {table} using (
                (select current_setting('pstn.organizations', true) = '*')
                or org_id = any ((select visible_organizations())::uuid[])
            )
        """


def put_into_english(table: str, column: str) -> None:
    """Write what the service said as a string, which is all there was before."""
    words = sa.table(table, sa.column("id", sa.Uuid()), sa.column(column, postgresql.JSONB()))
    said = words.c[column]
    bind = op.get_bind()
    rows = bind.execute(
        sa.select(words.c.id, said).where(sa.func.jsonb_typeof(said) == "object")
    ).all()
    for row_id, kept in rows:
        bind.execute(words.update().where(words.c.id == row_id).values({column: english(kept)}))


def english(kept: Mapping[str, Any]) -> str:
    """A text that is kept in parts, as English people read it."""
    template: str = kept["plural"] if kept.get("count", 1) != 1 else kept["message"]
    if not kept["parameters"]:
        return template
    return template % {
        name: english(value) if isinstance(value, dict) else value
        for name, value in kept["parameters"].items()
    }
