"""Which publications stand behind the links from the receptor to use?"""

from resynapse.evidence.source import Source, Status, assumption, derivation


def _paper(
    key: str, citation: str, url: str | None = None, seen: str = "abstract", doi: str | None = None,
    study: str | None = None, status: Status = "measured",
) -> Source:  # fmt: skip
    return Source(key, citation, doi, url, seen, status, study)


def _unread(key: str, citation: str, study: str | None = None) -> Source:
    return Source(key=key, citation=citation, seen="unread", status="assumed", study=study)


kotermanski2009 = _unread("kotermanski2009", "Kotermanski and Johnson 2009, J Neurosci 29:2774")
jahr1990 = _unread("jahr1990", "Jahr and Stevens 1990, J Neurosci 10:3178")
gerhard2020 = _paper(
    "gerhard2020", "Gerhard et al. 2020, J Clin Invest 130:1336", doi="10.1172/JCI130808"
)
autry2011 = _paper("autry2011", "Autry et al. 2011, Nature 475:91", doi="10.1038/nature10130")
ma2023 = _paper("ma2023", "Ma et al. 2023, Nature 622:802", doi="10.1038/s41586-023-06624-1")
moda_sava2019 = _paper(
    "moda_sava2019", "Moda-Sava et al. 2019, Science 364:eaat8078", doi="10.1126/science.aat8078"
)
nardou2023 = _paper(
    "nardou2023",
    "Nardou et al. 2023, Nature 618:790",
    doi="10.1038/s41586-023-06204-3",
    seen="press",
)
phoumthipphavong2016 = _paper(
    "phoumthipphavong2016",
    "Phoumthipphavong et al. 2016, eNeuro 3",
    doi="10.1523/ENEURO.0133-15.2016",
)
bdnf2020 = _paper(
    "bdnf2020",
    "Dose-dependent BDNF after ketamine in mice, PMC7136035",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC7136035",
)
ki_summary = _paper(
    "ebert1997",
    "Ebert et al. 1997, Eur J Pharmacol 333:99: Ki against [3H]MK-801 in rat brain, S- and"
    " R-ketamine 0.3 and 1.4, S- and R-norketamine 1.7 and 13 umol/L; potencies are their ratios",
    "https://pubmed.ncbi.nlm.nih.gov/9311667/",
    status="derived",
)
csf_ratio = _paper(
    "moaddel2023",
    "Moaddel et al. 2023, iScience, ketamine in cerebrospinal fluid over plasma, n = 9; the ratio"
    " as a public repository on the paper has it, not in its abstract",
    "https://olink.com/publication/cerebrospinal-fluid-exploratory-proteomics-and-ketamine-"
    "metabolite-pharmacokinetics-in-human-volunteers-after-ketamine-infusion",
    seen="secondary", study="moaddel2023",
)  # fmt: skip
price2022 = _paper("price2022", "Price et al. 2022, Am J Psychiatry 179:959", study="price2022")
das2019 = _paper("das2019", "Das et al. 2019, Nat Commun 10:5187", study="das2019")
redish2004 = _paper("redish2004", "Redish 2004, Science 306:1944", doi="10.1126/science.1102384")
greenwald2014 = _paper(
    "greenwald2014",
    "Greenwald et al. 2014, Drug Alcohol Depend 144:1",
    doi="10.1016/j.drugalcdep.2014.07.035",
)
keramati2017 = _paper(
    "keramati2017", "Keramati et al. 2017, Psychol Rev 124:130", doi="10.1037/rev0000046"
)
chou2022 = _paper("chou2022", "Chou and D'Orsogna 2022, Chaos 32:021102", doi="10.1063/5.0082997")
engeriser2026 = _paper(
    "engeriser2026",
    "Engeriser et al. 2026, Addict Sci Clin Pract 21:23, withdrawal after 10 mg im",
    study="engeriser2026_bup_im",
)
williams2018 = _paper(
    "williams2018", "Williams et al. 2018, Am J Psychiatry 175:1205", study="williams2018"
)
han2016 = _paper(
    "han2016", "Han et al. 2016, Neuropsychiatr Dis Treat 12:2859", seen="table", study="han2016"
)
koob2016 = _paper(
    "koob2016", "Koob and Volkow 2016, Lancet Psychiatry 3:760", doi="10.1016/S2215-0366(16)00104-8"
)
preston2018 = _paper(
    "preston2018",
    "Preston et al. 2018, Psychopharmacology 235:2713",
    doi="10.1007/s00213-018-4966-9",
)
craving_meta = _paper(
    "vafaie2022",
    "Vafaie and Kober 2022, JAMA Psychiatry 79:641: meta-analysis of craving and use, odds ratio"
    " 2.05, 1.31 trimmed",
    study="vafaie2022",
)
grasman2016 = _paper(
    "grasman2016", "Grasman et al. 2016, PLoS ONE 11:e0158323", doi="10.1371/journal.pone.0158323"
)
witkiewitz2004 = _paper(
    "witkiewitz2004",
    "Witkiewitz and Marlatt 2004, Am Psychol 59:224",
    doi="10.1037/0003-066X.59.4.224",
)
mao2024 = _paper(
    "mao2024", "Mao, Chou and D'Orsogna 2024, arXiv:2404.04755", "https://arxiv.org/abs/2404.04755"
)
wilkinson2019 = _paper(
    "wilkinson2019",
    "Wilkinson et al. 2019, Neuropsychopharmacology 44:1233, saline- against midazolam-controlled"
    " trials",
    doi="10.1038/s41386-019-0317-8",
)
lii2023 = _paper(
    "lii2023", "Lii et al. 2023, ketamine under anaesthesia, Nat Ment Health 1:876", study="lii2023"
)
magill2009 = _paper(
    "magill2009",
    "Magill and Ray 2009, J Stud Alcohol Drugs 70:516",
    doi="10.15288/jsad.2009.70.516",
)
amato2011 = _paper(
    "amato2011", "Amato et al. 2011, Cochrane CD004147", seen="table", study="amato2011"
)
start_trial = _paper(
    "ctn0027", "START (CTN-0027), Hser et al. 2014, Addiction 109:79, individual data re-analysed",
    seen="computed", study="ctn0027", status="derived",
)  # fmt: skip
poats = _paper(
    "ctn0030",
    "POATS (CTN-0030), Weiss et al. 2011, Arch Gen Psychiatry 68:1238, individual data re-analysed",
    seen="computed", study="ctn0030", status="derived",
)  # fmt: skip
smyth2010 = _paper("smyth2010", "Smyth et al. 2010, Ir Med J 103:176", study="smyth2010")
merrall = _unread("merrall", "Merrall et al. 2010, Addiction 105:1545", study="merrall2010")
santo2021 = _unread("santo2021", "Santo et al. 2021, JAMA Psychiatry 78:979", study="santo2021")
dakwar2014 = _paper("dakwar2014", "Dakwar et al. 2014, Biol Psychiatry 76:40", study="dakwar2014")

