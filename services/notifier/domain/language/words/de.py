"""What German words mean to the grammar. An underscore is a space between two words of one phrase."""

from notifier.domain.language.facts import Offset, Part
from notifier.domain.language.tokens import Kind
from notifier.domain.language.understood import Intent, Unclear

_WEEKDAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_PARTS = {
    Part.MORNING: "früh morgens frühmorgens am_morgen in_der_früh in_der_frühe am_frühen_morgen in_aller_früh "
    "in_aller_frühe des_morgens früh_am_morgen",
    Part.FORENOON: "vormittag vormittags am_vormittag",
    Part.NOON: "mittag mittags am_mittag zu_mittag",
    Part.AFTERNOON: "nachmittag nachmittags am_nachmittag",
    Part.EVENING: "abend abends am_abend",
    Part.NIGHT: "nacht nachts in_der_nacht",
}

_FULL = (
    "voll so_voll_wie_möglich möglichst_voll randvoll ganz_voll komplett_voll "
    "vollladen volladen voll_laden vollgeladen voll_geladen komplett "
    "komplett_laden vollständig vollständig_laden volle_ladung voll_machen vollmachen bis_oben_hin bis_oben "
    "volle vollen voller voller_akku vollen_akku volle_batterie"
)
_HALF_FULL = "halbvoll zur_hälfte hälfte_voll bis_zur_hälfte halbe_ladung"

WORDS: dict[Kind, dict[str, object]] = {
    Kind.WEEKDAY: {
        **{name: number for number, name in enumerate(_WEEKDAYS)},
        "sonnabend": 5,
        **{name: number for number, name in enumerate(("mo", "di", "mi", "do", "fr", "sa"))},
    },
    Kind.SO: {"so": 6},
    Kind.MONTH: {
        "januar": 1,
        "jänner": 1,
        "februar": 2,
        "märz": 3,
        "mär": 3,
        "april": 4,
        "mai": 5,
        "juni": 6,
        "juli": 7,
        "august": 8,
        "september": 9,
        "oktober": 10,
        "okt": 10,
        "november": 11,
        "dezember": 12,
        "dez": 12,
    },
    Kind.PART: {word: part for part, words in _PARTS.items() for word in words.split()},
    Kind.AHEAD: {"heute": 0, "heut": 0, "übermorgen": 2, "überübermorgen": 3},
    Kind.MORGEN: {"morgen": 1},
    Kind.FULL: dict.fromkeys(_FULL.split(), 100),
    Kind.SOC: {
        **dict.fromkeys(_HALF_FULL.split(), 50),
        **dict.fromkeys(("viertelvoll", "viertel_voll"), 25),
        **dict.fromkeys(("dreiviertelvoll", "dreiviertel_voll", "zu_drei_viertel", "zu_dreiviertel"), 75),
    },
    Kind.SPAN: {
        "viertelstunde": 15,
        "dreiviertelstunde": 45,
        "halbstunde": 30,
        "halben_tag": None,
    },
    Kind.OFFSET: {"sommerzeit": Offset(fold=0), "winterzeit": Offset(fold=1)},
}

