// What may be done to a programme: pure changes of the protocol that the server then checks.

import { clone, round } from "./dom.js";

export const MONTH = 30.4375;
export const MOST_ARMS = 6;
const USUAL_MG = {
  methadone: 80, buprenorphine: 16, "buprenorphine-monthly": 300, naltrexone: 50,
  "naltrexone-monthly": 380, "naltrexone-implant": 1000, antidepressant: 20,
};

export const armOf = (protocol, id) => protocol.arms.find((arm) => arm.id === id) ?? protocol.arms[0];
export const indexOf = (protocol, id) => Math.max(0, protocol.arms.findIndex((arm) => arm.id === id));
export const rising = (days) => [...new Set(days.map((day) => round(day, 4)))].sort((a, b) => a - b);

/** The same step between all days; null where they are not evenly spaced. */
export function spacing(days) {
  const steps = new Set(days.slice(1).map((day, k) => round(day - days[k], 4)));
  return steps.size === 1 ? [...steps][0] : null;
}

/** So many days: shortened from the end, or lengthened by the last step, a week where there is none. */
export function counted(days, count) {
  if (count <= days.length) return days.slice(0, count);
  const step = days.length > 1 ? days.at(-1) - days.at(-2) : 7;
  const more = Array.from({ length: count - days.length }, (_, k) => days.at(-1) + step * (k + 1));
  return rising([...days, ...more]);
}

export const spread = (days, step) => days.map((_, k) => round(days[0] + k * step, 4));
export const shifted = (days, by) => rising(days.map((day) => Math.max(0, day + by)));

const FROM = /^days? (\d+)(?: to (\d+))?$|^every (\d+) days? from day (\d+) to day (\d+)$/;
const MOST_DAYS = 1000;

/** "2, 9, 16" or "days 1 to 6" as numbers; other writing goes to the server as it is, which says what is wrong. */
export function readDays(text) {
  const [, first, last, step, from, to] = (FROM.exec(text.trim()) ?? []).map(Number);
  const [start, end, by] = step ? [from, to, step] : [first, last || first, 1];
  if (end >= start && end - start < MOST_DAYS) return Array.from({ length: Math.floor((end - start) / by) + 1 }, (_, k) => start + k * by);
  const parts = text.split(/[,;\s]+/).filter(Boolean);
  const numbers = parts.map(Number);
  return parts.length && numbers.every(Number.isFinite) ? numbers : text.trim();
}

/** Visits: no day is none. */
export const readVisits = (text) => (text.trim() ? readDays(text) : []);

export const firstDose = (arm) => Math.min(...arm.doses.flatMap((dose) => dose.days).filter(Number.isFinite), Infinity);

/** What follows from the rest is left to the server again. */
export function loosened(arm) {
  delete arm.active;
  delete arm.historical_comparator;
}

export function setMedication(arm, index, drug) {
  if (drug === "none") arm.medications.splice(index, 1);
  else {
    const before = arm.medications[index] ?? { start_day: 0 };
    arm.medications[index] = { ...before, drug, amount: { value: USUAL_MG[drug], unit: "mg" } };
    delete arm.medications[index].every_days;
  }
  loosened(arm);
}

export function addArm(protocol, from) {
  const arm = clone(from);
  arm.id = freeName(protocol, arm.id);
  arm.label = freeLabel(protocol, arm.label);
  protocol.arms.push(arm);
  return arm;
}

function freeName(protocol, base) {
  const root = base.replace(/-copy(-\d+)?$/, "").slice(0, 48);
  const taken = new Set(protocol.arms.map((arm) => arm.id));
  if (!taken.has(base)) return base;
  let name = `${root}-copy`;
  for (let k = 2; taken.has(name); k += 1) name = `${root}-copy-${k}`;
  return name;
}

const LONGEST_NAME = 48;

/** What a title is called in file names; empty where no letter of it may stand there. */
const fileName = (title) => title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, LONGEST_NAME).replace(/-+$/, "");

/** A programme of one's own is called after its title, and as no protocol of the library; a trial keeps the name by which it is known. */
export function entitle(protocol, title, library) {
  protocol.title = title;
  if (protocol.state !== "scenario") return;
  const name = fileName(title) || protocol.name;
  protocol.name = library.includes(name) ? `${name}-own` : name;
}

function freeLabel(protocol, base) {
  const root = base.replace(/ \(\d+\)$/, "");
  const taken = new Set(protocol.arms.map((arm) => arm.label));
  let label = base;
  for (let k = 2; taken.has(label); k += 1) label = `${root} (${k})`;
  return label;
}

export function removeArm(protocol, id) {
  protocol.arms = protocol.arms.filter((arm) => arm.id !== id);
  if (protocol.reference === id) protocol.reference = protocol.arms[0].id;
}

const originDay = (protocol, arm) =>
  protocol.origin === "community" ? protocol.setting.community_day : protocol.origin === "first_dose" ? firstDose(arm) : 0;

