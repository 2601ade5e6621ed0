// Whether the model is healthy.
import { bar, fill, find, make, percent } from "./dom.js";

const SYMBOLS = { good: "\u2713", look: "!", problem: "\u2715", unknown: "?" };
const NAMES = {
  good: "Healthy",
  look: "Worth a look",
  problem: "Not healthy",
  unknown: "Health not known",
};
const VERDICTS = {
  good: "good",
  look: "look at this",
  problem: "problem",
  unknown: "no verdict",
};

export function showHealth(model) {
  const health = model.health;
  const chip = find("verdict");
  chip.hidden = false;
  chip.className = health.verdict;
  fill(chip, symbol(health.verdict), NAMES[health.verdict]);
  const body = [
    make("p", { class: `summary ${health.verdict}` }, symbol(health.verdict), health.summary),
    make(
      "ul",
      { class: "findings" },
      ...health.findings.map((finding) =>
        make(
          "li",
          { class: finding.verdict },
          symbol(finding.verdict),
          make(
            "span",
            {},
            make("strong", {}, `${finding.name}: ${finding.value}`),
            make("span", { class: "verdict" }, ` ${VERDICTS[finding.verdict]}. `),
            make("span", { class: "quiet" }, finding.meaning),
          ),
        ),
      ),
    ),
  ];
  if (model.measured_on) {
    body.push(make("p", { class: "quiet" }, `Measured on ${model.measured_on}.`));
  }
  body.push(make("p", { class: "quiet" }, precision(model)));
  if (model.shares) body.push(shares(model.shares));
  fill(find("health-body"), ...body);
}

function symbol(verdict) {
  return make("span", { class: "symbol", "aria-hidden": "true" }, SYMBOLS[verdict]);
}

function precision(model) {
  if (model.precision_at_100 === null) {
    return "How well neighbours share labels (Prec@100) is not known.";
  }
  const value = model.precision_at_100.toFixed(3);
  return (
    `Prec@100 was ${value} after training on ${model.corpus}: of the 100 nearest ` +
    "documents, this share had a label of the query."
  );
}

function shares(values) {
  return make(
    "details",
    {},
    make("summary", {}, "Share of documents with each bit on"),
    make(
      "table",
      {},
      make(
        "tbody",
        {},
        ...values.map((share, bit) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, `bit ${bit}`),
            make("td", { class: "wide" }, bar(share)),
            make("td", { class: "amount" }, percent(share)),
          ),
        ),
      ),
    ),
  );
}
