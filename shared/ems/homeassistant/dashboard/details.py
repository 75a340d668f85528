"""The second view: the last day in lines, what is foreseen, and how the services are."""

from collections.abc import Sequence

from ems.homeassistant.dashboard.cards import (
    Card,
    Shape,
    entity,
    headed,
    history,
    tile,
)
from ems.homeassistant.dashboard.home import health
from ems.homeassistant.discovery.vehicle import device_id


def lines(home: Shape) -> Sequence[Card]:
    """The last day."""
    powers = [(entity("site", "grid_w"), home.say("Grid", "Netz", "Net"))]
    powers += [(entity("site", "pv_w"), home.say("Solar", "Solar", "Zon"))] if home.solar else []
    powers += [(entity("site", "home_w"), home.say("House", "Haus", "Huis"))]
    powers += [(entity("site", "battery_w"), home.say("Battery", "Batterie", "Batterij"))] if home.battery else []
    powers += [(entity(f"loadpoint-{n}", "power_w"), title) for n, title in home.loadpoints.items()]
    charges = [(entity("site", "battery_soc"), home.say("Battery", "Batterie", "Batterij"))] if home.battery else []
    charges += [(entity(device_id(name), "soc"), title) for name, title in home.cars.items()]
    price = (entity("site", "import_eur_per_kwh"), home.say("Import", "Bezug", "Afname"))
    cards = [history(home.say("Powers", "Leistungen", "Vermogens"), 24, *powers)]
    cards += [history(home.say("Charge", "Ladestände", "Laadniveau"), 24, *charges)] if charges else []
    return headed(
        home.say("The last day", "Der letzte Tag", "De laatste dag"),
        "mdi:chart-line",
        *cards,
        history(home.say("Price", "Preis", "Prijs"), 24, price),
    )


def foreseen(home: Shape) -> Sequence[Card]:
    """Energies until midnight and of tomorrow, and how wrong the last ones were."""
    kinds = [("load", home.say("Load", "Verbrauch", "Verbruik"))] + (
        [("pv", home.say("Solar", "Solar", "Zon"))] if home.solar else []
    )
    rows = (
        ("today_kwh", home.say("rest of today", "heute noch", "rest van vandaag")),
        ("tomorrow_kwh", home.say("tomorrow", "morgen", "morgen")),
    )
    return headed(
        home.say("Foreseen", "Vorausgesehen", "Verwacht"),
        "mdi:weather-partly-cloudy",
        *(tile(entity("planner", f"{kind}_{key}"), f"{name} {when}") for kind, name in kinds for key, when in rows),
        *(
            tile(entity("planner", f"{kind}_error"), home.say(f"{name} error", f"Fehler {name}", f"Fout {name}"))
            for kind, name in kinds
        ),
    )


def energies(home: Shape) -> Sequence[Card]:
    """What the counters show."""
    found = [("import_kwh", home.say("Import", "Bezug", "Afname"))]
    found += [("export_kwh", home.say("Export", "Einspeisung", "Teruglevering"))]
    found += [("home_kwh", home.say("House", "Haus", "Huis"))]
    found += [("pv_kwh", home.say("Solar", "Solar", "Zon"))] if home.solar else []
    if home.battery:
        found += [
            ("battery_charge_kwh", home.say("Battery charged", "Batterie geladen", "Batterij geladen")),
            ("battery_discharge_kwh", home.say("Battery discharged", "Batterie entladen", "Batterij ontladen")),
        ]
    return headed(
        home.say("Counters", "Zähler", "Tellers"),
        "mdi:counter",
        *(tile(entity("site", key), name) for key, name in found),
        *(tile(entity(f"loadpoint-{n}", "energy_kwh"), title) for n, title in home.loadpoints.items()),
    )


def services(home: Shape) -> Sequence[Card]:
    """How everything is."""
    evcc = entity("site", "evcc_reachable", "binary_sensor")
    return headed(
        home.say("Services", "Dienste", "Diensten"),
        "mdi:heart-pulse",
        *(tile(entity(*where), name) for name, where in health(home).items()),
        tile(evcc, "evcc"),
        tile(entity("planner", "planned_at"), home.say("Planned", "Geplant", "Gepland")),
    )
