// How long the questions took: a histogram with median and 95th percentile.

const BINS = 40;
const TICKS = 6;
const [CHART_WIDTH, CHART_HEIGHT, CHART_TOP] = [640, 120, 34];

/** A round number that covers `top` in at most `most` steps. */
function roundStep(top, most) {
  const rough = Math.max(top, 1e-6) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((width) => width >= rough * 0.999);
}

function showLatency(rows) {
  const sorted = rows
    .map((row) => row.seconds)
    .filter(Number.isFinite)
    .sort((one, other) => one - other);
  if (!sorted.length) {
    byId("latency").replaceChildren(make("p", {}, "No question was asked."));
    return;
  }
  const [median, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(sorted, share));
  const slowest = sorted.at(-1);
  // A few very slow answers would press all others into one bar; they share the last one.
  const top = slowest > 3 * p99 ? p99 * 1.5 : slowest;
  const width = roundStep(top, BINS);
  const number = Math.max(1, Math.ceil(top / width + 1e-9));
  const bins = new Array(number).fill(0);
  for (const value of sorted) bins[Math.min(number - 1, Math.floor(value / width))] += 1;
  const open = slowest > number * width;
  const times = `median ${seconds(median)}, 95% within ${seconds(p95)}, slowest ${seconds(slowest)}`;
  const told = `${plural(sorted.length, "question")}: ${times}`;
  byId("latency").replaceChildren(
    histogram(bins, width, open, { median, p95 }, told),
    make("p", { class: "muted" }, `${told}.${open ? " The last bar holds all that were slower." : ""}`),
  );
}

function histogram(bins, width, open, marks, told) {
  const most = Math.max(...bins);
  const step = CHART_WIDTH / bins.length;
  const base = CHART_TOP + CHART_HEIGHT;
  const chart = draw("svg", {
    class: "histogram",
    viewBox: `-4 0 ${CHART_WIDTH + 8} ${base + 22}`,
    role: "img",
    "aria-label": told,
  });
  bins.forEach((number, at) => {
    const height = number ? Math.max((CHART_HEIGHT * number) / most, 1.5) : 0;
    const from = `${(at * width).toPrecision(3)} to ${((at + 1) * width).toPrecision(3)} s`;
    const bar = draw("rect", {
      class: open && at === bins.length - 1 ? "slow" : "bin",
      x: at * step + 0.5,
      y: base - height,
      width: Math.max(step - 1, 0.5),
      height,
    });
    bar.append(draw("title", {}, `${from}: ${count(number)}`));
    chart.append(bar);
  });
  chart.append(draw("line", { class: "axis", x1: 0, x2: CHART_WIDTH, y1: base, y2: base }));
  const end = bins.length * width;
  const tick = roundStep(end, TICKS);
  for (let at = 0; at <= end * 1.0001; at += tick) {
    const anchor = at === 0 ? "start" : at > end * 0.97 ? "end" : "middle";
    const place = { x: (at / end) * CHART_WIDTH, y: base + 16, "text-anchor": anchor };
    chart.append(draw("text", place, `${Number(at.toPrecision(3))} s`));
  }
  const names = { median: "median", p95: "95%" };
  Object.entries(marks).forEach(([name, value], at) => {
    const x = Math.min(value / end, 1) * CHART_WIDTH;
    const right = x > CHART_WIDTH * 0.8;
    const y = 12 + 15 * at;
    chart.append(draw("line", { class: "mark", x1: x, x2: x, y1: y - 9, y2: base }));
    chart.append(
      draw(
        "text",
        { x: right ? x - 5 : x + 5, y, "text-anchor": right ? "end" : "start" },
        `${names[name]} ${seconds(value)}`,
      ),
    );
  });
  return chart;
}
