"""The paper that the chart is drawn on: scales, axes, colours in light and dark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.i18n.formatter import Formatter

TALL_PX = 390
"""A phone's width in CSS pixels; the picture scales, so this is what sizes are measured against."""
WIDE_PX = 960
"""The same for a desk's screen."""
LEFT, RIGHT = 34, 10
LABEL_PX = 43
"""Room for an hour's label and what parts it from the next."""
_NARROW, _BROAD = set("iltjfrI.,:;'|! ()"), set("mwMWQO%@")

PALETTE = {
    "ink": ("#1d2730", "#e8edf1"),
    "soft": ("#5d6b77", "#9fb0bd"),
    "rule": ("#d9dfe4", "#34414c"),
    "paper": ("#ffffff", "#161d23"),
    "cheap": ("#cfeedd", "#1d4433"),
    "now": ("#c9302c", "#ff7a70"),
    "price": ("#33556f", "#9cc4e4"),
    "load": ("#8a4fbf", "#c79bf0"),
    "pv": ("#e0a100", "#f2c230"),
    "charge": ("#1c9a5b", "#3ecb84"),
    "discharge": ("#d9652b", "#f08a55"),
    "hold": ("#9fb0bd", "#5b6b78"),
    "battery": ("#1c9a5b", "#3ecb84"),
    "car0": ("#2f6fd6", "#7fb0ff"),
    "car1": ("#b5487f", "#ee8fc0"),
    "car2": ("#0f8f9c", "#4cc9d6"),
}
"""Every colour in light and in dark."""


def _style() -> str:
    """Plain rules and no variables: rsvg-convert, which makes a photo for Telegram, knows none (nor the dark)."""
    light, dark = (
        "".join(f".f-{name}{{fill:{both[side]}}}.s-{name}{{stroke:{both[side]}}}" for name, both in PALETTE.items())
        # What crosses a word leaves it room.
        + f"text{{stroke:{PALETTE['paper'][side]}}}"
        for side in (0, 1)
    )
    return (
        '<style>svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:11px}'
        f"{light}@media(prefers-color-scheme:dark){{{dark}}}"
        ".head{font-weight:600;font-size:12px}.title{font-weight:700;font-size:15px}"
        ".line{fill:none;stroke-width:1.8;stroke-linejoin:round}.guess{stroke-dasharray:3 3}.band{opacity:.22}"
        "text{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}"
        ".end{text-anchor:end}.mid{text-anchor:middle}</style>"
    )


STYLE = _style()


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from left to right."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    writes: Formatter
    width: float = TALL_PX
    """Of the whole picture, in pixels."""

    @property
    def right(self) -> float:
        """Where the panels end, in pixels."""
        return self.width - RIGHT

    def x(self, moment: datetime) -> float:
        """Pixels of a moment."""
        return LEFT + (self.right - LEFT) * ((moment - self.start) / (self.end - self.start))

    def hours(self) -> Iterable[tuple[datetime, bool]]:
        """Local hours that deserve a line, and whether a day begins there; never too near to each other to be read."""
        total = (self.end - self.start) / timedelta(hours=1)
        every = next((h for h in (1, 2, 3, 6, 12) if total / h <= (self.right - LEFT) / LABEL_PX), 24)
        at = self.start.replace(minute=0, second=0, microsecond=0)
        while at <= self.end:
            local = at.astimezone(self.zone)
            if at >= self.start and local.minute == 0 and local.hour % every == 0:
                yield at, local.hour == 0
            at += timedelta(hours=1) if local.minute == 0 else timedelta(minutes=15)

    def midnights(self) -> Iterable[datetime]:
        """When local days begin, after the start."""
        return [moment for moment, midnight in self.hours() if midnight and moment > self.start]

    def date(self, moment: datetime) -> str:
        """Weekday, date and time of day, such as ``Sat 21 Nov 14:05``."""
        return f"{self.writes.date(moment)} {moment.astimezone(self.zone):%H:%M}"


