// Where does a key, or a press of the mouse, move a slider to? As Chromium does it; elsewhere a guess that costs an unused answer.

import { round } from "./dom.js";

/** Width of the thumb in Chromium, px. */
const THUMB = 16;
const numbers = (range) => [Number(range.value), Number(range.min), Number(range.max), Number(range.step)];

/** By a step, or as browsers page, by a tenth of the range rounded to steps. */
export function byKey(key, range) {
  const [from, min, max, step] = numbers(range);
  const page = Math.max(step, (max - min) / 10);
  const by = { ArrowLeft: -step, ArrowRight: step, PageDown: -page, PageUp: page }[key];
  const steps = Math.round(round((from + by - min) / step, 6));
  return Math.min(max, Math.max(min, round(min + steps * step, 6)));
}

/** By a press at ``x`` of the window: the middle of the thumb comes there; where the thumb is already, a press moves nothing. */
export function byPress(x, range) {
  const [from, min, max, step] = numbers(range);
  const box = range.getBoundingClientRect();
  const along = units(box.width - THUMB);
  const at = Math.floor(x * unit() + FLOAT) - units(box.left + THUMB / 2);
  if (Math.abs(at - ((from - min) / (max - min)) * along) < units(THUMB / 2)) return from;
  const share = Math.min(1, Math.max(0, at / along));
  const steps = Math.round(round((share * (max - min)) / step, 9));
  const next = min + steps * step;
  return round(next > max ? next - step : next, 6);
}

/** Chromium counts in whole parts of a px; what a script reads of them has 32 bits, so it is rounded to them. */
const unit = () => 64 * devicePixelRatio;
const units = (px) => Math.round(px * unit());
const FLOAT = 0.01;
