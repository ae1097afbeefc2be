"""What people type into lookups, and what they mean: one table for the door and for the script."""

from typing import Final

COUNTRIES_TYPED: Final = (
    ("Turkey", "TR"), ("turquie", "TR"), ("Swaziland", "SZ"), ("UK", "GB"), ("u.k.", "GB"), ("Great Britain", "GB"),
    ("USA", "US"), ("États-Unis", "US"), ("etats unis", "US"), ("Burma", "MM"), ("Birmanie", "MM"),
    ("Cape Verde", "CV"), ("Cap-Vert", "CV"), ("Cote d'Ivoire", "CI"), ("CÔTE D`IVOIRE", "CI"), ("cote d ivoire", "CI"),
    ("Ivory Coast", "CI"), ("St Lucia", "LC"), ("St. Lucia", "LC"), ("Sainte Lucie", "LC"), ("Ste-Lucie", "LC"),
    ("saint kitts & nevis", "KN"), ("Saint-Kitts et Nevis", "KN"), ("Trinidad & Tobago", "TT"),
    ("trinité et tobago", "TT"), ("Bosnia and Herzegovina", "BA"), ("Korea, Republic of", "KR"), ("South Korea", "KR"),
    ("république de Corée", "KR"), ("North Korea", "KP"), ("Korea", ""), ("Corée", ""), ("Congo", "CG"), ("RDC", "CD"),
    ("Zaïre", "CD"), ("Iran", "IR"), ("Russie", "RU"), ("Viet-Nam", "VN"), ("Vietnam", "VN"), ("Laos", "LA"),
    ("Holland", "NL"), ("Tchequie", "CZ"), ("Czech Republic", "CZ"), ("Tanzanie", "TZ"), ("Syrie", "SY"),
    ("Émirats", "AE"), ("Herzegovina", "BA"), ("Guinée Bissau", "GW"), ("guinea", "GN"), ("Niger", "NE"),
    ("Hong Kong", "HK"), ("São Tomé", "ST"), ("Timor oriental", "TL"), ("Mal", ""), ("Unit", ""), ("Atlantis", ""),
    ("Trinidad e", ""), ("and", "AD"), ("&", ""), ("-", ""),
)  # fmt: skip
LANGUAGES_TYPED: Final = (
    ("Kabyle", "kab"), ("Mandarin", "cmn"), ("Mooré", "mos"), ("moore", "mos"), ("Mossi", "mos"), ("Cebuano", "ceb"),
    ("Fon", "fon"), ("Baoulé", "bci"), ("baoule", "bci"), ("Dari", "prs"), ("français", "fr"), ("French", "fr"),
    ("Farsi", "fa"), ("peul", "ff"), ("Fulani", "ff"), ("Luganda", "lg"), ("chichewa", "ny"), ("créole haïtien", "ht"),
    ("Ga", "gaa"), ("irlandais", "ga"), ("Cantonese", "yue"), ("N'Ko", "nqo"), ("Autre langue", "mis"),
    ("other language", "mis"), ("Tamazight", ""), ("Berbère", ""), ("Klingon", ""), ("Volapük", ""),
)  # fmt: skip
BEGUN: Final = ("Mal", "mali", "gui", "Saint", "st", "république c", "Trinidad a", "bol", "iv", "co", "ü", "land", "x")
"""What is being typed: neither of them means anything yet."""