KINDS: dict[Kind, str] = {
    Kind.ONE: "ein eine einer einem einen ner nem nen",
    Kind.AT: "um gegen ca circa zirka cirka etwa ungefähr rund ab um_etwa um_ca um_circa um_die um_punkt punkt "
    "pünktlich_um",
    Kind.BY: "bis spätestens bis_um bis_spätestens spätestens_um spätestens_bis bis_etwa bis_ca bis_circa bis_gegen "
    "allerspätestens",
    Kind.TO: "auf zu aufs zur ins",
    Kind.ON: "am den der dem zum des beim bis_am bis_zum das die",
    Kind.IN: "in innerhalb innerhalb_von binnen innert im_laufe_von",
    Kind.FROM: "von vom",
    Kind.INSTEAD: "statt anstatt anstelle_von",
    Kind.CUE: "mindestens wenigstens minimum minimal maximal maximum max höchstens nicht_mehr_als nicht_unter "
    "zu_mindestens bis_mindestens auf_mindestens auf_maximal auf_max bis_maximal bis_max auf_höchstens "
    "bis_höchstens ziel ladeziel ziel_soc zielwert ladestand akkustand akku batterie soc bis_auf bis_zu "
    "mit bei auf_ca auf_etwa auf_circa auf_ungefähr auf_rund limit ladelimit ladegrenze mind",
    Kind.ONLY: "nur bloß bloss lediglich",
    Kind.ENOUGH: "reicht reichen genügt genügen genug ausreichend reicht_mir reicht_aus reichen_aus reichen_mir "
    "reicht_uns reichen_uns sind_genug ist_genug wäre_genug wären_genug langt langen ist_ausreichend "
    "sind_ausreichend genügt_mir würde_reichen würden_reichen tut_es tun_es sollte_reichen sollten_reichen "
    "reicht_völlig reicht_dicke dürfte_reichen dürften_reichen dürfte_genügen tut's tut's_auch tun's tun's_auch "
    "reicht_auch reichen_auch",
    Kind.PERCENT: "prozent prozentig prozente proz",
    Kind.OCLOCK: "uhr",
    Kind.HOURS: "std stunde stunden stdn",
    Kind.MINUTES: "minute minuten",
    Kind.DAYS: "tag tage tagen",
    Kind.WEEKS: "woche wochen",
    Kind.VOR: "vor",
    Kind.NACH: "nach",
    Kind.OR: "oder bzw beziehungsweise",
    Kind.AND: "und sowie",
    Kind.HALF: "halb halbe halben halber halbes",
    Kind.QUARTER: "viertel",
    Kind.QUARTERS3: "dreiviertel drei_viertel",
    Kind.WEEKEND: "wochenende am_wochenende zum_wochenende übers_wochenende dieses_wochenende",
    Kind.NEXTWEEK: "nächste_woche nächster_woche kommende_woche kommender_woche in_der_nächsten_woche",
    Kind.NEXT: "nächster nächste nächsten nächstes nächstem",
    Kind.THIS: "kommenden kommender kommendes kommende diesen dieser dieses diese diesem",
    Kind.MIDNIGHT: "mitternacht um_mitternacht",
}

WISHES: dict[Intent, str] = {
    Intent.YES: "ja jawohl jo jep jup gern gerne klar passt okay ok einverstanden genau stimmt richtig in_ordnung "
    "ja_bitte",
    Intent.NO: "nein nee nö ne nein_danke lieber_nicht danke_nein nicht_nötig passt_nicht",
    Intent.CANCEL: "abbrechen abbruch doch_nicht stopp vergiss_es lass_es lassen_wir_das zurücknehmen rückgängig "
    "löschen ziel_löschen kein_ziel ziel_weg aus storno stornieren vergessen_wir_das lass_mal "
    "doch_lieber_nicht nicht_laden nicht_mehr_laden gar_nicht nichts kein_laden beenden",
    Intent.NO_HURRY: "keine_eile egal mir_egal ist_egal ist_mir_egal egal_wann wann_auch_immer irgendwann eilt_nicht "
    "es_eilt_nicht hat_zeit kein_stress keinen_stress hab_zeit habe_zeit ohne_eile nicht_eilig "
    "ist_nicht_eilig zeit_egal uhrzeit_egal beliebig wann_es_günstig_ist wenn_es_günstig_ist wenn_günstig "
    "jederzeit keine_hektik völlig_egal ganz_egal total_egal das_ist_egal spielt_keine_rolle "
    "wenn_der_strom_günstig_ist wurscht wurst es_hat_zeit hat_keine_eile es_hat_keine_eile "
    "wenn_sonne_scheint hauptsache_günstig kein_termin keine_abfahrt weiß_nicht weiß_noch_nicht "
    "weiß_ich_nicht ich_weiß_nicht ich_weiß_es_nicht weiß_ich_noch_nicht ich_weiß_noch_nicht",
    Intent.NOW: "sofort jetzt gleich so_schnell_wie_möglich schnellstmöglich so_bald_wie_möglich sofort_laden "
    "jetzt_laden so_schnell_es_geht sobald_wie_möglich möglichst_schnell so_früh_wie_möglich jetzt_sofort "
    "ab_sofort lade_jetzt lade_sofort baldmöglichst schnellstens jetzt_gleich",
    Intent.STATUS: "stand übersicht ladezustand wie_voll wie_ist_der_stand wie_voll_ist_das_auto wie_voll_ist_er "
    "wie_voll_ist_es wie_ist_der_status was_ist_der_stand zustand wie_sieht_es_aus aktueller_stand "
    "wie_steht_es",
    Intent.HELP: "hilfe was_kannst_du was_kann_ich_schreiben was_verstehst_du anleitung befehle",
}

