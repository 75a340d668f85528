"""Dutch: what vehicle-soc's commands are answered."""

from ems.i18n.formatter import Formatter
from vehicle_soc.domain.wording.answers import (
    BeingAsked,
    CarAnswer,
    CodeJustSent,
    CodeSent,
    Disabled,
    LoggedIn,
    MeasuredInFuture,
    MeasuredLongAgo,
    NoCodeAwaited,
    NoCodes,
    NoSuchVehicle,
    NothingToAsk,
    SocTaken,
    SpeaksByItself,
    TooSoon,
)
from vehicle_soc.domain.wording.dutch import sentences


def sentence(answer: CarAnswer, f: Formatter) -> str:
    """What ``answer`` says, and what would be accepted."""
    match answer:
        case SocTaken(vehicle, soc_pct):
            return f"{vehicle} staat op {f.plain(soc_pct)} %, zegt een persoon."
        case MeasuredInFuture():
            return "measured_at ligt in de toekomst."
        case MeasuredLongAgo(max_age):
            return f"measured_at is meer dan {f.duration(max_age)} geleden."
        case BeingAsked(vehicle):
            return f"De cloud van {vehicle} wordt gevraagd."
        case SpeaksByItself():
            return "De bron van deze auto meldt zich vanzelf en kan niet gevraagd worden."
        case NothingToAsk(provider):
            return f"Aanbieder {provider} heeft niets te vragen. Stel het laadniveau met de hand in."
        case Disabled():
            return "Deze auto is in de instellingen uitgeschakeld."
        case TooSoon(again_at):
            return f"Er is te kort geleden of te vaak gevraagd. Weer mogelijk: {f.begin(again_at)}."
        case NoCodes(provider):
            return f"Aanbieder {provider} kent geen codes."
        case CodeJustSent(wait):
            return f"Er is minder dan {f.duration(wait)} geleden een code gestuurd. Wacht daarop."
        case CodeSent(where):
            return f"Er is een code gestuurd naar {where}."
        case LoggedIn(code_needed):
            return "Aangemeld." if code_needed else "Aangemeld; er was geen code nodig."
        case NoCodeAwaited():
            return "Er wordt geen code verwacht. Vraag er eerst een aan, met een opdracht zonder code."
        case NoSuchVehicle(()):
            return "Dat voertuig is er niet; er is geen enkel bekend."
        case NoSuchVehicle(known):
            return f"Dat voertuig is er niet; bekend zijn {f.listed(known)}."
        case problem:
            return sentences.sentence(problem, f)
