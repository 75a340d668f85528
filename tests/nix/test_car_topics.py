"""Topics of cars that others publish, on a broker with the suite's rights: denied in words, until they are allowed."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

from ems.runtime.settings import MqttSettings
from nix.dynsec import Guarded, guarded
from support.bus import raw
from support.clouds import context
from vehicle_soc.adapters.mqtt import Mqtt, MqttOptions
from vehicle_soc.adapters.provider import Impossible
from vehicle_soc.domain.readings import Reading

TOPIC = "carconnectivity/0/garage/WVWCANARYVIN00042/drives/primary/level"
OPTIONS = MqttOptions.model_validate({"preset": "carconnectivity", "vin": "wvwcanaryvin00042"})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Guarded]:
    made = guarded(tmp_path, "installed")
    made.apply()
    yield made
    made.broker.stop()


async def test_what_the_rights_do_not_say_is_denied_in_words_and_heard_once_they_do(
    house: Guarded, tmp_path: Path
) -> None:
    settings = MqttSettings(host="127.0.0.1", port=house.broker.port, username="vehicle-soc")
    options = OPTIONS.model_copy(
        update={"broker": settings, "broker_password": SecretStr(house.password("vehicle-soc"))}
    )
    heard: asyncio.Queue[Reading] = asyncio.Queue()
    async with context(tmp_path, car="born") as using:
        with pytest.raises(Impossible, match="denies the account vehicle-soc read access to carconnectivity") as why:
            await asyncio.wait_for(Mqtt(options, using).listen(heard.put_nowait), 10)
        assert "alsoReceive" in str(why.value)
        assert "WVWCANARY" not in str(why.value)
        for acl in ("publishClientReceive", "subscribePattern"):
            house.ctrl("dynsec", "addRoleACL", "ems-vehicle-soc", acl, "carconnectivity/0/garage/#", "allow")
        house.ctrl("dynsec", "createRole", "bridge")
        house.ctrl("dynsec", "addRoleACL", "bridge", "publishClientSend", "carconnectivity/#", "allow")
        house.ctrl("dynsec", "createClient", "bridge")
        house.ctrl("dynsec", "setClientPassword", "bridge", "pw")
        house.ctrl("dynsec", "addClientRole", "bridge", "bridge")
        listening = asyncio.create_task(Mqtt(options, using).listen(heard.put_nowait))
        async with raw(settings, "none/of/it", username="bridge", password="pw") as bridge:
            while heard.empty():
                await bridge.publish(TOPIC, "77", retain=True)
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(listening), 0.2)
        assert heard.get_nowait().soc_pct == 77
        listening.cancel()
        await asyncio.wait({listening})
