"""Health is in the log as well: each reason once, its end once, and no flood of what comes and goes."""

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from ems.contract.service import Health, HealthState
from ems.i18n.health import renderer
from ems.i18n.health.troubles import BrokerAway, EvccUnanswered, FileSetAside, InfluxAway
from ems.runtime import health
from ems.runtime.health import HealthReport
from support.clocks import StandingClock

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def said() -> list[Health]:
    return []


@pytest.fixture
def report(said: list[Health]) -> HealthReport:
    return HealthReport(StandingClock(NOW), "1", said.append)


def test_a_reason_that_lasts_is_logged_once_and_its_end_once(report: HealthReport, said: list[Health]) -> None:
    with capture_logs() as logs:
        for waiting in range(360):
            report.degraded("influx", InfluxAway("does not answer", waiting, 0))
        report.ok("influx")
        report.ok("influx")
    assert [(e["log_level"], e["event"], e["about"]) for e in logs] == [
        ("warning", "degraded", "influx"),
        ("info", "well again", "influx"),
    ]
    assert logs[0]["why"] == said[0].reasons[0] == "InfluxDB: does not answer; 0 points wait, 0 were lost"
    assert len(said) == 361, "the health has every number"


def test_what_comes_and_goes_is_logged_once_in_a_while(report: HealthReport, monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as logs:
        for _ in range(100):
            report.failed("evcc", EvccUnanswered("does not answer"))
            report.ok("evcc")
        monkeypatch.setattr(health, "LOG_AGAIN_S", 0.0)
        report.failed("evcc", EvccUnanswered("does not answer"))
    assert [e["event"] for e in logs] == ["failed", "well again", "failed"]


def test_another_reason_is_logged_and_a_hundred_others_are_not(report: HealthReport) -> None:
    with capture_logs() as logs:
        for n in range(100):
            report.degraded("mqtt", BrokerAway("broker", 1883, "x" * n))
        report.degraded("other", EvccUnanswered("something"))
    assert [e["about"] for e in logs] == ["mqtt"] * health.MAX_REASONS + ["other"]


def test_worse_than_before_is_logged_though_the_words_are_the_same(report: HealthReport) -> None:
    with capture_logs() as logs:
        report.degraded("evcc", EvccUnanswered("does not answer"))
        report.failed("evcc", EvccUnanswered("does not answer"))
    assert [e["event"] for e in logs] == ["degraded", "failed"]
    assert report.state is HealthState.FAILED


def test_a_file_that_cannot_be_read_is_told_in_every_language(report: HealthReport, said: list[Health]) -> None:
    report.file_set_aside("memory", "memory.json is not used: broken")
    [problem] = said[-1].problems
    assert said[-1].reasons == ("memory.json is not used: broken",)
    assert problem == renderer.problem(FileSetAside("memory.json is not used: broken"), HealthState.DEGRADED)
    assert problem.text.de != problem.text.en