BLOCKS: dict[Unclear, str] = {
    Unclear.RECURRING: "jeden jede jeder jedes jedem täglich immer werktags wochentags stets montags dienstags "
    "mittwochs donnerstags freitags samstags sonntags sonnabends wöchentlich alle jeweils unter_der_woche "
    "regelmäßig normalerweise",
    Unclear.NOT_A_RANGE: "km kilometer kilometern reichweite kwh kilowattstunde kilowattstunden reichweiten kilowatt "
    "kw euro eur cent ct grad ampere meter liter",
    Unclear.PAST: "gestern vorgestern vorhin war waren hatte hatten",
    Unclear.NONSENSE: "nicht kein keine keinen keinem keiner nie niemals ohne außer falls wenn sobald solange "
    "weniger mehr fast beinahe knapp kurz kurz_vor kurz_nach erst_nach frühestens nicht_vor "
    "nach_der_arbeit feierabend leer entladen übernächste übernächsten übernächster übernächstes zurück "
    "wieder heim ankunft bald später früher letzten letzte letzter vorige zwischen weder noch_nicht "
    "ein_paar paar einige mehrere million tausend hab habe hast hat steht anzeige zeigt derzeit momentan "
    "aktuell gerade wollte",
}

FILLER = (
    "bitte danke dankeschön vielen_dank lieben_dank besten_dank hallo hi hey moin servus grüezi guten_morgen "
    "guten_tag guten_abend morgen_allerseits lg mfg vg gruß grüße viele_grüße liebe_grüße schöne_grüße "
    "bitte_schön herzlichen_dank thx merci ich wir du er sie es man mir mich uns dir euch ihm ihr ihn mein "
    "meine meinen meinem meiner unser unsere unseren brauche brauch brauchen braucht bräuchte bräuchten "
    "benötige benötigen benötigt möchte möchten möcht will wollen hätte hätten hätt würde würden soll sollte "
    "sollen sollten muss müssen müsste müssten kann kannst können könnte könntest könnt darf sein werden wird "
    "haben lade laden lädt geladen lad aufladen aufgeladen aufzuladen auflade ladung lades fahre fahren fährt "
    "fahr fahrt losfahren losfahre losgefahren wegfahren abfahren abfahrt abfahrtszeit abfahrtzeit losfahrt "
    "fahre_los los weg gehen geht_los gehe geht's geht_es los_geht's aufbrechen aufbruch "
    "aufbreche abreise reise verreise verreisen unterwegs zeit uhrzeit uhrzeit_ist termin auto wagen "
    "fahrzeug karre kiste elektroauto e_auto eauto stromer pkw fertig bereit startklar abfahrbereit parat "
    "verfügbar einsatzbereit fahrbereit doch lieber eher besser mal dann also schon noch einfach gern_auch "
    "auch ja_gern eben halt jedenfalls unbedingt dringend sicher wirklich wohl vielleicht_doch gerne_auch "
    "machen mache mach macht gib gebt stell stelle stellen einstellen setz setze setzen nimm plane planen "
    "noch_vor wenn_möglich falls_möglich wenn's_geht wenn_es_geht wenn_geht nach_möglichkeit möglichst dass "
    "damit denn weil da für fürs dafür bräucht aber wäre wäre_gut wäre_super wäre_toll wäre_schön wäre_nett "
    "wäre_ok wäre_okay wäre_perfekt wäre_prima super toll schön prima perfekt gut nett lieb bestens fein "
    "ist_ok ist_okay ist_gut ist_in_ordnung sind_ok sind_okay sind_gut passt_gut passt_mir sind_super "
    "reicht_schon genau_um genau wie_immer wie_gehabt alles_klar arbeit zur_arbeit zur_schule flughafen "
    "bahnhof zum_flughafen zum_bahnhof büro ins_büro zum_zug zum_arzt zum_zahnarzt urlaub in_urlaub "
    "in_den_urlaub zum_einkaufen zum_sport zum_termin ans_meer zu_oma zu_omi zur_oma zur_uni zum_kindergarten "
    "zur_kita hin dorthin eltern mutter vater freunden zu_freunden richtung keine_sorge keine_sorgen oder_so "
    "leute zusammen erst also_dann okay_dann hier nun so_dass dran damit_es viel strom energie kannst_du "
    "könntest_du würdest_du kann_ich könnte_ich soll_er soll_es stehen da_sein daheim_los vorhaben vor_haben "
    "von_hier von_zuhause ladeende ende zur_abfahrt vollen_tank zuhause_los vom_hof und_zwar sagen_wir sag_mal "
    "von_mir_aus meinetwegen zielzeit bisschen etwas_mehr mitnehmen nehmen nutzen benutzen benutze nutze nehme"
)
