"""The child process: takes its limits on, then runs what it is told. `python -m …child ORDER`.

Its one argument is `limited.run_limited`'s order as JSON; it answers with JSON on its output.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

OWN_NICENESS = 5
"""Whoever waits for an answer of the service comes before whoever waits for a parser."""


def main() -> None:
    """Run one function on one file."""
    order = json.loads(sys.argv[1])
    _limit(order)
    answer: dict[str, Any]
    try:
        module = import_module(order["module"])
        answer = {"result": module.run(Path(order["path"]), **order["options"])}
    except BaseException as fault:  # told by its type alone: texts quote the file
        answer = {"fault": type(fault).__name__}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # Native libraries crash at their end too, when they were short of memory before.
    os._exit(0)


def _limit(order: dict[str, Any]) -> None:
    os.nice(OWN_NICENESS)
    cpu = order["cpu_seconds"]
    for what, most in (
        (resource.RLIMIT_AS, order["memory_bytes"]),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, order["file_bytes"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most + 1 if what == resource.RLIMIT_CPU else most))
    # For the day that the service is killed and cannot do it.
    signal.alarm(math.ceil(order["wall_seconds"]) + 1)


if __name__ == "__main__":
    main()
