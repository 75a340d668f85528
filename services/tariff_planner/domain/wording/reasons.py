"""Everything that the planner can say."""

from tariff_planner.domain.wording.alternatives import Alternative
from tariff_planner.domain.wording.battery import BatteryReason
from tariff_planner.domain.wording.limits import LimitReason
from tariff_planner.domain.wording.plan import PlanReason
from tariff_planner.domain.wording.problems import PlanProblem
from tariff_planner.domain.wording.savings import SavingsMethod
from tariff_planner.domain.wording.vehicle import CarReason
from tariff_planner.domain.wording.wishes import WishTold

type DeviceReason = BatteryReason | CarReason
type AnyReason = DeviceReason | Alternative | LimitReason | PlanReason | PlanProblem | SavingsMethod | WishTold
