"""Dutch words of the chart."""

CHART = {
    "plan": "Plan van",
    "price": "Prijs",
    "cheap": "goedkoop",
    "guess": "verwacht",
    "power": "Vermogen, kW",
    "load": "huis",
    "pv": "zon",
    "devices": "Wat gepland is",
    "soc": "Laadniveau, %",
    "battery": "Batterij",
    "charge": "laadt",
    "discharge": "ontlaadt",
    "hold": "bewaart",
    "none": "Er is nu geen plan.",
    "band": "gearceerd: 8 van de 10 gevallen",
    "now": "nu",
    "today": "vandaag",
    "costs": "Kosten: {days}",
    "less": "{amount} minder dan evcc alleen",
    "more": "{amount} meer dan evcc alleen",
}
