"""Pages that show commands and the answers to them, run as they are written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Served

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "@@answer@@"


def steps(page: Path) -> list[tuple[str, Any]]:
    """Commands with the answer that the page shows behind them."""
    blocks = BLOCK.findall(page.read_text())
    assert [kind for kind, _ in blocks] == ["sh", "json"] * (len(blocks) // 2)
    return [
        (command, json.loads(answer))
        for (_, command), (_, answer) in zip(blocks[::2], blocks[1::2], strict=True)
    ]


def differences(shown: Any, seen: Any, at: str = "") -> list[str]:
    """Where an answer is not as shown: `…` stands for any text, and more members may come."""
    if shown == "…":
        return [] if isinstance(seen, str) else [at]
    if isinstance(shown, dict) and isinstance(seen, dict):
        return [
            fault
            for name, value in shown.items()
            for fault in differences(value, seen.get(name), f"{at}/{name}")
        ]
    if isinstance(shown, list) and isinstance(seen, list) and len(seen) >= len(shown):
        return [
            fault
            for index, value in enumerate(shown)
            for fault in differences(value, seen[index], f"{at}/{index}")
        ]
    return [] if shown == seen else [f"{at}: {shown!r} is shown, {seen!r} seen"]


def walk(page: Path, service: Served) -> None:
    """Run the commands of a page against a service, and find every answer as it is shown."""
    for tool in ("bash", "curl"):
        if shutil.which(tool) is None:
            pytest.skip(f"the walk needs {tool}, which this machine has not")
    script = "\n".join(f"{command}\necho '{MARK}'" for command, _ in steps(page))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PSTN_HOME": str(service.home)},
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(part) for part in done.stdout.split(MARK)[:-1]]
    for (command, shown), seen in zip(steps(page), answers, strict=True):
        assert differences(shown, seen) == [], (command, seen)
