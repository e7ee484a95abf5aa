"""What happens between a dose of ketamine and the next use of heroin? The whole model on one page.

A person of 70 kg who uses heroin is detoxified, spends a week on a ward with therapy and one
infusion, and goes home: once with saline, once with ketamine. Run it. Names and numbers are those
of the package, and a test holds both to the same path. Not here: other routes and drugs,
norketamine, covariates, how people differ, daily stress and cues (given, 0), medication's occupancy
and attendance (given), and what acts on nothing else here.
Research, not for dosing a patient. Every number is a prior: `resynapse parameters` says from where.
"""

import math

import numpy as np

# fmt: off
PARAMETERS = {}
class Record:
    """Named values; those of a link of the package are listed in PARAMETERS too."""
    def __init__(self, link="", **values):
        self.__dict__.update(values)
        PARAMETERS.update({f"{link}.{name}": value for name, value in values.items() if link})

# --- Numbers: fractions, but for those with a unit at the end of their line -----------------------
people = Record("people", recovery_at_entry=0.18)
molar_mass = Record("molar_mass", ketamine=237.73)  # mg/mmol
body = Record("body", central_volume=11.6, shallow_volume=39.0, deep_volume=174.0,  # L
    liver_flow=123.0, shallow_exchange=145.8, deep_exchange=72.6,  # L/h
    effect_site_half_life=0.138333)  # h
s_enantiomer = Record("s_enantiomer", intrinsic_clearance=319.2)  # L/h
r_enantiomer = Record("r_enantiomer", intrinsic_clearance=227.2)  # L/h
potency = Record("potency", free_fraction=0.40, r_ketamine=0.214)
nmda = Record("nmda", racemate_equivalent=0.607, ic50_without_magnesium=0.31,  # 1, umol/L
    magnesium=1.0, magnesium_affinity=3.57, magnesium_voltage=16.13,  # mmol/L, mmol/L, mV
    pyramidal_voltage=-66.0, interneuron_voltage=-43.5, resting_voltage=-64.3)  # mV
relief = Record("relief", greatest=0.6, half_effect=0.05)  # 1, umol/L
habenula = Record("habenula", resting_activity=0.012, burst_order=12.0,
    binding_rate=100.0, affinity=0.30)  # L/(umol d), umol/L
circuit = Record("circuit", recurrent_ampa=0.35, recurrent_nmda=0.459, inhibition=1.036,
    interneuron_ampa=0.10, interneuron_nmda=1.239, external_nmda=1.256,
    interneuron_external_nmda=0.05, rounding=0.01)
window = Record("window", steepness=2.0, disinhibition_share=0.8, surge_half_effect=0.1175,
    direct_half_effect=0.0785, refractory_threshold=0.194968924026, refractory_rounding=0.02,
    refractory_gain=150.0, trigger_gain=32.2, opening_rate=2.034, sustained_gain=0.18,  # 1/d
    refractory_time=1.0, trigger_time=0.40, window_time=3.0, sustained_time=5.5)  # d
learning = Record("learning", window_gain=1.0, acute_impairment=0.385727568132)
session = Record("session", homework_time=2.0, reference_hours=1.25)  # d, h
therapy = Record("therapy", kpt=1.0)
recovery = Record("recovery", floor=0.10, practice_half=0.40, practice_order=4.0,
    learning_rate=0.014, practice_rate=0.01, forgetting_time=150.0)  # 1/d, 1/d, d
extinction = Record("extinction", floor=0.05, kept_per_use=0.9, context_share=0.5,
    learning_rate=0.014, daily_life_rate=0.004, recovery_time=60.0)  # 1/d, 1/d, d
memory = Record("memory", learning_per_use=0.060, unlearning_per_use=0.02, retrieval_jump=0.8,
    destabilised=0.964175997942, reconsolidation_loss=0.3, block_reference=0.0751,
    reward_tolerance=0.4, reward_rounding=0.02, lasting_time=900.0, labile_time=0.25)  # 1, 1, d, d