definition = derivation("fixed by a definition of scale")
reference_patient = derivation(
    "computed once for 70 kg, racemic 0.5 mg/kg over 40 min, from the typical arterial kinetics"
)
design = assumption("design choice of the chain; the literature gives only mechanism or direction")
hand_set = assumption("set by hand in the prototype so that listed behaviours appear")
smoothing = assumption("width of a smooth transition, small against the range it smooths")
baseline_fit = assumption("hand-fitted to follow-ups without ketamine (Smyth, CTN-0030, START)")
medication_fit = assumption(
    "hand-fitted through the estimators of trials of buprenorphine (Schottenfeld 2008) and monthly"
    " naltrexone (Krupitsky 2011), without ketamine"
)
mood_fit = assumption("hand-fitted to the mood course after one infusion (Han 2016), not to use")
counselling_fit = assumption("hand-fitted to counselling without ketamine (Magill and Ray 2009)")
withdrawal_course = assumption("clinical course: onset 6-12 h, peak 1-3 d, gone in 5-10 d")
overdose_fit = assumption("hand-fitted to mortality on and off medication (comparators, section 3)")
cue_craving = assumption(
    "contested, half the prior says it does not exist; slab: cue craving fell by about 60 % a day"
    " after 0.41 mg/kg over 52 min in eight people in a fixed order (Dakwar 2014, our reading);"
    " with S = 0.071, a day after 0.5 mg/kg over 40 min (0.058 after their dose), c_S would be"
    " 12.8, put at two standard deviations; reference 1.0 set by hand, a share of the scale"
    " as in k_S; of craving in alcohol KARE's result was not seen"
)
contested = assumption("contested: half the prior says it does not exist")
devine1974 = _unread("devine1974", "Devine 1974, Drug Intell Clin Pharm 8:650")
dissociation_spread = derivation("from CADSS 7.7 (sd 9.2) after 0.5 mg/kg, n = 110")
felt_controls = assumption("CADSS after saline and midazolam, small; prototype values")
