"""English: what vehicle-soc's commands are answered."""

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
from vehicle_soc.domain.wording.english import sentences


def sentence(answer: CarAnswer, f: Formatter) -> str:
    """What ``answer`` says, and what would be accepted."""
    match answer:
        case SocTaken(vehicle, soc_pct):
            return f"{vehicle} is at {f.plain(soc_pct)} %, as a person says."
        case MeasuredInFuture():
            return "measured_at lies in the future."
        case MeasuredLongAgo(max_age):
            return f"measured_at is more than {f.duration(max_age)} ago."
        case BeingAsked(vehicle):
            return f"{vehicle}'s cloud is being asked."
        case SpeaksByItself():
            return "This car's source speaks by itself and cannot be asked."
        case NothingToAsk(provider):
            return f"Provider {provider} has nothing to ask. Set the SoC by hand instead."
        case Disabled():
            return "This car is disabled in the settings."
        case TooSoon(again_at):
            return f"It was asked too recently or too often. Possible again at {f.begin(again_at)}."
        case NoCodes(provider):
            return f"Provider {provider} knows no codes."
        case CodeJustSent(wait):
            return f"A code was sent less than {f.duration(wait)} ago. Please wait for it."
        case CodeSent(where):
            return f"A code was sent to {where}."
        case LoggedIn(code_needed):
            return "Logged in." if code_needed else "Logged in; no code was needed."
        case NoCodeAwaited():
            return "No code is awaited. Ask for one first, with a command without code."
        case NoSuchVehicle(()):
            return "There is no such vehicle; none is known."
        case NoSuchVehicle(known):
            return f"There is no such vehicle; known are {f.listed(known)}."
        case problem:
            return sentences.sentence(problem, f)