opioid = Record("opioid", reference_tolerance=0.6, tolerance_gain=8.0, dose_follows_tolerance=0.2,
    uses_at_full_reward=3.5, uses_without_reward=1.0, time_constant=0.20,  # 1/d, 1/d, d
    dose=3.0)  # half-effect dose without tolerance
dependence = Record("dependence", switching=0.03, fast_rise=1.5, fast_fall=1.5,  # 1, d, d
    slow_rise=20.0, slow_fall=60.0, tolerance_rise=14.0, tolerance_fall=10.0)  # d
withdrawal = Record("withdrawal", gain=1.5, rounding=0.005,
    expression_time=1.0, displacement_time=0.03)  # d
mood = Record("mood", trait=0.15, allostatic_weight=0.45, opioid_masks_load=0.3,
    withdrawal_weight=0.35, stress_weight=0.075, habenula_weight=0.135, sustained_weight=0.275,
    naltrexone_interaction=0.5, opioid_weight=0.25, recovery_weight=0.20, expectancy_weight=0.3,
    population_sd=0.17, stress_rounding=0.2, load_rounding=0.03, rounding=0.015,
    time_constant=0.15)  # d
efficacy = Record("efficacy", base=0.45, recovery_gain=0.45, abstinence_violation=0.35,
    time_constant=30.0)  # d
control = Record("control", base=0.25, recovery_weight=0.70, sustained_weight=0.3,
    efficacy_weight=0.50, efficacy_reference=0.5, rounding=0.015)
craving = Record("craving", cue_level=0.5, cue_weight=1.0, extinction_share=0.8,
    withdrawal_weight=0.6, mood_weight=0.55, opioid_weight=0.40, threshold=0.25, rounding=0.12,
    sustained_weight=1.0, time_constant=0.10)  # d
history = Record("history", priming_rise=2.0, priming_fall=4.0, week=7.0, three_days=3.0,  # d
    stability_growth=80.0, stability_loss=14.0)  # d
lapse = Record("lapse", craving_weight=2.0, withdrawal_weight=1.50006520444, priming_weight=1.0,
    control_weight=2.25, blockade_weight=2.2, stability_weight=2.0, expectancy_weight=0.3,
    baseline=0.064, greatest=4.0, uncommitted=1.0)  # 1/d
stop = Record("stop", control_weight=1.0, control_reference=0.3, blockade_weight=2.4,
    priming_weight=2.0, withdrawal_weight=2.0, uncommitted_factor=0.6, persistent_factor=0.5,
    baseline=2.4)  # 1/d
dropout = Record("dropout", use_weight=1.8, expectancy_weight=0.2, reliability_weight=0.3,
    follow_up_factor=0.1, baseline=0.003)  # 1/d
expectancy = Record("expectancy", feeling_weight=0.472142825137, improvement_weight=0.337244875098,
    noise_sd=0.7, evidence_limit=4.0, disappointment=1.8, switching=0.02, lasting=21.0)  # last: d
experience = Record("experience", steepness=2.0, commitment_gain=1.0, recovery_gain=0.1,
    half_intensity=1.2)  # umol/L
dissociation = Record("dissociation", half_effect=0.51,  # umol/L
    typical_maximum=15.5, top=84.0, after_saline=0.6)  # CADSS

# --- A person who means to abstain, the states before 40 days of heavy use, and what is planned ---
PERSON = dict(weight_kg=70.0, mood_trait=0.0, log_frailty=0.0, reliability=0.0, persistent=0.0,
    commitment_draw=1.0, recovery_at_entry=people.recovery_at_entry, craving_severity=1.0,
    withdrawal_severity=1.0, dissociation_factor=1.0, guess_noise=0.0)
