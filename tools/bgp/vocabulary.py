"""Words and spellings by which questions about routing are known.

re.findall(VOCABULARY, "Which AS originates 192.0.2.0/24?", re.IGNORECASE)

The group `sure` has what names a thing in routing data: addresses, prefixes, AS numbers, collectors, values
of communities. The rest are words, and papers are written about all that they mean: they count where nothing
is sure.
"""

SURE = (
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\b",
    # IPv6; a time such as 00:01:30 has neither `::` nor that many colons.
    r"(?<![\w:])(?=[0-9a-f:]*(?:::|(?:[0-9a-f]{1,4}:){4}))[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:/\d{1,3})?",
    r"\bas(?:n|es)?[ -]?\d{2,10}\b",
    r"\brrc\d\d\b",
    r"\broute-?views\d*\b",
    r"\blab\d\d\b",
    # An AS number and a value, or three numbers; not the time of a day.
    r"\b\d{3,5}:\d{1,5}\b|\b\d{3,10}:\d{1,10}:\d{1,10}\b",
    r"\bno[-_](?:export|advertise|peer)\b",
)

PLAIN = (
    r"\bbgp\d?\b|\bmrt\b|\bribs?\b",
    r"(?-i:\bASe?s?\b)|\basns?\b|\bautonomous systems?\b",
    r"\bas[ -](?:path|set|pair|number|graph|link|hop|neighbou?r|relationship|loop)s?\b",
    r"\b(?:sub-?)?prefix(?:es)?\b|\b(?:more|less)[- ]specifics?\b|\bde-?aggregat\w*",
    r"\bmoas\b",
    r"\brpki\b|\broas?\b|\bvrps?\b|\binvalid\b",
    r"\bnext[- ]hops?\b|\blocal[- _]?pref(?:erence)?s?\b|\bmeds?\b",
    r"\bcommunit(?:y|ies)\b|\bblack-?hol(?:e|es|ed|ing)\b",
    r"\bprepend\w*",
    r"\bbogons?\b|\breserved\b",
    r"\bipv[46]\b|\baddress space\b|\bsubnets?\b|\baddress blocks?\b|\binternet\b",
    r"\bhijack\w*",
    r"\bflap\w*|\bdamp\w*|\bsuppress\w*",
    r"\bleak\w*|\bvalley(?:-free)?\b",
    r"\bannounc\w*|\badvertis\w*",
    r"\bwithdr[ae]w\w*",
    r"\borigin(?:s|ate|ates|ated|ating|ator|ators)?\b",
    r"\bupdates?\b",
    r"\brout(?:es?|ers?|ed|ing)\b|\brerout\w*",
    r"(?<!-to-)\bpeers?\b(?! review|-to-)|\bpeering\b",
    r"\bcollectors?\b",
    r"\bupstreams?\b|\bdownstreams?\b|\btransit\b|\bproviders?\b|\bcustomers?\b",
    r"\bneighbou?rs?\b|\badjacen\w*",
    r"\bsessions?\b|\boutages?\b|\bunreachab\w*|\breachab\w*|\bvisib(?:le|ility)\b",
    r"\bpaths?\b|\bhops?\b|\bloop(?:s|ed)?\b",
    r"\butc\b|\b\d\d:\d\d(?::\d\d)?\b",
    r"前缀|自治系统|路由",
)

VOCABULARY = f"(?P<sure>{'|'.join(SURE)})|{'|'.join(PLAIN)}"
"""The regular expression; upper and lower case are the same but where it says otherwise."""
