"""The live view: a home, its prices, what every device is action and why. Pure: facts in, something to print out."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Rich

from ems.contract.control import Action, BatteryAction, Control, ControllerName, Owner, Proposal
from ems.contract.service import Health, HealthState
from ems.contract.site import Loadpoint, Rate, Site
from ems.demo.terminal.bus_snapshot import BusSnapshot
from ems.demo.terminal.words import (
    MODES,
    OWNERS,
    number,
    weekday_and_time,
    word,
)

BLOCKS = "▁▂▃▄▅▆▇█"


class TerminalView:
    """A snapshot of the bus as a screen or a line, in one zone and language, with a title and a line to watch along."""

    def __init__(self, zone: ZoneInfo, language: str, title: str, watch_line: str) -> None:
        self._zone, self._language, self._title, self._watch_line = zone, language, title, watch_line

    def screen(self, snapshot: BusSnapshot, now: datetime, extra: str = "") -> RenderableType:
        """Everything, for a terminal."""
        head = Rich.assemble((f"{self._time(now)}", "bold"), "  ", (self._title, "dim"), "  ", extra)
        parts: list[RenderableType] = [head]
        if snapshot.site is None:
            parts.append(Rich(self._word("waiting"), "yellow"))
        else:
            parts += [
                self._price(snapshot, now),
                self._powers(snapshot.site, snapshot.loadpoints),
                self._devices(snapshot),
            ]
        parts += [self._plan(snapshot), *self._proposals(snapshot), *self._problems(snapshot)]
        parts.append(Rich.assemble((f"{self._word('watch')}: ", "dim"), self._watch_line))
        return Panel(Group(*parts), title="evcc-ems", border_style="green", padding=(0, 1))

    def line(self, snapshot: BusSnapshot, now: datetime) -> str:
        """One line, for a log."""
        parts = [self._time(now)]
        if snapshot.prices:
            parts.append(f"{self._cents(snapshot.prices.now_eur_per_kwh)} ({snapshot.prices.rank:.0%})")
        if site := snapshot.site:
            powers = (("solar", site.pv_w), ("house", site.home_w), ("grid", site.grid_w))
            parts += [f"{self._word(key)} {self._kw(watts)}" for key, watts in powers]
        for device, soc, power, control in self._rows(snapshot):
            action = self._action_text(control.desired or control.observed) if control else ""
            why = self._reason(snapshot, control)
            parts.append(f"{device} {soc} {power} {action}{f' ({why})' if why else ''}")
        return " | ".join(parts)

    def summary(self, snapshot: BusSnapshot) -> str:
        """The plan in words."""
        if snapshot.plan is None:
            return self._word("no_plan")
        text = snapshot.plan.summary.in_language(self._language)
        if snapshot.plan.saving_eur is not None:
            saves = self._word("saves").format(eur=f"{number(snapshot.plan.saving_eur, 2, self._language)} EUR")
            text += f" ({saves})"
        return text

    def proposals(self, snapshot: BusSnapshot) -> list[str]:
        """A line for each device that a learner would steer, too: what both want of it, who steers it, and why."""
        lines = []
        for device, controller in sorted(snapshot.controllers.items()):
            if controller.evidence is None:
                continue
            plan, learner = (
                self._proposed(proposals, device) for proposals in (snapshot.proposals, snapshot.learner_proposals)
            )
            both = f"{self._word('plan')} {plan}, {self._word('learner')} {learner}"
            why = controller.evidence.text.in_language(self._language)
            lines.append(f"{self._device_name(snapshot, device)}: {both}. {why}")
        return lines

    def _price(self, snapshot: BusSnapshot, now: datetime) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        prices = snapshot.prices
        if prices is None:
            price = snapshot.site.import_eur_per_kwh if snapshot.site else None
            table.add_row(Rich(self._word("price"), "dim"), self._cents(price))
        else:
            kind, style = _rank(prices.rank)
            text = Rich.assemble(
                (self._cents(prices.now_eur_per_kwh), f"bold {style}"),
                f"  {self._word(kind)} ({prices.rank:.0%})   "
                f"P20 {self._cents(prices.p20_eur_per_kwh)}   P80 {self._cents(prices.p80_eur_per_kwh)}",
            )
            if prices.next_cheap and prices.next_cheap.start > now:
                text.append(f"   {self._word('next_cheap')} {self._time(prices.next_cheap.start)}")
            table.add_row(Rich(self._word("price"), "dim"), text)
        table.add_row(Rich(self._word("prices_ahead"), "dim"), _sparkline(snapshot.rates, now))
        return table

    def _powers(self, site: Site, loadpoints: dict[str, Loadpoint]) -> RenderableType:
        if not site.evcc.reachable:
            evcc = site.evcc
            why = evcc.problem_text.in_language(self._language) if evcc.problem_text else evcc.problem or ""
            return Rich(f"{self._word('unreachable')}: {why}", "bold red")
        cars_w = sum(lp.power_w or 0 for lp in loadpoints.values())
        battery_w = site.battery.power_w if site.battery else None
        direction = "export" if (site.grid_w or 0) < 0 else "import"
        table = Table.grid(padding=(0, 3))
        table.add_row(
            self._labelled_kw("solar", site.pv_w, "yellow"),
            self._labelled_kw("house", site.home_w, "cyan"),
            self._labelled_kw("car", cars_w, "magenta"),
            self._labelled_kw("battery", battery_w, "green"),
            Rich.assemble(self._labelled_kw("grid", site.grid_w, "red"), (f" {self._word(direction)}", "dim")),
        )
        return table

    def _devices(self, snapshot: BusSnapshot) -> RenderableType:
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
        for key in ("", "state", "power", "controlled", "decides", "why"):
            table.add_column(self._word(key) if key else "", overflow="fold")
        for device, soc, power, control in self._rows(snapshot):
            action = self._action_text(control.desired or control.observed) if control else ""
            phase = f" [{control.phase}]" if control and control.phase in {"pending", "refused"} else ""
            owner = self._owner(control) if control else ""
            table.add_row(
                Rich(device, "bold"), soc, power, Rich(action + phase), owner, Rich(self._reason(snapshot, control))
            )
        return table

    def _rows(self, snapshot: BusSnapshot) -> list[tuple[str, str, str, Control | None]]:
        rows: list[tuple[str, str, str, Control | None]] = []
        if snapshot.site and (battery := snapshot.site.battery):
            soc = f"{_bar(battery.soc_pct)} {_pct(battery.soc_pct)}"
            rows.append((self._word("battery"), soc, self._kw(battery.power_w), snapshot.controls.get("battery")))
        for loadpoint_id, lp in sorted(snapshot.loadpoints.items()):
            soc = f"{_bar(lp.soc_pct)} {_pct(lp.soc_pct)}" if lp.connected else self._word("away")
            goal = snapshot.goals.get(lp.vehicle or "")
            if goal:
                by = f" {self._time(goal.departure)}" if goal.departure else ""
                soc += f" {self._word('goal')} {goal.soc_pct:.0f} %{by}"
            name = _loadpoint_name(loadpoint_id, lp)
            rows.append((name, soc, self._kw(lp.power_w), snapshot.controls.get(f"loadpoint-{loadpoint_id}")))
        return rows

    def _plan(self, snapshot: BusSnapshot) -> RenderableType:
        return Rich.assemble((f"{self._word('plan')}: ", "dim"), self.summary(snapshot))

    def _proposals(self, snapshot: BusSnapshot) -> list[RenderableType]:
        head = (f"{self._word('proposals')}: ", "dim")
        return [Rich.assemble(head, line) for line in self.proposals(snapshot)]

    def _proposed(self, proposals: tuple[Proposal, ...], device: str) -> str:
        return next((self._action_text(p.action) for p in proposals if p.device == device), "-")

    def _device_name(self, snapshot: BusSnapshot, device: str) -> str:
        if device == "battery":
            return self._word("battery")
        loadpoint_id = device.removeprefix("loadpoint-")
        lp = snapshot.loadpoints.get(loadpoint_id)
        return device if lp is None else _loadpoint_name(loadpoint_id, lp)

    def _owner(self, control: Control) -> str:
        learner = control.owner is Owner.PLAN and control.controller is ControllerName.RL
        return OWNERS["learner" if learner else control.owner].in_language(self._language)

    def _problems(self, snapshot: BusSnapshot) -> list[RenderableType]:
        bad = {name: h for name, h in snapshot.healths.items() if h.state is not HealthState.OK}
        return [Rich(health_line(name, health, self._language), "red") for name, health in sorted(bad.items())]

    def _reason(self, snapshot: BusSnapshot, control: Control | None) -> str:
        """A device's reason and error; no reason where it is that of the whole plan."""
        if control is None:
            return ""
        own = snapshot.plan is None or control.reason != snapshot.plan.summary
        wrong = control.error_text.in_language(self._language) if control.error_text else control.error or ""
        parts = [control.reason.in_language(self._language) if own else "", wrong]
        return " - ".join(part for part in parts if part)

    def _action_text(self, action: Action | None) -> str:
        if action is None:
            return ""
        text = MODES[action.mode].in_language(self._language)
        if not isinstance(action, BatteryAction) and action.limit_soc_pct:
            text += f" <= {action.limit_soc_pct:.0f} %"
        return text

    def _labelled_kw(self, key: str, watts: float | None, style: str) -> Rich:
        return Rich.assemble((f"{self._word(key)} ", "dim"), (self._kw(watts), style))

    def _time(self, moment: datetime) -> str:
        return weekday_and_time(moment.astimezone(self._zone), self._language)

    def _kw(self, watts: float | None) -> str:
        return "-" if watts is None else f"{number(watts / 1000, 1, self._language)} kW"

    def _cents(self, eur_per_kwh: float | None) -> str:
        return "-" if eur_per_kwh is None else f"{number(eur_per_kwh * 100, 1, self._language)} ct/kWh"

    def _word(self, key: str) -> str:
        return word(key, self._language)