AT_FIRST = dict(habenula=0.0, refractoriness=0.0, trigger=0.0, window=0.0, sustained=0.0,
    sessions=0.0, exposure=0.0, recovery=0.10, extinction=0.05, memory=0.85, labile=0.0,
    efficacy=0.42, substance=2.0, fast=0.6, slow=0.6, tolerance=0.6, withdrawal=0.0, mood=0.5,
    craving=0.5, priming=0.9, abstinence_week=0.0, use_week=1.0, use_days=1.0, stability=0.0,
    expectancy=0.0)
SESSIONS = [(day, 2.5, 0.25, day == 3) for day in range(1, 7)]  # day, h, exposure, retrieval
PLAN = dict(begin=-50.0, use_ends=-10.0, community=7.0, end=187.0, dose_day=3.0,  # d from entry
    minutes=40.0, prepared=1.0, sessions=SESSIONS, site=0.0, uncommitted=0.05,
    agonist=0.0, agonist_efficacy=0.0, antagonist=0.0, stress=0.0, cue=0.0,  # mu receptor; moment
    active_share=0.5, active_mean=1.9, active_sd=0.8, control_mean=0.4, control_sd=0.3)  # ln CADSS
JUMP, REST = ((6 / 1440, 0.5 / 1440), (30 / 1440, 1.25 / 1440)), (9e9, 0.25)
FINE = (*JUMP, (1 / 16, 1 / 576), (1 / 8, 1 / 288), (1 / 3, 1 / 72), (1, 1 / 24), (6, 1 / 12), REST)

# --- Limits without a kink: sigmoid; max(x, 0); x between 0 and 1; Hill ---------------------------
def sigmoid(x):
    return 0.5 * (1.0 + math.tanh(0.5 * x))
def softplus(x, width):
    return max(x, 0.0) + width * math.log1p(math.exp(-abs(x / width)))
def unit_clip(x, width):
    return softplus(x, width) - softplus(x - 1.0, width)
def hill(x, half, n):
    return (x / half) ** n / (1.0 + (x / half) ** n)

# --- Ketamine in the body, each enantiomer alike: linear, so stepped exactly ----------------------
def rate(amount, infusion, enantiomer):
    """Arterial blood and two tissues, umol/h; effect site in the brain, umol/L/h."""
    A1, A2, A3, Ce = amount
    CLint = enantiomer.intrinsic_clearance
    CL = body.liver_flow * CLint / (body.liver_flow + CLint)
    Ca = A1 / body.central_volume
    to_shallow = body.shallow_exchange * (Ca - A2 / body.shallow_volume)
    to_deep = body.deep_exchange * (Ca - A3 / body.deep_volume)
    ke0 = math.log(2.0) / body.effect_site_half_life
    gone = CL * Ca + to_shallow + to_deep
    return np.array([infusion - gone, to_shallow, to_deep, ke0 * (Ca - Ce)])
def propagator(enantiomer, days):
    """exp(M h) beside what a constant infusion adds, acting on (amounts, infusion)."""
    columns = [rate(one[:4], one[4], enantiomer) for one in np.eye(5)]
    speeds, modes = np.linalg.eig(24.0 * np.vstack([np.column_stack(columns), np.zeros(5)]))
    return ((modes * np.exp(speeds * days)) @ np.linalg.inv(modes))[:4]

# --- Receptors and circuit ------------------------------------------------------------------------
def acute(C_S, C_R):
    """Block B of pyramidal cells, interneurons and at rest; surge A; relief of withdrawal."""
    C_eq = potency.free_fraction * (C_S + potency.r_ketamine * C_R)  # umol/L free, S-equivalent
    def block(voltage):
        magnesium = nmda.magnesium / nmda.magnesium_affinity
        factor = 1.0 + magnesium * math.exp(-voltage / nmda.magnesium_voltage)
        return C_eq / (C_eq + nmda.racemate_equivalent * nmda.ic50_without_magnesium * factor)
    B_E, B_I = block(nmda.pyramidal_voltage), block(nmda.interneuron_voltage)
    excitation = circuit.recurrent_ampa + circuit.recurrent_nmda * (1.0 - B_E)
    feedback = circuit.interneuron_ampa + circuit.interneuron_nmda * (1.0 - B_I)
    gained = (circuit.interneuron_external_nmda + circuit.interneuron_nmda) * B_I
    lost = (circuit.external_nmda + circuit.recurrent_nmda) * B_E
    rise = (circuit.inhibition * gained - lost) / (1.0 - excitation + circuit.inhibition * feedback)
    return Record(C_eq=C_eq, B_E=B_E, B_I=B_I, B_S=block(nmda.resting_voltage),
        A=rise * sigmoid(rise / circuit.rounding),
        relief=relief.greatest * C_eq / (C_eq + relief.half_effect))
