// How are the events of the timeline moved, with the mouse and with the keyboard?

import { $, make } from "./dom.js";
import { addEvent, addOn, itemOf as belongs, kept, moveEvent, removeEvent } from "./programme.js";
import { change, hold, release, select, store, undo } from "./store.js";
import { across, dayAt, describe, key, root, showTimeline } from "./timeline.js";

const said = $("#tl-said");
/** A hand that presses a button of a mouse moves it by a few px. */
const SLIP = 4;
let drag = null;

const where = (button) => {
  const [arm, kind, item, index] = button.dataset.key.split("/");
  return { arm: Number(arm), kind, item: Number(item), index: Number(index) };
};
const itemOf = (at) => belongs(store.scenario.protocol, at);
const button = (at) => root.querySelector(`[data-key="${key(at)}"]`);

export function tell(words, ...more) { said.replaceChildren(words, ...more); }

/** Where an event is after days were put in order again. */
function followed(at, day) {
  return { ...at, index: Math.max(0, itemOf(at).days.indexOf(day)) };
}

function move(at, day) {
  const before = itemOf(at).days[at.index];
  let reached = before;
  change((next) => { reached = moveEvent(next.protocol, at, day); }, drag ? "sliding" : "changed");
  return followed(at, reached);
}

root.addEventListener("keydown", (event) => {
  const pressed = event.target.closest("button.ev");
  if (!pressed || event.ctrlKey || event.metaKey) return;
  const at = where(pressed);
  const day = itemOf(at).days[at.index];
  const step = event.shiftKey ? 7 : 1;
  const keys = {
    ArrowLeft: () => stepped(at, day, day - step),
    ArrowRight: () => stepped(at, day, day + step),
    Home: () => stepped(at, day, 0),
    End: () => stepped(at, day, Math.floor(store.scenario.protocol.follow_up_days)),
    ArrowUp: () => otherLane(pressed, -1),
    ArrowDown: () => otherLane(pressed, 1),
    Enter: () => fieldsOf(at),
    n: () => added(at), N: () => added(at), d: () => added(at), D: () => added(at),
    Delete: () => removed(at, day),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

function stepped(at, from, to) {
  const next = move(at, to);
  const day = itemOf(next).days[next.index];
  button(next)?.focus();
  const why = kept(store.scenario.protocol, next, to, day);
  const words = `${describe(itemOf(next), at.kind)}: day ${day}.${why ? ` ${why}` : ""}`;
  tell(words, ...moveInAll(at, from, day));
}

/** The same event of the other arms may follow. */
function moveInAll(at, from, to) {
  const { protocol } = store.scenario;
  if (at.kind === "visits") return [];
  const others = protocol.arms.flatMap((arm, number) => (number === at.arm ? [] : arm[at.kind].flatMap((item, place) => (item.days.includes(from) ? [{ arm: number, kind: at.kind, item: place, index: item.days.indexOf(from) }] : []))));
  if (!others.length || from === to) return [];
  const follow = () => {
    change((next) => others.forEach((other) => moveEvent(next.protocol, other, to)));
    tell(`Moved to day ${to} in all arms.`);
  };
  return [" ", make("button", { class: "btn bare", type: "button", id: "move-all", on: { click: follow } }, "Move in all arms")];
}

function added(at) {
  let day = null;
  change((next) => { day = addEvent(next.protocol, at); });
  if (day === null) { tell("There is no room before the end of follow-up."); return; }
  button(followed(at, day))?.focus();
  tell(`Added on day ${day}.`);
}

function removed(at, day) {
  change((next) => removeEvent(next.protocol, at));
  (button({ ...at, index: Math.max(0, at.index - 1) }) ?? root.querySelector("button.ev"))?.focus();
  tell(`Removed from day ${day}. Ctrl+Z brings it back.`);
}

function otherLane(pressed, by) {
  const lanes = [...root.querySelectorAll(".lane[data-lane]")];
  const next = lanes[lanes.indexOf(pressed.closest(".lane")) + by];
  next?.querySelector("button").focus();
}

/** A click on an empty place of a lane adds there; so does the button of an empty lane, where one usually is. */
root.addEventListener("click", (event) => {
  const lane = event.target.closest(".lane[data-lane]");
  const first = event.target.closest("button.add");
  if (!lane || (!first && !placed(event))) return;
  const [arm, kind] = lane.dataset.lane.split("/");
  const day = first ? null : dayOf(event, pressedOn.getBoundingClientRect());
  put({ arm: kind === "visits" ? 0 : Number(arm), kind }, day);
});

/** Whether the mouse was pressed and let go on one empty place; the end of a drag is none. */
let pressedOn = null;
let pressedAt = 0;
const placed = (event) => event.target.classList.contains("track") && event.target === pressedOn && Math.abs(event.clientX - pressedAt) < SLIP;

root.addEventListener("pointerdown", (event) => { pressedOn = event.target; pressedAt = event.clientX; });

function dayOf(event, track) {
  const share = ((event.clientX - track.left) / track.width) * 100;
  return Math.round(dayAt(Math.max(0, Math.min(98, share))));
}

function put(lane, day) {
  const end = store.scenario.protocol.follow_up_days;
  let made = null;
  if (day === null || day <= end) change((next) => { made = addOn(next.protocol, lane, day); });
  if (!made) { tell(`Day ${day} is taken by another of the same kind, or lies after follow-up; nothing was added.`); return; }
  button(made)?.focus();
  tell(`${describe(itemOf(made), lane.kind)}: added on day ${made.day}. Ctrl+Z takes it away.`);
}

function fieldsOf(at) {
  if (at.kind === "visits") return;
  const arm = store.scenario.protocol.arms[at.arm];
  select(arm.id);
  $("#edit").open = true;
  const group = document.querySelector(`[data-group="arms.${at.arm}.${at.kind}.${at.item}"]`);
  group?.querySelector("input, select")?.focus();
  group?.scrollIntoView({ block: "center" });
}

root.addEventListener("pointerdown", (event) => {
  const pressed = event.target.closest("button.ev");
  if (!pressed || event.button !== 0) return;
  const track = pressed.parentElement.getBoundingClientRect();
  const at = where(pressed);
  drag = { at, track, from: itemOf(at).days[at.index], pointer: event.pointerId };
  hold();
  pressed.focus();
  addEventListener("pointermove", dragged);
  addEventListener("pointerup", dropped);
  addEventListener("pointercancel", dropped);
  addEventListener("keydown", abandoned, true);
});

function dragged(event) {
  drag.wanted = dayOf(event, drag.track);
  drag.at = move(drag.at, drag.wanted);
  showTimeline();
  mark();
}

/** A pale mark at the old place, and the day at the new one. */
function mark() {
  const moved = button(drag.at);
  if (!moved) return;
  const ghost = make("span", { class: `${moved.className} ghost` });
  ghost.style.setProperty("left", `${across(drag.from)}%`);
  const flag = make("span", { class: "flag" }, `day ${moved.dataset.day}`);
  flag.style.setProperty("left", moved.style.getPropertyValue("left"));
  moved.parentElement.append(ghost, flag);
  moved.focus();
}

function dropped() {
  finish(true);
}

function abandoned(event) {
  if (event.key !== "Escape") return;
  event.preventDefault();
  finish(false);
  tell("Back where it was.");
}

function finish(keep) {
  removeEventListener("pointermove", dragged);
  removeEventListener("pointerup", dropped);
  removeEventListener("pointercancel", dropped);
  removeEventListener("keydown", abandoned, true);
  const { at, from, wanted = from } = drag;
  drag = null;
  release(keep);
  showTimeline();
  const day = itemOf(at)?.days[at.index];
  button(at)?.focus();
  if (!keep) return;
  const why = kept(store.scenario.protocol, at, wanted, day);
  const words = day === from ? "" : `${describe(itemOf(at), at.kind)}: from day ${from} to day ${day}.`;
  if (words || why) tell(`${words} ${why}`.trim(), ...moveInAll(at, from, day));
}

addEventListener("keydown", (event) => {
  const typing = event.target.matches?.('input[type="text"], textarea');
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || typing) return;
  event.preventDefault();
  tell(undo() ? "Undone." : "There is nothing to undo.");
});

/** A place that the server refused: the event goes back, and the sentence says why. */
export function returned(problems) {
  if (undo()) tell(problems.map((one) => one.message).join(" "));
}