/** So many months in the community; endpoints and visits that no longer fit are left out, the last month is asked for. */
export function followMonths(protocol, months) {
  const start = Math.max(...protocol.arms.map((arm) => originDay(protocol, arm)).filter(Number.isFinite), 0);
  const end = round(start + months * MONTH, 4);
  protocol.follow_up_days = end;
  const fits = (name) => {
    const found = /_(\d+)_(days|weeks|months)/.exec(name) ?? /_day_(\d+)()/.exec(name);
    if (!found) return true;
    const length = { days: 1, weeks: 7, months: MONTH, "": 1 }[found[2]] * Number(found[1]);
    return (found[2] ? start : 0) + length <= end + 1e-6;
  };
  const asked = protocol.endpoints.filter(fits);
  for (const subject of ["retention", "abstinence", "relapse"]) asked.push(`${subject}_${months}_months`);
  protocol.endpoints = [...new Set(asked)];
  protocol.visits = rising([...visitDays(protocol).filter((day) => day < end), end]);
}

export const months = (protocol) => Math.max(1, Math.round(followedDays(protocol) / MONTH));

/** What the field of whole months cannot say, where a protocol is followed for another time; else nothing. */
export function followedWords(protocol) {
  const days = round(followedDays(protocol), 1);
  return days <= 0 || Math.abs(days - months(protocol) * MONTH) < 1 ? "" : `Now ${days} days, which this field cannot show. `;
}

const followedDays = (protocol) =>
  protocol.follow_up_days - Math.max(...protocol.arms.map((arm) => originDay(protocol, arm)).filter(Number.isFinite), 0);

/** Visits as days; none where they are text that no server could read. */
export const visitDays = ({ visits }) => (Array.isArray(visits) ? visits : []);

/** What an event belongs to, with its days: a dose or a therapy of an arm, or the visits that all arms share. */
export function itemOf(protocol, at) {
  if (at.kind !== "visits") return protocol.arms[at.arm]?.[at.kind]?.[at.item];
  return { get days() { return visitDays(protocol); }, set days(days) { protocol.visits = days; } };
}

/** One event of a lane moved, added or taken away. */
export function moveEvent(protocol, at, day) {
  const item = itemOf(protocol, at);
  const end = protocol.follow_up_days;
  const wanted = Math.max(0, Math.min(Math.floor(end), day));
  if (item.days.some((other, k) => k !== at.index && other === wanted)) return item.days[at.index];
  item.days[at.index] = wanted;
  item.days = rising(item.days);
  return wanted;
}

/** Why an event did not reach the day on which it was put; nothing where it did. */
export function kept(protocol, at, wanted, reached) {
  const end = Math.floor(protocol.follow_up_days);
  if (wanted < 0) return "Day 0 is the first.";
  if (wanted > end && reached === end) return `Day ${end} is the last of follow-up.`;
  const last = Math.min(wanted, end);
  return last === reached ? "" : `Day ${last} is taken by another of the same kind, so it stays on day ${reached}.`;
}

export function newDose(arm) {
  const last = Math.max(-5, ...arm.doses.flatMap((dose) => dose.days).filter(Number.isFinite));
  return { drug: "ketamine", route: "iv", amount: { value: 0.5, unit: "mg/kg" }, minutes: 40, days: [last + 7] };
}

export function newTherapy(arm) {
  const first = firstDose(arm);
  const start = Number.isFinite(first) ? Math.floor(first) + 1 : 1;
  return { type: "MBRP", days: [start, start + 7, start + 14], hours: 1.5 };
}

/** The events of a lane: of each dose or therapy of an arm, or the visits. */
const itemsOf = (protocol, { arm, kind }) => (kind === "visits" ? [itemOf(protocol, { kind })] : protocol.arms[arm][kind]);

/** An event on a day of a lane, beside the nearest there is; where there is none, a first one, on ``day`` or where it usually is. */
export function addOn(protocol, lane, day = null) {
  const items = itemsOf(protocol, lane);
  const arm = protocol.arms[lane.arm];
  if (items.some((item) => item.days.includes(day))) return null;
  if (lane.kind === "doses") loosened(arm);
  if (!items.length) {
    const made = lane.kind === "doses" ? newDose(arm) : newTherapy(arm);
    if (day !== null) made.days = [day];
    items.push(made);
    return { ...lane, item: 0, index: 0, day: made.days[0] };
  }
  const far = (item) => Math.min(...item.days.map((one) => Math.abs(one - day)));
  const item = items.reduce((best, one, k) => (far(one) < far(items[best]) ? k : best), 0);
  items[item].days = rising([...items[item].days, day]);
  return { ...lane, item, index: items[item].days.indexOf(day), day };
}

export function addEvent(protocol, at) {
  const item = itemOf(protocol, at);
  let day = item.days[at.index] + 1;
  while (item.days.includes(day)) day += 1;
  if (day > protocol.follow_up_days) return null;
  item.days = rising([...item.days, day]);
  return day;
}

export function removeEvent(protocol, at) {
  const item = itemOf(protocol, at);
  item.days.splice(at.index, 1);
  if (at.kind === "visits") return;
  const arm = protocol.arms[at.arm];
  if (!item.days.length) arm[at.kind].splice(at.item, 1);
  if (at.kind === "doses") loosened(arm);
}
