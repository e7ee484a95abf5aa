"""Which words may a protocol use, and which of them was meant?"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, Literal

Drug = Literal["ketamine", "esketamine", "arketamine", "midazolam", "lorazepam", "saline"]
Route = Literal["iv", "im", "sc", "intranasal", "intranasal-spray", "oral", "sublingual", "inhaled"]
MedicationDrug = Literal[
    "methadone",
    "buprenorphine",
    "buprenorphine-monthly",
    "naltrexone",
    "naltrexone-monthly",
    "naltrexone-implant",
    "antidepressant",
]
TherapyType = Literal["KPT", "MBRP", "MET", "CBT", "existential", "counselling", "education"]
Control = Literal["none", "saline", "midazolam", "lorazepam", "low-dose", "historical"]
Disorder = Literal["heroin", "fentanyl", "alcohol", "cocaine", "methamphetamine", "depression"]
State = Literal["completed", "pending", "scenario"]
Blinding = Literal["masked", "open"]
Origin = Literal["community", "first_dose", "entry"]
Degree = Literal["mild", "moderate", "severe"]
Liver = Literal["normal", "mild", "moderate"]
Inhibitor = Literal["none", "ticlopidine", "grapefruit", "rifampicin"]

KETAMINES: Final = ("ketamine", "esketamine", "arketamine")
OPIOID_DISORDERS: Final = ("heroin", "fentanyl")
WITHOUT_USE: Final = ("depression",)
"""Disorders of people who use no drug"""
AGONISTS: Final = ("methadone", "buprenorphine", "buprenorphine-monthly")
ANTAGONISTS: Final = ("naltrexone", "naltrexone-monthly", "naltrexone-implant")
OPIOID_MEDICATIONS: Final = (*AGONISTS, *ANTAGONISTS)
BENZODIAZEPINES: Final = ("midazolam", "lorazepam")

_SYNONYMS: Final = {
    "intravenous": "iv",
    "intravenously": "iv",
    "intramuscular": "im",
    "intramuscularly": "im",
    "subcutaneous": "sc",
    "nasal": "intranasal",
    "in": "intranasal",
    "spray": "intranasal-spray",
    "sl": "sublingual",
    "po": "oral",
    "by mouth": "oral",
    "inhalation": "inhaled",
    "racemic ketamine": "ketamine",
    "ketalar": "ketamine",
    "s-ketamine": "esketamine",
    "spravato": "esketamine",
    "r-ketamine": "arketamine",
    "placebo": "saline",
    "suboxone": "buprenorphine",
    "subutex": "buprenorphine",
    "sublocade": "buprenorphine-monthly",
    "buvidal": "buprenorphine-monthly",
    "vivitrol": "naltrexone-monthly",
    "xr-naltrexone": "naltrexone-monthly",
    "ssri": "antidepressant",
    "mindfulness": "MBRP",
    "motivational": "MET",
    "counseling": "counselling",
    "psychoeducation": "education",
    "low dose": "low-dose",
    "double-blind": "masked",
    "blind": "masked",
    "opioid": "heroin",
    "opiate": "heroin",
    "drinking": "alcohol",
    "major depression": "depression",
    "mdd": "depression",
}


_BEGUN: Final = 3
"""This many letters at the start of a word are enough to guess it."""


def nearest(word: object, allowed: Iterable[str]) -> str | None:
    """The allowed word that was probably meant; None where nothing is near."""
    words = {choice.lower(): choice for choice in allowed}
    given = str(word).strip().lower()
    synonym = _SYNONYMS.get(given, given)
    if synonym.lower() in words:
        return words[synonym.lower()]
    begun = [word for word in words if len(given) >= _BEGUN and word.startswith(given)]
    if begun:
        return words[begun[0]]
    found = get_close_matches(given, list(words), n=1, cutoff=0.6)
    return words[found[0]] if found else None


def did_you_mean(word: object, allowed: Iterable[str]) -> str:
    """A question that ends a message, or nothing."""
    guess = nearest(word, allowed)
    return f" Did you mean {guess}?" if guess else ""
