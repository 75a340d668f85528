"""Devices come, merge and go; the Energy dashboard takes the counters and prices."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ems.homeassistant.discovery.entity import HomeContext, payload, reworded
from ems.homeassistant.discovery.page import examples
from ems.house.slots import floor_to
from support.in_homeassistant import PREFIX, announce, announced, common, complaints, entity, registry, tell, told

dr = pytest.importorskip("homeassistant.helpers.device_registry")


def cars(hass: Any) -> list[Any]:
    """The car's device, as often as it is there: other ways to ask for one changed over the years."""
    (broker,) = hass.config_entries.async_entries("mqtt")
    found = dr.async_entries_for_config_entry(dr.async_get(hass), broker.entry_id)
    return [device for device in found if ("mqtt", "evcc_ems_vehicle-limo") in device.identifiers]


@pytest.mark.parametrize("order", [1, -1])
async def test_a_car_of_which_several_services_tell_is_one_device_that_lives_as_long_as_one_of_them_tells(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, order: int
) -> None:
    assert mqtt_mock
    found = dr.async_get(hass)
    hub, *told = [d for d in examples(HomeContext()) if d.id in {"site", "vehicle-limo"}]
    for device in (hub, *told[::order]):
        await announce(hass, device)
    (car,) = cars(hass)
    assert (car.name, car.model) == ("Limo", "Electric car")
    assert found.async_get(car.via_device_id).name == "Home"
    *firsts, last = told[::order]
    assert len(firsts) == 2
    before = car.modified_at
    for device in told:
        await announce(hass, device)
    assert found.async_get(car.id).modified_at == before, "telling again changes nothing"
    for first in firsts:
        await tell(hass, f"homeassistant/{first.topic}", "")
        assert found.async_get(car.id).name == "Limo"
    left = {s.entity_id for s in hass.states.async_all()}
    assert {entity(hass, e.platform, last.id, e.key) for e in last.entities if not e.disabled} <= left
    assert complaints(caplog) == []
    await tell(hass, f"homeassistant/{last.topic}", "")
    assert cars(hass) == []
    # A disabled entity makes Home Assistant clear its empty topic once more, and wonder about its own message.
    assert [line for line in complaints(caplog) if "No device components to cleanup" not in line] == []


async def test_a_driver_who_goes_takes_along_what_people_have_switched_off(hass: Any, mqtt_mock: Any) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    anna = next(d for d in examples(HomeContext()) if d.id == "driver-anna")
    entities = registry.async_get(hass)
    ids = [entity(hass, e.platform, "drivers", e.key) for e in anna.entities]
    entities.async_update_entity(ids[0], disabled_by=registry.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    await tell(hass, f"homeassistant/{anna.topic}", "")
    assert [entity_id for entity_id in ids if entities.async_get(entity_id)] == []


async def test_a_drivers_entities_move_from_the_shared_device_to_the_drivers_own(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    hub, anna = [d for d in examples(HomeContext()) if d.id in {"drivers", "driver-anna"}]
    await announce(hass, replace(hub, entities=(*hub.entities, *anna.entities)))
    before = entity(hass, "switch", "drivers", "mute_anna")
    whole = json.loads(payload(hub, PREFIX, "1.0", "en"))
    gone = {e.key: {"platform": e.platform} for e in anna.entities}
    removals = json.dumps(whole | {"components": whole["components"] | gone})
    # As fast after one another as they come from the broker.
    for topic, said in ((hub.topic, removals), (hub.topic, json.dumps(whole)), (anna.topic, None)):
        common.async_fire_mqtt_message(
            hass, f"homeassistant/{topic}", said or payload(anna, PREFIX, "1.0", "en").decode()
        )
    await hass.async_block_till_done()
    assert entity(hass, "switch", "drivers", "mute_anna") == before
    for row in anna.entities:
        at = registry.async_get(hass).async_get(entity(hass, row.platform, "drivers", row.key))
        assert dr.async_get(hass).async_get(at.device_id).name == "Anna"
    assert hass.states.get(before) is not None
    assert complaints(caplog) == []


async def test_entities_whose_availability_was_taken_unread_are_there_once_it_is_told_in_other_words(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mqtt_mock
    schemas = pytest.importorskip("homeassistant.components.mqtt.schemas")
    (shared,) = (v for k, v in schemas.MQTT_ENTITY_COMMON_SCHEMA.schema.items() if k == "availability")
    with monkeypatch.context() as loading:
        # As it is while another platform is loaded.
        loading.setattr(shared, "_compiled", [])
        for device in examples(HomeContext()):
            await announce(hass, device)
    with pytest.raises(AttributeError, match="'str' object has no attribute 'hass'"):
        await told(hass)
    caplog.clear()
    for device in examples(HomeContext()):
        await tell(hass, f"homeassistant/{device.topic}", reworded(payload(device, PREFIX, "1.0", "en")).decode())
    await told(hass)
    assert [s.entity_id for s in hass.states.async_all() if s.state == "unavailable"] == []
    assert complaints(caplog) == []


async def test_other_words_for_an_announcement_change_nothing_that_is_there(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    before = {s.entity_id: (s.state, s.attributes) for s in hass.states.async_all()}
    changes: list[Any] = []
    hass.bus.async_listen("state_changed", changes.append)
    for device in examples(HomeContext()):
        await tell(hass, f"homeassistant/{device.topic}", reworded(payload(device, PREFIX, "1.0", "en")).decode())
    assert {s.entity_id: (s.state, s.attributes) for s in hass.states.async_all()} == before
    assert changes == []
    assert complaints(caplog) == []


async def test_the_energy_dashboard_takes_every_counter_and_price_and_statistics_are_made_of_them(
    recorder_mock: Any, hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert recorder_mock, mqtt_mock
    recorded = pytest.importorskip("pytest_homeassistant_custom_component.components.recorder.common")
    energy = pytest.importorskip("homeassistant.components.energy.data")
    validate = pytest.importorskip("homeassistant.components.energy.validate")
    await announced(hass, HomeContext(currency="CHF"))
    await recorded.async_wait_recording_done(hass)
    recorded.do_adhoc_statistics(hass, start=floor_to(datetime.now(UTC), 5))
    await recorded.async_wait_recording_done(hass)

    def site(key: str) -> str:
        return entity(hass, "sensor", "site", key)

    def flow(name: str, key: str, price: str) -> dict[str, Any]:
        return {name: site(key), "entity_energy_price": site(price), "number_energy_price": None}

    manager = await energy.async_get_manager(hass)
    hass.data["energy"] = {"cost_sensors": {}}
    manager.data = manager.default_preferences() | {
        "energy_sources": [
            {
                "type": "grid",
                "flow_from": [flow("stat_energy_from", "import_kwh", "import_eur_per_kwh")],
                "flow_to": [flow("stat_energy_to", "export_kwh", "export_eur_per_kwh")],
                "cost_adjustment_day": 0.0,
            },
            {"type": "solar", "stat_energy_from": site("pv_kwh"), "config_entry_solar_forecast": None},
            {
                "type": "battery",
                "stat_energy_from": site("battery_discharge_kwh"),
                "stat_energy_to": site("battery_charge_kwh"),
            },
        ],
        "device_consumption": [{"stat_consumption": entity(hass, "sensor", "loadpoint-1", "energy_kwh")}],
    }
    found = (await validate.async_validate(hass)).as_dict()
    assert [issue for issues in (*found["energy_sources"], *found["device_consumption"]) for issue in issues] == []
    assert complaints(caplog) == []
