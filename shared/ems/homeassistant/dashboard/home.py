"""The first view: what is done now and why, and everything that people set."""

from collections.abc import Sequence

from ems.contract.control import Owner
from ems.contract.service import HealthState
from ems.homeassistant.dashboard.cards import (
    NOTHING,
    WIDE,
    Card,
    Shape,
    any_of,
    attribute,
    called,
    choice,
    entity,
    headed,
    is_in,
    is_not_in,
    only_if,
    push,
    refusal,
    slider,
    tile,
    words,
)
from ems.homeassistant.dashboard.tables import PLAN_IS_THERE, planned
from ems.homeassistant.discovery.learner import key_of
from ems.homeassistant.discovery.vehicle import device_id

PERSON, BOOST = called(Owner.USER), called(Owner.BOOST)
WELL = (*called(HealthState.OK), "unknown")

HEALTH = {
    "evcc-poller": ("site", "evcc_poller_health"),
    "tariff-planner": ("planner", "tariff_planner_health"),
    "vehicle-soc": ("cars", "vehicle_soc_health"),
    "notifier": ("drivers", "notifier_health"),
}
"""Where each service's health is shown."""
LEARNER_HEALTH = ("learner", "rl_agent_health")


def health(home: Shape) -> dict[str, tuple[str, str]]:
    """The same for the services of this home."""
    return HEALTH | ({"rl-agent": LEARNER_HEALTH} if home.learner else {})


COLUMNS = 4
"""Columns of a view at most."""
MAX_EXPLANATIONS = 5
"""Most explanations shown at once; the others are folded up."""


def badges(home: Shape) -> list[Card]:
    """The home in a line."""
    found = [(entity("site", "grid_w"), home.say("Grid", "Netz", "Net"))]
    if home.solar:
        found.append((entity("site", "pv_w"), "Solar"))
    found.append((entity("site", "home_w"), home.say("House", "Haus", "Huis")))
    if home.battery:
        found.append((entity("site", "battery_soc"), home.say("Battery", "Batterie", "Batterij")))
    found.append((entity("planner", "price"), home.say("Price", "Preis", "Prijs")))
    return [{"type": "entity", "entity": shown, "name": name, "show_name": True} for shown, name in found]


def attention(home: Shape) -> Card:
    """What is wrong. While nothing is, the section is not there."""
    risk, evcc = entity("planner", "shortfalls"), entity("site", "evcc_reachable", "binary_sensor")
    services = {name: entity(*where) for name, where in health(home).items()}
    problems = [entity(f"loadpoint-{n}", "problem", "binary_sensor") for n in home.loadpoints]
    if home.battery:
        problems.insert(0, entity("site", "battery_problem", "binary_sensor"))
    clouds = [entity(device_id(name), "problem", "binary_sensor") for name in sorted(home.clouds)]
    away = home.say("is not running", "läuft nicht", "draait niet")
    unwell = "".join(
        f"{{% if states('{shown}') == 'unavailable' %}}**{name}**: {away}\n\n"
        f"{{% elif state_attr('{shown}', 'value') not in ['ok', none] %}}**{name}** ({{{{ states('{shown}') }}}}): "
        f"{{{{ (state_attr('{shown}', 'reasons') or []) | join('; ') }}}}\n\n{{% endif %}}"
        for name, shown in services.items()
    )
    return {
        "type": "grid",
        "column_span": COLUMNS,
        "cards": [
            only_if(
                words(f"{{{{ (state_attr('{risk}', 'texts') or []) | join('\n\n') }}}}"),
                {"condition": "numeric_state", "entity": risk, "above": 0},
            ),
            only_if(tile(evcc, "evcc", color="red", **WIDE), is_not_in(evcc, "on")),
            *(
                only_if(words(f"{{{{ state_attr('{p}', 'friendly_name') }}}}: {attribute(p, 'error')}"), is_in(p, "on"))
                for p in problems
            ),
            *(
                only_if(words(f"{{{{ state_attr('{c}', 'friendly_name') }}}}: {attribute(c, 'text')}"), is_in(c, "on"))
                for c in clouds
            ),
            only_if(words(unwell, show_empty=False), any_of([is_not_in(shown, *WELL) for shown in services.values()])),
        ],
    }


