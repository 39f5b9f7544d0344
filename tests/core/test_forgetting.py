"""What is over is forgotten: answers kept for replay, and notes of jobs done long ago."""

from datetime import timedelta

from sqlalchemy import func, select, text, update

from app.core import idempotency
from app.core.database import EVERYTHING
from app.core.idempotency import KeptAnswer
from app.jobs import queue
from tests.conftest import Customer, Service


async def test_answers_older_than_a_day_are_forgotten(customer: Customer, service: Service) -> None:
    await customer.api.post("/locations", json={}, headers={"Idempotency-Key": "refused"})
    terms = (await customer.api.get("/telephony/pstn/termsOfService")).json()
    for key in ("old", "fresh"):
        await customer.api.post(
            "/telephony/pstn/termsOfService/acceptance",
            json={"version": terms["version"]},
            headers={"Idempotency-Key": key},
        )
    async with service.database.write(EVERYTHING) as session:
        await session.execute(
            update(KeptAnswer)
            .where(KeptAnswer.key == "old")
            .values(created_at=func.now() - timedelta(hours=24, seconds=1))
        )
        await idempotency.forget_expired(session)
        kept = set(await session.scalars(select(KeptAnswer.key)))
    assert "fresh" in kept
    assert not kept & {"old", "refused"}


async def test_notes_of_old_jobs_are_forgotten(service: Service) -> None:
    async with service.database.write(EVERYTHING) as session:
        await session.execute(
            text(
                "insert into jobs.pgqueuer_log (created, job_id, status, priority, entrypoint,"
                " aggregated) values (now() - interval '31 days', -1, 'successful', 0, 'x', true)"
            )
        )
        await queue.forget_done(session)
        left = await session.scalar(
            text("select count(*) from jobs.pgqueuer_log where job_id = -1")
        )
    assert left == 0