def mu_receptor(H, T, now):
    """Heroin against an agonist and an antagonist; their shares never add up to more than 1."""
    EC = 1.0 + opioid.tolerance_gain * T
    m_M, m_N = (o / (1.0 - o) for o in (now.agonist, now.antagonist))
    m = m_M + m_N
    tolerant = 1.0 + opioid.tolerance_gain * opioid.reference_tolerance
    dose = opioid.dose * tolerant * (EC / tolerant) ** opioid.dose_follows_tolerance
    a_d = dose / EC
    v = (1.0 + a_d) / (1.0 + a_d + m)  # reward left to a use
    r = opioid.uses_without_reward + (opioid.uses_at_full_reward - opioid.uses_without_reward) * v
    r_tau = r * opioid.time_constant
    peak = -dose / math.expm1(-1.0 / r_tau)
    EC_m = EC * (1.0 + m)
    mean_share = r_tau * math.log((EC_m + peak) / (EC_m + peak - dose))
    h = mean_share / (r_tau * dose / (EC_m + r_tau * dose)) * H / (EC_m + H)
    h_M, h_N = (1.0 - h) * m_M / (1.0 + m), (1.0 - h) * m_N / (1.0 + m)
    E = h + now.agonist_efficacy * h_M
    return Record(E=E, v=v, r=r, a_d=a_d, H_bar=r_tau * dose, free=1.0 - h_M - h_N)

# --- Where every state is heading: its target, and its time constant in d; and hazards ------------
def gains_and_fades(gain, time_constant, floor=0.0):
    """dx/dt = gain (1 - x) - (x - floor) / time_constant"""
    total = gain + 1.0 / time_constant
    return (gain + floor / time_constant) / total, 1.0 / total
def plasticity(x, a):
    """Habenula b, refractoriness Z, trigger N, window P, sustained state S."""
    a_0, p, n = habenula.resting_activity, window, window.steepness
    active = a_0 + (1.0 - a_0) * (1.0 - x.habenula) ** habenula.burst_order
    on, off = habenula.binding_rate * np.array([a.C_eq, habenula.affinity * active])
    over = math.expm1(a.B_E / p.refractory_rounding)  # max(B_E - threshold, 0), rounded
    over = over * sigmoid(-p.refractory_threshold / p.refractory_rounding)
    Z = p.refractory_gain * p.refractory_rounding * math.log1p(over) * p.refractory_time
    indirect, w = hill(a.A, p.surge_half_effect, n), p.disinhibition_share
    drive = 2.0 * (w * indirect + (1.0 - w) * hill(a.B_S, p.direct_half_effect, n))
    drive = drive * math.exp(-x.refractoriness)
    return dict(habenula=(on / (on + off), 1.0 / (on + off)), refractoriness=(Z, p.refractory_time),
        trigger=(p.trigger_gain * drive * p.trigger_time, p.trigger_time),
        window=gains_and_fades(p.opening_rate * x.trigger, p.window_time),
        sustained=(p.sustained_gain * x.window * p.sustained_time, p.sustained_time))
