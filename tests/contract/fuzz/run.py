"""`make contract`, `make contract-long`: schemathesis on a service of our own, all its phases.

Starts at `main`: a `pstn serve` in a home that is thrown away, what valid requests need (`ground`),
the command of schemathesis as anybody runs it, and how often what was called.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.contract.fuzz import ground
from tests.processes import served

ST = Path(sys.executable).with_name("st")
CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED = 20261122
SERVICE = {
    "PSTN_LOG_LEVEL": "WARNING",
    "PSTN_RATE_LIMIT_PER_MINUTE": "100000000",
    "PSTN_WEBHOOK_ALLOW_LOOPBACK": "true",
    "PSTN_WEBHOOK_TIMEOUT_SECONDS": "1",
}
EXAMPLES = 20
"""Requests an operation in the phases that draw them; those of the others follow from the
document: some 6,000."""
EXAMPLES_LONG = 500


def command(url: str, seed: int, examples: int, *more: str) -> list[str]:
    """The command line of schemathesis."""
    options = ["--seed", str(seed), "--max-examples", str(examples), "--no-color", *more]
    return [str(ST), "--config-file", str(CONFIG), "run", f"{url}/openapi.json", *options]


def main() -> int:
    """Exit status 1 when anything was found, or when an operation never took a request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="50,000 requests, with a new seed")
    parser.add_argument("--seed", type=int, help="of a run to repeat")
    parser.add_argument("--examples", type=int, help="requests an operation")
    chosen, more = parser.parse_known_args()
    seed = chosen.seed or (secrets.randbelow(2**32) if chosen.long else SEED)
    examples = chosen.examples or (EXAMPLES_LONG if chosen.long else EXAMPLES)
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(**SERVICE) as service,
    ):
        file = Path(folder) / "ground.json"
        ground.lay(service, file)
        print(
            f"Seed {seed}; the service stands after {time.monotonic() - started:.0f} s", flush=True
        )
        found = subprocess.run(
            command(service.url, seed, examples, *more),
            env={**os.environ, "PSTN_FUZZ_GROUND": str(file)},
            check=False,
        )
        tally = json.loads(file.with_name("tally.json").read_text())
        operations = json.loads(file.read_text())["operations"]
    untouched = _told(tally, operations)
    print(f"Seed {seed}, {time.monotonic() - started:.0f} s in all")
    return 1 if found.returncode or (untouched and not more) else 0


def _told(tally: list[tuple[str, str, str, int]], operations: dict[str, object]) -> list[str]:
    by_phase: Counter[str] = Counter()
    by_status: Counter[tuple[str, str]] = Counter()
    for phase, _, status, count in tally:
        by_phase[phase] += count
        by_status[phase, status] += count
    for phase, count in by_phase.items():
        statuses = [f"{s} {n}" for (p, s), n in sorted(by_status.items()) if p == phase]
        print(f"{phase}: {count} requests ({', '.join(statuses)})")
    taken = {operation for _, operation, status, _ in tally if status == "2xx"}
    untouched = sorted(set(operations) - taken)
    print(f"{sum(by_phase.values())} requests; {len(taken)} operations took one", end="")
    print(f"; none did: {', '.join(untouched)}" if untouched else "")
    return untouched


if __name__ == "__main__":
    sys.exit(main())
