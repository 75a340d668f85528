"""German words of the chart."""

CHART = {
    "plan": "Plan vom",
    "price": "Preis",
    "cheap": "günstig",
    "guess": "erwartet",
    "power": "Leistung, kW",
    "load": "Haus",
    "pv": "Sonne",
    "devices": "Was geplant ist",
    "soc": "Ladestand, %",
    "battery": "Batterie",
    "charge": "lädt",
    "discharge": "entlädt",
    "hold": "hält",
    "none": "Zurzeit gibt es keinen Plan.",
    "band": "schattiert: 8 von 10 Fällen",
    "now": "jetzt",
    "today": "heute",
    "costs": "Kosten: {days}",
    "less": "{amount} weniger als evcc allein",
    "more": "{amount} mehr als evcc allein",
}