def pathways(x, a, mu, uses):
    """Sessions G and G_x, new pathway R, extinction X, old pathway W, its labile part L."""
    Gamma = math.exp(learning.window_gain * x.window) * (1.0 - learning.acute_impairment * a.B_I)
    practised = hill(x.recovery, recovery.practice_half, recovery.practice_order)
    gain = recovery.practice_rate * x.abstinence_week * practised
    gain = gain + recovery.learning_rate * Gamma * x.sessions
    e = (extinction.learning_rate * x.exposure + extinction.daily_life_rate) * Gamma
    fades = e + 1.0 / extinction.recovery_time - math.log(extinction.kept_per_use) * uses
    p, appetite = memory, softplus(1.0 - memory.reward_tolerance * x.slow, memory.reward_rounding)
    up = p.learning_per_use * Gamma * mu.v * mu.a_d / (1.0 + mu.a_d) * appetite * uses
    erased = x.labile / p.labile_time * math.tanh(0.5 * (a.B_E + a.B_S) / p.block_reference)
    down = p.unlearning_per_use * (1.0 - mu.v) * uses + p.reconsolidation_loss * erased
    total = up + down + 1.0 / p.lasting_time
    return dict(sessions=(0.0, session.homework_time), exposure=(0.0, session.homework_time),
        recovery=gains_and_fades(gain, recovery.forgetting_time, recovery.floor),
        extinction=((e + extinction.floor / extinction.recovery_time) / fades, 1.0 / fades),
        memory=(up / total, 1.0 / total), labile=(0.0, p.labile_time))
def adaptation(x, u, mu, person):
    """Heroin H, its opponents Y_1, Y_2 and T, withdrawal Q, leaky averages of use."""
    def follow(y, rise, fall):
        up = sigmoid((mu.E - y) / p.switching)
        return mu.E, 1.0 / (up / rise + (1.0 - up) / fall)
    p, q = dependence, history
    missing = withdrawal.gain * person.withdrawal_severity * (x.fast - mu.E)
    tau = withdrawal.expression_time * mu.free + withdrawal.displacement_time
    return dict(substance=(u * mu.H_bar, opioid.time_constant),
        fast=follow(x.fast, p.fast_rise, p.fast_fall),
        slow=follow(x.slow, p.slow_rise, p.slow_fall),
        tolerance=follow(x.tolerance, p.tolerance_rise, p.tolerance_fall),
        withdrawal=(unit_clip(missing, withdrawal.rounding), tau),
        priming=(u, q.priming_rise if u else q.priming_fall), abstinence_week=(1.0 - u, q.week),
        use_week=(u, q.week), use_days=(u, q.three_days),
        stability=(1.0 - u, q.stability_loss if u else q.stability_growth))
def feelings(x, mu, Q_e, now, person):
    """Negative mood D, craving C, self-efficacy F, expectancy e."""
    p, q = mood, craving
    masked = softplus(x.slow - p.opioid_masks_load * mu.E, p.load_rounding)
    load = p.trait + person.mood_trait + p.allostatic_weight * masked + p.withdrawal_weight * Q_e
    load = load + p.stress_weight * softplus(now.stress, p.stress_rounding)
    lift = p.habenula_weight * x.habenula + p.sustained_weight * x.sustained
    lift = lift * (1.0 - p.naltrexone_interaction * now.antagonist) + p.opioid_weight * mu.E
    lift = lift + p.recovery_weight * (x.recovery - recovery.floor)
    lift = lift + p.expectancy_weight * p.population_sd * x.expectancy
    cues = q.cue_weight * (q.cue_level * person.craving_severity + now.cue) * x.memory
    cues = cues * math.exp(-q.sustained_weight * x.sustained)
    pull = cues * (1.0 - q.extinction_share * x.extinction) + q.withdrawal_weight * Q_e
    pull = pull + q.mood_weight * x.mood - q.opioid_weight * mu.E - q.threshold
    return dict(mood=(unit_clip(load - lift, p.rounding), p.time_constant),
        craving=(-math.expm1(-softplus(pull, q.rounding)), q.time_constant),
        efficacy=(efficacy.base + efficacy.recovery_gain * x.recovery, efficacy.time_constant),
        expectancy=(0.0, expectancy.lasting))
