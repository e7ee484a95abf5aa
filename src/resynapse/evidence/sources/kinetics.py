"""Which publications stand behind the kinetics of drugs and their acute effects?"""

from __future__ import annotations

from resynapse.evidence.source import Source, assumption, derivation


def _paper(
    key: str, citation: str, doi: str | None = None, seen: str = "abstract",
    study: str | None = None,
) -> Source:  # fmt: skip
    return Source(key=key, citation=citation, doi=doi, seen=seen, study=study)


def _page(
    key: str, citation: str, url: str, seen: str = "abstract", study: str | None = None
) -> Source:
    return Source(key=key, citation=citation, url=url, seen=seen, study=study)


def _unread(key: str, citation: str, doi: str | None = None) -> Source:
    return Source(key=key, citation=citation, doi=doi, seen="unread", status="assumed")


simons2022 = _paper(
    "simons2022",
    "Simons et al. 2022, S-ketamine oral thin film part 1, Front Pain Res 3:946486, Table 4",
    "10.3389/fpain.2022.946486",
    seen="secondary",
    study="simons2022",
)
domino1984 = _paper(
    "domino1984",
    "Domino et al. 1984, Clin Pharmacol Ther 36:645, micro-constants as stanpumpR and opentiva",
    seen="secondary",
)
otto2021 = _paper(
    "otto2021",
    "Otto et al. 2021, Eur J Clin Pharmacol 77:1181, Tables 2 and 3",
    "10.1007/s00228-021-03104-1",
    seen="table",
)
perezruixo2021 = _paper(
    "perezruixo2021",
    "Perez-Ruixo et al. 2021, Clin Pharmacokinet 60:501, n = 820",
    "10.1007/s40262-020-00953-4",
    seen="secondary",
    study="perezruixo2021",
)
ashraf2018 = _paper(
    "ashraf2018",
    "Ashraf et al. 2018, CPT Pharmacometrics Syst Pharmacol, ticlopidine and oral S-ketamine",
    "10.1002/psp4.12346",
    seen="secondary",
)
phar2022 = _page(
    "phar2022",
    "Singh et al. 2022, intranasal and intravenous racemic ketamine, Pharmacotherapy, table 6",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC9118341",
    seen="table",
    study="phar2022",
)
jonkman2017 = _paper(
    "jonkman2017",
    "Jonkman et al. 2017, inhaled esketamine, Anesthesiology",
    "10.1097/ALN.0000000000001798",
    study="jonkman2017",
)
intramuscular_review = _page(
    "intramuscular_review",
    "Route bioavailabilities of ketamine, encyclopaedia page after Clements and Grant 1981-82",
    "https://primidi.com/ketamine/pharmacokinetics",
    seen="secondary",
)
li2015 = _page(
    "li2015",
    "Li et al. 2015, CYP2B6*6 and ketamine clearance, n = 49, against Rao et al. 2016, n = 30",
    "https://pubmed.ncbi.nlm.nih.gov/25702819/",
    seen="secondary",
)
peltoniemi2011 = _paper(
    "peltoniemi2011",
    "Peltoniemi et al. 2011, ticlopidine and oral S-ketamine",
    "10.1038/clpt.2011.140",
    study="peltoniemi2011",
)
peltoniemi2012grapefruit = _paper(
    "peltoniemi2012grapefruit",
    "Peltoniemi et al. 2012, grapefruit juice and oral S-ketamine, Eur J Clin Pharmacol",
    "10.1007/s00228-012-1214-9",
    study="peltoniemi2012grapefruit",
)
peltoniemi2012rifampicin = _paper(
    "peltoniemi2012rifampicin",
    "Peltoniemi et al. 2012, rifampicin and S-ketamine, Basic Clin Pharmacol Toxicol",
    "10.1111/j.1742-7843.2012.00908.x",
    study="peltoniemi2012rifampicin",
)
spravato = _page(
    "spravato",
    "Esketamine nasal spray, United States prescribing information (summary)",
    "https://www.spravatohcp.com/safety",
    seen="label",
    study="spravato_label",
)
hepatic_label = _unread(
    "hepatic_label", "Esketamine label: exposure about doubles in moderate hepatic impairment"
)
olofsen2022 = _paper(
    "olofsen2022",
    "Olofsen et al. 2022, psychedelic and antinociceptive effects of ketamine, n = 17",
    "10.1097/ALN.0000000000004176",
    study="olofsen2022",
)
vanschalkwyk2018 = _paper(
    "vanschalkwyk2018",
    "van Schalkwyk et al. 2018, CADSS after 0.5 mg/kg, n = 110, J Affect Disord",
    "10.1016/j.jad.2017.09.023",
    study="vanschalkwyk2018",
)
sleigh2019 = _paper(
    "sleigh2019",
    "Sleigh et al. 2019, Br J Anaesth 123:592, loss and recovery of response, n = 15",
    study="sleigh2019",
)
stanpump = _page(
    "stanpump",
    "stanpumpR, three-compartment midazolam",
    "https://github.com/StevenLShafer/stanpumpR",
    seen="secondary",
)
greenblatt1979 = _page(
    "greenblatt1979",
    "Greenblatt et al. 1979, J Pharm Sci, lorazepam by three routes, n = 6",
    "https://discovery.researcher.life/article/825b9a38902a3a2db83cc4ee0e7b815e",
)
lorazepam1983 = _paper(
    "lorazepam1983",
    "Lorazepam iv and im in 6 volunteers, Acta Pharmacol Toxicol 1983;52:121",
    "10.1111/j.1600-0773.1983.tb03413.x",
)
two_compartments = assumption("The source fitted two compartments; the third is empty")
midazolam_sc = _page(
    "midazolam_sc",
    "Subcutaneous midazolam in 18 volunteers, F 0.96 +- 0.14",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC1874433",
)
midazolam_nasal = _paper(
    "midazolam_nasal",
    "Intranasal midazolam 2.5 and 5 mg, Br J Clin Pharmacol 2017;83:721: F 0.74, 0.76",
    "10.1111/bcp.13163",
    seen="table",
)
midazolam_review = _unread("midazolam_review", "Reviews: oral bioavailability of midazolam 0.3-0.5")
midazolam_sedation = _page(
    "midazolam_sedation",
    "stanpumpR marks 40-120 ng/mL as the usual range of midazolam",
    "https://github.com/StevenLShafer/stanpumpR",
    seen="secondary",
)
lorazepam_sedation = _unread(
    "lorazepam_sedation", "Sedation from 2-4 mg lorazepam, that is from about 20-50 ng/mL"
)
greenwald2003 = _page(
    "greenwald2003",
    "Greenwald et al. 2003, Neuropsychopharmacology 28:2000: 41, 80, 84 % at 2, 16, 32 mg",
    "https://pubmed.ncbi.nlm.nih.gov/12902992/",
)
trostheim2022 = _page(
    "trostheim2022",
    "Trostheim et al. 2022, Neuropsychopharmacology, Table 1: naltrexone 50 mg blocks 92-98 %",
    "https://www.nature.com/articles/s41386-022-01416-z",
    seen="table",
)
greenwald2007 = _page(
    "greenwald2007",
    "Greenwald et al. 2007, Biol Psychiatry: receptors free 30, 54, 67, 82 % at 4, 28, 52,"
    " 76 h after the last 16 mg",
    "https://daneshyari.com/en/article/4179853",
)
buprenorphine_label = _unread(
    "buprenorphine_label", "Sublingual buprenorphine: bioavailability about 30 %, peak at 1-2 h"
)
buprenorphine_monthly_label = _unread(
    "buprenorphine_monthly_label",
    "Monthly buprenorphine label: half-life 43-60 d, steady-state mean 2.9 and 6.5 ng/mL"
    " at 100 and 300 mg",
)
methadone_review = _unread(
    "methadone_review",
    "Reviews of methadone: half-life 22 h (5-130), F 0.7-0.8, trough level 400 ng/mL held adequate",
)
naltrexone_label = _unread(
    "naltrexone_label",
    "Oral naltrexone label: half-life 4 h, of 6-beta-naltrexol 13 h, oral F 5-40 %, block of"
    " 25 mg heroin 24, 48, 72 h after 50, 100, 150 mg",
)
naltrexone_monthly_label = _unread(
    "naltrexone_monthly_label",
    "Monthly naltrexone label: 380 mg, peak at 2-3 d, level falls from day 14, measurable past a"
    " month, half-life 5-10 d",
)
methadone_people = _page(
    "methadone_people",
    "Methadone in 60 outpatients: CL/F differs 16-fold, a log sd of ln 16 / 4.6",
    "http://ijpbs.mazums.ac.ir/article-1-43-en.html",
)
buprenorphine_people = _page(
    "buprenorphine_people",
    "Buprenorphine infusion in 23 volunteers: coefficient of variation of clearance 23.5 %",
    "https://pubmed.ncbi.nlm.nih.gov/17874319",
)
naltrexone_people = _paper(
    "naltrexone_people",
    "Depot naltrexone 400 mg, Am J Addict 2014;23:162: 1.5 (sd 0.8) ng/mL at 30 d, shared evenly"
    " between clearance and release",
    "10.1111/j.1521-0391.2013.12085.x",
)
midazolam_people = _page(
    "midazolam_people",
    "Intravenous midazolam in 18 volunteers: clearance 4.4 (sd 1.0) mL/min/kg",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC1874433",
)
people_differ = assumption("People differ in clearance or uptake about as with related drugs")
kinetic_fit = derivation(
    "Least squares on digitised curves of Kamp 2020 and on published summary values"
)
atomiser_share = derivation(
    "0.45 of a racemate in three adults (Yanagihara 2003) and 0.48 of the esketamine spray (label)"
    " arrive in all: 0.36 and 0.41 through the mucosa, with 0.84 of the rest swallowed. The width"
    " holds a twentieth, as Singh 2022 suggests"
)
spray_fit = derivation(
    "Least squares with the share swallowed, logs of peaks and areas of esketamine and"
    " noresketamine after 28 and 84 mg of spray (Perez-Ruixo 2021), eight values: 0.405, standard"
    " error 0.022; 0.406 if 0.48 arrive in all (label)"
)
nasal_swallowed = derivation(
    "Least squares with the share through the mucosa, on the same eight values of the esketamine"
    " spray; standard error 0.044. It was asked since held-out norketamine after generic sprays had"
    " come out too high with all of it swallowed; none of these values is in it. Width assumed"
)
atomiser_later = assumption(
    "Taken to fall as with the esketamine spray (Perez-Ruixo 2021), of which 28 mg fill a device;"
    " children absorbed 3 and 9 mg/kg alike (Malinovsky 1996)"
)
pressure_start = derivation(
    "Set so that 0.5 mg/kg over 40 min raises systolic pressure by nearly 15-20 mmHg (14 in the"
    " model) and 84 mg by the nose by 40 mmHg in about 8 %"
)
antidepressant_onset = assumption(
    "Antidepressants work over weeks; 20 d reaches three quarters of the effect in four weeks"
)
heroin_effect = _unread("heroin_effect", "Effect half-life of heroin and its metabolites, 3.3 h")
slower_than_intramuscular = assumption("Slower than into muscle; peak at 15-30 min")
norketamine_delay = assumption("Norketamine in the arm vein lags the artery by about 10 min")
as_intramuscular = assumption("Taken as absorbed as completely as from muscle")
inhaled_split = assumption("The source names a slow share without its size; half is taken")
molar_mass = Source(
    key="molar_mass", citation="Molar mass of the free base", seen="definition", status="measured"
)
rounding = assumption("Width of a rounded corner; small against what it rounds")
female_clearance = assumption(
    "Women clear S-ketamine 1.2 times faster in Sigtermans 2009 and alike in two other data sets;"
    " 1.08 +- 0.08 lies between"
)
cyp2b6_disputed = assumption(
    "Clearance falls threefold with CYP2B6*6 in Li 2015 and not at all in Rao 2016"
)
methadone2009 = _page(
    "methadone2009",
    "Clinical pharmacokinetics of methadone: oral bioavailability 79 +- 21 %, range 41-99 %",
    "https://scilit.com/publications/f1ed3366811896598dd5a468899356dd",
)
cross_tolerance = assumption(
    "Effective, cross-tolerant value: 0.65 at 80 mg a day; occupancy by imaging is lower and"
    " contested"
)
hand_set_efficacy = assumption("Hand-set: a full agonist in effect, and a partial one")
agonist_or_not = Source(
    key="agonist_or_not", citation="Pharmacological class of the drug", seen="definition"
)
naltrexone_block = assumption(
    "Set so that 50 mg a day holds 0.92-0.98 and half of the block is lost in about 100 h"
)
implant_release = assumption(
    "Release over two to three months; a first-order release is steeper than the plateau seen"
)
fentanyl_effect = assumption(
    "Regular use fills fat and skin, so the effect outlasts that of heroin; withdrawal still peaks"
    " within three days"
)
alcohol_effect = assumption("Half a day of drinking and elimination at 0.015 %/h")
cocaine_effect = _unread("cocaine_effect", "Plasma half-life of cocaine, about 1 h")
methamphetamine_effect = _unread(
    "methamphetamine_effect", "Plasma half-life of methamphetamine, about 10 h"
)
kamp2021 = _paper(
    "kamp2021",
    "Kamp et al. 2021, stereoselective effect on cardiac output, Br J Anaesth 127:23",
    "10.1016/j.bja.2021.02.034",
    study="kamp2021",
)
cadss_scale = assumption("CADSS of 21 items scored 0 to 4; versions of 23 and 27 items exist")
control_felt = assumption("Controls feel little: midazolam 1.5 and saline 0.6 points")
midazolam_unresponsive = assumption(
    "Midazolam alone takes away the response at about five times its sedating level"
)
resting_pressure = assumption("Systolic pressure of a treatment-seeking adult, about 122 mmHg")
nausea_saturates = assumption("Nausea rises little from 56 to 84 mg by the nose")
