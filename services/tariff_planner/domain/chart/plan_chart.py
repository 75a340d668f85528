"""The plan as a picture that one reads at a glance: money of each day, prices, power, what is planned, charge.

Tall for a phone, wide for a desk; the same for dashboard, Telegram and demo.

Pure SVG, light and dark by the viewer's own setting, no script, no font and no picture from elsewhere.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from ems.contract.control import BatteryAction
from ems.contract.currency import currency
from ems.contract.message import Language
from ems.contract.plan import Forecast, ForecastKind, Plan, PlanSlot
from ems.contract.site import BatteryMode
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES
from tariff_planner.domain.chart.svg import (
    LEFT,
    STYLE,
    TALL_PX,
    WIDE_PX,
    Axis,
    Panel,
    box,
    key,
    key_lines,
    line,
    text,
)
from tariff_planner.domain.wording.renderer import CHART_WORDS

type Run = list[tuple[datetime, float]]
type Words = Mapping[str, str]

CHEAP_SHARE = 0.2
"""The cheapest fifth of the slots is shaded: what ``prices`` calls P20."""
ROW = 37

MIN_KW = 0.05
"""Less is no charging worth a bar."""
FULL_KW = 1.0
"""A bar of less power is never as high as one can be: a trickle must not look like charging."""


class Shape(Enum):
    """How the picture is cut; the value is its width in CSS pixels."""

    TALL = TALL_PX
    WIDE = WIDE_PX


def chart(
    plan: Plan,
    forecasts: Sequence[Forecast],
    tz: ZoneInfo,
    language: Language = Language.EN,
    shape: Shape = Shape.TALL,
) -> str:
    """The plan as an SVG document, below 150 kB for 96 h at 15 min.

    Args:
        plan: what to show; without slots the picture says that there is no plan.
        forecasts: load and PV, for the bands; may be missing.
        tz: the site's zone, for all times.
        language: of all words.
        shape: for a phone or a desk.
    """
    words = CHART_WORDS[language]
    writes = Formatter(LOCALES[language], tz, plan.at, plan.currency)
    start, end = (plan.slots[0].start, plan.slots[-1].end) if plan.slots else (plan.at, plan.at)
    axis = Axis(start, end, tz, writes, shape.value)
    title = text(12, 24, f"{words['plan']} {axis.date(plan.at)}", "title")
    if not plan.slots:
        return _svg(66, title + text(12, 48, words["none"], ""), shape.value)
    devices = sorted({name for slot in plan.slots for name in slot.devices})
    money, top = _money(plan, axis, words, 42)
    moments_at = top + 24
    top = moments_at + 28
    parts = [title, money, _prices(plan, axis, words, top), _power(plan, forecasts, axis, words, top + 144)]
    end_y = top + 244
    top += 298
    if devices:
        parts.append(_devices(plan, devices, axis, words, top))
        end_y = top + len(devices) * ROW + 2
        top += len(devices) * ROW + 38
    charged = [d for d in devices if any(s.devices[d].soc_pct is not None for s in plan.slots if d in s.devices)]
    if charged:
        drawn, height = _soc(plan, charged, axis, words, top)
        parts.append(drawn)
        end_y = top + 90
        top += height
    return _svg(top - 4, _moments(plan, axis, words, moments_at, end_y) + "".join(parts), shape.value)


def _svg(height: float, body: str, width: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img">'
        f'{STYLE}<rect width="100%" height="100%" rx="8" class="f-paper"/>{body}</svg>'
    )


def _money(plan: Plan, axis: Axis, words: Words, y: float) -> tuple[str, float]:
    """What each day of the plan costs, and what it saves; and where the lines end."""
    by_day: dict[date, tuple[datetime, float]] = {}
    for slot in plan.slots:
        day = slot.start.astimezone(axis.zone).date()
        at, eur = by_day.get(day, (slot.start, 0.0))
        by_day[day] = at, eur + slot.cost_eur
    today = plan.at.astimezone(axis.zone).date()
    days = [
        f"{words['today'] if day == today else axis.writes.weekday(at)} {axis.writes.amount(eur)}"
        for day, (at, eur) in by_day.items()
    ]
    parts = [words["costs"].format(days=", ".join(days))]
    if plan.saving_eur is not None:
        amount, nothing = axis.writes.amount(abs(plan.saving_eur)), axis.writes.amount(0)
        key = "same" if amount == nothing else "less" if plan.saving_eur > 0 else "more"
        parts.append(words[key].format(amount=amount))
    lines = key_lines([("", part) for part in parts], axis)
    shown = [" \N{MIDDLE DOT} ".join(part for _, part in line) for line in lines]
    return "".join(text(12, y + 15 * n, line, "") for n, line in enumerate(shown)), y + 15 * (len(shown) - 1)


def _moments(plan: Plan, axis: Axis, words: Words, top: float, end: float) -> str:
    """Now, and where days begin: lines through all panels, named above them."""
    now_x = axis.x(max(plan.at, axis.start))
    label = f"{words['now']} {plan.at.astimezone(axis.zone):%H:%M}"
    parts = [line(now_x, top + 3, now_x, end, "now"), text(now_x, top, label, "now")]
    free_from = now_x + 6 * len(label) + 8
    for midnight in axis.midnights():
        x, name = axis.x(midnight), axis.writes.date(midnight)
        parts.append(line(x, top + 3, x, end, "soft"))
        at = max(x, free_from)
        if at + 6.2 * len(name) <= axis.right:
            parts.append(text(at, top, name, "head"))
            free_from = at + 6.2 * len(name) + 8
    return "".join(parts)


def _prices(plan: Plan, axis: Axis, words: Words, top: float) -> str:
    of = currency(plan.currency)
    cents, unit = of.price_factor, f"{of.price_unit}/kWh"
    buy = [(s.start, s.end, s.import_eur_per_kwh * cents) for s in plan.slots]
    values = [v for *_, v in buy]
    low, high, ticks = _scale(min(0, *values), max(values))
    panel = Panel(axis, top, 100, low, high)
    parts: list[str] = []
    limit = sorted(values)[math.ceil(len(values) * CHEAP_SHARE) - 1]
    # Flat prices have no cheap time.
    if limit < max(values):
        parts += [box(axis.x(a), top, axis.x(b), top + 100, "cheap") for a, b, v in buy if v <= limit]
    parts.append(panel.frame(f"{words['price']}, {unit}", ticks))
    known = [p for p, s in zip(buy, plan.slots, strict=True) if s.price_known]
    guessed = [p for p, s in zip(buy, plan.slots, strict=True) if not s.price_known]
    parts += [panel.steps(known, "", "price"), panel.steps(guessed, "guess", "price"), panel.hour_labels()]
    entries = [("cheap", words["cheap"])] if limit < max(values) else []
    legend = key([*entries, *([("price", f"- - {words['guess']}")] if guessed else [])], top - 8, axis.right)
    return "".join(parts) + legend


def _power(plan: Plan, forecasts: Sequence[Forecast], axis: Axis, words: Words, top: float) -> str:
    shown = [f for f in forecasts if any(axis.start <= s.start < axis.end for s in f.slots)]
    drawn = {
        ForecastKind.LOAD: [(s.start, s.end, s.load_kwh / _hours(s)) for s in plan.slots],
        ForecastKind.PV: [(s.start, s.end, s.pv_kwh / _hours(s)) for s in plan.slots],
    }
    bands = {
        f.kind: [
            point
            for s in f.slots
            if axis.start <= s.start and s.end <= axis.end
            for point in ((s.start, s.p10_w / 1000, s.p90_w / 1000), (s.end, s.p10_w / 1000, s.p90_w / 1000))
        ]
        for f in shown
    }
    most = max([v for points in drawn.values() for *_, v in points] + [p[2] for b in bands.values() for p in b])
    low, high, ticks = _scale(0, max(most, 0.5))
    panel = Panel(axis, top, 100, low, high)
    parts = [panel.frame(words["power"], ticks)]
    for kind in (ForecastKind.PV, ForecastKind.LOAD):
        parts.append(panel.band(bands.get(kind, []), kind.value))
        parts.append(panel.steps(drawn[kind], "", kind.value))
    parts.append(panel.hour_labels())
    if any(bands.values()):
        parts.append(text(axis.right, top + 127, words["band"], "soft end"))
    return "".join(parts) + key([("load", words["load"]), ("pv", words["pv"])], top - 8, axis.right)


def _devices(plan: Plan, devices: Sequence[str], axis: Axis, words: Words, top: float) -> str:
    """One row a device: bars as high as its power, a thin line where the battery holds."""
    parts = [text(LEFT, top, words["devices"], "head")]
    used: set[str] = set()
    for number, device in enumerate(devices):
        base = top + 36 + number * ROW
        powers = [abs(s.devices[device].power_w) for s in plan.slots if device in s.devices]
        most = max([*powers, 1000 * FULL_KW])
        bars: list[str] = []
        for slot in plan.slots:
            drawn = _bar(slot, device)
            if drawn:
                used.add(drawn)
                height = 3 if drawn == "hold" else 4 + 10 * abs(slot.devices[device].power_w) / most
                bars.append(box(axis.x(slot.start), base - height, axis.x(slot.end), base, drawn))
        parts.append(line(LEFT, base, axis.right, base, "rule"))
        parts += [*bars, text(LEFT, base - 19, _name(plan, device, words), "soft")]
    return "".join(parts) + key([(c, words[c]) for c in ("charge", "discharge", "hold") if c in used], top, axis.right)


def _bar(slot: PlanSlot, device: str) -> str | None:
    """The colour of a device's bar in a slot, which is also the word for it; None for no bar."""
    plan = slot.devices.get(device)
    if plan is None:
        return None
    battery = isinstance(plan.action, BatteryAction)
    charging = -plan.power_w if battery else plan.power_w
    if charging > 1000 * MIN_KW:
        return "charge"
    if charging < -1000 * MIN_KW:
        return "discharge"
    if isinstance(plan.action, BatteryAction) and plan.action.mode in (BatteryMode.HOLD, BatteryMode.HOLDCHARGE):
        return "hold"
    return None


