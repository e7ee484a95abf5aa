// How is the server asked, and what does it say when it will not answer?

/** What was wrong, each {path, message}. */
export class Refusal extends Error {
  constructor(problems, status) {
    super(problems.map((one) => one.message).join(" "));
    this.problems = problems;
    this.status = status;
  }
}

export class Unreachable extends Error {}

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable("The server does not answer.");
  }
  if (response.ok) return response;
  let problems = [{ path: [], message: `The server answered ${response.status}.` }];
  try { problems = (await response.json()).problems ?? problems; } catch { /* no sentence came */ }
  throw new Refusal(problems, response.status);
}

export const get = async (path) => (await answered(fetch(`/api/${path}`))).json();
export const getText = async (path) => (await answered(fetch(`/api/${path}`))).text();
export const remove = async (path) => (await answered(fetch(`/api/${path}`, { method: "DELETE" }))).json();

/** Tells this open page from another, so that it keeps its place in the row when it asks again. */
const page = crypto.randomUUID?.() ?? String(Math.random());

const post = (path, body, signal, more = {}) =>
  answered(fetch(`/api/${path}`, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", "x-page": page, ...more }, signal }));

export const ask = async (path, body, signal) => (await post(path, body, signal)).json();
/** The same, and whether the answer is ``kept`` from an earlier start of the server. */
export async function askKept(path, body, signal) {
  const response = await post(path, body, signal);
  return { ...await response.json(), kept: response.headers.has("x-kept") };
}
/** What may be asked next: the server keeps the answer if it has time for it, and sends nothing. */
export const askAhead = (path, body, signal) => post(path, body, signal, { "x-ahead": "1" }).catch(() => null);
export const askText = async (path, body) => (await post(path, body)).text();
