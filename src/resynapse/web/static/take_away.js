// What does a person leave with: a link, files, figures, a report, a command?

import { $, make } from "./dom.js";
import { askText, getText } from "./api.js";
import { shownBands } from "./drawn.js";
import { look } from "./run.js";
import { fragment } from "./share.js";
import { refuse } from "./shelf.js";
import { store } from "./store.js";

const FILES = [
  ["Programme, YAML", "yaml", "yaml", "application/yaml"],
  ["Outcomes, CSV", "outcomes.csv", "outcomes.csv", "text/csv"],
  ["Curves, CSV", "curves.csv", "curves.csv", "text/csv"],
];

export const asked = () => ({ protocol: store.scenario.protocol, patients: store.scenario.patients, seed: store.scenario.seed, enantiomers: look.enantiomers });
const say = (words) => { $("#taken").textContent = words; };
export const sayTaken = say;

/** ``report`` has one made. */
export function showTakers(report) {
  $("#takers").replaceChildren(
    make("button", { class: "btn primary", type: "button", id: "take-report", title: "A self-contained report, made in the background; with its draws of the parameters it takes a while.", on: { click: report } }, "Report"),
    ...FILES.map(([words, path, end, type]) =>
      make("button", { class: "btn", type: "button", id: `take-${path.replace(".csv", "")}`, on: { click: () => takeFile(words, path, end, type) } }, words)),
    make("button", { class: "btn", type: "button", id: "print", title: "The whole page, with the circuit at four times and the evidence." }, "Print"));
  $("#share").addEventListener("click", copyLink);
}

async function takeFile(words, path, end, type) {
  say(`${words}: being made.`);
  try {
    save(await askText(path, asked()), `${store.scenario.protocol.name}.${end}`, type);
    say(`${words}: saved.`);
  } catch (error) { say(error.message); }
}

async function copyLink() {
  const packed = await fragment(store.scenario).catch((error) => refuse("The link could not be made", [error]));
  if (!packed) return;
  const link = location.href.split("#")[0] + packed;
  history.replaceState(null, "", link);
  let done = "Copied";
  try {
    await navigator.clipboard.writeText(link);
    say("The link is copied. It holds the whole programme.");
  } catch {
    say("The address bar holds the whole programme: copy it from there.");
    done = "In the address bar";
  }
  $("#share").textContent = done;
  setTimeout(() => { $("#share").textContent = "Copy link"; }, 2000);
}

function save(content, name, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = make("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** What the server answers to a question, as a file. */
export async function saveAsked(path, question, name, type) {
  save(await askText(path, question), name, type);
  say(`${name}: saved.`);
}

/** What the server keeps under this path, as a file. */
export async function saveText(path, name, type) {
  try {
    save(await getText(path), name, type);
    say(`${name}: saved.`);
  } catch (error) { say(error.message); }
}

/** The file of a figure of the programme, in light colours, with where it comes from under it. */
export function drawnByServer(figure) {
  const bands = shownBands();
  return askText(bands ? "knowledge/figure" : "figure", { ...asked(), ...bands, figure });
}

/** A figure as a drawing or as a picture; ``drawn`` gives the drawing. */
export async function takeFigure(figure, kind, drawn, programme = store.scenario.protocol.name) {
  try {
    const svg = await drawn();
    const name = `${programme}-${figure}`;
    if (kind === "SVG") save(svg, `${name}.svg`, "image/svg+xml");
    else save(await painted(svg), `${name}.png`, "image/png");
    say(`${figure}, ${kind}: saved.`);
  } catch (error) { say(error.message); }
}

async function painted(svg, scale = 2) {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = make("canvas", { width: image.width * scale, height: image.height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

