"""What the planner tells of a month's savings."""

from datetime import datetime

from ems.contract.message import Text
from ems.contract.savings import Savings, SavingsPeriod


def month_savings(saving_eur: float, at: datetime, *, stored_eur: float) -> Savings:
    """A month that saved so much, of which ``stored_eur`` is still stored."""
    nothing = ("measured_h", "cost_eur", "evcc_alone_eur", "saving_low_eur", "saving_high_eur")
    energies = ("import_kwh", "export_kwh", "pv_kwh", "used_kwh")
    month = SavingsPeriod.model_validate(
        {"since": at, "saving_eur": saving_eur, **dict.fromkeys((*nothing, *energies), 0.0)}
    )
    total = month.model_copy(update={"stored_eur": stored_eur})
    return Savings(at=at, month=month, total=total, method=Text(en="x", de="x", nl="x"), alone_battery_kwh=3.0)
