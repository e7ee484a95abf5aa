"""Which trials stand behind a number? The key is the id of the study's file in ``studies/``."""

from __future__ import annotations

from resynapse.evidence.source import Source


def _registered(key: str, citation: str, url: str | None = None) -> Source:
    """A trial without results: nothing of it is measured yet."""
    return Source(key=key, citation=citation, url=url, seen="registry", status="assumed")


_REGISTRY = "https://clinicaltrials.gov/study/"

krupitsky2002_heroin = Source(
    key="krupitsky2002_heroin",
    citation="Krupitsky et al. 2002, J Subst Abuse Treat 23:273",
    doi="10.1016/S0740-5472(02)00275-1",
    seen="figure",
)
krupitsky2007_heroin = Source(
    key="krupitsky2007_heroin",
    citation="Krupitsky et al. 2007, J Psychoactive Drugs 39:13",
    doi="10.1080/02791072.2007.10399860",
    seen="abstract",
)
jovaisa2006_opiate_detox = Source(
    key="jovaisa2006_opiate_detox",
    citation="Jovaisa et al. 2006, Medicina (Kaunas) 42:625",
    seen="abstract",
)
dakwar2014 = Source(
    key="dakwar2014",
    citation="Dakwar et al. 2014, Biol Psychiatry 76:40",
    doi="10.1016/j.biopsych.2013.08.009",
    seen="abstract",
)
dakwar2017_cocaine_choice = Source(
    key="dakwar2017_cocaine_choice",
    citation="Dakwar et al. 2017, Mol Psychiatry 22:76",
    doi="10.1038/mp.2016.39",
    seen="abstract",
)
dakwar2019_cocaine = Source(
    key="dakwar2019_cocaine",
    citation="Dakwar et al. 2019, Am J Psychiatry 176:923",
    doi="10.1176/appi.ajp.2019.18101123",
    seen="abstract",
)
das2019 = Source(
    key="das2019",
    citation="Das et al. 2019, Nat Commun 10:5187",
    doi="10.1038/s41467-019-13162-w",
    seen="abstract",
)
grabski2022_kare_alcohol = Source(
    key="grabski2022_kare_alcohol",
    citation="Grabski et al. 2022 (KARE), Am J Psychiatry 179:152",
    doi="10.1176/appi.ajp.2021.21030277",
    seen="abstract",
)
engeriser2026_bup_im = Source(
    key="engeriser2026_bup_im",
    citation="Engeriser et al. 2026, Addict Sci Clin Pract 21:23",
    doi="10.1186/s13722-026-00649-3",
    seen="abstract",
)
lii2023 = Source(
    key="lii2023",
    citation="Lii et al. 2023, Nat Ment Health 1:876",
    doi="10.1038/s44220-023-00140-x",
    seen="table",
)
schottenfeld2008 = Source(
    key="schottenfeld2008",
    citation="Schottenfeld et al. 2008, Lancet 371:2192",
    doi="10.1016/S0140-6736(08)60954-X",
    seen="secondary",
)
lee2016 = Source(
    key="lee2016",
    citation="Lee et al. 2016, N Engl J Med 374:1232",
    doi="10.1056/NEJMoa1505409",
    seen="abstract",
)
krupitsky2012 = Source(
    key="krupitsky2012",
    citation="Krupitsky et al. 2012, Arch Gen Psychiatry 69:973",
    doi="10.1001/archgenpsychiatry.2012.1a",
    seen="abstract",
)
ctn0027 = Source(
    key="ctn0027",
    citation="Hser et al. 2014 (START, CTN-0027), Addiction 109:79, patient-level data re-analysed",
    doi="10.1111/add.12333",
    seen="computed",
    status="derived",
)
ctn0030 = Source(
    key="ctn0030",
    citation="Weiss et al. 2011 (POATS, CTN-0030), Arch Gen Psychiatry 68:1238, patient-level data "
    "re-analysed",
    doi="10.1001/archgenpsychiatry.2011.121",
    seen="computed",
    status="derived",
)
morekare_phase3_alcohol = _registered(
    "morekare_phase3_alcohol",
    "MORE-KARE 2024, phase 3, University of Exeter, ISRCTN85955128, no results yet",
    "https://sites.exeter.ac.uk/morekare",
)
nct06943859_oud_methadone = _registered(
    "nct06943859_oud_methadone",
    "NCT06943859, 2025, ketamine in people entering methadone treatment, no results yet",
    _REGISTRY + "NCT06943859",
)
nct04084860_alcohol_2x2 = _registered(
    "nct04084860_alcohol_2x2",
    "NCT04084860, 2019, ketamine by therapy in alcohol use disorder, no results yet",
    _REGISTRY + "NCT04084860",
)
nct03344419_cocaine_2inf = _registered(
    "nct03344419_cocaine_2inf",
    "NCT03344419, 2017, two infusions in cocaine use disorder, no results found",
    _REGISTRY + "NCT03344419",
)
nct06496750_methamphetamine = _registered(
    "nct06496750_methamphetamine",
    "NCT06496750, 2024, eight infusions in methamphetamine use disorder, no results yet",
    _REGISTRY + "NCT06496750",
)
