"""The first tables: the main job, from an organisation to its active numbers; and the jobs' own."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_main_job"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("order_number_seq")))
    op.create_table(
        "access_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_tokens_token_hash")),
    )
    op.create_index(op.f("ix_access_tokens_org_id"), "access_tokens", ["org_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("credential_id", "scope", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "inventory_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("file_key", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("next_line", sa.Integer(), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("refused", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_imports")),
    )
    op.create_table(
        "partners",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("var_authorized", sa.Boolean(), nullable=False),
        sa.Column("pstn_addendum_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
    )
    op.create_table(
        "simulated_carrier_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column(
            "called_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_carrier_calls")),
    )
    op.create_index(
        op.f("ix_simulated_carrier_calls_reference"),
        "simulated_carrier_calls",
        ["reference"],
        unique=False,
    )
    op.create_table(
        "simulated_carrier_orders",
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("numbers", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column(
            "booked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_simulated_carrier_orders")),
    )
    op.create_table(
        "simulated_carrier_ports",
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("course", sa.String(length=2), nullable=False),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.Column("error_numbers", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("answers_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("foc_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_simulated_carrier_ports")),
    )
    op.create_table(
        "simulated_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offset_seconds", sa.Double(), nullable=False),
        sa.Column("target_seconds", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_clock")),
    )
    op.create_table(
        "thousands_blocks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("rate_center", sa.String(length=100), nullable=False),
        sa.Column("number_type", sa.String(length=12), nullable=False),
        sa.Column("stocked", postgresql.BIT(1000), nullable=False),
        sa.Column("available", postgresql.BIT(1000), nullable=False),
        sa.Column(
            "available_count",
            sa.Integer(),
            sa.Computed("bit_count(available)", persisted=True),
            nullable=False,
        ),
        sa.Column("longest_run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thousands_blocks")),
    )
    op.create_index(
        "ix_thousands_blocks_area_run",
        "thousands_blocks",
        [sa.literal_column("(id / 10000)"), "longest_run"],
        unique=False,
    )
    op.create_index(
        "ix_thousands_blocks_available",
        "thousands_blocks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("available_count > 0"),
    )
    op.create_index(
        "ix_thousands_blocks_city",
        "thousands_blocks",
        ["country", sa.literal_column("lower(city)"), "id"],
        unique=False,
        postgresql_where=sa.text("available_count > 0"),
    )
    op.create_index(
        "ix_thousands_blocks_city_run",
        "thousands_blocks",
        ["country", sa.literal_column("lower(city)"), "longest_run"],
        unique=False,
    )
    op.create_index(
        "ix_thousands_blocks_state",
        "thousands_blocks",
        ["country", "state", "id"],
        unique=False,
        postgresql_where=sa.text("available_count > 0"),
    )
    op.create_index(
        "ix_thousands_blocks_state_run",
        "thousands_blocks",
        ["country", "state", "longest_run"],
        unique=False,
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_type", sa.String(length=10), nullable=False),
        sa.Column("subscription_status", sa.String(length=10), nullable=False),
        sa.Column("trial_ends_on", sa.Date(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_organizations_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_index(
        "ix_organizations_ends_at",
        "organizations",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("subscription_status = 'cancelled'"),
    )
    op.create_index(
        op.f("ix_organizations_partner_id"), "organizations", ["partner_id"], unique=False
    )
    op.create_table(
        "limit_overrides",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_limit_overrides_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "name", name=op.f("pk_limit_overrides")),
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("preferred_language", sa.String(length=16), nullable=False),
        sa.Column("announcement_language", sa.String(length=16), nullable=False),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("latitude", sa.Float(precision=53), nullable=True),
        sa.Column("longitude", sa.Float(precision=53), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_locations_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
    )
    op.create_index(
        "ix_locations_org_id_name",
        "locations",
        ["org_id", sa.literal_column("lower(name)")],
        unique=False,
    )
    op.create_table(
        "outbound_calling_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("requested_service_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_outbound_calling_plans_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_calling_plans")),
    )
    op.create_index(
        op.f("ix_outbound_calling_plans_org_id"), "outbound_calling_plans", ["org_id"], unique=False
    )
    op.create_table(
        "terms_acceptances",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("accepted_by", sa.String(length=100), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_terms_acceptances_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "version", name=op.f("pk_terms_acceptances")),
    )
    op.create_table(
        "emergency_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("phone_number", sa.BigInteger(), nullable=True),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name=op.f("fk_emergency_addresses_location_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_emergency_addresses_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_addresses")),
    )
    op.create_index(
        "uq_emergency_addresses_default",
        "emergency_addresses",
        ["location_id"],
        unique=True,
        postgresql_where="phone_number is null",
    )
    op.create_index(
        "uq_emergency_addresses_number",
        "emergency_addresses",
        ["phone_number"],
        unique=True,
        postgresql_where="phone_number is not null",
    )
    op.create_table(
        "number_blocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("first_number", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_number_blocks_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_number_blocks_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_blocks")),
    )
    op.create_index(op.f("ix_number_blocks_org_id"), "number_blocks", ["org_id"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("from_stock", sa.Boolean(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("take_back_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_numbers_location_id")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_numbers_org_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_numbers")),
    )
    op.create_index(op.f("ix_numbers_block_id"), "numbers", ["block_id"], unique=False)
    op.create_index(
        "ix_numbers_inactive",
        "numbers",
        ["org_id"],
        unique=False,
        postgresql_where=sa.text("state = 'inactive'"),
    )
    op.create_index(
        "ix_numbers_location_id_number", "numbers", ["location_id", "number"], unique=False
    )
    op.create_index(op.f("ix_numbers_order_id"), "numbers", ["order_id"], unique=False)
    op.create_index("ix_numbers_org_id_number", "numbers", ["org_id", "number"], unique=False)
    op.create_index(op.f("ix_numbers_reservation_id"), "numbers", ["reservation_id"], unique=False)
    op.create_index(
        "ix_numbers_rests_until",
        "numbers",
        ["rests_until"],
        unique=False,
        postgresql_where=sa.text("state = 'resting'"),
    )
    op.create_index(
        "ix_numbers_take_back_until",
        "numbers",
        ["take_back_until"],
        unique=False,
        postgresql_where=sa.text("state = 'released'"),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=30), nullable=True),
        sa.Column("next_actor", sa.String(length=10), nullable=False),
        sa.Column("expected_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("substitutions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.Column("foc_date", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_orders_location_id")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_orders_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    op.create_index("ix_orders_location_id_id", "orders", ["location_id", "id"], unique=False)
    op.create_index("ix_orders_org_id_id", "orders", ["org_id", "id"], unique=False)
    op.create_table(
        "pstn_connections",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("option_id", sa.Uuid(), nullable=False),
        sa.Column("route_type", sa.String(length=20), nullable=True),
        sa.Column("route_id", sa.String(length=256), nullable=True),
        sa.Column("contact", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("emergency_disclaimer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("main_number", sa.BigInteger(), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name=op.f("fk_pstn_connections_location_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_pstn_connections_org_id")
        ),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_pstn_connections")),
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("offers_substitutes", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_reservations_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_reservations_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
    )
    op.create_index(
        "ix_reservations_due",
        "reservations",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(op.f("ix_reservations_org_id"), "reservations", ["org_id"], unique=False)
    op.create_index(
        "uq_reservations_substitutes",
        "reservations",
        ["location_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active' and offers_substitutes"),
    )
    op.create_table(
        "order_errors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("phone_numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_errors_order_id")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_order_errors_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_errors")),
    )
    op.create_index(op.f("ix_order_errors_order_id"), "order_errors", ["order_id"], unique=False)
    op.create_table(
        "order_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=30), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("errors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_move", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_history_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_order_history_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_history")),
    )
    op.create_index(
        "ix_order_history_order_id_id", "order_history", ["order_id", "id"], unique=False
    )
    op.create_table(
        "order_numbers",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("portable", sa.Boolean(), nullable=True),
        sa.Column("not_portable_reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_numbers_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_order_numbers_org_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_order_numbers")),
    )
    op.create_index(op.f("ix_order_numbers_number"), "order_numbers", ["number"], unique=False)
    op.create_table(
        "port_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("file_key", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("signature", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reading_outcome", sa.String(length=10), nullable=True),
        sa.Column("reading", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.String(length=100), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_port_documents_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_port_documents_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_port_documents")),
    )
    op.create_index(op.f("ix_port_documents_file_key"), "port_documents", ["file_key"])
    op.create_index("ix_port_documents_order_id_id", "port_documents", ["order_id", "id"])
    op.create_table(
        "port_field_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("pointer", sa.String(length=200), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_port_field_changes_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_port_field_changes_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_port_field_changes")),
    )
    op.create_index(
        "ix_port_field_changes_order_id_id",
        "port_field_changes",
        ["order_id", "id"],
        unique=False,
    )
    op.create_table(
        "port_orders",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("port_type", sa.String(length=10), nullable=True),
        sa.Column("carrier_name", sa.String(length=100), nullable=True),
        sa.Column("account_number", sa.LargeBinary(), nullable=True),
        sa.Column("billing_telephone_number", sa.BigInteger(), nullable=True),
        sa.Column("authorized_name", sa.String(length=100), nullable=True),
        sa.Column("company_name", sa.String(length=100), nullable=True),
        sa.Column("pin", sa.LargeBinary(), nullable=True),
        sa.Column("service_address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("new_billing_telephone_number", sa.BigInteger(), nullable=True),
        sa.Column("remaining_numbers_action", sa.String(length=12), nullable=True),
        sa.Column("requested_completion_date", sa.Date(), nullable=True),
        sa.Column("requested_completion_time", sa.Time(), nullable=True),
        sa.Column("notification_email", sa.String(length=254), nullable=True),
        sa.Column(
            "additional_information", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("bill_overrides", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_documents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted", sa.LargeBinary(), nullable=True),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("is_expedited", sa.Boolean(), nullable=False),
        sa.Column("split_from", sa.Uuid(), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("foc_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loa_awaited_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loa_reminder_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_port_orders_order_id")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_port_orders_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["split_from"], ["orders.id"], name=op.f("fk_port_orders_split_from")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_port_orders")),
    )
    op.create_index(
        "ix_port_orders_check_at",
        "port_orders",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at is not null"),
    )
    op.create_index(
        "ix_port_orders_foc_at",
        "port_orders",
        ["foc_at"],
        unique=False,
        postgresql_where=sa.text("foc_at is not null"),
    )
    op.create_index(
        "ix_port_orders_loa_reminder_at",
        "port_orders",
        ["loa_reminder_at"],
        unique=False,
        postgresql_where=sa.text("loa_reminder_at is not null"),
    )
    op.create_index(op.f("ix_port_orders_org_id"), "port_orders", ["org_id"], unique=False)
    op.create_table(
        "ported_numbers",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_ported_numbers_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_ported_numbers_org_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ported_numbers")),
    )
    op.create_index(
        op.f("ix_ported_numbers_order_id"), "ported_numbers", ["order_id"], unique=False
    )
    op.create_table(
        "support_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("need", sa.String(length=20), nullable=False),
        sa.Column("desk", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_support_cases_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_support_cases_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_cases")),
    )
    op.create_index(op.f("ix_support_cases_order_id"), "support_cases", ["order_id"], unique=False)
    op.create_index("ix_support_cases_org_id_id", "support_cases", ["org_id", "id"], unique=False)
    op.create_table(
        "support_case_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["support_cases.id"], name=op.f("fk_support_case_comments_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_support_case_comments_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_case_comments")),
    )
    op.create_index(
        op.f("ix_support_case_comments_case_id"),
        "support_case_comments",
        ["case_id"],
        unique=False,
    )
    op.create_table(
        "notifications",
        sa.Column("history_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("refusal", sa.String(length=200), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["history_id"], ["order_history.id"], name=op.f("fk_notifications_history_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_notifications_org_id")
        ),
        sa.PrimaryKeyConstraint("history_id", "recipient", name=op.f("pk_notifications")),
    )
    op.execute("insert into simulated_clock (id, offset_seconds) values (1, 0)")
    for statement in isolation():
        op.execute(statement)
    install_pgqueuer()


def downgrade() -> None:
    op.drop_table("notifications")
    op.drop_index(op.f("ix_support_case_comments_case_id"), table_name="support_case_comments")
    op.drop_table("support_case_comments")
    op.drop_index("ix_support_cases_org_id_id", table_name="support_cases")
    op.drop_index(op.f("ix_support_cases_order_id"), table_name="support_cases")
    op.drop_table("support_cases")
    op.drop_index(op.f("ix_ported_numbers_order_id"), table_name="ported_numbers")
    op.drop_table("ported_numbers")
    op.drop_index(
        "ix_port_orders_loa_reminder_at",
        table_name="port_orders",
        postgresql_where=sa.text("loa_reminder_at is not null"),
    )
    op.drop_index(op.f("ix_port_orders_org_id"), table_name="port_orders")
    op.drop_index(
        "ix_port_orders_foc_at",
        table_name="port_orders",
        postgresql_where=sa.text("foc_at is not null"),
    )
    op.drop_index(
        "ix_port_orders_check_at",
        table_name="port_orders",
        postgresql_where=sa.text("check_at is not null"),
    )
    op.drop_table("port_orders")
    op.drop_index("ix_port_field_changes_order_id_id", table_name="port_field_changes")
    op.drop_table("port_field_changes")
    op.drop_index("ix_port_documents_order_id_id", table_name="port_documents")
    op.drop_index(op.f("ix_port_documents_file_key"), table_name="port_documents")
    op.drop_table("port_documents")
    op.drop_index(op.f("ix_order_numbers_number"), table_name="order_numbers")
    op.drop_table("order_numbers")
    op.drop_index("ix_order_history_order_id_id", table_name="order_history")
    op.drop_table("order_history")
    op.drop_index(op.f("ix_order_errors_order_id"), table_name="order_errors")
    op.drop_table("order_errors")
    op.drop_index(
        "uq_reservations_substitutes",
        table_name="reservations",
        postgresql_where=sa.text("status = 'active' and offers_substitutes"),
    )
    op.drop_index(op.f("ix_reservations_org_id"), table_name="reservations")
    op.drop_index(
        "ix_reservations_due",
        table_name="reservations",
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_table("reservations")
    op.drop_table("pstn_connections")
    op.drop_index("ix_orders_org_id_id", table_name="orders")
    op.drop_index("ix_orders_location_id_id", table_name="orders")
    op.drop_table("orders")
    op.drop_index(
        "ix_numbers_take_back_until",
        table_name="numbers",
        postgresql_where=sa.text("state = 'released'"),
    )
    op.drop_index(
        "ix_numbers_rests_until",
        table_name="numbers",
        postgresql_where=sa.text("state = 'resting'"),
    )
    op.drop_index(op.f("ix_numbers_reservation_id"), table_name="numbers")
    op.drop_index("ix_numbers_org_id_number", table_name="numbers")
    op.drop_index(op.f("ix_numbers_order_id"), table_name="numbers")
    op.drop_index("ix_numbers_location_id_number", table_name="numbers")
    op.drop_index(
        "ix_numbers_inactive", table_name="numbers", postgresql_where=sa.text("state = 'inactive'")
    )
    op.drop_index(op.f("ix_numbers_block_id"), table_name="numbers")
    op.drop_table("numbers")
    op.drop_index(op.f("ix_number_blocks_org_id"), table_name="number_blocks")
    op.drop_table("number_blocks")
    op.drop_index(
        "uq_emergency_addresses_number",
        table_name="emergency_addresses",
        postgresql_where="phone_number is not null",
    )
    op.drop_index(
        "uq_emergency_addresses_default",
        table_name="emergency_addresses",
        postgresql_where="phone_number is null",
    )
    op.drop_table("emergency_addresses")
    op.drop_table("terms_acceptances")
    op.drop_index(op.f("ix_outbound_calling_plans_org_id"), table_name="outbound_calling_plans")
    op.drop_table("outbound_calling_plans")
    op.drop_index("ix_locations_org_id_name", table_name="locations")
    op.drop_table("locations")
    op.drop_table("limit_overrides")
    op.drop_index(op.f("ix_organizations_partner_id"), table_name="organizations")
    op.drop_index(
        "ix_organizations_ends_at",
        table_name="organizations",
        postgresql_where=sa.text("subscription_status = 'cancelled'"),
    )
    op.drop_table("organizations")
    op.drop_index("ix_thousands_blocks_state_run", table_name="thousands_blocks")
    op.drop_index(
        "ix_thousands_blocks_state",
        table_name="thousands_blocks",
        postgresql_where=sa.text("available_count > 0"),
    )
    op.drop_index("ix_thousands_blocks_city_run", table_name="thousands_blocks")
    op.drop_index(
        "ix_thousands_blocks_city",
        table_name="thousands_blocks",
        postgresql_where=sa.text("available_count > 0"),
    )
    op.drop_index(
        "ix_thousands_blocks_available",
        table_name="thousands_blocks",
        postgresql_where=sa.text("available_count > 0"),
    )
    op.drop_index("ix_thousands_blocks_area_run", table_name="thousands_blocks")
    op.drop_table("thousands_blocks")
    op.drop_table("simulated_clock")
    op.drop_table("simulated_carrier_ports")
    op.drop_table("simulated_carrier_orders")
    op.drop_index(
        op.f("ix_simulated_carrier_calls_reference"), table_name="simulated_carrier_calls"
    )
    op.drop_table("simulated_carrier_calls")
    op.drop_table("partners")
    op.drop_table("inventory_imports")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_access_tokens_org_id"), table_name="access_tokens")
    op.drop_table("access_tokens")
    op.execute("drop function visible_organizations()")
    op.execute(sa.schema.DropSequence(sa.Sequence("order_number_seq")))
    op.execute("drop schema jobs cascade")


ORGANIZATIONS_OWN = (
    "access_tokens",
    "emergency_addresses",
    "limit_overrides",
    "locations",
    "notifications",
    "number_blocks",
    "numbers",
    "order_errors",
    "order_history",
    "order_numbers",
    "orders",
    "outbound_calling_plans",
    "port_documents",
    "port_field_changes",
    "port_orders",
    "ported_numbers",
    "pstn_connections",
    "reservations",
    "support_case_comments",
    "support_cases",
    "terms_acceptances",
)


def isolation() -> Iterator[str]:
    """Row-level security: a transaction sees the organisations it named at its start, or '*'.

    The settings are read once a statement, in subqueries, not once a row.
    """
    yield """
        create function visible_organizations() returns uuid[] language sql stable as $$
            select case when current_setting('pstn.organizations', true) = '*' then null
                        else nullif(current_setting('pstn.organizations', true), '')::uuid[] end
        $$
    """
    for table, column in [("organizations", "id"), *((t, "org_id") for t in ORGANIZATIONS_OWN)]:
        yield f"alter table {table} enable row level security"
        yield f"alter table {table} force row level security"
        yield f"""
            create policy organization on {table} using (
                (select current_setting('pstn.organizations', true) = '*')
                or {column} = any ((select visible_organizations())::uuid[])
            )
        """


def install_pgqueuer() -> None:
    """The tables of pgqueuer 1.6 in the schema `jobs`, as `pgq --schema jobs sql install` has them.

    Several statements at once go through the driver's own connection, in this very transaction.
    """
    sql = Path(__file__).with_name("pgqueuer_1_6.sql").read_text()
    bind = op.get_bind()
    bind.exec_driver_sql("select 1")
    connection = bind.connection.dbapi_connection
    assert connection is not None  # noqa: S101 - a migration has a connection
    connection.run_async(lambda driver: driver.execute(sql))
