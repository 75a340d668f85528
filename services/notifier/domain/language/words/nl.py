"""What Dutch words mean to the grammar. An underscore is a space between two words of one phrase.

What German or English has with another meaning (of, is, was) keeps that: a message may be in any of the languages.
"""

from notifier.domain.language.facts import Offset, Part
from notifier.domain.language.tokens import Kind
from notifier.domain.language.understood import Intent, Unclear

_WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_PARTS = {
    Part.MORNING: "ochtend s_ochtends s_morgens in_de_ochtend vroeg ochtends",
    Part.FORENOON: "voormiddag in_de_voormiddag",
    Part.NOON: "tussen_de_middag",
    Part.AFTERNOON: "middag s_middags in_de_middag namiddag in_de_namiddag",
    Part.EVENING: "avond s_avonds in_de_avond",
    Part.NIGHT: "s_nachts in_de_nacht",
}
_FULL = (
    "vol helemaal_vol volledig volladen vol_laden zo_vol_mogelijk volgeladen vol_geladen helemaal_opgeladen "
    "volledig_opgeladen volle volle_accu"
)

WORDS: dict[Kind, dict[str, object]] = {
    Kind.WEEKDAY: {
        **{name: number for number, name in enumerate(_WEEKDAYS)},
        "ma": 0,
        "wo": 2,
        "vr": 4,
        "vrij": 4,
        "za": 5,
    },
    Kind.SO: {"zo": 6},
    Kind.MONTH: {
        "januari": 1,
        "februari": 2,
        "maart": 3,
        "mrt": 3,
        "mei": 5,
        "augustus": 8,
    },
    Kind.PART: {word: part for part, words in _PARTS.items() for word in words.split()},
    Kind.AHEAD: {"vandaag": 0, "overmorgen": 2},
    Kind.FULL: dict.fromkeys(_FULL.split(), 100),
    Kind.SOC: dict.fromkeys(("halfvol", "half_vol", "voor_de_helft"), 50),
    Kind.SPAN: {"kwartier": 15, "kwartiertje": 15, "drie_kwartier": 45},
    Kind.OFFSET: {"zomertijd": Offset(fold=0), "wintertijd": Offset(fold=1)},
}

KINDS: dict[Kind, str] = {
    Kind.ONE: "een",
    Kind.AT: "om rond omstreeks ongeveer vanaf circa om_ongeveer precies_om stipt_om",
    Kind.BY: "tot tegen uiterlijk uiterlijk_om ten_laatste voor_ongeveer niet_later_dan tot_uiterlijk",
    Kind.VOR: "voor",
    Kind.TO: "naar",
    Kind.ON: "op tegen_de voor_de tot_en_met",
    Kind.IN: "over binnen binnen_de",
    Kind.FROM: "van",
    Kind.INSTEAD: "in_plaats_van",
    Kind.CUE: "minstens tenminste ten_minste hooguit hoogstens maximaal minimaal niet_meer_dan doel laadniveau "
    "accu_op tot_minstens tot_maximaal",
    Kind.ONLY: "slechts alleen alleen_maar",
    Kind.ENOUGH: "genoeg is_genoeg voldoende is_voldoende volstaat is_prima",
    Kind.PERCENT: "procent",
    Kind.OCLOCK: "uur",
    Kind.HOURS: "uren uurtje uurtjes",
    Kind.MINUTES: "minuut minuten minuutjes",
    Kind.DAYS: "dagen",
    Kind.WEEKS: "weken",
    Kind.AND: "en",
    Kind.QUARTER: "kwart",
    Kind.WEEKEND: "weekeinde dit_weekend het_weekend in_het_weekend voor_het_weekend",
    Kind.NEXTWEEK: "volgende_week komende_week",
    Kind.NEXT: "volgende",
    Kind.THIS: "aanstaande komende deze",
    Kind.MIDNIGHT: "middernacht om_middernacht",
}

WISHES: dict[Intent, str] = {
    Intent.YES: "graag goed ja_graag prima klopt dat_klopt in_orde akkoord",
    Intent.NO: "nee nee_bedankt liever_niet hoeft_niet",
    Intent.CANCEL: "annuleren annuleer laat_maar vergeet_het geen_doel doel_wissen toch_niet niet_laden uit stoppen",
    Intent.NO_HURRY: "geen_haast maakt_niet_uit het_maakt_niet_uit maakt_mij_niet_uit wanneer_dan_ook ooit "
    "wanneer_het_goedkoop_is als_het_goedkoop_is geen_idee weet_ik_niet ik_weet_het_niet geen_vertrek geen_stress",
    Intent.NOW: "nu meteen direct onmiddellijk zo_snel_mogelijk nu_laden nu_meteen laad_nu",
    Intent.STATUS: "hoe_vol hoe_vol_is_de_auto hoe_vol_is_hij stand_van_zaken toestand",
    Intent.HELP: "hulp wat_kun_je wat_kan_ik_schrijven",
}

BLOCKS: dict[Unclear, str] = {
    Unclear.RECURRING: "elke elk iedere ieder dagelijks wekelijks altijd doordeweeks telkens",
    Unclear.NOT_A_RANGE: "bereik kilowattuur kilowatturen graden",
    Unclear.PAST: "gisteren eergisteren waren had hadden geleden",
    Unclear.NONSENSE: "niet geen nooit zonder behalve tenzij als indien leeg na nadat terug later eerder bijna "
    "ongeveer_na paar een_paar enkele vroegst op_zijn_vroegst tussen thuis aankomst niet_voor",
}

FILLER = (
    "alsjeblieft alstublieft aub svp bedankt dank_je dank_je_wel dankjewel hoi hallo dag goedemorgen goedendag "
    "goedenavond groet groeten groetjes ik wij we jij hij zij ze de het hem mijn onze m'n moet moeten wil willen wilt "
    "zou zouden kan kun kunnen kunt heb hebben nodig auto wagen bus laad laden opladen opgeladen oplaad geladen "
    "laadt vertrek vertrekken vertrekt vertrektijd weg ga gaan gaat rijd rijden rijdt rij zijn worden wordt dan maar "
    "wel nog even dat dit klaar zodat want toch liever vertrek_om we_gaan ik_ga naar_het_werk naar_mijn_werk "
    "naar_school naar_huis_toe zet zetten maak maken doe doen graag_gedaan beschikbaar aub_graag er moeten_we "
    "moet_ik tijd kan_dat lukt mogelijk indien_mogelijk als_het_kan vakantie reis afspraak pm_dus"
)
