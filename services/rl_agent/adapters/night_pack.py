"""A night's job and its result as bytes, for the worker's pipes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import TypeAdapter

from ems.virtual_house.house import VirtualBattery, VirtualCar
from rl_agent.adapters.array_pack import pack, unpack
from rl_agent.adapters.model_files import packed, unpacked
from rl_agent.domain.columns import CarPlace, MeasuredColumns
from rl_agent.domain.home_world import Ahead, HouseTerms
from rl_agent.domain.judge.lives import Stored
from rl_agent.domain.night import ComparedDay, KeptTraining, NightJob, NightResult


@dataclass(frozen=True, slots=True)
class _JobDocument:
    """Everything of a job but its arrays, and what was learnt: the worker reads that itself."""

    state_dir: Path
    days: int
    car: CarPlace | None
    first: int
    zone: str
    virtual_battery: VirtualBattery | None
    virtual_car: VirtualCar | None
    export_eur_per_kwh: float
    devices: tuple[str, ...]
    now: datetime
    ahead: Ahead
    judged_until: date | None
    stored: dict[str, Stored]


@dataclass(frozen=True, slots=True)
class _TrainingDocument:
    version: int
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class _ResultDocument:
    days: tuple[ComparedDay, ...]
    stored: dict[str, Stored]
    judged_until: date | None
    failed: dict[str, str]
    trainings: dict[str, _TrainingDocument]


_JOB, _RESULT = TypeAdapter(_JobDocument), TypeAdapter(_ResultDocument)


def pack_job(job: NightJob, state_dir: Path) -> bytes:
    """The job; what was learnt stays in its files below ``state_dir``."""
    measured, terms = job.measured, job.terms
    document = _JobDocument(
        state_dir=state_dir,
        days=measured.days,
        car=measured.car,
        first=measured.first,
        zone=terms.zone.key,
        virtual_battery=terms.battery,
        virtual_car=terms.car,
        export_eur_per_kwh=terms.export_eur_per_kwh,
        devices=job.devices,
        now=job.now,
        ahead=job.ahead,
        judged_until=job.judged_until,
        stored=dict(job.stored),
    )
    return pack({"values": measured.values}, json.loads(_JOB.dump_json(document)))


def unpack_job(block: bytes) -> tuple[NightJob, Path]:
    """The job without what was learnt, and the state directory.

    Raises:
        Unreadable: it is no job.
    """
    arrays, document = unpack(block)
    told = _JOB.validate_json(json.dumps(document))
    job = NightJob(
        measured=MeasuredColumns(told.days, told.car, told.first, arrays["values"]),
        terms=HouseTerms(ZoneInfo(told.zone), told.virtual_battery, told.virtual_car, told.export_eur_per_kwh),
        devices=told.devices,
        now=told.now,
        ahead=told.ahead,
        judged_until=told.judged_until,
        stored=told.stored,
    )
    return job, told.state_dir


def pack_result(result: NightResult) -> bytes:
    """The result, with what was learnt."""
    document = _ResultDocument(
        days=result.days,
        stored=dict(result.stored),
        judged_until=result.judged_until,
        failed=dict(result.failed),
        trainings={n: _TrainingDocument(k.version, k.at, k.until) for n, k in result.trainings.items()},
    )
    learnt = {name: np.frombuffer(packed(kept.trained, {}), dtype=np.uint8) for name, kept in result.trainings.items()}
    return pack(learnt, json.loads(_RESULT.dump_json(document)))


def unpack_result(block: bytes) -> NightResult:
    """The result.

    Raises:
        Unreadable: it is none.
    """
    arrays: Mapping[str, Any]
    arrays, document = unpack(block)
    told = _RESULT.validate_json(json.dumps(document))
    trainings = {
        name: KeptTraining(unpacked(arrays[name].tobytes())[0], of.version, of.at, of.until)
        for name, of in told.trainings.items()
    }
    return NightResult(told.days, told.stored, told.judged_until, trainings, told.failed)
