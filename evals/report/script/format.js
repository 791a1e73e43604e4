// Numbers as words, and what the figures call their parts.

const GROUPED = new Intl.NumberFormat("en");
const COLLATOR = new Intl.Collator("en", { numeric: true });

function count(number) {
  return GROUPED.format(number);
}

function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function percent(share) {
  return share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)}%`;
}

function interval(share) {
  return `${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)}%`;
}

function seconds(number) {
  return `${number.toFixed(number < 0.1 ? 3 : 2)} s`;
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Whether a figure is a share with its interval. */
function isShare(value) {
  return isObject(value) && ["right", "n", "low", "high"].every((name) => typeof value[name] === "number");
}

/** A share and its interval as a bar; `from` is where the scale starts. */
function intervalBar(share, from = 0) {
  const place = (value) => (100 * Math.max(0, value - from)) / (1 - from);
  const [low, high] = [place(share.low), place(share.high)];
  const bar = draw("svg", {
    class: "interval",
    viewBox: "0 0 100 10",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  bar.append(draw("rect", { class: "track", x: 0, y: 4, width: 100, height: 2 }));
  if (share.n) {
    bar.append(draw("rect", { class: "range", x: low, y: 2.5, width: Math.max(high - low, 0.8), height: 5 }));
    const point = Math.min(place(share.right / share.n), 99);
    bar.append(draw("rect", { class: "point", x: point, y: 0, width: 1, height: 10 }));
  }
  return bar;
}

/** The value below which a share of the sorted numbers lies, interpolated. */
function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
