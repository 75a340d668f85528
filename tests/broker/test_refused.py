"""What the broker does not allow is noticed: MQTT 5 says so only in its acknowledgements."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ems.contract.people import Goal
from ems.contract.service import HealthState, Service
from ems.contract.topics import GOAL, SITE
from ems.runtime.clock import AcceleratedClock
from support.brokers import DYNAMIC_SECURITY, Mosquitto
from support.bus import eventually, not_let_in, raw, session

pytestmark = pytest.mark.mosquitto

MINUTES_IN_A_SECOND = AcceleratedClock(time.time(), time.time(), 300)


def goal() -> Goal:
    return Goal.parse(b'{"vehicle":"zoe","soc_pct":80.0,"asked_by":"anna","asked_at":"2026-11-21T12:00:00Z"}')


async def test_a_refused_publish_is_said_and_tried_again_until_it_is_allowed(
    mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite evcc/ems/#\ntopic deny evcc/ems/goal/zoe\n")
    broker = mosquitto("allow_anonymous true", f"acl_file {acl}")
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER, clock=MINUTES_IN_A_SECOND) as bus, raw(settings) as hand:
        bus.publish(GOAL, goal(), vehicle="zoe")
        await bus.flush()
        assert bus.health.state is HealthState.DEGRADED
        (reason,) = bus.health.snapshot().reasons
        assert reason == "the broker denies publish access to evcc/ems/goal/zoe: Not authorized"
        await hand.until(lambda: reason.encode() in b"".join(m.payload for m in hand.seen))

        acl.write_text("topic readwrite evcc/ems/#\n")
        broker.reload()
        await hand.wait_for("evcc/ems/goal/zoe", goal().payload())
        await eventually(lambda: bus.health.state is HealthState.OK)


@pytest.mark.skipif(DYNAMIC_SECURITY is None, reason="NO DYNAMIC SECURITY HERE: this test needs mosquitto's plugin")
async def test_a_refused_subscription_is_said(mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> None:
    rules = tmp_path / "dynsec.json"
    everything_but = {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True}
    rules.write_text(json.dumps({"defaultACLAccess": everything_but}))
    rules.chmod(0o666)
    broker = mosquitto("allow_anonymous true", f"plugin {DYNAMIC_SECURITY}", f"plugin_opt_config_file {rules}")
    async with session(broker.settings(), Service.NOTIFIER) as bus:
        bus.watch(SITE)
        await bus.subscribed()
        reasons = bus.health.snapshot().reasons
        assert "the broker denies read access to evcc/ems/site: Not authorized" in reasons


async def test_a_wrong_password_is_said_and_tried_again(mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.touch()
    broker = mosquitto("allow_anonymous false", f"password_file {passwords}")
    await not_let_in(broker.settings(username="poller"), Service.NOTIFIER, "Not authorized")
