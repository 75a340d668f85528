"""The third view: the plan as a wide picture and slot by slot, what is wished of it, and what was decided."""

from collections.abc import Sequence

from ems.contract.plan import PlanStatus
from ems.contract.site import BatteryMode
from ems.contract.wishes import WishKind
from ems.homeassistant.dashboard.cards import (
    NOTHING,
    WIDE,
    Card,
    Shape,
    attribute,
    called,
    entity,
    headed,
    is_not_in,
    only_if,
    push,
    refusal,
    tile,
    words,
)
from ems.homeassistant.discovery.entity import literal
from ems.homeassistant.discovery.vehicle import device_id

FIRST_SLOTS = 24
"""Slots that are shown at once, six hours; the others are folded up."""
PLAN_IS_THERE = is_not_in(entity("planner", "status"), *called(PlanStatus.NONE), *NOTHING)
_SERIES = entity("planner", "plan_series")
_DESK = {"condition": "screen", "media_query": "(min-width: 768px)"}
_PHONE = {"condition": "screen", "media_query": "(max-width: 767px)"}


def picture() -> Sequence[Card]:
    """The plan: wide on a desk, tall on a phone."""
    return headed(
        "Plan",
        "mdi:chart-gantt",
        *(
            only_if(
                {
                    "type": "picture-entity",
                    "entity": entity("planner", key, "image"),
                    "show_name": False,
                    "show_state": False,
                    **WIDE,
                },
                PLAN_IS_THERE,
                screen,
            )
            for key, screen in (("chart_wide", _DESK), ("chart", _PHONE))
        ),
    )


def slot_table(home: Shape) -> Sequence[Card]:
    """Each slot: time, price, battery, each car, charge, cost, and what all come to."""
    decimal = "" if home.language == "en" else " | replace('.', ',')"
    modes = {
        BatteryMode.NORMAL: "",
        BatteryMode.HOLD: home.say("holds", "hält", "bewaart"),
        BatteryMode.CHARGE: home.say("from the grid", "aus dem Netz", "van het net"),
        BatteryMode.HOLDCHARGE: home.say("keeps room", "lässt Platz", "houdt ruimte vrij"),
    }
    heads = [
        home.say("Time", "Zeit", "Tijd"),
        f"{home.say('Price', 'Preis', 'Prijs')}, {attribute(_SERIES, 'unit')}",
        *([home.say("Battery (+ charges)", "Batterie (+ lädt)", "Batterij (+ laadt)")] if home.battery else []),
    ]
    new_day = "i == 0 or at[i] | timestamp_custom('%H:%M') == '00:00'"
    cells = [
        f"{{{{ at[i] | timestamp_custom('{home.day_and_time}' if {new_day} else '%H:%M') }}}}",
        f"{{{{ digits | format(price[i]){decimal} }}}}",
    ]
    if home.battery:
        kw = f"{{{{ '%+.1f kW' | format((w[i] or 0) / -1000){decimal} if (w[i] or 0) | abs >= 50 else '' }}}}"
        names = {mode.value: said for mode, said in modes.items()}
        cells.append(
            f"{{{{ {names}[mode[i]] | default('') }}}} {kw} {{{{ soc[i] ~ '&nbsp;%' if soc[i] is not none else '' }}}}"
        )
    # Power and charge in one cell: a phone has no room for two columns a car.
    points = (
        "{% for p in points %}{% set kw = p.w[i] or 0 %}"
        f" {{{{ '%.1f kW' | format(kw / 1000){decimal} if kw >= 50 else '' }}}} "
        "{{ p.soc[i] ~ '&nbsp;%' if p.soc[i] is not none else '' }} |{% endfor %}"
    )
    # What rounds to nothing has no minus.
    cost = f"{{{{ '%.2f' | format(cost[i] + 0){decimal} }}}}"
    total = f"{{{{ '%.2f' | format((ns.total | round(2)) + 0){decimal} }}}}"
    currency = attribute(entity("planner", "cost_eur"), "unit_of_measurement")
    row = f"{{% set ns.total = ns.total + cost[i] %}}\n| {' | '.join(cells)} |{points} {cost} | {total} |"
    head = (
        f"| {' | '.join(heads)} |{{% for p in points %}} {{{{ p.car or p.name }}}} |{{% endfor %}} "
        f"{home.say('Cost', 'Kosten', 'Kosten')}, {currency} | {home.say('Sum', 'Summe', 'Som')}, {currency} |\n"
        f"|{'---|' * len(heads)}{{% for p in points %}}---:|{{% endfor %}}---:|---:|"
    )
    later = home.say("Later", "Später", "Later")
    template = (
        f"{{% set s = '{_SERIES}' %}}{{% set at = state_attr(s, 'at') or [] %}}"
        "{% set price = state_attr(s, 'price') %}{% set w = state_attr(s, 'battery_w') %}"
        "{% set mode = state_attr(s, 'battery_mode') %}{% set soc = state_attr(s, 'battery_soc') %}"
        "{% set cost = state_attr(s, 'cost') %}{% set points = (state_attr(s, 'loadpoints') or {}).values() | list %}"
        "{% set ns = namespace(total=0) %}"
        "{% set digits = '%.1f' if (price or [0]) | map('abs') | max > 2 else '%.3f' %}"
        f"{head}{{% for i in range([at | count, {FIRST_SLOTS}] | min) %}}{row}{{% endfor %}}\n\n"
        f"{{% if at | count > {FIRST_SLOTS} %}}<details><summary>{later}</summary>\n\n"
        f"{head}{{% for i in range({FIRST_SLOTS}, at | count) %}}{row}{{% endfor %}}\n\n</details>{{% endif %}}"
    )
    return headed(home.say("Slot by slot", "Viertelstundenweise", "Per kwartier"), "mdi:table", words(template))