def _soc(plan: Plan, devices: Sequence[str], axis: Axis, words: Words, top: float) -> tuple[str, float]:
    """The strip and its height; the legend stands below, where people's names of cars have room."""
    panel = Panel(axis, top, 90, 0, 100)
    parts = [panel.frame(words["soc"], (0, 50, 100))]
    entries: list[tuple[str, str]] = []
    cars = 0
    for device in devices:
        battery = _is_battery(plan, device)
        colour = "battery" if battery else f"car{cars % 3}"
        cars += not battery
        # A loadpoint's car may change: each car is a line of its own, begun anew.
        for vehicle, run in _runs(plan, device):
            parts.append(panel.curve(run, colour))
            name = words["battery"] if battery else plan.titles.get(vehicle or "", vehicle or device)
            if (colour, name) not in entries:
                entries.append((colour, name))
    below = top + panel.height + 30
    legend = key_lines(entries, axis)
    parts += [key(line, below + 15 * number, axis.right) for number, line in enumerate(legend)]
    return "".join(parts) + panel.hour_labels(), 126 + 15 * len(legend)


def _runs(plan: Plan, device: str) -> list[tuple[str | None, Run]]:
    """The SoC at the slots' ends, one run for as long as the same vehicle is there."""
    runs: list[tuple[str | None, Run]] = []
    for slot in plan.slots:
        of = slot.devices.get(device)
        if of is None or of.soc_pct is None:
            continue
        if runs and runs[-1][0] == of.vehicle and runs[-1][1][-1][0] == slot.start:
            runs[-1][1].append((slot.end, of.soc_pct))
        else:
            runs.append((of.vehicle, [(slot.end, of.soc_pct)]))
    return runs


def _name(plan: Plan, device: str, words: Words) -> str:
    """The battery, or the loadpoint with the vehicles that are planned at it."""
    if _is_battery(plan, device):
        return words["battery"]
    at = dict.fromkeys(v for s in plan.slots if device in s.devices and (v := s.devices[device].vehicle))
    name = plan.loadpoints.get(device, device)
    return f"{name}: {', '.join(plan.titles.get(v, v) for v in at)}" if at else name


def _is_battery(plan: Plan, device: str) -> bool:
    return any(isinstance(s.devices[device].action, BatteryAction) for s in plan.slots if device in s.devices)


def _scale(low: float, high: float) -> tuple[float, float, list[float]]:
    """Round bounds and a few round ticks between them."""
    span = max(high - low, 1e-6)
    step = next(m * 10**e for e in range(-3, 5) for m in (1, 2, 2.5, 5) if m * 10**e * 4 >= span)
    first, last = math.floor(low / step), math.ceil(high / step)
    return first * step, last * step, [i * step for i in range(first, last + 1)]


def _hours(slot: PlanSlot) -> float:
    return (slot.end - slot.start).total_seconds() / 3600
