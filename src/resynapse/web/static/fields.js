// How does a person give one value, with its unit and limits beside it?

import { make, round } from "./dom.js";
import { tried } from "./store.js";

let many = 0;

function frame(path, label, control, help) {
  many += 1;
  const id = `field-${many}`;
  control.id = id;
  const helpId = `${id}-help`;
  if (help) control.setAttribute("aria-describedby", helpId);
  return { id, helpId, box: (extra) => make("div", { class: "field", data: { path } },
    make("div", { class: "over" }, make("label", { for: id }, label), extra),
    help ? make("p", { class: "help", id: helpId }, help) : null) };
}

/** A number: typed, or moved along a range, which stands ``at``; ``live`` hears every step, ``done`` the last; ``refuse`` says what no server would. */
export function slider({ path, label, value, at = value, unit, min, max, step, help, live, done, refuse }) {
  const typed = make("input", { type: "text", inputmode: "decimal", value: String(value), autocomplete: "off" });
  const made = frame(path, label, typed, help);
  const range = make("input", { type: "range", min: String(min), max: String(max), step: String(step), "aria-label": label });
  range.value = String(at);
  range.setAttribute("aria-valuetext", `${value} ${unit}`.trim());
  range.addEventListener("input", () => {
    typed.value = String(round(Number(range.value), 4));
    range.setAttribute("aria-valuetext", `${typed.value} ${unit}`.trim());
    live(round(Number(range.value), 4));
  });
  range.addEventListener("change", () => done());
  range.moved = (to) => (to === Number(range.value) ? null : tried(() => live(round(to, 4))));
  typed.addEventListener("change", () => {
    const number = Number(typed.value.replace(",", "."));
    const given = typed.value.trim() !== "" && Number.isFinite(number) ? number : typed.value;
    unmark(box);
    const wrong = refuse?.(given);
    if (wrong) { mark(box, wrong, `${made.id}-wrong`); return; }
    live(given);
    done();
  });
  const box = made.box(make("span", { class: "amount" }, typed, unit ? make("span", { class: "unit" }, unit) : null));
  box.insertBefore(range, box.children[1] ?? null);
  return box;
}

/** A value that follows from others. */
export function told({ path, label, value, help }) {
  const output = make("output", {}, value);
  return frame(path, label, output, help).box(make("span", { class: "amount" }, output));
}

export function choice({ path, label, value, options, help, set }) {
  const select = make("select", {}, options.map(([name, words]) => make("option", { value: name, selected: name === value }, words)));
  select.value = value;
  select.addEventListener("change", () => set(select.value));
  return frame(path, label, select, help).box(select);
}

export function text({ path, label, value, help, set }) {
  const input = make("input", { type: "text", class: "long", value, autocomplete: "off" });
  input.addEventListener("change", () => set(input.value));
  const made = frame(path, label, input, help);
  const box = made.box(null);
  box.insertBefore(input, box.children[1] ?? null);
  return box;
}

export function tick({ path, label, value, set }) {
  const box = make("input", { type: "checkbox", checked: Boolean(value) });
  box.addEventListener("change", () => set(box.checked));
  return make("div", { class: "field", data: { path } }, make("label", { class: "check" }, box, make("span", {}, label)));
}

/** Sentences of the server beside the fields that they are about; returned are those whose field is not there, or not in sight. */
export function showProblems(root, problems) {
  for (const field of root.querySelectorAll("[data-wrong]")) unmark(field);
  const rest = [];
  problems.forEach((problem, number) => {
    const field = fieldOf(root, problem.path.map(String));
    if (!field) { rest.push(problem); return; }
    if (!field.checkVisibility()) rest.push(problem);
    mark(field, problem.message, `wrong-${number}`);
  });
  return rest;
}

/** A sentence below a field, heard with it too. */
function mark(field, sentence, id) {
  field.dataset.wrong = "true";
  field.append(make("p", { class: "wrong", id }, sentence));
  for (const input of field.querySelectorAll("input, select")) {
    input.setAttribute("aria-invalid", "true");
    input.dataset.described ??= input.getAttribute("aria-describedby") ?? "";
    input.setAttribute("aria-describedby", `${id} ${input.dataset.described}`.trim());
  }
}

function unmark(field) {
  delete field.dataset.wrong;
  for (const old of field.querySelectorAll(".wrong")) old.remove();
  for (const input of field.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    if (input.dataset.described) input.setAttribute("aria-describedby", input.dataset.described);
    else input.removeAttribute("aria-describedby");
  }
}

/** The field of the longest beginning of a path. */
function fieldOf(root, path) {
  for (let length = path.length; length > 0; length -= 1) {
    const wanted = path.slice(0, length).join(".");
    const found = [...root.querySelectorAll("[data-path]")].find((field) => field.dataset.path === wanted);
    if (found) return found;
  }
  return null;
}
