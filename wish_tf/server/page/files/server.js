// Calls of the server: TF-Serving's `:predict`, and the page's own.

const LONE_SURROGATE = /\p{Surrogate}/gu;

let token = null;

/** An answer that is an error; `status` is 0 if there was no answer. */
export class ServerError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function useToken(value) {
  token = value;
}

export async function settings() {
  return read("/page/settings.json", {});
}

export async function models() {
  return (await read("/page/models", {})).models;
}

export async function hash(model, text, signal) {
  const body = { signature_name: "hash", instances: [wellFormed(text)] };
  return (await predict(model, body, signal)).predictions[0];
}

export async function topics(model, words) {
  const body = { signature_name: "topics", instances: [words] };
  return (await predict(model, body)).predictions[0].words;
}

export function neighbours(model, code, signal) {
  return post("/page/neighbours", { model, code }, signal);
}

/** The documents for a text; `code` is null if the model knows no word of it. */
export function search(model, text, code, signal) {
  return post("/page/search", { model, text: wellFormed(text), code }, signal);
}

export function buckets(model, start) {
  return post("/page/buckets", { model, start });
}

export function bucket(model, code, start) {
  return post("/page/bucket", { model, code, start });
}

export function explain(model, text, signal) {
  return post("/page/explain", { model, text: wellFormed(text) }, signal);
}

function predict(model, body, signal) {
  return post(`/v1/models/${encodeURIComponent(model)}:predict`, body, signal);
}

/** Half a character is no UTF-8, and the server refuses it. */
function wellFormed(text) {
  return text.replace(LONE_SURROGATE, "\ufffd");
}

function post(path, body, signal) {
  return read(path, { method: "POST", body: JSON.stringify(body), signal });
}

async function read(path, options) {
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(0, "The server does not answer.");
  }
  const content = await answer.json();
  if (!answer.ok) throw new ServerError(answer.status, content.error);
  return content;
}