def decisions(home: Shape) -> Sequence[Card]:
    """The last decisions over any device, newest first."""
    shown = entity("site", "decisions")
    names = {"battery": home.say("Battery", "Batterie", "Batterij")}
    names |= {f"loadpoint-{number}": title for number, title in home.loadpoints.items()}
    template = (
        f"{{% set names = {literal(names)} %}}{{% for d in state_attr('{shown}', 'decisions') or [] %}}\n"
        f"- **{{{{ as_timestamp(d.at) | timestamp_custom('{home.day_and_time}') }}}} "
        "{{ names[d.device] | default(d.device) }}**: "
        "{{ d.text }}{% endfor %}"
    )
    title = home.say("Last decisions", "Letzte Entscheidungen", "Laatste beslissingen")
    return headed(title, "mdi:gavel", words(template))


def wishes(home: Shape) -> Sequence[Card]:
    """What people wish, with its price; to be typed for the home and each car."""
    shown = entity("planner", "wishes")
    listed = f"{{% for w in state_attr('{shown}', 'wishes') or [] %}}\n- {{{{ w.text }}}}{{% endfor %}}"
    of_home = {WishKind.ABSENCE: home.say("Nobody home until", "Niemand da bis", "Niemand thuis tot")}
    if home.battery:
        of_home = {
            WishKind.HOLD_BATTERY: home.say("Hold battery", "Batterie halten", "Batterij vasthouden"),
            WishKind.CHARGE_BATTERY: home.say("Charge battery", "Batterie laden", "Batterij laden"),
            WishKind.WEEKLY_GOAL: home.say("Weekly battery goal", "Wochenziel Batterie", "Weekdoel batterij"),
            **of_home,
        }
    of_car = {
        WishKind.PAUSE_VEHICLE: home.say("not before", "nicht vor", "niet voor"),
        WishKind.CHARGE_VEHICLE: home.say("charge at", "laden um", "laden om"),
        WishKind.TRIP: home.say("trip", "Fahrt", "rit"),
        WishKind.WEEKLY_GOAL: home.say("weekly goal", "Wochenziel", "weekdoel"),
    }
    rows = [{"entity": entity("planner", f"wish_{kind}", "text"), "name": name} for kind, name in of_home.items()]
    rows += [
        {"entity": entity(device_id(car), f"wish_{kind}", "text"), "name": f"{title}: {name}"}
        for car, title in home.cars.items()
        for kind, name in of_car.items()
    ]
    trial = entity("planner", "trial", "switch")
    example = home.say(
        "For example: *17-20*, *22:00-6:00 daily*, *Sat 8:00 - Sun 20:00 40 kWh*, *80 % 7:00 mon-fri*",
        "Zum Beispiel: *17-20*, *22:00-6:00 täglich*, *Sa 8:00 - So 20:00 40 kWh*, *80 % 7:00 mo-fr*",
        "Bijvoorbeeld: *17-20*, *22:00-6:00 dagelijks*, *za 8:00 - zo 20:00 40 kWh*, *80 % 7:00 ma-vr*",
    )
    return headed(
        home.say("Wishes", "Wünsche", "Wensen"),
        "mdi:account-heart",
        only_if(words(listed), {"condition": "numeric_state", "entity": shown, "above": 0}),
        words(example),
        # A field that is unavailable says so in English, whatever the language.
        only_if({"type": "entities", "entities": rows, **WIDE}, is_not_in(trial, "unavailable")),
        refusal(entity("planner", "result", "event")),
        tile(trial, home.say("Try first", "Erst probieren", "Eerst proberen")),
        push(entity("planner", "apply_wishes", "button"), home.say("Apply", "Anwenden", "Toepassen")),
    )


def planned(home: Shape, number: str) -> Sequence[Card]:
    """What is planned at a loadpoint."""
    device = f"loadpoint-{number}"
    start = entity(device, "planned_start")
    rows = (
        ("planned_start", home.say("Planned start", "Geplanter Beginn", "Gepland begin")),
        ("planned_full_at", home.say("Full at", "Voll um", "Vol om")),
        ("planned_energy", home.say("Planned energy", "Geplante Energie", "Geplande energie")),
        ("planned_cost", home.say("Planned cost", "Geplante Kosten", "Geplande kosten")),
    )
    return [only_if(tile(entity(device, key), name), is_not_in(start, *NOTHING)) for key, name in rows]
