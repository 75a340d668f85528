"""The report at the end of a demo: money, departures, the last plan."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from ems.contract.message import Text
from ems.demo.account import Account
from ems.demo.day import ZONE
from ems.demo.terminal.bus_snapshot import BusSnapshot
from ems.demo.terminal.view import TerminalView
from ems.demo.terminal.words import MODES, number

_PLAN_AFTER = Text(en="The first plan came after {s} s.", de="Der erste Plan kam nach {s} s.")
_HEAD = Text(en="{hours} h in this home", de="{hours} h in diesem Haus")
_SUITE = Text(en="with the suite", de="mit der Suite")
_ALONE = Text(en="evcc alone", de="evcc allein")
_ROWS = (
    (Text(en="paid, EUR", de="bezahlt, EUR"), "paid_eur"),
    (Text(en="stored in battery and cars, kWh", de="gespeichert in Batterie und Autos, kWh"), "stored_kwh"),
    (Text(en="from the grid, kWh", de="aus dem Netz, kWh"), "import_kwh"),
    (Text(en="into the grid, kWh", de="ins Netz, kWh"), "export_kwh"),
    (Text(en="cost, EUR", de="Kosten, EUR"), "cost_eur"),
)
_CREDIT = Text(
    en="Energy stored at the end is credited with {ct} ct/kWh, the day's median price.",
    de="Am Ende gespeicherte Energie ist mit {ct} ct/kWh gutgeschrieben, dem Median des Tages.",
)
_RULES = Text(
    en="evcc alone had the same goals as plans of its own, and kept the battery from cars that charge fast.",
    de="evcc allein hatte dieselben Ziele als eigene Pläne und hielt die Batterie von schnell ladenden Autos fern.",
)
_LEFT = Text(en="{car} left at {at} with {soc:.0f} %", de="{car} fuhr um {at} mit {soc:.0f} % los")
_SAVED = Text(en="The suite saved {eur} EUR.", de="Die Suite sparte {eur} EUR.")
_LOST = Text(en="The suite cost {eur} EUR more.", de="Die Suite kostete {eur} EUR mehr.")
_CHART = Text(en="The last plan as a picture: {path}", de="Der letzte Plan als Bild: {path}")
_NO_CHART = Text(en="There is no picture of a plan.", de="Es gibt kein Bild eines Plans.")


class Report:
    """Paragraphs of the report, in one language."""

    def __init__(self, view: TerminalView, language: str) -> None:
        self._view, self._language = view, language

    def plan_after(self, seconds: float) -> str:
        """When the first plan came."""
        return self._translate(_PLAN_AFTER).format(s=self._number(seconds, 1))

    def decision(self, snapshot: BusSnapshot, now: datetime) -> str:
        """The plan as it stands, what each device should do by it, and who steers those that the learner may steer."""
        lines = [
            f"  {p.device}: {self._translate(MODES[p.action.mode])} - {self._translate(p.reason)}"
            for p in snapshot.proposals
        ]
        return "\n".join(
            [self._view.line(snapshot, now), self._view.summary(snapshot), *lines, *self._view.proposals(snapshot)]
        )

    def result(self, suite: Account, alone: Account) -> str:
        """The day's money, with and without the suite."""
        head = self._translate(_HEAD).format(hours=self._number(suite.hours, 0))
        lines = [_row(head, self._translate(_SUITE), self._translate(_ALONE))]
        for name, field in _ROWS:
            ours, evccs = (self._number(getattr(each, field), 2) for each in (suite, alone))
            lines.append(_row(f"  {self._translate(name)}", ours, evccs))
        lines.append(self._translate(_CREDIT).format(ct=self._number(suite.value_eur_per_kwh * 100, 1)))
        lines.append(self._translate(_RULES))
        for departure in suite.departures:
            at = departure.at.astimezone(ZONE).strftime("%H:%M")
            lines.append(self._translate(_LEFT).format(car=departure.car, at=at, soc=departure.soc_pct))
        saved_eur = alone.cost_eur - suite.cost_eur
        lines.append(self._translate(_SAVED if saved_eur >= 0 else _LOST).format(eur=self._number(abs(saved_eur), 2)))
        return "\n".join(lines)

    def chart(self, path: Path | None) -> str:
        """Where the picture of the plan was written."""
        return self._translate(_CHART).format(path=path) if path else self._translate(_NO_CHART)

    def _number(self, value: float, digits: int) -> str:
        return number(value, digits, self._language)

    def _translate(self, text: Text) -> str:
        return text.in_language(self._language)


def _row(name: str, ours: str, evccs: str) -> str:
    return f"{name:42} {ours:>14} {evccs:>12}"


def save_chart(svg: str | None, path: Path | None) -> Path | None:
    """Writes the picture to ``path``, or to a new temporary file; None where there is no picture."""
    if svg is None:
        return None
    if path is None:
        handle, name = tempfile.mkstemp(prefix="ems-demo-", suffix=".svg")
        os.close(handle)
        path = Path(name)
    path.write_text(svg, encoding="utf-8")
    return path