def _loadpoint_name(loadpoint_id: str, loadpoint: Loadpoint) -> str:
    return loadpoint.vehicle_title or loadpoint.title or loadpoint_id


def watch_line(host: str, port: int) -> str:
    """The command that shows everything on the broker."""
    return f"mosquitto_sub -V 5 -h {host} -p {port} -t 'evcc/#' -v"


def health_line(service: str, health: Health, language: str = "en") -> str:
    """A service's state, and its reasons where it has any."""
    reasons = [problem.text.in_language(language) for problem in health.problems] or health.reasons
    return ": ".join([service, health.state, *(["; ".join(reasons)] if reasons else [])])


def _sparkline(rates: tuple[Rate, ...], now: datetime, width: int = 72) -> Rich:
    """Prices from now on, an hour or less a column, the cheap third green and the dear third red."""
    ahead = [rate for rate in rates if rate.end > now]
    step = max(1, -(-len(ahead) // width))
    values = [sum(r.value for r in ahead[i : i + step]) / len(ahead[i : i + step]) for i in range(0, len(ahead), step)]
    line = Rich()
    if not values:
        return line
    low, spread = min(values), (max(values) - min(values)) or 1.0
    for value in values:
        height = (value - low) / spread
        _, style = _rank(height)
        line.append(BLOCKS[min(7, int(height * 8))], style)
    return line


def _rank(rank: float) -> tuple[str, str]:
    if rank <= 1 / 3:
        return "cheap", "green"
    return ("middling", "yellow") if rank <= 2 / 3 else ("dear", "red")


def _bar(pct: float | None, width: int = 10) -> str:
    full = round((pct or 0) / 100 * width)
    return "█" * full + "░" * (width - full)


def _pct(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} %"
