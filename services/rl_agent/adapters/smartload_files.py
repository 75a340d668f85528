"""Files of EVCC-Smartload's learner, the predecessor's: recognised, and told why they are not used."""

from collections.abc import Iterator
from pathlib import Path

DATABASE = "smartprice_device_control.db"
MEMORIES = "smartprice_rl_*.json"


def found_in(folder: Path) -> Iterator[str]:
    """A sentence for each of the predecessor's files in ``folder``; they are left as they are."""
    for path in sorted(folder.glob(MEMORIES)):
        yield (
            f"{path.name} is EVCC-Smartload's and is not used: its states and costs are others (a simulated price "
            "without the home's own load), so that nothing of it holds here; learning begins from the home's history"
        )
    if (folder / DATABASE).exists():
        yield (
            f"{DATABASE} is EVCC-Smartload's and is not used: its comparison was not paired, so that it proves nothing "
            "for a learner; who steers begins with the plan, and a person's choice is set by controller/<device>/set"
        )
