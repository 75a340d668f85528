"""The memory on disk is readable by later versions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.message import Text
from ems.contract.vehicle import ProblemKind
from support.said import examples
from vehicle_soc.adapters.memory_file import MemoryFile
from vehicle_soc.domain.circuit_breaker import Circuit
from vehicle_soc.domain.memory import AccountMemory, CarMemory, PollMemory
from vehicle_soc.domain.plausibility import HeldReading
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.wording.doubts import IMPLAUSIBLE, Implausible
from vehicle_soc.domain.wording.problems import PROBLEMS, InOwnWords, Problem

OLD = Path(__file__).parents[3] / "fixtures" / "vehicles" / "memory-4c0e48b.json"
"""What commit 4c0e48b wrote."""
NAME = "memory-c064fbca9d9de8dd.json"
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_older_memory_is_read_whole_with_the_words_that_stand_in_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(OLD.read_bytes())
    open_circuit = Circuit(ProblemKind.QUOTA, InOwnWords(Text(en="too often", de="zu oft")), NOW, 2, NOW + HOUR)
    reading = Reading("renault", NOW, 55, NOW - HOUR, 200, True, False, 90, NOW - 2 * HOUR)
    memory = PollMemory(
        {"zoe": CarMemory({"renault": reading}, NOW, open_circuit, (NOW - 3 * HOUR,), "abc"), "ev6": CarMemory()},
        {"renault:anna:de_DE": AccountMemory((NOW - HOUR, NOW), open_circuit)},
        "salt",
    )
    assert MemoryFile(tmp_path).load(pytest.fail) == memory
    MemoryFile(tmp_path / "new").save(memory)
    assert MemoryFile(tmp_path / "new").load(pytest.fail) == memory


@pytest.mark.parametrize("reason", [reason for cls in PROBLEMS for reason in examples(cls)], ids=repr)
def test_every_reason_survives_a_restart(tmp_path: Path, reason: Problem) -> None:
    memory = PollMemory(accounts={"a": AccountMemory((), Circuit(ProblemKind.TRANSIENT, reason, NOW))})
    MemoryFile(tmp_path).save(memory)
    assert MemoryFile(tmp_path).load(pytest.fail) == memory


@pytest.mark.parametrize("why", [why for cls in IMPLAUSIBLE for why in examples(cls)], ids=repr)
def test_every_doubt_survives_a_restart(tmp_path: Path, why: Implausible) -> None:
    held = HeldReading(Reading("renault", NOW, 0), why, NOW)
    memory = PollMemory({"zoe": CarMemory(held=held)})
    MemoryFile(tmp_path).save(memory)
    assert MemoryFile(tmp_path).load(pytest.fail) == memory