def plan(home: Shape) -> Sequence[Card]:
    """What is done now, what comes, and why."""
    now = entity("planner", "summary")
    later = home.say("Later", "Später", "Later")
    why = (
        f"**{{{{ states('{now}') }}}}**\n\n"
        f"{{% set why = state_attr('{now}', 'why') or [] %}}"
        f"{{% for e in why[:{MAX_EXPLANATIONS}] %}}\n- {{{{ e.text }}}}{{% endfor %}}\n\n"
        f"{{% if why | count > {MAX_EXPLANATIONS} %}}<details><summary>{later}</summary>\n\n"
        f"{{% for e in why[{MAX_EXPLANATIONS}:] %}}\n- {{{{ e.text }}}}{{% endfor %}}\n\n</details>{{% endif %}}"
    )
    drawn = {"type": "picture-entity", "entity": entity("planner", "chart", "image"), "show_name": False}
    chart = only_if({**drawn, "show_state": False, **WIDE}, PLAN_IS_THERE)
    return headed(
        "Plan",
        "mdi:calendar-clock",
        words(why),
        chart,
        words(
            _window(home, "next_cheap_start", home.say("Cheap", "Günstig", "Goedkoop"))
            + _window(home, "next_charge_start", home.say("Grid charge", "Netzladen", "Netladen"))
        ),
        tile(entity("planner", "saving_eur"), home.say("Saving ahead", "Ersparnis voraus", "Besparing vooruit")),
        tile(entity("planner", "saved_today"), home.say("Saved today", "Heute gespart", "Vandaag bespaard")),
        tile(entity("planner", "saved_month"), home.say("This month", "Diesen Monat", "Deze maand")),
        tile(entity("planner", "enabled", "switch"), home.say("Planning", "Planung", "Planning")),
        tile(entity("planner", "cheap_now", "binary_sensor"), home.say("Cheap now", "Jetzt günstig", "Nu goedkoop")),
    )


def _window(home: Shape, key: str, name: str) -> str:
    """A template: when a stretch of time comes, and at what mean price; nothing while none is known."""
    # Home Assistant's templates have English weekdays only.
    shown, day = entity("planner", key), f"timestamp_custom('{home.say('%a %H:%M', '%d.%m. %H:%M', '%d-%m %H:%M')}')"
    comma = " | replace('.', ',')"
    decimal = home.say("", comma, comma)
    until, running = home.say("to", "bis", "tot"), home.say("now", "jetzt", "nu")
    return (
        f"{{% if has_value('{shown}') %}}{{% set start = as_timestamp(states('{shown}')) %}}"
        f"**{name}**: {{{{ '{running}' if start <= as_timestamp(now()) else start | {day} }}}} "
        f"{until} {{{{ as_timestamp(state_attr('{shown}', 'end')) | {day} }}}}, "
        f"{{{{ state_attr('{shown}', 'mean_price') | round(3) | string{decimal} }}}} "
        f"{{{{ state_attr('{shown}', 'unit') }}}}"
        "\n\n{% endif %}"
    )


def _decided(home: Shape, owner: str) -> Card:
    """Who decides over a device, and why."""
    who = home.say("Decided by", "Es entscheidet", "Het besluit is aan")
    text = f"{who} **{{{{ states('{owner}') }}}}**: {attribute(owner, 'reason')}"
    return only_if(words(text), is_not_in(owner, *NOTHING))


def car(home: Shape, name: str, title: str) -> Sequence[Card]:
    """How full a car is and should be; what is asked about it."""
    device = device_id(name)
    question, answers = entity(device, "question"), entity(device, "answer", "select")
    in_words, departure = entity(device, "answer_words", "text"), entity(device, "goal_by", "text")
    asked, goal = is_not_in(question, *NOTHING), entity(device, "goal_soc", "number")
    rows = [
        {"entity": departure, "name": home.say("Departure", "Abfahrt", "Vertrek")},
        {
            "type": "conditional",
            "conditions": [{"entity": goal, "state_not": "unknown"}],
            "row": {
                "entity": entity(device, "goal_remove", "button"),
                "name": home.say("Remove goal", "Ziel entfernen", "Doel verwijderen"),
            },
        },
    ]
    answer_row = {"entity": in_words, "name": home.say("In words", "In Worten", "In woorden")}
    return headed(
        title,
        "mdi:car-electric",
        only_if(words(attribute(question, "text")), asked),
        only_if(
            choice(answers, home.say("Answer", "Antwort", "Antwoord"), hide_state=True),
            is_not_in(answers, "unavailable"),
        ),
        only_if({"type": "entities", "entities": [answer_row], **WIDE}, is_not_in(in_words, "unavailable")),
        tile(entity(device, "soc"), home.say("Charge", "Ladestand", "Laadniveau")),
        tile(entity(device, "range_km"), home.say("Range", "Reichweite", "Bereik")),
        only_if(slider(goal, home.say("Charge goal", "Ladeziel", "Laaddoel")), is_not_in(goal, "unknown")),
        only_if(
            slider(
                goal,
                home.say("Charge goal: none yet", "Ladeziel: noch keins", "Laaddoel: nog geen"),
                hide_state=True,
            ),
            is_in(goal, "unknown"),
        ),
        # A field that is unavailable says so in English, whatever the language.
        only_if({"type": "entities", "entities": rows, **WIDE}, is_not_in(departure, "unavailable")),
        refusal(entity(device, "goal_reply", "event"), entity(device, "result", "event")),
    )


