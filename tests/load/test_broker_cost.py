"""What a message costs mosquitto, in CPU time: one of docs/scale.md's figures."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from support.brokers import MOSQUITTO, Mosquitto
from support.bus import raw
from support.process_usage import usage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

MESSAGES = int(os.environ.get("MESSAGES", "0"))
BODY = b"x" * 450
"""As long as a loadpoint's fact."""
AT_ONCE = 100


@pytest.mark.skipif(not MESSAGES, reason="opt-in, because it takes long: make workers")
@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")
async def test_a_message_in_and_out_with_acknowledgements(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    try:
        async with raw(broker.settings(), "homes/+/ems/#") as ear, raw(broker.settings(), "none") as mouth:
            began = usage(broker.pid)
            for first in range(0, MESSAGES, AT_ONCE):
                await asyncio.gather(
                    *(
                        mouth.publish(f"homes/{n % 1000}/ems/loadpoint/1", BODY, retain=True)
                        for n in range(first, first + AT_ONCE)
                    )
                )
            await ear.until(lambda: len(ear.seen) >= MESSAGES, 600)
            used = usage(broker.pid)
    finally:
        broker.stop()
    each = (used.cpu_s - began.cpu_s) / MESSAGES
    sys.stdout.write(
        f"\n  {MESSAGES} retained messages of {len(BODY)} bytes, QoS 1, one receiver: {each * 1e6:.0f} us CPU each, "
        f"{used.rss_mb - began.rss_mb:.1f} MB more\n"
    )
