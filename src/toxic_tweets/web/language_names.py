"""English names of the languages that can be told apart."""

from __future__ import annotations

_TABLE = """
af=Afrikaans am=Amharic ar=Arabic az=Azerbaijani bg=Bulgarian bn=Bengali ca=Catalan cs=Czech
cy=Welsh da=Danish de=German el=Greek en=English es=Spanish et=Estonian eu=Basque fa=Persian
fi=Finnish fr=French ga=Irish gl=Galician gu=Gujarati he=Hebrew hi=Hindi hr=Croatian hu=Hungarian
hy=Armenian id=Indonesian is=Icelandic it=Italian ja=Japanese ka=Georgian kk=Kazakh km=Khmer
kn=Kannada ko=Korean ky=Kyrgyz lo=Lao lt=Lithuanian lv=Latvian mk=Macedonian ml=Malayalam
mn=Mongolian mr=Marathi ms=Malay my=Burmese ne=Nepali nl=Dutch no=Norwegian pa=Punjabi pl=Polish
ps=Pashto pt=Portuguese ro=Romanian ru=Russian si=Sinhala sk=Slovak sl=Slovenian so=Somali
sq=Albanian sr=Serbian sv=Swedish sw=Swahili ta=Tamil te=Telugu th=Thai tl=Tagalog tr=Turkish
uk=Ukrainian ur=Urdu uz=Uzbek vi=Vietnamese zh=Chinese
"""
_NAMES = dict(pair.split("=") for pair in _TABLE.split())


def name_language(code: str | None) -> str:
    """Return the name of a language by its code, or the code where nobody named it."""
    return "language unclear" if code is None else _NAMES.get(code, code)