def hazards(x, marks, mu, Q_e, now, person):
    """Of a lapse, of the end of a bout of use, and of leaving the study: 1/d."""
    c, p, q, blocked = control, lapse, stop, 1.0 - mu.v
    held = c.base + c.recovery_weight * x.recovery + c.sustained_weight * x.sustained
    K = unit_clip(held + c.efficacy_weight * (x.efficacy - c.efficacy_reference), c.rounding)
    pull = p.craving_weight * x.craving + p.withdrawal_weight * Q_e + p.priming_weight * x.priming
    hold = p.control_weight * K + p.blockade_weight * blocked + p.stability_weight * x.stability
    hold = hold + p.expectancy_weight * x.expectancy - now.site - person.log_frailty
    first = -p.greatest * math.expm1(-p.baseline * math.exp(pull - hold) / p.greatest)
    if not marks.committed:
        first = p.uncommitted * math.exp(-p.blockade_weight * blocked)
    ahead = x.fast - now.agonist_efficacy * now.agonist  # the effect that stopping would take away
    ahead = unit_clip(withdrawal.gain * person.withdrawal_severity * ahead, withdrawal.rounding)
    leave = q.control_weight * (K - q.control_reference) + q.blockade_weight * blocked
    stay = q.priming_weight * x.priming + q.withdrawal_weight * ahead
    kind = q.persistent_factor**person.persistent * q.uncommitted_factor ** (1 - marks.committed)
    gone = dropout.use_weight * x.use_week - dropout.expectancy_weight * x.expectancy
    gone = math.exp(gone - dropout.reliability_weight * person.reliability)
    return [now.available * (1.0 - marks.using) * first,
        now.observed * marks.using * q.baseline * kind * math.exp(leave - stay),
        now.losing * marks.enrolled * dropout.baseline * gone]
def flow(x, marks, amounts, now, person):
    """The whole chain at one instant: where every state is heading, and the three hazards."""
    a, mu = acute(amounts[0, 3], amounts[1, 3]), mu_receptor(x.substance, x.tolerance, now)
    Q_e = x.withdrawal * (1.0 - a.relief)
    heading = plasticity(x, a) | pathways(x, a, mu, marks.using * mu.r)
    heading |= adaptation(x, marks.using, mu, person) | feelings(x, mu, Q_e, now, person)
    return heading, hazards(x, marks, mu, Q_e, now, person)

# --- What happens at an instant -------------------------------------------------------------------
def happen(x, marks, day, plan, person):
    """Use ends, entry, discharge; a day after the dose the guess; sessions; the dose."""
    marks.using = 0.0 if day == plan.use_ends else marks.using
    x.recovery = person.recovery_at_entry if day == 0.0 else x.recovery
    if day == plan.community:
        x.extinction -= extinction.context_share * (x.extinction - extinction.floor)
    if day == plan.dose_day + 1.0 and marks.enrolled:
        guess(x, marks, plan, person)
    for when, hours, exposure, retrieves in plan.sessions:
        if day == when and marks.enrolled:
            x.sessions += hours * therapy.kpt / session.reference_hours
            x.exposure += hours * therapy.kpt / session.reference_hours * exposure
            x.labile += retrieves * memory.destabilised * memory.retrieval_jump * (1.0 - x.labile)
    if day == plan.dose_day and marks.enrolled:
        marks.felt, marks.level, marks.mood_before = 0.0, 0.0, x.mood
