"""German: what vehicle-soc's commands are answered."""

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
from vehicle_soc.domain.wording.german import sentences


def sentence(answer: CarAnswer, f: Formatter) -> str:
    """What ``answer`` says, and what would be accepted."""
    match answer:
        case SocTaken(vehicle, soc_pct):
            return f"{vehicle} steht bei {f.plain(soc_pct)} %, wie eine Person sagt."
        case MeasuredInFuture():
            return "measured_at liegt in der Zukunft."
        case MeasuredLongAgo(max_age):
            return f"measured_at liegt mehr als {f.duration(max_age)} zurück."
        case BeingAsked(vehicle):
            return f"Die Cloud von {vehicle} wird gefragt."
        case SpeaksByItself():
            return "Die Quelle dieses Autos meldet sich selbst und kann nicht gefragt werden."
        case NothingToAsk(provider):
            return f"Der Anbieter {provider} hat nichts zu fragen. Bitte den Ladestand von Hand setzen."
        case Disabled():
            return "Dieses Auto ist in den Einstellungen abgeschaltet."
        case TooSoon(again_at):
            return f"Es wurde vor zu kurzer Zeit oder zu oft gefragt. Wieder möglich: {f.begin(again_at)}."
        case NoCodes(provider):
            return f"Der Anbieter {provider} kennt keine Codes."
        case CodeJustSent(wait):
            return f"Ein Code wurde vor weniger als {f.duration(wait)} geschickt. Bitte darauf warten."
        case CodeSent(where):
            return f"Ein Code wurde an {where} geschickt."
        case LoggedIn(code_needed):
            return "Angemeldet." if code_needed else "Angemeldet; ein Code war nicht nötig."
        case NoCodeAwaited():
            return "Es wird kein Code erwartet. Bitte zuerst einen anfordern, mit einem Befehl ohne code."
        case NoSuchVehicle(()):
            return "Es gibt kein solches Fahrzeug; keines ist bekannt."
        case NoSuchVehicle(known):
            return f"Es gibt kein solches Fahrzeug; bekannt sind {f.listed(known)}."
        case problem:
            return sentences.sentence(problem, f)
