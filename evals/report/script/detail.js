// One row in full.

/** The parts of a row; `go` moves to the next or previous row, `close` closes it. */
function detailOf(row, { go, close }) {
  const whole = { ...row, ...exactValues(row) };
  return [
    make(
      "div",
      { class: "bar head" },
      make("h3", { id: "detail-title" }, make("code", {}, shortened(row.id, 200))),
      button("‹", () => go(-1), { "aria-label": "Previous row" }),
      button("›", () => go(1), { "aria-label": "Next row" }),
      button("×", close, { "aria-label": "Close" }),
    ),
    make("p", { class: "question" }, shortened(row.question)),
    make("p", { class: "facts" }, badge(row), ...detailFacts(row)),
    make(
      "p",
      { class: "tags" },
      row.tags.map((tag) => filterButton(shortened(tag, 120), "tag", tag)),
    ),
    row.error && part("Error", errorBlock(row.error)),
    part("Plan", planBlock(row)),
    part("Answer", answerBlock(whole)),
    row.program && part("Program", make("pre", { class: "program" }, shortened(row.program))),
    whole.calls.length > 0 && part(plural(whole.calls.length, "call"), callTable(whole.calls)),
    Object.keys(whole.data).length > 0 &&
      make("details", {}, make("summary", {}, "Data that was read"), valueBlock(whole.data)),
  ].filter(Boolean);
}

function part(title, ...children) {
  return make("section", {}, make("h4", {}, title), ...children);
}

/** The result as a word with a colour, and the outcome where there is one. */
function badge(row) {
  return make(
    "span",
    { class: `badge ${row.result}`, title: row.outcome ? OUTCOMES.get(row.outcome) : null },
    RESULTS.get(row.result),
    row.outcome ? make("span", { class: "outcome" }, row.outcome) : null,
  );
}

function detailFacts(row) {
  const facts = [
    row.hop === null ? null : plural(row.hop, "hop"),
    row.kind === "computed" ? null : row.kind,
    row.template,
    plural(row.attempts, "attempt"),
    seconds(row.seconds),
  ];
  return facts.filter(Boolean).map((fact) => make("span", { class: "muted" }, shortened(fact, 200)));
}

function errorBlock(error) {
  return make(
    "div",
    { class: "failure" },
    make("p", {}, make("code", {}, shortened(error.kind, 200))),
    make("p", { class: "message" }, shortened(error.message)),
    error.hint && make("p", { class: "message" }, make("strong", {}, "What to do: "), shortened(error.hint)),
  );
}

function planBlock(row) {
  const { expected, given } = planParts(row.expected_plan ?? row.plan, row.plan);
  if (row.expected_plan === null)
    return make("p", {}, given, make("span", { class: "muted" }, " none expected"));
  if (row.plan_right) return make("p", {}, given, make("span", { class: "muted" }, " as expected"));
  return make(
    "dl",
    {},
    make("dt", {}, "Expected"),
    make("dd", {}, expected),
    make("dt", {}, "Given"),
    make("dd", {}, given),
  );
}

/** What must happen instead of an answer, in words; null where a value is expected. */
function expectedEnd(expected) {
  if (!isObject(expected) || Object.keys(expected).length !== 1) return null;
  if (expected.refuse === true) return "The question must be refused.";
  return typeof expected.error === "string"
    ? ["The question must end in the error ", make("code", {}, shortened(expected.error, 200)), "."]
    : null;
}

function answerBlock(row) {
  const said = row.text ? make("p", { class: "message" }, shortened(row.text)) : null;
  const end = expectedEnd(row.expected);
  const given = row.status === "ok" ? [make("h5", {}, "Given"), valueBlock(row.answer)] : [];
  const expected = [make("h5", {}, "Expected"), valueBlock(row.expected), furtherAnswers(row.also)];
  if (row.strict === null && row.expected === null) return make("div", {}, said, given);
  if (end) return make("div", {}, make("p", {}, end), furtherAnswers(row.also), said, given);
  if (row.status !== "ok") return make("div", {}, expected);
  return make("div", {}, said, comparison(row), furtherAnswers(row.also));
}

/** The answer given, beside the right one that it comes nearest to. */
function comparison(row) {
  const all = row.strict ? [row.expected, ...row.also] : [row.expected];
  const isGiven = (value) => sameValue(arranged(value, row.unordered), arranged(row.answer, row.unordered));
  const target = all.find(isGiven) ?? row.expected;
  const same = isGiven(target);
  const notes = [
    row.unordered && Array.isArray(row.expected) && "Right in any order, so both are sorted here.",
    row.strict === false && row.loose && "Right as a set, but not to the letter.",
    row.strict && !sameValue(target, row.expected) && "Right: one of the further answers.",
    row.strict && !same && `Right by the rules of its kind, ${row.kind}.`,
  ].filter(Boolean);
  const told = notes.map((note) => make("p", { class: "muted" }, note));
  if (!same) return [...told, diffLegend(), valueDiff(target, row.answer, row.unordered)];
  return [...told, make("p", { class: "muted" }, "Expected and given are the same:"), valueBlock(row.answer)];
}

function diffLegend() {
  return make("p", { class: "legend" }, make("del", {}, "− expected"), " ", make("ins", {}, "+ given"));
}

function furtherAnswers(also) {
  return also.length
    ? make(
        "details",
        {},
        make("summary", {}, `Also right: ${plural(also.length, "further answer")}`),
        also.map(valueBlock),
      )
    : null;
}

function callTable(calls) {
  const lines = calls.map((call) =>
    make(
      "tr",
      {},
      make("td", {}, make("code", {}, shortened(call.tool, 200))),
      make("td", {}, make("code", { class: "arguments" }, shortened(JSON.stringify(call.args), 600))),
      make("td", {}, call.ok ? "answered" : make("strong", { class: "failed" }, "failed")),
      make("td", { class: "number" }, `${(1000 * Number(call.seconds)).toFixed(1)} ms`),
    ),
  );
  const heads = [["Function"], ["Arguments"], ["Result"], ["Time", "number"]];
  const head = make(
    "tr",
    {},
    ...heads.map(([label, style]) => make("th", { scope: "col", class: style ?? null }, label)),
  );
  return make(
    "div",
    { class: "scroll" },
    make("table", {}, make("thead", {}, head), make("tbody", {}, lines)),
  );
}
