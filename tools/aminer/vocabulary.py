"""Words by which questions about people and papers are known.

re.findall(VOCABULARY, "Who wrote the most cited paper?", re.IGNORECASE)

The group `sure` has words for papers and for people as scholars, which stay sure where the papers are about
routing or anything else. The rest are words that other questions have too.
"""

SURE = (
    # Not the asker's own, for which any data may be needed.
    r"(?<!\bmy )(?<!\bour )(?<!\bwriting a )\bpapers?\b|\bpreprints?\b|\bmanuscripts?\b|\bliterature\b",
    r"\bco-?author\w*|\bauthor(?:s|ed|ship)?\b",
    r"\bpublications?\b",
    r"\bcitations?\b|\bcited\b|\bcites?\b|\bciting\b",
    r"\bh-?index\b|\bh index\b|\bi10\b",
    r"\bprof(?:s|essors?|essorships?)?\b|\blecturers?\b|\bpost-?docs?\b|\bph\.?d\b",
    r"(?<!\ba )(?<!\ban )\b(?:researchers?|scholars?|scientists?|academics?)\b",
    r"\badvis(?:or|er|ors|ers|ee|ees)\b|\bsupervis\w*|\bdoctoral\b|\bmentors?\b",
    r"\babstracts?\b",
    r"\bvenues?\b|\bjournals?\b|\bproceedings\b",
    r"\bcollaborat\w*|\bco-?work\w*|\bco-?wr[io]t\w*",
    r"\bresearch (?:interests?|areas?|fields?|topics?)\b|\b(?:field|area)s? of (?:research|study)\b",
    r"\bexpertise\b|\bspeciali[sz]\w*",
    r"\bwho(?: else| has| have)? (?:works?|worked|studie[sd]|researche[sd]|wrote|written|publishe[sd])\b",
    r"\bgraduated?\b|\bdegrees? from\b",
    r"\be-?mail\w*|\bhome-?page\b|\bbio\b|\bbiograph\w*|\bcurriculum\b|\bcv\b",
    r"\bgender\b|\bmale\b|\bfemale\b|\bman or (?:a )?woman\b",
    r"\brepresentative works?\b",
    r"论文|作者|合著|合作|引用|教授|导师|学生|发表|期刊|被引|学者|大学|研究|邮箱|摘要|机构|兴趣|职称|单位|代表作|工作",
)

PLAIN = (
    r"\bpublish(?:es|ed|ing)?\b",
    r"\bwr(?:ote|itten|ites?|iting)\b",
    r"\bresearch\w*|\bscholars?\b|\bscientists?\b|\bacademics?\b",
    r"\bstud(?:y|ies|ied|ent|ents|ying)\b",
    r"\bwork(?:s|ed|ing)?\b|\bthes[ie]s\b|\bdissertations?\b",
    r"\binterest(?:s|ed)?\b",
    r"\buniversit(?:y|ies)\b|\bcolleges?\b|\bfacult(?:y|ies)\b|\bdepartments?\b",
    r"\binstitutes?\b|\binstitutions?\b|\borgani[sz]ations?\b|\bemploy\w*|\baffiliat\w*|\blab(?:oratory)?\b",
    r"\bconference\b|\barticles?\b|\btitled?\b|\btopics?\b|\bfields?\b|\bpapers?\b|\bpdfs?\b",
    r"\bpositions?\b|\bjob\b|\bcareer\b|\beducat\w*|\bprofiles?\b|\bcontact\b",
    r"\bpersons?\b|\bpeople\b|\bexperts?\b|\bcolleagues?\b|\bsomeone\b|\bsomebody\b|\bsurname\b",
    r"\b(?:he|she|his|her|him)\b",
    r"\bdr\b",
)

VOCABULARY = f"(?P<sure>{'|'.join(SURE)})|{'|'.join(PLAIN)}"
"""The regular expression; upper and lower case are the same."""
