// What the page knows, and what happens when something is typed or flipped.
import { makeBits, showBits } from "./bits.js";
import { Buckets } from "./buckets.js";
import { asBytes, asNumber, differing, flipped, grouped } from "./code.js";
import { documentList } from "./documents.js";
import { fill, find, make } from "./dom.js";
import { showHealth } from "./health.js";
import { showMeaning } from "./meaning.js";
import { away, moved, nearest, shownNames, showNeighbours, showNoNeighbours } from "./neighbours.js";
import * as server from "./server.js";

const WORDS = 12;
const MILLISECONDS = 200;

const state = {
  models: [],
  model: null, // the one that is looked at
  topics: [], // the words of each of its bits
  hashed: null, // what the server said of the text, if it has a code
  hint: "", // what there is to say of the text
  explanation: null,
  note: "", // why there is no explanation
  flips: new Set(), // bits that were flipped
  selected: 0, // the bit whose meaning is shown
  before: null, // names of the neighbours while nothing was flipped
  buckets: null,
};
let typing = null; // a timer
let asking = new AbortController(); // for what is asked about the text
let looking = new AbortController(); // for neighbours

function code() {
  const bits = state.hashed?.bits ?? new Array(state.model.bits).fill(0);
  return flipped(bits.join(""), state.flips);
}

function bitsOn() {
  const on = [...code()].filter((bit) => bit === "1").length;
  return `${on} of ${state.model.bits} bits are on.`;
}

/** Whether the switches stand for something: a text, or what was set by hand. */
function hasCode() {
  return state.hashed !== null || state.flips.size > 0;
}

function showError(error) {
  if (error.name === "AbortError") return;
  if (error.status === 401) {
    find("token-panel").hidden = false;
    find("token").focus();
  }
  find("error").textContent = error.message;
  find("error").hidden = false;
}

function clearError() {
  find("error").hidden = true;
}

function show() {
  showBits(code(), state.hashed?.probabilities ?? null, state.flips, state.selected);
  find("reset").hidden = state.flips.size === 0;
  find("hint").textContent = state.hint;
  showCode();
  showSelected();
}

function showCode() {
  const bits = code();
  const rows = hasCode()
    ? [
        ["Code", grouped(bits)],
        ["as a number", asNumber(bits)],
        ["as bytes, hex", asBytes(bits)],
      ]
    : [];
  fill(
    find("code"),
    ...rows.map(([name, value]) =>
      make("div", {}, make("dt", {}, name), make("dd", {}, value)),
    ),
  );
}

function showSelected() {
  const bit = state.selected;
  showMeaning(bit, state.topics[bit] ?? [], state.model, state.explanation, state.note);
}

function look(bit) {
  state.selected = bit;
  for (const [i, card] of [...find("bits").children].entries()) {
    card.classList.toggle("selected", i === bit);
  }
  showSelected();
}

function flip(bit) {
  state.selected = bit;
  if (!state.flips.delete(bit)) state.flips.add(bit);
  codeChanged();
}

function reset() {
  state.flips.clear();
  codeChanged();
  find("text").focus();
}

/** Sets the switches to a code, whatever the text says. */
function setCode(wanted) {
  state.flips.clear();
  state.flips = new Set(differing(code(), wanted));
  codeChanged();
  find("bits").firstElementChild.focus();
}

/** Shows what words and code find together; the switches' code, if there is one. */
async function search() {
  const text = find("text").value;
  find("found-section").hidden = !state.model.index || !text.trim();
  if (find("found-section").hidden) return;
  const wanted = hasCode() ? code() : null;
  try {
    const found = await server.search(state.model.name, text, wanted, looking.signal);
    const note = (hit) => [
      make("span", { class: "tag" }, `${hit.score.toFixed(2)}${away(hit.distance)}`),
    ];
    const why = make("p", { class: "quiet" }, found.why);
    fill(find("found"), found.why ? why : documentList(found.hits, note));
  } catch (error) {
    if (error.name === "AbortError") return;
    fill(find("found"), make("p", { class: "quiet" }, error.message));
  }
}

