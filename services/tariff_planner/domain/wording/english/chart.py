"""English words of the chart."""

CHART = {
    "plan": "Plan of",
    "price": "Price",
    "cheap": "cheap",
    "guess": "expected",
    "power": "Power, kW",
    "load": "home",
    "pv": "solar",
    "devices": "What is planned",
    "soc": "State of charge, %",
    "battery": "Battery",
    "charge": "charges",
    "discharge": "discharges",
    "hold": "holds",
    "none": "There is no plan at present.",
    "band": "shaded: 8 out of 10 cases",
    "now": "now",
    "today": "today",
    "costs": "Costs: {days}",
    "less": "{amount} less than evcc alone",
    "more": "{amount} more than evcc alone",
}
