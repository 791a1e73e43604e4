// The rows: what became of each, and which of them a view shows.

const RESULTS = new Map([
  ["right", "Right"],
  ["refusal", "Right refusal"],
  ["wrong", "Wrong"],
  ["refused", "Wrong refusal"],
  ["error", "Error"],
  ["unjudged", "Not judged"],
]);

const OUTCOMES = new Map([
  ["EM", "Plan and answer right"],
  ["DS", "Answer right by another plan"],
  ["WS", "Plan and answer wrong"],
  ["WC", "Plan right, answer wrong"],
  ["EE", "No program ran to its end"],
]);

const RANKS = [...RESULTS.keys()].reverse();
const rowsText = () => byId("rows-data").textContent;

/** All rows, each with its place in the suite, its result, and a name of its own for addresses. */
function readRows() {
  const times = new Map();
  return JSON.parse(rowsText()).map((row, at) => {
    // A question that was asked several times has its id several times.
    const time = (times.get(row.id) ?? 0) + 1;
    times.set(row.id, time);
    const key = time === 1 ? row.id : `${row.id} (${time})`;
    return Object.assign(row, { at, key, result: resultOf(row), words: null });
  });
}

/** What became of a row; an error is no wrong answer. */
function resultOf(row) {
  const refused = row.error !== null && row.error.kind === "refused";
  const failed = row.status === "error" && !refused;
  if (row.strict === null) return failed ? "error" : "unjudged";
  if (row.strict) return refused ? "refusal" : "right";
  if (refused) return "refused";
  return failed ? "error" : "wrong";
}

let rowLines = null;

/** The values of a row again, with every digit of integers that JavaScript would round. */
function exactValues(row) {
  if (typeof JSON.rawJSON !== "function") return row;
  rowLines ??= rowsText().split("\n");
  const keep = (key, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? JSON.rawJSON(context.source)
      : value;
  const { expected, also, answer, calls, data } = JSON.parse(rowLines[row.at + 1].replace(/,$/, ""), keep);
  return { expected, also, answer, calls, data };
}

function isRaw(value) {
  return typeof JSON.isRawJSON === "function" && JSON.isRawJSON(value);
}

/** A plan as one text, to compare and sort by. */
function planText(plan) {
  return plan.join(" → ");
}

/** The pair of a row whose plan is wrong; '' for other rows. */
function planPair(row) {
  return row.plan_right === false && row.expected_plan ? JSON.stringify([row.expected_plan, row.plan]) : "";
}

function searchedText(row) {
  row.words ??= [
    ...[row.id, row.question, row.program, row.error?.kind, row.error?.message],
    ...[row.answer, row.expected].map((one) => (typeof one === "string" ? one : JSON.stringify(one))),
  ]
    .join("\n")
    .toLowerCase();
  return row.words;
}

/** Whether a row is in a view: every filter that is set must fit. */
function fits(view) {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  return (row) =>
    (!view.result.length || view.result.includes(row.result)) &&
    (!view.outcome.length || view.outcome.includes(row.outcome)) &&
    (!view.hop || String(row.hop) === view.hop) &&
    (!view.kind || row.kind === view.kind) &&
    (!view.template || row.template === view.template) &&
    (!view.pair || planPair(row) === view.pair) &&
    view.tag.every((tag) => row.tags.includes(tag)) &&
    words.every((word) => searchedText(row).includes(word));
}

const ROW_ORDERS = {
  id: (one, other) => COLLATOR.compare(one.id, other.id),
  question: (one, other) => COLLATOR.compare(one.question, other.question),
  result: (one, other) => RANKS.indexOf(one.result) - RANKS.indexOf(other.result),
  plan: (one, other) => COLLATOR.compare(planText(one.plan), planText(other.plan)),
  seconds: (one, other) => one.seconds - other.seconds,
};

/** The rows of a view, in its order. */
function chosen(rows, view) {
  const found = rows.filter(fits(view));
  const compare = ROW_ORDERS[view.sort.replace(/^-/, "")];
  if (!compare) return found;
  const sign = view.sort.startsWith("-") ? -1 : 1;
  return found.sort((one, other) => sign * compare(one, other) || one.at - other.at);
}
