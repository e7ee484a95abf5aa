// How is one circuit drawn, and how does it change with the state of one person?

import { draw, make } from "./dom.js";

const NODES = {
  vmPFC: [108, 206, "vmPFC / OFC", "value", -62, -14], dlPFC: [124, 114, "dlPFC / IFG", "control", -52, -16],
  ACC: [232, 84, "ACC", "conflict", 14, 4], insula: [134, 268, "insula", "urge", -40, 24], NAc: [204, 212, "NAc", "", 0, 4],
  DLS: [270, 146, "DLS", "habit", 14, -8], BNST: [280, 232, "BNST", "", 13, -4], CeA: [226, 288, "CeA", "", -10, 22],
  BLA: [192, 308, "BLA", "cue", -28, 22], vHPC: [264, 318, "vHPC", "context", -40, 24], VTA: [322, 272, "VTA", "", -32, 26],
  LHb: [378, 178, "LHb", "", 14, -4], RMTg: [350, 306, "RMTg", "", 13, 4], DRN: [402, 268, "DRN", "", 13, 4],
  LC: [358, 350, "LC", "", 14, 4], PAG: [390, 222, "PAG", "", -12, 22],
};
/** What the letters in the picture stand for; roles are those of ``NODES``. */
export const REGIONS = [
  ["vmPFC / OFC", "ventromedial prefrontal and orbitofrontal cortex: value"], ["dlPFC / IFG", "dorsolateral prefrontal cortex and inferior frontal gyrus: control"],
  ["ACC", "anterior cingulate cortex: conflict"], ["insula", "insular cortex: urge"], ["NAc", "nucleus accumbens: where the pathways meet"],
  ["DLS", "dorsolateral striatum: habit"], ["BNST", "bed nucleus of the stria terminalis: stress"], ["CeA", "central amygdala: stress"],
  ["BLA", "basolateral amygdala: cue"], ["vHPC", "ventral hippocampus: context"], ["VTA", "ventral tegmental area: dopamine"],
  ["LHb", "lateral habenula: anti-reward"], ["RMTg", "rostromedial tegmental nucleus: on the way from habenula to VTA"], ["DRN", "dorsal raphe nucleus"],
  ["LC", "locus coeruleus: somatic withdrawal"], ["PAG", "periaqueductal grey"],
];
const UNMODELLED = ["ACC", "PAG"];
const OUTLINE = "M84 262C54 236 46 176 70 126C98 70 180 30 280 30C378 30 462 66 492 128C514 176 512 232 482 264C464 284 436 292 410 288C376 302 346 346 296 354C246 362 184 354 158 324C146 308 142 292 132 284C112 284 96 274 84 262Z";
const STEM = "M344 346C352 366 360 396 366 424L404 424C404 396 406 372 414 350C420 322 424 300 418 286L352 316Z";
const CEREBELLUM = "M418 330C424 306 456 296 486 306C512 314 520 340 504 358C486 378 448 376 430 362C420 354 414 344 418 330Z";
const STRUCK = ["NAc", "DLS"];
/** How much wider than its edge the light of a lapse is, px. */
const GLOW = 9;
/** Strength of the ring of a lapse. */
const LAPSE = 0.43;
/** Below this a ring is not drawn. */
const SEEN = 0.005;
const radius = (name) => (name === "NAc" ? 19 : 6.5);

/** One picture that stays: ``svg``, ``show`` a state in it, and ``flash`` a lapse through it. Edges that ``strong`` says are stronger lie lower. */
export function brain(edges, strong) {
  const lines = edges.map((edge, k) => ({ k, ...line(edge) }));
  const rings = marks();
  const svg = draw("svg", { viewBox: "36 14 490 420", role: "img", class: "brain" },
    draw("path", { class: "stem", d: STEM }), draw("path", { class: "stem", d: CEREBELLUM }),
    draw("path", { class: "outline", d: OUTLINE }),
    draw("path", { class: "callosum", d: "M170 188C160 148 214 126 276 124C344 122 396 140 404 184" }),
    draw("ellipse", { class: "thalamus", cx: 318, cy: 196, rx: 34, ry: 19 }),
    label(318, 200, "thalamus", "", "middle", "soft"),
    [...lines].sort((a, b) => strong[b.k] - strong[a.k]).map((one) => one.group), rings.map((one) => one.ring), Object.keys(NODES).map(node));
  return { svg, show, flash };

  function show(state, { minutes, lapse, said }) {
    svg.setAttribute("aria-label", said);
    for (const one of lines) one.set(Math.max(0, Math.min(1, state.edges[one.k])));
    for (const { ring, strength } of rings) {
      const s = strength(state, minutes, lapse);
      ring.setAttribute("display", s > SEEN ? "inline" : "none");
      if (s > SEEN) ring.setAttribute("stroke-width", 1 + 3.5 * s);
    }
  }

  /** Once, in edges into NAc and DLS and round NAc; it ends with its animation, whatever is shown meanwhile. */
  function flash() { svg.classList.add("hot"); }
}

