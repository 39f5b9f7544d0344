"""What transactions write, as PostgreSQL sees it: changed rows, and the events told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from app.core import bootstrap

Written = set[tuple[int, str, str]]
"""Transaction, kind of thing, which."""

# Of each table: what a row of it belongs to, and its columns that are of no interest to others.
CALLS = {
    "orders": "note_written('order', 'id', '{}')",
    "order_numbers": "note_written('order', 'order_id', '{}')",
    "order_errors": "note_written('order', 'order_id', '{}')",
    "order_history": "note_written('order', 'order_id', '{}')",
    # When to ask the carrier, how far it was told, when to remind somebody.
    "port_orders": "note_written('order', 'order_id', '{check_at,sent,loa_reminder_at}')",
    "port_field_changes": "note_written('order', 'order_id', '{}')",
    "ported_numbers": "note_written('order', 'order_id', '{}')",
    "port_documents": "note_written('document', 'id', '{}')",
    "numbers": "note_written('number', 'number', '{}')",
    "emergency_addresses": "note_address_written()",
    "pstn_connections": "note_main_number_written()",
    "events": "note_told()",
}

FUNCTIONS = """
    create table written (transaction bigint, thing text, which text);
    grant insert on written to public;
    create function note_written() returns trigger language plpgsql as $$
    declare
        was jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) end;
        becomes jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) end;
        uninteresting text[] := tg_argv[2];
    begin
        if was - uninteresting is distinct from becomes - uninteresting then
            insert into written
            values (txid_current(), tg_argv[0], coalesce(becomes, was) ->> tg_argv[1]);
        end if;
        return null;
    end $$;
    create function note_address_written() returns trigger language plpgsql as $$
    declare
        kept record := coalesce(new, old);
    begin
        insert into written values (
            txid_current(),
            case when kept.phone_number is null then 'location' else 'number' end
                || '.emergencyAddressChanged',
            coalesce('+' || kept.phone_number, '') || kept.location_id
        );
        return null;
    end $$;
    create function note_main_number_written() returns trigger language plpgsql as $$
    begin
        if tg_op = 'UPDATE' and new.main_number is distinct from old.main_number then
            insert into written values (
                txid_current(),
                'location.mainNumberChanged',
                coalesce('+' || new.main_number, '') || new.location_id
            );
        end if;
        return null;
    end $$;
    create function note_told() returns trigger language plpgsql as $$
    begin
        if tg_op <> 'INSERT' then
            return null;
        elsif new.type like 'order.%' then
            insert into written values (txid_current(), 'event: order', new.data ->> 'orderId');
        elsif new.type like 'document.%' then
            insert into written
            values (txid_current(), 'event: document', new.data ->> 'documentId');
        elsif new.type like 'number.%' and new.data ? 'phoneNumbers' then
            insert into written select txid_current(), 'event: number', ltrim(number, '+')
            from jsonb_array_elements_text(new.data -> 'phoneNumbers') as number;
        else
            insert into written values (
                txid_current(),
                'event: ' || new.type,
                coalesce(new.data ->> 'phoneNumber', '') || (new.data ->> 'locationId')
            );
        end if;
        return null;
    end $$;
"""


@dataclass(frozen=True)
class Audit:
    """What was written since it began."""

    connection: Any

    async def of(self, told: bool) -> Written:
        """The rows changed, or those that events tell of."""
        rows = await self.connection.fetch("select distinct * from written")
        return {
            (row["transaction"], row["thing"].removeprefix("event: "), row["which"])
            for row in rows
            if row["thing"].startswith("event: ") == told
        }


@asynccontextmanager
async def auditing(owner_url: str) -> AsyncIterator[Audit]:
    """Note what is written."""
    connection = await asyncpg.connect(bootstrap.dsn(owner_url))
    try:
        await connection.execute(FUNCTIONS)
        for table, call in CALLS.items():
            await connection.execute(
                f"create trigger audit after insert or update or delete on {table}"
                f" for each row execute function {call}"
            )
        yield Audit(connection)
    finally:
        # One table at a time: the service goes on, and locks them in orders of its own.
        for table in CALLS:
            await connection.execute(f"drop trigger if exists audit on {table}")
        await connection.execute(
            "drop function if exists"
            " note_written, note_address_written, note_main_number_written, note_told;"
            " drop table if exists written"
        )
        await connection.close()
