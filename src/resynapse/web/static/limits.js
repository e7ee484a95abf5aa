// Which numbers may stand in a field? What the schema of the file says, in words.

/** For a field of a record of the schema, with its unit: "0 to 5760 min." */
export function limits(schema, record, name, unit = "") {
  const part = schema.$defs[record].properties[name];
  return inWords(part.anyOf?.find((one) => one.type === "number") ?? part, unit);
}

/** What a field is, and its limits, as the schema says both. */
export const described = (schema, record, name, unit = "") => `${sentence(schema.$defs[record].properties[name].description)} ${limits(schema, record, name, unit)}`;

/** A description of the schema as a sentence. */
export const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1)}${words.endsWith(".") ? "" : "."}`;

export function inWords({ minimum, exclusiveMinimum, maximum }, unit = "") {
  const behind = unit ? ` ${unit}` : "";
  if (maximum === undefined) return exclusiveMinimum === undefined ? `${minimum}${behind} or more.` : `Above ${exclusiveMinimum}${behind}.`;
  return exclusiveMinimum === undefined ? `${minimum} to ${maximum}${behind}.` : `Above ${exclusiveMinimum}, up to ${maximum}${behind}.`;
}

const AMOUNT = /^([+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?)\s*(mg|mg\/kg|mg\/kg\/h)?$/i;

/** "0.6", "30 mg" and 0.6 as an amount; other writing keeps its unit, and the server says what is wrong with it. */
export function readAmount(given, unit) {
  if (typeof given === "number") return { value: given, unit };
  const found = AMOUNT.exec(given.trim());
  return found ? { value: Number(found[1].replace(",", ".")), unit: found[2]?.toLowerCase() ?? unit } : { value: given, unit };
}

/** What is wrong with a number that no file holds, such as how many doses there are; nothing where it may stand. */
export function refusal(given, least, whole = true) {
  if (typeof given !== "number") return `"${given}" is not a number.`;
  if (given < least) return `${given} is given; it must be at least ${least}.`;
  return whole && !Number.isInteger(given) ? `${given} is given; it must be a whole number.` : "";
}
