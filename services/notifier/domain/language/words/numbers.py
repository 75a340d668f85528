"""Number words from 0 to 100 in German, English and Dutch, and ordinals to 31 in German and English."""

_DE_UNITS = ("", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_DE_TEENS = (
    "zehn",
    "elf",
    "zwölf",
    *(f"{stem}zehn" for stem in ("drei", "vier", "fünf", "sech", "sieb", "acht", "neun")),
)
_DE_TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_EN_UNITS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EN_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_ORDINALS = (
    *("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)


def _german() -> dict[str, int]:
    words = {"null": 0, "eins": 1, "zwo": 2, "hundert": 100, "einhundert": 100}
    words |= {word: n for n, word in enumerate(_DE_UNITS) if n > 1}
    words |= {word: n for n, word in enumerate(_DE_TEENS, start=10)}
    for ten, name in enumerate(_DE_TENS):
        if name:
            words[name] = ten * 10
            words |= {f"{unit}und{name}": ten * 10 + n for n, unit in enumerate(_DE_UNITS) if unit}
    return words


def _dutch() -> dict[str, int]:
    units = ("", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
    teens = (
        *("tien", "elf", "twaalf", "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien"),
    )
    tens = ("", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")
    words = {"nul": 0, "één": 1, "honderd": 100}
    words |= {word: n for n, word in enumerate(units) if n > 1}
    words |= {word: n for n, word in enumerate(teens, start=10)}
    for ten, name in enumerate(tens):
        if name:
            words[name] = ten * 10
            for n, unit in enumerate(units):
                if unit:
                    words[f"{unit}{'ën' if unit.endswith('e') else 'en'}{name}"] = ten * 10 + n
                    words[f"{unit}en{name}"] = ten * 10 + n
    return words


def _english() -> dict[str, int]:
    words = {"zero": 0, "hundred": 100, "a_hundred": 100, "one_hundred": 100}
    words |= {word: n for n, word in enumerate(_EN_UNITS) if n}
    words |= {word: n for n, word in enumerate(_EN_TEENS, start=10)}
    for ten, name in enumerate(_EN_TENS):
        if name:
            words[name] = ten * 10
            for n, unit in enumerate(_EN_UNITS):
                if unit:
                    words |= {f"{name}_{unit}": ten * 10 + n, f"{name}{unit}": ten * 10 + n}
    return words


def _ordinals() -> dict[str, int]:
    irregular = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}
    cardinals = {n: word for word, n in _german().items() if 2 <= n <= 31}
    words: dict[str, int] = {}
    for n in range(1, 32):
        stem = irregular.get(n) or cardinals[n] + ("t" if n < 20 else "st")
        # The first is an adverb too: "erste", "ersten" only.
        words |= {f"{stem}{ending}": n for ending in ("e", "en", "er")}
    words |= {word: n for n, word in enumerate(_EN_ORDINALS) if n}
    words |= {"twentieth": 20, "thirtieth": 30, "thirty_first": 31}
    words |= {f"twenty_{_EN_ORDINALS[n]}": 20 + n for n in range(1, 10)}
    return words


GERMAN, ENGLISH, DUTCH, ORDINALS = _german(), _english(), _dutch(), _ordinals()
HALVES = {"anderhalf": 1.5, "anderhalve": 1.5, "twee_en_een_half": 2.5, "tweeënhalf": 2.5, "drieënhalf": 3.5}
"""Numbers of hours as Dutch says them in a word."""
MIXED = {
    "anderthalb": 1.5,
    "eineinhalb": 1.5,
    "ein_einhalb": 1.5,
    **{f"{unit}{gap}einhalb": n + 0.5 for n, unit in enumerate(_DE_UNITS) if n > 1 for gap in ("", "_")},
}
"""Numbers of hours that only German has a word for."""