def guess(x, marks, plan, person):
    """Which arm was it? And did the experience move the person to commit, and teach?"""
    a = math.log1p(marks.felt + dissociation.after_saline * person.dissociation_factor)
    active = (a - plan.active_mean) / plan.active_sd
    other = (a - plan.control_mean) / plan.control_sd
    evidence = 0.5 * (other**2 - active**2) + math.log(plan.control_sd / plan.active_sd)
    evidence = expectancy.evidence_limit * math.tanh(evidence / expectancy.evidence_limit)
    odds = math.log(plan.active_share / (1.0 - plan.active_share))
    odds += expectancy.feeling_weight * evidence + expectancy.noise_sd * person.guess_noise
    odds += expectancy.improvement_weight * (marks.mood_before - x.mood) / mood.population_sd
    shift = sigmoid(odds) - plan.active_share
    above = sigmoid(shift / expectancy.switching)
    slope = above + (1.0 - above) * expectancy.disappointment
    x.expectancy = 2.0 * slope * shift * math.exp(-1.0 / expectancy.lasting)
    C_S, p = person.dissociation_factor * marks.level, experience
    f = plan.prepared * hill(C_S, p.half_intensity, p.steepness)
    x.recovery -= math.expm1(-p.recovery_gain * f) * (1.0 - x.recovery)
    odds = plan.uncommitted / (1.0 - plan.uncommitted) * math.exp(-p.commitment_gain * f)
    marks.committed = person.commitment_draw >= odds / (1.0 + odds)

# --- Time: exponential midpoint rule (the package has order 4 for what drugs alone drive) ---------
def grid(plan, stops):
    """Instants, d: quarters of a day, what is planned, finer after an infusion's start and end."""
    infused = plan.minutes / 1440.0
    after = [0.0, infused, *(one[0] for one in FINE[:-1]), *(infused + one[0] for one in JUMP)]
    anchors = [*np.arange(plan.begin, plan.end, 0.25), plan.use_ends, plan.community, plan.end,
        *stops, *(plan.dose_day + time for time in after), *(one[0] for one in plan.sessions)]
    times = [plan.begin]
    for right in sorted(time for time in anchors if time <= plan.end):
        left, since = times[-1], 0.5 * (times[-1] + right) - plan.dose_day
        ways = (since, FINE), (since - infused, (*JUMP, REST))  # until, longest step
        longest = min(next(h for to, h in way if 0 < t < to or to > 9e8) for t, way in ways)
        pieces = math.ceil((right - left) / longest - 1e-6)
        times += [left + (right - left) * k / pieces for k in range(1, pieces + 1)]
    return times
def advance(x, marks, step, begin, until):
    """From one share of a step to another as if nothing happened, and when something would."""
    length = (until - begin) * step.days
    def heading(y, at):
        return flow(y, marks, step.amounts(begin + at * (until - begin)), step.now, step.person)
    def moved(to, days):
        return Record(**{name: value - (to[name][0] - value) * math.expm1(-days / to[name][1])
            for name, value in vars(x).items()})
    def quick(y, of):  # states that follow the noise within hours go after the others
        return Record(**vars(y) | {name: vars(of)[name] for name in ("mood", "craving")})
    half, z = moved(heading(x, 0.25)[0], 0.5 * length), length / mood.time_constant
    late = 0.5 + z / 12.0 - z**3 / 720.0  # where a straight line counts for what follows it
    after = moved(heading(half, late)[0], length)
    to, found = heading(quick(half, moved(heading(quick(half, x), late)[0], 0.5 * length)), late)
    rise = [hazard * length for hazard in found]
    left = [limit - risen for limit, risen in zip(marks.limit, marks.risen, strict=True)]
    shares = [a / b if b >= a else 2.0 for a, b in zip(left, rise, strict=True)]
    return quick(after, moved(to, length)), rise, min(shares), shares.index(min(shares))
