"""Whatever goes is unavailable in Home Assistant, and only that; whatever comes back is there again."""

import signal

import pytest

from ems.contract.service import Service
from ems.contract.topics import PREFIX
from support.bus import raw
from support.household import ALL_PAUSE_S, ANSWERS, Household
from support.patience import PATIENCE_S

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mosquitto, pytest.mark.timeout(600)]

NO_BROKER = ("The connection was lost", "Failed to connect to MQTT server")
"""What Home Assistant says while the broker is away."""


async def entities(household: Household, service: Service, *, from_evcc: bool = False) -> set[str]:
    """Of a service; on request only what is worth nothing without evcc."""
    known, found = await household.hass.ours(), set[str]()
    for _, device in await household.announced(service):
        for component in device["components"].values():
            unique = component["unique_id"]
            if not unique.endswith(ANSWERS) and (len(component["availability"]) > 1 or not from_evcc):
                found.add(known[unique])
    return found - await household.disabled()


async def gone(household: Household, wanted: set[str]) -> None:
    """Returns when just these are unavailable."""
    last = set[str]()

    async def so() -> bool:
        nonlocal last
        last = await household.away()
        return last == wanted

    await household.hass.until(so, PATIENCE_S, lambda: f"gone: {sorted(last ^ wanted)} differ", pause_s=ALL_PAUSE_S)


@pytest.mark.parametrize("how", ["terminate", "kill"])
async def test_without_evcc_what_comes_from_it_is_away_and_comes_back_with_it(household: Household, how: str) -> None:
    await getattr(household.suite.evcc, how)()
    await gone(household, await entities(household, Service.EVCC_POLLER, from_evcc=True))
    await household.shows("site", "evcc_reachable", "off")
    await household.suite.evcc.start()
    await household.all_there()
    await household.shows("site", "evcc_reachable", "on")


SERVICES = [Service.EVCC_POLLER, Service.TARIFF_PLANNER, Service.VEHICLE_SOC, Service.NOTIFIER]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("service", SERVICES)
async def test_without_a_service_its_own_is_away_and_comes_back_with_it(
    household: Household, service: Service, how: signal.Signals
) -> None:
    await household.suite.end(service, how=how)
    await gone(household, await entities(household, service))
    household.suite.start(service)
    await household.all_there()


async def test_after_a_restart_of_home_assistant_everything_is_as_it_was_but_what_went_meanwhile(
    household: Household,
) -> None:
    before = await household.hass.ours()
    mode = await household.state("loadpoint-2", "mode")
    await household.hass.stop()
    await household.suite.end(Service.TARIFF_PLANNER)
    await household.start_hass()
    await gone(household, await entities(household, Service.TARIFF_PLANNER))
    household.suite.start(Service.TARIFF_PLANNER)
    await household.all_there()
    assert await household.hass.ours() == before
    assert await household.state("loadpoint-2", "mode") == mode


async def test_after_a_restart_of_the_broker_everything_is_there_and_works(household: Household) -> None:
    broker = household.rights.broker
    broker.kill()
    await household.hass.until(
        lambda: any(NO_BROKER[0] in c for c in household.hass.complaints()), PATIENCE_S, "it is noticed"
    )
    broker.start()
    await household.all_there()
    await household.does("loadpoint-2", "limit_soc", "set_value", value=85)
    await household.happens(lambda: household.evcc.settings.loadpoints["2"].limit_soc_pct == 85, "evcc has the limit")
    await household.does("loadpoint-2", "release", "press")


def everybody(household: Household) -> dict[str, str]:
    """A login that may do everything on the broker."""
    ctrl, login = household.rights.ctrl, {"username": "everybody", "password": household.rights.password("everybody")}
    ctrl("dynsec", "createRole", "everything")
    for right in ("publishClientSend", "publishClientReceive", "subscribePattern"):
        ctrl("dynsec", "addRoleACL", "everything", right, "#", "allow")
    ctrl("dynsec", "createClient", "everybody")
    ctrl("dynsec", "setClientPassword", "everybody", login["password"])
    ctrl("dynsec", "addClientRole", "everybody", "everything")
    return login


async def test_a_wiped_tree_changes_nothing_and_is_whole_again(household: Household) -> None:
    shown = [("loadpoint-2", "mode"), ("planner", "summary"), ("planner", "chart"), ("vehicle-limo", "soc")]
    filters, login = (f"{PREFIX}/#", "homeassistant/device/#"), everybody(household)
    chart = f"{PREFIX}/plan/chart"
    async with raw(household.rights.broker.settings(), *filters, **login) as wiper:
        # What is retained for the second filter comes when all is there that is for the first.
        await wiper.until(lambda: any(m.topic.value.endswith("/config") for m in wiper.seen))
        # The picture of a plan that was just made is drawn a moment later.
        await wiper.until(lambda: any(wiper.payloads(chart)))
        topics = {m.topic.value for m in wiper.seen if m.retain and m.payload and m.topic.matches(filters[0])} | {chart}
        assert {f"{PREFIX}/site", f"{PREFIX}/vehicle/limo"} <= topics
        # As late as can be: on a busy machine the next plan may come at any moment.
        before = [await household.state(*each) for each in shown]
        for topic in topics:
            await wiper.publish(topic, b"", retain=True)
        wiped = [await household.state(*each) for each in shown]
        await wiper.until(lambda: all(wiper.payloads(topic)[-1] for topic in topics))
    await household.all_there()
    # The picture is another one, made later; the plan is the same.
    assert [wiped[i] for i in (0, 1, 3)] == [before[i] for i in (0, 1, 3)]
    assert wiped[2] not in {"unknown", "unavailable"}


async def test_the_log_holds_no_word_about_us(household: Household) -> None:
    said = household.hass.complaints()
    assert [line for line in said if not any(words in line for words in NO_BROKER)] == []
