// Where does the keyboard stand when a list of work is made again, or loses the entry that it was on?

import { $$ } from "./dom.js";

/**
 * Puts ``made`` into ``box``. The focus stays on its button; where that is gone, on its entry; where the entry is
 * gone, it goes to the one that took its place, to the last, or to the heading of the list.
 */
export function relist(box, heading, made) {
  const active = box.contains(document.activeElement) ? document.activeElement : null;
  const [act, id] = active?.dataset.act?.split(" ") ?? [];
  const place = $$("li", box).findIndex((one) => one.contains(active));
  box.replaceChildren(made);
  if (!active) return;
  const now = $$("li", box);
  const own = now.find((one) => $$("[data-act]", one).some((button) => button.dataset.act.endsWith(` ${id}`)));
  const entry = own ?? now[Math.min(Math.max(place, 0), now.length - 1)];
  const buttons = entry ? $$("[data-act]", entry) : [];
  const same = buttons.find((button) => button.dataset.act.startsWith(`${act} `));
  (same ?? buttons.find((button) => button.tagName === "BUTTON") ?? heading).focus({ preventScroll: own !== undefined });
}
