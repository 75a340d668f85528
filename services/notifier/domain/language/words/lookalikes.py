"""Words of everyday use that are one slip away from a word of the grammar, and mean something else.

They are what the frequent words of German and English (wordfreq's lists, a Zipf frequency of 2.7 and above) leave when
:func:`notifier.domain.language.words.spelling.corrected` would take them for a time or a number.
"""

_WORDS = (
    "abende afternoons amend amends attend attends augusta auguste augusto avril banner bends beute borgen bribed "
    "bully carly cooler corning cours danner deute earle earls evenings filly folly footy foray forte forts "
    "fours freital frida funny fussy fuzzy gully handvoll hefte hegte height heighten heule hindert hirten "
    "holler horus hunderte hundreds jaeger jagger jaguar jammer janet jäger knight koller komplex komplott "
    "leute lighten maenner manch marco marcy margen marsch marsh match meute midas midway mighty mittig "
    "moaning mooring morden morgan mornings morten morty mourning männer nachm nachmittage nacho nachos nackt "
    "nieten nifty pours primed quartet quartett quartier rimmed sachs sects seien semen sevens severn sichs "
    "siegen siezen silben sitten soeben sorgen standen stunned stände ständen stünde stünden sully sundae "
    "sundry tanner techs thirsty threes threw thugs thurn tighten todays toller torre trimmed tully valle "
    "viertels vogler volke volker vollem volles volley vollmachten vollmer vollständige vorgeladen vormachen "
    "voten völler weekends weight weighty wochenenden wochenendes wolff woolf wundert yachts yours zoller"
)
LOOKALIKES = frozenset(_WORDS.split())