def loadpoint(home: Shape, number: str, title: str) -> Sequence[Card]:
    """Who charges there, how, and who decides."""
    device = f"loadpoint-{number}"
    owner, connected = entity(device, "owner"), entity(device, "connected", "binary_sensor")
    limit = slider(
        entity(device, "limit_soc", "number"), home.say("Limit (0: none)", "Grenze (0: keine)", "Limiet (0: geen)")
    )
    return headed(
        title,
        "mdi:ev-station",
        tile(connected, home.say("Plug", "Stecker", "Stekker")),
        tile(entity(device, "power_w"), home.say("Power", "Leistung", "Vermogen")),
        choice(entity(device, "mode", "select"), home.say("Mode", "Modus", "Modus")),
        *planned(home, number),
        only_if(limit, is_in(connected, "on")),
        refusal(entity(device, "result", "event")),
        _decided(home, owner),
        only_if(
            push(entity(device, "boost", "button"), home.say("Boost 90 min", "90 min schnell", "90 min snel")),
            is_in(connected, "on"),
            is_not_in(owner, *BOOST, *NOTHING),
        ),
        only_if(
            push(entity(device, "boost_stop", "button"), home.say("Stop boost", "Schnellladen aus", "Snelladen uit")),
            is_in(owner, *BOOST),
        ),
        only_if(
            push(entity(device, "release", "button"), home.say("Hand back", "Zurückgeben", "Teruggeven")),
            is_in(owner, *PERSON),
        ),
    )


def battery(home: Shape) -> Sequence[Card]:
    """The home battery."""
    owner = entity("site", "owner")
    return headed(
        home.say("Battery", "Batterie", "Batterij"),
        "mdi:home-battery",
        tile(entity("site", "battery_soc"), home.say("Charge", "Ladestand", "Laadniveau")),
        tile(entity("site", "battery_w"), home.say("Power", "Leistung", "Vermogen")),
        choice(entity("site", "battery_mode", "select"), home.say("Mode", "Modus", "Modus")),
        slider(entity("planner", "reserve_soc", "number"), home.say("Reserve", "Reserve", "Reserve")),
        refusal(entity("site", "result", "event")),
        _decided(home, owner),
        only_if(
            push(entity("site", "release", "button"), home.say("Hand back", "Zurückgeben", "Teruggeven")),
            is_in(owner, *PERSON),
        ),
    )


def learner(home: Shape) -> Sequence[Card]:
    """Who steers each device, and on what evidence."""
    cards: list[Card] = []
    for device, given in home.learner.items():
        title = given or home.say("Battery", "Batterie", "Batterij")
        steers = entity("learner", key_of(device, "steers"))
        text = f"**{title}**: {{{{ states('{steers}') }}}}. {attribute(steers, 'reason')}"
        cards += [
            only_if(words(text), is_not_in(steers, *NOTHING)),
            tile(entity("learner", key_of(device, "evidence")), home.say("Evidence", "Belege", "Bewijs")),
            tile(
                entity("learner", key_of(device, "days_to_go")),
                home.say("Days to go", "Tage bis dahin", "Dagen te gaan"),
            ),
            choice(
                entity("learner", key_of(device, "choice"), "select"), home.say("Controller", "Steuerung", "Besturing")
            ),
        ]
    return headed(
        home.say("Learner", "Lerner", "Leerling"),
        "mdi:robot-happy-outline",
        *cards,
        words(f"{{{{ states('{entity('learner', 'learning')}') }}}}"),
    )


def prices(home: Shape) -> Sequence[Card]:
    """Where the price stands."""
    rank = {"green": 0, "yellow": 40, "red": 70}
    return headed(
        home.say("Prices", "Preise", "Prijzen"),
        "mdi:cash-clock",
        tile(entity("site", "import_eur_per_kwh"), home.say("Import", "Bezug", "Afname")),
        tile(entity("site", "export_eur_per_kwh"), home.say("Feed-in", "Einspeisung", "Teruglevering")),
        tile(
            entity("planner", "p20_eur_per_kwh"),
            home.say("20 % are cheaper", "20 % sind billiger", "20 % is goedkoper"),
        ),
        tile(
            entity("planner", "p80_eur_per_kwh"),
            home.say("80 % are cheaper", "80 % sind billiger", "80 % is goedkoper"),
        ),
        {
            "type": "gauge",
            "entity": entity("planner", "price_rank"),
            "name": home.say(
                "of the known time is cheaper than now",
                "der bekannten Zeit sind billiger als jetzt",
                "van de bekende tijd is goedkoper dan nu",
            ),
            "needle": True,
            "severity": rank,
            **WIDE,
        },
    )
