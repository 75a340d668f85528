"""Bytes from outside, led by what they reach in the code: ``make fuzz-coverage``; wants atheris, which has no Windows.

The corpus grows in ``.tools/atheris/corpus``; a finding is a file there and a traceback.
"""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # it is in an environment of its own

with atheris.instrument_imports(include=["ems", "evcc_poller", "vehicle_soc", "notifier", "tariff_planner"]):
    from ems.contract import topics
    from ems.contract.message import Malformed
    from ems.contract.site import TariffKind
    from ems.contract.topic import Json
    from ems.metrics.errors import InfluxReply, raise_for
    from ems.runtime.errors import PermanentError, TransientError
    from evcc_poller.adapters.evcc_reply import unwrap
    from evcc_poller.domain.parsing import rates
    from evcc_poller.domain.parsing.state import read_state
    from evcc_poller.domain.parsing.vehicle_names import VehicleNames
    from notifier.adapters import telegram_api
    from vehicle_soc.domain import value_parsing

TESTS = Path(__file__).parents[1]
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
MODELS = tuple(t.codec.model for t in topics.TOPICS if isinstance(t.codec, Json))


def _payload(data: bytes) -> None:
    try:
        message = MODELS[data[0] % len(MODELS)].parse(data[1:])
    except Malformed as why:
        if not str(why):
            raise AssertionError("refused without a word") from None
    else:
        assert type(message).parse(message.payload()) == message


def _evcc(data: bytes) -> None:
    state = unwrap(json.loads(data))
    if isinstance(state, dict):
        found = read_state(state, AT, VehicleNames({}))
        for message in (found.site, *found.loadpoints):
            assert type(message).parse(message.payload()) == message


def _rates(data: bytes) -> None:
    answer = unwrap(json.loads(data))
    for kind in TariffKind:
        told = rates.read(answer, kind)
        rates.fresh(kind, told.rates, AT, told.trouble(kind)).payload()


def _update(data: bytes) -> None:
    telegram_api._update(json.loads(data))


def _influx(data: bytes) -> None:
    raise_for(InfluxReply(100 + data[0] * 2, "application/json", None, data[1:].decode(errors="replace")))


def _cloud(data: bytes) -> None:
    text = data.decode(errors="replace")
    for read in (value_parsing.percent, value_parsing.distance_km, value_parsing.flag, value_parsing.moment):
        read(text)
    value_parsing.find(value_parsing.document(text), "/a/0")


TARGETS: tuple[tuple[Callable[[bytes], None], tuple[type[Exception], ...]], ...] = (
    (_payload, ()),
    (_evcc, (ValueError, RecursionError, TransientError, PermanentError)),
    (_rates, (ValueError, RecursionError, TransientError, PermanentError)),
    (_update, (ValueError, RecursionError, TransientError)),
    (_influx, (TransientError, PermanentError)),
    (_cloud, (ValueError,)),
)
"""What takes bytes, and what it may raise; ``ValueError`` and ``RecursionError`` are those of JSON."""


def one(data: bytes) -> None:
    """Tries one input on one target."""
    if len(data) < 3:
        return
    target, refusals = TARGETS[data[0] % len(TARGETS)]
    with suppress(*refusals):
        target(data[1:])


def sow(corpus: Path) -> None:
    """Puts what is right into an empty corpus, so that it is led on from there."""
    for path in (TESTS / "contract" / "golden").glob("*.full.json"):
        name = path.name.split(".")[0]
        for index in (n for n, model in enumerate(MODELS) if model.__name__ == name):
            (corpus / f"{name}-{index}").write_bytes(bytes([0, index]) + path.read_bytes())
    for path in (TESTS / "fixtures" / "evcc-recorded").glob("*.json"):
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items():
            body = entry.get("response", {}).get("body") if isinstance(entry, dict) else None
            if name.startswith(("state", "tariff")) and body is not None:
                target = 1 if name.startswith("state") else 2
                (corpus / f"{path.stem}-{name}").write_bytes(bytes([target]) + json.dumps(body).encode())


if __name__ == "__main__":
    if (corpus := Path(sys.argv[-1])).is_dir() and not any(corpus.iterdir()):
        sow(corpus)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
