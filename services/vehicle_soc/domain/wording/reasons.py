"""Everything that vehicle-soc can say of a car."""

from vehicle_soc.domain.wording.doubts import Doubt
from vehicle_soc.domain.wording.problems import Problem

type Reason = Problem | Doubt
