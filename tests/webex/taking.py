"""The process that takes the journeys: `python -m tests.webex.taking`.

The client reads `API_MODEL_ALLOW_EXTRA` when it is imported, and its synchronous half would block
the tests' event loop: so it runs in a process of its own. Each line read names a journey, which
client takes it, and the world it finds; each line written is what went wrong, or empty.
"""

from __future__ import annotations

import json
import sys
import traceback

from tests.webex.client import calling
from tests.webex.journeys import JOURNEYS
from tests.webex.world import JOURNEYS as NAMES
from tests.webex.world import World


def main() -> None:
    """Take journeys until there are no more."""
    assert set(JOURNEYS) == set(NAMES), "name every journey in tests/webex/world.py"
    for line in sys.stdin:
        wish = json.loads(line)
        fault = ""
        try:
            world = World(**wish["world"])
            with calling(wish["kind"], world) as api:
                JOURNEYS[wish["journey"]](api, world, wish["kind"])
        except Exception:
            fault = traceback.format_exc()
        print(json.dumps(fault), flush=True)


if __name__ == "__main__":
    main()