@dataclass(frozen=True, slots=True)
class Panel:
    """A strip of the chart with its own scale upwards."""

    axis: Axis
    top: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        """Pixels of a value."""
        return self.top + self.height * (1 - (value - self.low) / (self.high - self.low))

    def frame(self, title: str, ticks: Sequence[float]) -> str:
        """Title, horizontal rules with their values, vertical rules at the hours."""
        parts = [text(LEFT, self.top - 8, title, "head")]
        for moment, midnight in self.axis.hours():
            x = self.axis.x(moment)
            parts.append(line(x, self.top, x, self.top + self.height, "soft" if midnight else "rule"))
        for tick in ticks:
            parts.append(line(LEFT, self.y(tick), self.axis.right, self.y(tick), "rule"))
            parts.append(text(LEFT - 4, self.y(tick) + 4, f"{tick:g}".replace("-", "\N{MINUS SIGN}"), "soft end"))
        return "".join(parts)

    def hour_labels(self) -> str:
        """The hours below the strip; at midnight the day that begins."""
        parts: list[str] = []
        for moment, midnight in self.axis.hours():
            local = moment.astimezone(self.axis.zone)
            label = self.axis.writes.short_weekday(moment) if midnight else f"{local.hour}"
            x = min(self.axis.x(moment), self.axis.right - 3 * len(label))
            parts.append(text(x, self.top + self.height + 13, label, "mid" if midnight else "soft mid"))
        return "".join(parts)

    def steps(self, points: Sequence[tuple[datetime, datetime, float]], css: str, colour: str) -> str:
        """A line that is level over each slot."""
        path = "".join(
            f"{'L' if i else 'M'}{self.axis.x(a):.1f} {self.y(v):.1f}H{self.axis.x(b):.1f}"
            for i, (a, b, v) in enumerate(points)
        )
        return f'<path class="line s-{colour} {css}" d="{path}"/>' if path else ""

    def curve(self, points: Sequence[tuple[datetime, float]], colour: str) -> str:
        """A line from point to point."""
        path = " ".join(f"{self.axis.x(t):.1f},{self.y(v):.1f}" for t, v in points)
        return f'<polyline class="line s-{colour}" points="{path}"/>' if points else ""

    def band(self, points: Sequence[tuple[datetime, float, float]], colour: str) -> str:
        """The surface between two lines."""
        upper = [f"{self.axis.x(t):.1f},{self.y(high):.1f}" for t, _, high in points]
        lower = [f"{self.axis.x(t):.1f},{self.y(low):.1f}" for t, low, _ in reversed(points)]
        return f'<polygon class="band f-{colour}" points="{" ".join(upper + lower)}"/>' if points else ""


def text(x: float, y: float, words: str, css: str) -> str:
    """Words at a place, with everything escaped that XML would read."""
    safe = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    colour = next((f"f-{name}" for name in ("soft", "now") if name in css.split()), "f-ink")
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{colour} {css}">{safe}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    """A straight rule."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="s-{colour}"/>'


def box(x1: float, y1: float, x2: float, y2: float, colour: str, radius: float = 0) -> str:
    """A filled rectangle."""
    shape = f'rx="{radius:g}"' if radius else 'shape-rendering="crispEdges"'
    size = f'width="{max(x2 - x1, 0.5):.1f}" height="{max(y2 - y1, 0):.1f}"'
    return f'<rect class="f-{colour}" x="{x1:.1f}" y="{y1:.1f}" {size} {shape}/>'


def key(entries: Sequence[tuple[str, str]], y: float, right: float) -> str:
    """A legend, right-aligned: coloured squares with their names."""
    parts: list[str] = []
    for colour, words in reversed(entries):
        parts.append(text(right, y, words, "soft end"))
        right -= _words_px(words) + 12
        parts.append(box(right, y - 8, right + 8, y, colour, 2))
        right -= 8
    return "".join(parts)


def key_lines(entries: Sequence[tuple[str, str]], axis: Axis) -> Sequence[Sequence[tuple[str, str]]]:
    """A legend in lines that are not wider than the chart; a name that is too long has a line of its own."""
    lines: list[list[tuple[str, str]]] = []
    left = 0.0
    for entry in entries:
        wide = _words_px(entry[1]) + 20
        if not lines or wide > left:
            lines.append([])
            left = axis.right - LEFT
        lines[-1].append(entry)
        left -= wide
    return lines


def _words_px(words: str) -> float:
    """About how wide words are: letters differ, and fonts do."""
    return sum(3.4 if letter in _NARROW else 9.6 if letter in _BROAD else 6.6 for letter in words) + 2
