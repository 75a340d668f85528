"""The dashboard put together."""

from ems.homeassistant.dashboard import details, home, tables
from ems.homeassistant.dashboard.cards import Card, Shape, column


def dashboard(shape: Shape) -> Card:
    """The whole of it, as Home Assistant's YAML mode has it."""
    title = shape.say("Energy", "Energie", "Energie")
    return {
        "title": title,
        "views": [
            {
                "title": title,
                "path": "energy",
                "icon": "mdi:home-lightning-bolt",
                "type": "sections",
                "max_columns": home.COLUMNS,
                "badges": home.badges(shape),
                "sections": [
                    home.attention(shape),
                    column(home.plan(shape)),
                    *([column(*(home.car(shape, *each) for each in shape.cars.items()))] if shape.cars else []),
                    column(*(home.loadpoint(shape, *each) for each in shape.loadpoints.items())),
                    column(home.battery(shape) if shape.battery else (), home.prices(shape)),
                    *([column(home.learner(shape))] if shape.learner else []),
                ],
            },
            {
                "title": "Plan",
                "path": "plan",
                "icon": "mdi:chart-gantt",
                "type": "sections",
                "max_columns": home.COLUMNS,
                "sections": [
                    {**column(tables.picture(), tables.slot_table(shape)), "column_span": 2},
                    column(tables.wishes(shape)),
                    column(tables.decisions(shape)),
                ],
            },
            {
                "title": shape.say("Details", "Einzelheiten", "Details"),
                "path": "details",
                "icon": "mdi:chart-line",
                "type": "sections",
                "max_columns": home.COLUMNS,
                "sections": [
                    column(details.lines(shape)),
                    column(details.foreseen(shape), details.services(shape)),
                    column(details.energies(shape)),
                ],
            },
        ],
    }