async function codeChanged() {
  show();
  looking.abort();
  looking = new AbortController();
  search();
  if (!hasCode()) state.before = null;
  if (!state.model.index) {
    find("status").textContent = hasCode() ? bitsOn() : "";
    return showNoNeighbours(state.model.why_no_index ?? "");
  }
  if (!hasCode()) {
    find("status").textContent = "";
    return showNoNeighbours("Type a text, or flip a bit, to see what is near.");
  }
  const wanted = code();
  try {
    const found = await server.neighbours(state.model.name, wanted, looking.signal);
    clearError();
    if (state.flips.size === 0) state.before = shownNames(found);
    const before = state.flips.size ? state.before : null;
    const movement = before ? ` ${moved(found, before)}` : "";
    find("status").textContent = `${bitsOn()} ${nearest(found)}${movement}`;
    showNeighbours(wanted, found, before);
  } catch (error) {
    showError(error);
  }
}

function typed() {
  clearTimeout(typing);
  typing = setTimeout(ask, MILLISECONDS);
}

/** Asks the server what the model makes of the text. */
async function ask() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const text = find("text").value;
  Object.assign(state, { hashed: null, explanation: null, hint: "", note: "" });
  state.flips.clear();
  try {
    if (text.trim()) {
      const hashed = await server.hash(state.model.name, text, signal);
      if (hashed.out_of_vocabulary) {
        state.hint = "The model knows no word of this text: its code means nothing.";
      } else {
        state.hashed = hashed;
      }
    }
    clearError();
    await Promise.all([codeChanged(), explain(text, signal)]);
  } catch (error) {
    showError(error);
  }
}

async function explain(text, signal) {
  if (!state.hashed) return;
  try {
    state.explanation = await server.explain(state.model.name, text, signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    state.note = `What each word did is not known: ${error.message}`;
  }
  showSelected();
}

async function choose(model) {
  asking.abort();
  looking.abort();
  clearTimeout(typing);
  Object.assign(state, { model, topics: [], selected: 0, before: null });
  find("about").textContent = about(model);
  showHealth(model);
  find("main").hidden = model.bits === null;
  if (model.bits === null) return;
  try {
    if (model.has_topics) state.topics = await server.topics(model.name, WORDS);
  } catch (error) {
    showError(error);
  }
  if (state.model !== model) return; // another was chosen meanwhile
  makeBits(model.bits, state.topics, flip, look);
  state.buckets = new Buckets(model, state.topics, setCode, showError);
  find("buckets-section").hidden = !model.index;
  if (model.index) state.buckets.list(0, false);
  await ask();
}

function about(model) {
  if (model.bits === null) return `${model.name} is no model that wish-tf exported.`;
  const corpus = model.corpus ? `, trained on ${model.corpus}` : "";
  return `Model ${model.name}, version ${model.version}: ${model.bits} bits${corpus}`;
}

async function start() {
  try {
    state.models = await server.models();
  } catch (error) {
    return showError(error);
  }
  clearError();
  find("token-panel").hidden = true;
  const options = state.models.map((model, i) => make("option", { value: i }, model.name));
  fill(find("model"), ...options);
  find("choice").hidden = state.models.length < 2;
  if (state.models.length) await choose(state.models[0]);
}

async function useToken() {
  server.useToken(find("token").value.trim());
  find("token").value = "";
  await start();
  if (find("token-panel").hidden) find("text").focus();
}

async function open() {
  find("text").addEventListener("input", typed);
  find("reset").addEventListener("click", reset);
  find("model").addEventListener("change", (event) => choose(state.models[event.target.value]));
  find("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    useToken();
  });
  try {
    const { needs_token: needsToken } = await server.settings();
    if (!needsToken) return await start();
  } catch (error) {
    return showError(error);
  }
  find("token-panel").hidden = false;
  find("token").focus();
}

open();
