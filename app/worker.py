"""The worker process: does the jobs that the API enqueued. `python -m app.worker`."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass

from app.core import bootstrap, idempotency, logs, parent
from app.core.database import Database
from app.core.sealing import KeyRing
from app.core.settings import Settings, get_settings
from app.domains.events.service import forgetting, publishing
from app.domains.notifications.jobs import jobs as notification_jobs
from app.domains.number_orders.jobs import jobs as number_order_jobs
from app.domains.number_orders.service.ending import SubscriptionEndTimer
from app.domains.number_orders.service.reserving import ExpiryTimer
from app.domains.numbering.jobs import jobs as numbering_jobs
from app.domains.numbering.service.releasing import RestTimer, TakeBackTimer
from app.domains.port_orders.jobs import jobs as port_order_jobs
from app.domains.port_orders.service.completing import FocTimer
from app.domains.port_orders.service.following import CheckTimer
from app.domains.port_orders.service.signing import LoaReminderTimer
from app.domains.webhooks.jobs import jobs as webhook_jobs
from app.domains.webhooks.service import announcing, redelivering
from app.domains.webhooks.service.delivering import Courier
from app.integrations.carriers.port import Carrier
from app.integrations.carriers.simulator import SimulatedCarrier
from app.integrations.mail.folder import FolderMailer
from app.integrations.mail.port import Mailer
from app.integrations.mail.smtp import SmtpMailer
from app.integrations.storage.store import FileStore
from app.integrations.webhooks.http import HttpWebhookSender
from app.jobs import queue, schedule, timers

HANDLERS = [
    *numbering_jobs.handlers,
    *number_order_jobs.handlers,
    *port_order_jobs.handlers,
    *notification_jobs.handlers,
    *webhook_jobs.handlers,
]


TIMERS: tuple[timers.Timer, ...] = (
    ExpiryTimer(),
    TakeBackTimer(),
    RestTimer(),
    SubscriptionEndTimer(),
    CheckTimer(),
    FocTimer(),
    LoaReminderTimer(),
)

ROUNDS = (
    schedule.Round("forgetIdempotencyKeys", 600, 7_786_101, idempotency.forget_expired),
    schedule.Round("takeUpHeldJobs", 20, 7_786_103, queue.take_up_held),
    schedule.Round("forgetJobs", 3600, 7_786_102, queue.forget_done),
    schedule.Round("forgetEvents", 600, 7_786_104, forgetting.forget),
    schedule.Round("forgetDeliveries", 600, 7_786_105, redelivering.forget),
)


@dataclass(slots=True)
class Context:
    """What the jobs work with."""

    database: Database
    carrier: Carrier
    store: FileStore
    keys: KeyRing
    mailer: Mailer


def make_context(settings: Settings, database: Database) -> Context:
    """The adapters that the settings name."""
    return Context(
        database=database,
        carrier=SimulatedCarrier(database, latency_seconds=settings.simulator_latency_seconds),
        store=FileStore(settings.storage_url, settings.home / "files"),
        keys=settings.key_ring(),
        mailer=make_mailer(settings),
    )


def make_mailer(settings: Settings) -> Mailer:
    """The mail server that the settings name, or the folder in its place."""
    if settings.mail_url:
        return SmtpMailer(settings.mail_url, settings.mail_from)
    return FolderMailer(settings.home / "mail", settings.mail_from)


def make_courier(settings: Settings, database: Database, dsn: str) -> Courier:
    """Who delivers webhooks as the settings want it."""
    sender = HttpWebhookSender(
        allow_loopback=settings.webhook_allow_loopback,
        timeout_seconds=settings.webhook_timeout_seconds,
    )
    return Courier(database, dsn, sender, settings.key_ring())


async def run(settings: Settings, database_url: str) -> None:
    """Do jobs until SIGTERM, SIGINT or the parent's end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    database = Database(database_url, pool_size=settings.database_pool_size)
    context = make_context(settings, database)
    try:
        with parent.watched(stop.set):
            async with asyncio.TaskGroup() as tasks:
                dsn = bootstrap.dsn(database_url)
                tasks.create_task(timers.Sweeper(database, dsn, TIMERS).run(stop))
                tasks.create_task(publishing.keep_publishing(database, dsn, stop))
                tasks.create_task(announcing.keep_announcing(database, dsn, stop))
                tasks.create_task(make_courier(settings, database, dsn).run(stop))
                for work in ROUNDS:
                    tasks.create_task(schedule.keep_going(database, work, stop))
                await queue.run(dsn, HANDLERS, context, stop)
                stop.set()
    finally:
        await database.close()


def main() -> None:
    """Work, on the settings' database."""
    settings = get_settings()
    logs.configure(settings.log_level)
    with bootstrap.addresses(settings) as where:
        asyncio.run(run(settings, where.app))


if __name__ == "__main__":
    main()