def through(x, marks, step, threshold):
    """A whole step; in pieces after a lapse, and where a lapse, its end or leaving fall in it."""
    begin, whole = 0.0, True
    while begin < 1.0:
        since = step.day + begin * step.days - (marks.events[0] or [-1e9])[-1]
        longest = max(1.0 / 48.0, 0.1 * since) / step.days
        end = 1.0 if whole or begin + longest > 0.999 else begin + longest
        arrived, rise, share, which = advance(x, marks, step, begin, end)
        if whole and (share <= 1.0 or longest < 0.5):
            whole = False
            continue
        if share <= 1.0:
            end = begin + share * (end - begin)
            arrived, rise, _, _ = advance(x, marks, step, begin, end)
        x, begin = arrived, end
        marks.risen = [a + b for a, b in zip(marks.risen, rise, strict=True)]
        if share <= 1.0:
            marks.events[which].append(step.day + end * step.days)
            marks.risen[which], marks.limit[which] = 0.0, threshold(which, len(marks.events[which]))
            x.efficacy *= 1.0 - efficacy.abstinence_violation if which == 0 else 1.0
            marks.using = (1.0, 0.0, marks.using)[which]
            marks.enrolled = 0.0 if which == 2 else marks.enrolled
    return x
def follow(mg_per_kg, person=(), plan=(), threshold=lambda which, number: math.inf, stops=()):
    """One person through the plan with racemic ketamine: the states at the end of every step."""
    person, plan = Record(**PERSON | dict(person)), Record(**PLAN | dict(plan))
    x, amounts, path, times = Record(**AT_FIRST), np.zeros((2, 4)), [], grid(plan, stops)
    marks = Record(using=1.0, committed=person.commitment_draw >= plan.uncommitted, enrolled=1.0,
        felt=0.0, level=0.0, mood_before=0.0, risen=[0.0] * 3, events=([], [], []),
        limit=[threshold(which, 0) for which in range(3)])
    umol = 1000.0 * mg_per_kg * person.weight_kg / molar_mass.ketamine
    treated, infused = max(plan.dose_day, *(one[0] for one in plan.sessions)), plan.minutes / 1440.0
    for day, days in zip(times, np.diff(times), strict=False):
        d, Ce = dissociation, amounts[0, 3]  # S-ketamine alone is felt
        felt = person.dissociation_factor * d.typical_maximum * Ce / (Ce + d.half_effect)
        felt = felt / (1.0 + (felt / d.top) ** 4) ** 0.25
        marks.felt, marks.level = max(marks.felt, felt), max(marks.level, Ce)
        happen(x, marks, round(day, 9), plan, person)
        home = float(day > plan.community - 1e-9)
        losing = home * (1.0 if day < treated - 1e-9 else dropout.follow_up_factor)
        now = Record(**vars(plan), observed=float(day > -1e-9), available=home, losing=losing)
        since = day - plan.dose_day + 1e-9
        about = 0.0 < since < infused + 4.0  # later less than 1e-8 is left, and dropped
        inflow = 0.5 * umol / (24.0 * infused) * marks.enrolled * (0.0 < since < infused)
        def at(share, days=days, before=amounts, about=about, inflow=inflow):
            each = zip((s_enantiomer, r_enantiomer), before * about, strict=True)
            there = ((propagator(one, share * days), row) for one, row in each if about)
            return np.array([exact @ [*row, inflow] for exact, row in there] or np.zeros((2, 4)))
        step = Record(day=day, days=days, now=now, person=person, amounts=at)
        x, amounts = through(x, marks, step, threshold), at(1.0)
        hazard = flow(x, marks, amounts, now, person)[1][0]  # of a lapse, 1/d
        path.append(Record(day=day + days, hazard=hazard, using=marks.using, **vars(x)))
    return path, marks

if __name__ == "__main__":
    paths, names = (follow(0.0)[0], follow(0.5)[0]), ("window", "recovery", "craving", "hazard")
    print("     day" + "".join(f"{name:>16}" for name in names) + "  saline, ketamine; 1/d")
    for day in (3, 4, 5, 7, 8, 10, 14, 30, 90, 187):
        rows = [min(path, key=lambda row: abs(row.day - day)) for path in paths]
        print(f"{day:8d}" + "".join(f"{getattr(row, name):8.3f}" for name in names for row in rows))
