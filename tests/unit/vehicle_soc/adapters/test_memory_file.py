"""The memory on disk is readable by later versions."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ems.contract.message import Text
from ems.contract.vehicle import ProblemKind
from vehicle_soc.adapters.memory_file import MemoryFile
from vehicle_soc.domain.circuit_breaker import Circuit
from vehicle_soc.domain.memory import AccountMemory, CarMemory, PollMemory
from vehicle_soc.domain.readings import Reading

OLD = Path(__file__).parents[3] / "fixtures" / "vehicles" / "memory-4c0e48b.json"
"""What commit 4c0e48b wrote."""
NAME = "memory-c064fbca9d9de8dd.json"
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_older_memory_is_read_whole_and_written_as_it_was(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(OLD.read_bytes())
    open_circuit = Circuit(ProblemKind.QUOTA, Text(en="too often", de="zu oft"), NOW, 2, NOW + HOUR)
    reading = Reading("renault", NOW, 55, NOW - HOUR, 200, True, False, 90, NOW - 2 * HOUR)
    memory = PollMemory(
        {"zoe": CarMemory({"renault": reading}, NOW, open_circuit, (NOW - 3 * HOUR,), "abc"), "ev6": CarMemory()},
        {"renault:anna:de_DE": AccountMemory((NOW - HOUR, NOW), open_circuit)},
        "salt",
    )
    assert MemoryFile(tmp_path).load() == memory
    MemoryFile(tmp_path / "new").save(memory)
    assert json.loads((tmp_path / "new" / NAME).read_bytes()) == json.loads(OLD.read_bytes())
