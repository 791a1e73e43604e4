// The head of the page: where the run came from, the figures of the whole run, and the outcomes.

const CARDS = {
  strict: ["Right answers", "to the letter, among questions that have an answer"],
  plan: ["Right plans", "among questions with an expected plan"],
  set: ["Right as sets", "lists in any order, spelling folded"],
  acc: ["ACC", "SoAyBench: EM and DS"],
  refusals: ["Right refusals", "of the questions to be refused"],
  refused_wrongly: ["Wrong refusals", "of the questions that have an answer"],
};
const HEADLINES = ["suite", "domain", "model", "strategy", "asked with", "errors"];

function showHead(report) {
  const { run, asked, questions } = report;
  const told = HEADLINES.filter((name) => typeof run[name] === "string" && run[name]).map((name) =>
    make("span", {}, make("span", { class: "muted" }, `${name} `), run[name].slice(0, 80)),
  );
  told.push(
    make(
      "span",
      {},
      asked < questions
        ? `${count(asked)} of ${plural(questions, "question")} asked`
        : plural(questions, "question"),
    ),
  );
  byId("facts").replaceChildren(...told);
  const facts = Object.entries(run).map(([name, value]) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make("td", {}, make("code", {}, shortened(plain(value)))),
    ),
  );
  byId("provenance").append(
    facts.length ? make("table", {}, make("tbody", {}, facts)) : make("p", {}, "Nothing is known of it."),
  );
}

function plain(value) {
  return typeof value === "string" ? value || "–" : JSON.stringify(value, null, 1);
}

/** One card for every share of the figures, known ones first. */
function showCards(figures) {
  const shares = new Map(Object.keys(CARDS).map((name) => [name, null]));
  for (const part of [isObject(figures.all) ? figures.all : {}, figures]) {
    for (const [name, value] of Object.entries(part)) if (isShare(value)) shares.set(name, value);
  }
  const cards = [...shares]
    .filter(([, share]) => share && share.n > 0)
    .map(([name, share]) => {
      const [label, explained] = CARDS[name] ?? [name.replaceAll("_", " "), ""];
      return make(
        "div",
        { class: "card", title: explained || null },
        make("h3", {}, label),
        make("p", { class: "big" }, percent(share.right / share.n)),
        intervalBar(share),
        make("p", { class: "muted" }, `${count(share.right)} of ${count(share.n)}`),
        make("p", { class: "muted" }, `95%: ${interval(share)}`),
      );
    });
  if (typeof figures.score === "number") {
    cards.push(
      make(
        "div",
        { class: "card" },
        make("h3", {}, "Score"),
        make("p", { class: "big" }, (100 * figures.score).toFixed(1)),
        make("p", { class: "muted" }, figures.score_interval ? `95%: ${interval(figures.score_interval)}` : ""),
        make("p", { class: "muted" }, "SoAyBench: ACC of one, two and three hops, weighted 1 : 2 : 3"),
      ),
    );
  }
  byId("cards").replaceChildren(
    ...(cards.length ? cards : [make("p", {}, "No figures: nothing was judged.")]),
  );
}

/** How often each outcome occurred; a press filters the rows. */
function showOutcomes(rows) {
  const counts = new Map([...OUTCOMES.keys()].map((name) => [name, 0]));
  for (const row of rows) if (row.outcome) counts.set(row.outcome, counts.get(row.outcome) + 1);
  const most = Math.max(1, ...counts.values());
  const lines = [...counts].map(([name, number]) => {
    const bar = draw("svg", {
      class: "amount",
      viewBox: "0 0 100 10",
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    });
    bar.append(
      draw("rect", {
        class: name === "EM" || name === "DS" ? "good" : "bad",
        width: (100 * number) / most,
        height: 10,
      }),
    );
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, filterButton(name, "outcome", name)),
      make("td", {}, OUTCOMES.get(name)),
      make("td", { class: "number" }, count(number)),
      make("td", { class: "wide" }, bar),
    );
  });
  byId("outcomes").replaceChildren(make("tbody", {}, lines));
}