function node(name) {
  const [x, y, words, role, dx, dy] = NODES[name];
  const quiet = UNMODELLED.includes(name);
  const circle = draw("circle", { class: quiet ? "node quiet" : "node", cx: x, cy: y, r: radius(name) });
  return [circle, name === "NAc" ? label(x, y + 4, words, "", "middle", "") : label(x + dx, y + dy, words, role)];
}

function label(x, y, words, role, anchor = "start", css = "halo") {
  const text = draw("text", { x, y, "text-anchor": anchor, class: css }, words);
  if (role) text.append(draw("tspan", { class: "role" }, ` ${role}`));
  return text;
}

/** Control point of the curve from one place to another, ``bend`` from the middle of the chord: left of travel negative. */
export function control([x0, y0], [x1, y1], bend) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  return [(x0 + x1) / 2 - (bend * (y1 - y0)) / length, (y0 + y1) / 2 + (bend * (x1 - x0)) / length];
}

/** A curve that leaves both circles free, with an arrow where it drives and a bar where it restrains; ``set`` gives it its strength. */
function line({ start, end, bend, sign }) {
  const [x0, y0] = NODES[start];
  const [x1, y1] = NODES[end];
  const [cx, cy] = control([x0, y0], [x1, y1], bend);
  const from = toward(x0, y0, cx, cy, radius(start) + 1);
  const tip = toward(x1, y1, cx, cy, radius(end) + 2);
  const ux = (tip[0] - cx) / Math.hypot(tip[0] - cx, tip[1] - cy);
  const uy = (tip[1] - cy) / Math.hypot(tip[0] - cx, tip[1] - cy);
  const drives = sign === "drive";
  const struck = STRUCK.includes(end);
  const glow = draw("path", { class: "glow", opacity: 0 });
  const curve = draw("path", { class: "edge" });
  const head = draw("path", { class: drives ? "head" : "edge" });
  const group = draw("g", { class: struck ? `${sign} struck` : sign, "data-edge": `${start}>${end}` }, struck ? glow : [], curve, head);
  return { group, set };

  function set(s) {
    const width = 0.8 + 6.2 * s;
    const size = 4 + width;
    const back = drives ? [tip[0] - ux * size, tip[1] - uy * size] : tip;
    const way = `M${from[0]} ${from[1]}Q${cx} ${cy} ${back[0]} ${back[1]}`;
    for (const one of [curve, glow]) one.setAttribute("d", way);
    curve.setAttribute("stroke-width", width);
    glow.setAttribute("stroke-width", width + GLOW);
    head.setAttribute("d", drives
      ? `M${tip[0]} ${tip[1]}L${back[0] - uy * size * 0.6} ${back[1] + ux * size * 0.6}L${back[0] + uy * size * 0.6} ${back[1] - ux * size * 0.6}Z`
      : `M${tip[0] - uy * size} ${tip[1] + ux * size}L${tip[0] + uy * size} ${tip[1] - ux * size}`);
    if (!drives) head.setAttribute("stroke-width", Math.max(2, width * 0.6));
    group.setAttribute("opacity", 0.35 + 0.6 * s);
  }
}

function toward(x, y, tx, ty, by) {
  const length = Math.hypot(tx - x, ty - y);
  return [x + ((tx - x) / length) * by, y + ((ty - y) / length) * by];
}

/** Rings in the accent, and how strong each is; the last stands where a lapse is. */
function marks() {
  const ring = (name, css, r, strength) => ({ ring: draw("circle", { class: css, cx: NODES[name][0], cy: NODES[name][1], r, display: "none" }), strength });
  return [
    ring("LHb", "mark", 11, (state) => state.held),
    ring("dlPFC", "mark dashed", 12, (state) => state.sustained),
    ring("vmPFC", "mark dashed", 12, (state) => state.sustained),
    ring("dlPFC", "mark", 16, (state, minutes) => (minutes ? state.block : 0)),
    ring("VTA", "mark opioid", 11, (state) => state.opioid),
    ring("NAc", "mark lapse", 24, (state, minutes, lapse) => (lapse || state.using > 0.5 ? LAPSE : 0)),
  ];
}

export const signs = () => make("div", { class: "key" }, sign("drive", "drives", "M33 7L23 13V1Z"), sign("brake", "restrains", "M28 1h3V13h-3Z"));

const sign = (css, words, d) => make("span", {}, draw("svg", { width: 34, height: 14, "aria-hidden": "true", class: css },
  draw("path", { class: "edge", d: "M1 7H26", "stroke-width": 3 }), draw("path", { class: "head", d })), words);
