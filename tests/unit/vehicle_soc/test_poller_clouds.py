"""What the real libraries meet at their clouds, as the bus tells it, and when the cloud is asked again."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ems.contract.vehicle import ProblemKind, Vehicle
from ems.demo.broker import free_port
from ems.runtime.clock import SystemClock
from support import fake_kia, fake_renault
from support.clouds import context, served
from support.fake_kia import FakeKia
from support.fake_renault import FakeRenault
from vehicle_soc.adapters.memory_file import MemoryFile
from vehicle_soc.adapters.provider import provider_kind
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.config_loader import VehicleConfig
from vehicle_soc.domain.memory import PollMemory
from vehicle_soc.domain.schedule import Budget
from vehicle_soc.poller import VehiclePoller
from vehicle_soc.settings import CarSettings
from vehicle_soc.vehicle import PolledVehicle

pytestmark = pytest.mark.filterwarnings("ignore:'ssl_version' option is deprecated:FutureWarning")  # the library's
MINUTE = timedelta(minutes=1)
SOON = (1, 5)
"""Minutes to the next poll. A quota's quarter of an hour is over before the hour that is usual."""
HTML = (502, "text/html", "<html>Bad Gateway</html>")


async def one_poll(
    tmp_path: Path, provider: str, cloud: FakeRenault | FakeKia, region: str, more: dict[str, Any]
) -> Vehicle:
    """One car, asked once; the fact that follows."""
    app = cloud.app() if isinstance(cloud, FakeRenault) else getattr(cloud, region)()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(app))
        using = await stack.enter_async_context(context(tmp_path, car="car"))
        kind = provider_kind(provider)
        options = kind.options.model_validate({"api_url": url, **more})
        config = VehicleConfig("car", CarSettings(provider=provider), kind, options)
        files, tokens = MemoryFile(tmp_path), TokenStore(tmp_path / "logins")
        poller = VehiclePoller(SystemClock(), Budget(), files, PollMemory(), tokens, lambda _: None, lambda _, __: None)
        car = PolledVehicle(config, kind.make(options, using), None, poller.remembered(config))
        poller.add(car)
        await poller.poll(car, car.source)  # type: ignore[arg-type]  # both are polled
        now = poller.clock.now()
        car.next_poll_at = poller.next_poll(car, now)
        return car.vehicle(poller.accounts[car.account].circuit, now)


def renault(**more: Any) -> Callable[[], tuple[str, FakeRenault, str, dict[str, Any]]]:
    login = {"username": fake_renault.USER, "password": fake_renault.PASSWORD, "vin": fake_renault.VIN}
    options = {k: more.pop(k) for k in ("password", "vin", "api_url") if k in more}
    return lambda: ("renault", FakeRenault(**more), "", login | options)


def kia(region: str, **more: Any) -> Callable[[], tuple[str, FakeKia, str, dict[str, Any]]]:
    login = {"username": fake_kia.USER, "password": fake_kia.PASSWORD, "brand": "kia", "region": region}
    options = {k: more.pop(k) for k in ("password", "vin", "api_url") if k in more}
    return lambda: ("hyundai_kia", FakeKia(**more), region, login | options)


NOWHERE = f"http://127.0.0.1:{free_port()}"
DAY = (23 * 60, 24 * 60)


@pytest.mark.parametrize(
    ("made", "kind", "words", "minutes"),
    [
        (renault(), None, "", (59, 60)),
        (renault(two_factor=True), ProblemKind.AUTH_REQUIRED, "vehicle-soc login car", DAY),
        (renault(password="wrong"), ProblemKind.AUTH_REQUIRED, "user name and password", DAY),
        (renault(kamereon_error="err.func.wired.overloaded"), ProblemKind.QUOTA, "wants a pause", (59, 60)),
        (renault(kamereon_error="err.func.privacy.on"), ProblemKind.PERMANENT, "privacy mode", DAY),
        (renault(raw=HTML), ProblemKind.TRANSIENT, "HTTP 502", SOON),
        (renault(api_url=NOWHERE), ProblemKind.TRANSIENT, "no connection", SOON),
        (renault(status={}), None, "", (59, 60)),
        (renault(vin="VF1SOMETHINGELSE1"), ProblemKind.PERMANENT, "…LSE1", DAY),
        (kia("canada"), None, "", (59, 60)),
        (kia("canada", wants_code=True), ProblemKind.AUTH_REQUIRED, "vehicle-soc login car", DAY),
        (kia("usa", wants_code=True), ProblemKind.AUTH_REQUIRED, "vehicle-soc login car", DAY),
        (kia("usa", password="wrong"), ProblemKind.AUTH_REQUIRED, "user name and password", DAY),
        (kia("usa", api_url=NOWHERE), ProblemKind.TRANSIENT, "no connection", SOON),
        (kia("usa", raw=(429, "text/html", "slow down")), ProblemKind.TRANSIENT, "no JSON", SOON),
        (kia("europe"), ProblemKind.AUTH_REQUIRED, "terms", DAY),
        (kia("canada", raw=HTML), ProblemKind.TRANSIENT, "unexpected answer", SOON),
        (kia("canada", vin="KNASOMETHINGELSE1"), ProblemKind.PERMANENT, "…LSE1", DAY),
    ],
)
async def test_each_fault_has_its_words_and_its_pause(
    tmp_path: Path,
    made: Callable[[], tuple[str, FakeRenault | FakeKia, str, dict[str, Any]]],
    kind: ProblemKind | None,
    words: str,
    minutes: tuple[int, int],
) -> None:
    provider, cloud, region, options = made()
    fact = await one_poll(tmp_path, provider, cloud, region, options)
    assert (fact.problem.kind if fact.problem else None) is kind
    if fact.problem is not None:
        assert words in fact.problem.text.en
        assert fact.problem.text.de != fact.problem.text.en
    assert fact.next_poll_at is not None
    least, most = minutes
    assert least * MINUTE <= fact.next_poll_at - fact.at <= most * MINUTE, fact.next_poll_at - fact.at
    assert cloud.surprises == []
