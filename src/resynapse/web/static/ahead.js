// Which value will a hand ask for next? It is computed before it is asked, while nobody wants anything else.

import { $ } from "./dom.js";
import { askAhead } from "./api.js";
import { byKey, byPress } from "./reached.js";

const STEPS = ["ArrowLeft", "ArrowRight"];
const JUMPS = ["PageDown", "PageUp"];
const SAME = { ArrowDown: "ArrowLeft", ArrowUp: "ArrowRight" };
const RANGE = "#build input[type=range]";
/** Who steps on within this time is not after a jump. */
const RESTS = 600;
/** A mouse that moves sends something every 16 ms; one that has sent nothing for so long has come to a place. */
const STILL = 60;
let last = "ArrowRight";
/** Where the mouse is over a slider with no button down, and whether it lies still there. */
let mouse = null;
/** The look ahead that is under way, and what it asks at the moment. */
let looking = { over: true, told: "", abort: null };

/** ``rest`` hears of a slider that the keyboard has come to, and of a mouse that comes to lie still over one. */
export function watchHands(rest) {
  $("#build").addEventListener("keydown", (event) => {
    const key = SAME[event.key] ?? event.key;
    if (event.target.type === "range" && [...STEPS, ...JUMPS].includes(key)) last = key;
  });
  $("#build").addEventListener("focusin", (event) => { if (event.target.matches(`${RANGE}:focus-visible`)) rest(); });
  $("#build").addEventListener("pointermove", (event) => hovers(event, rest));
  for (const gone of ["pointerout", "pointerdown"]) $("#build").addEventListener(gone, leaves);
}

/** A mouse over another value than before has left that one; a finger is over nothing before it presses. */
function hovers(event, rest) {
  const { target, clientX: x, clientY: y, pointerType, buttons } = event;
  if (pointerType !== "mouse" || buttons || !target.matches(RANGE)) return;
  const next = byPress(x, target);
  if (mouse?.still && mouse.next === next && mouse.range === target) { Object.assign(mouse, { x, y }); return; }
  leaves(event);
  const here = mouse = { range: target, next, x, y, still: false };
  here.timer = setTimeout(() => { here.still = true; rest(); }, STILL);
}

/** What was asked for a mouse that has moved off is left; a press decides by its own question. */
function leaves({ type }) {
  if (!mouse) return;
  clearTimeout(mouse.timer);
  if (mouse.still && type !== "pointerdown") leaveAhead(null);
  mouse = null;
}

/** Nothing more is asked ahead; what is under way is left too, unless it is just this ``question``. */
export function leaveAhead(question) {
  looking.over = true;
  if (looking.told !== JSON.stringify(question)) looking.abort?.abort();
}

/**
 * What a press of the mouse would bring where it lies still; what the last key would bring if it came again, the key
 * back, and after a rest the other two keys, of the slider that the keyboard is on. ``question`` makes the request.
 */
export async function lookAhead(question) {
  leaveAhead(null);
  const mine = looking = { over: false, told: "", abort: new AbortController(), question };
  const [first, later] = STEPS.includes(last) ? [STEPS, JUMPS] : [JUMPS, STEPS];
  await under(mine);
  await each(first, mine);
  await new Promise((go) => setTimeout(go, RESTS));
  await each(later, mine);
}

/** Of the slider that is there by now: fields are built anew after an answer. */
async function under(look) {
  const range = mouse?.still ? document.elementFromPoint(mouse.x, mouse.y) : null;
  if (range?.matches(RANGE)) await asked(range.moved?.(byPress(mouse.x, range)), look);
}

async function each(keys, look) {
  const range = document.activeElement;
  if (look.over || !range?.matches(`${RANGE}:focus-visible`)) return;
  const onward = [...STEPS, ...JUMPS].indexOf(last) % 2;
  for (const key of [keys[onward], keys[1 - onward]]) await asked(range.moved?.(byKey(key, range)), look);
}

async function asked(next, look) {
  if (!next || look.over) return;
  const body = look.question(next);
  look.told = JSON.stringify(body);
  await askAhead("simulate", body, look.abort.signal);
  look.told = "";
}
