"""What a child should not do, for `test_limits`; runs in the child."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any


def run(path: Path, what: str) -> Any:
    """Do it."""
    match what:
        case "answer":
            return {"answer": 42}
        case "eat memory":
            return len(bytearray(1 << 30))
        case "burn":
            while True:
                pass
        case "sleep":
            time.sleep(60)
        case "talk":
            return "x" * 2000
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "raise":
            raise LookupError("an account number")
        case "write a file":
            Path("/tmp/written").write_bytes(b"x")  # noqa: S108 - is never made
        case "start another":
            subprocess.run(["sleep", f"86399.{os.getppid()}"], check=False)
        case "tell its environment":
            return sorted(os.environ)
    return path.name
