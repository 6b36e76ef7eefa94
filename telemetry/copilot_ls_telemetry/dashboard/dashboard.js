// Draws the page from data.json, and follows tail.json. Everything is put into the page as text, never as markup.
"use strict";

const state = { period: "month", after: 0, following: null, data: null, charts: [] };
const at = id => document.getElementById(id);
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const percent = value => (value == null ? "–" : `${(100 * value).toFixed(1)} %`);
// Browsers that are started without a language have one that no formatter knows.
const language = (() => { try { return new Intl.Locale(navigator.language).toString(); } catch { return "en"; } })();
const number = value => (value == null ? "–" : value.toLocaleString(language));
const milliseconds = value => (value == null ? "–" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);
const money = value => (value == null ? "–" : value.toPrecision(3));
const interval = pair => (pair == null ? "–" : `${Math.round(100 * pair[0])}–${Math.round(100 * pair[1])} %`);

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text != null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function table(place, caption, columns, rows) {
  const target = at(place);
  target.replaceChildren();
  if (!rows.length) return target.append(element("p", "Nothing yet.", { class: "note" }));
  const made = element("table"), head = element("tr"), body = element("tbody");
  made.append(element("caption", caption, { hidden: "" }), element("thead"), body);
  for (const [title] of columns) head.append(element("th", title, { scope: "col" }));
  made.querySelector("thead").append(head);
  for (const row of rows) {
    const line = element("tr");
    columns.forEach(([, value], column) =>
      line.append(element(column ? "td" : "th", value(row), column ? {} : { scope: "row" })));
    body.append(line);
  }
  target.append(made);
}

function chart(place, label, options, data) {
  const target = at(place);
  target.replaceChildren();
  const missing = !data[0].length ? "Nothing yet." : typeof uPlot === "undefined" ? "The table has the figures." : "";
  if (missing) return target.append(element("p", missing, { class: "note" }));
  target.setAttribute("role", "img");
  target.setAttribute("aria-label", label);
  const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") } };
  const axes = options.axes.map(each => ({ ...axis, ...each }));
  const made = new uPlot({ width: target.clientWidth, height: 220, ...options, axes }, data, target);
  state.charts.push([target, made]);
}

const share = { values: (_, splits) => splits.map(value => `${Math.round(100 * value)} %`), size: 56 };
const line = (label, name, more = {}) =>
  ({ label, stroke: colour(name), width: 2, points: { size: 6 }, spanGaps: true, value: (_, value) => percent(value), ...more });

const dayOf = seconds => new Date(1000 * seconds).toLocaleDateString(language, { day: "numeric", month: "short" });

function overTime({ unit, rows }) {
  const band = { stroke: "transparent", points: { show: false }, spanGaps: true };
  chart("over-time", `Acceptance rate in ${rows.length} ${unit}s; the table below has the figures.`, {
    scales: { x: { time: true }, y: { range: [0, 1] } },
    axes: [{ values: (_, splits) => splits.map(dayOf) }, share],
    bands: [{ series: [3, 4], fill: colour("band") }],
    series: [{ label: unit, value: "{YYYY}-{MM}-{DD}" }, line("accepted", "one"), line("survived 5 min", "two", { dash: [6, 4] }),
      { ...band, label: "to", value: (_, value) => percent(value) }, { ...band, label: "from", value: (_, value) => percent(value) }],
  }, [
    rows.map(day => Date.parse(`${day.group}T12:00:00`) / 1000),
    rows.map(day => day.acceptance_rate), rows.map(day => day.survival_rate),
    rows.map(day => day.acceptance_interval && day.acceptance_interval[1]),
    rows.map(day => day.acceptance_interval && day.acceptance_interval[0]),
  ]);
  table("over-time-table", `Acceptance and retention by ${unit}`, [
    [unit === "week" ? "week from" : "day", day => day.group], ["shown", day => number(day.shown)], ["accepted", day => percent(day.acceptance_rate)],
    ["95 % interval", day => interval(day.acceptance_interval)], ["survived 5 min", day => percent(day.survival_rate)],
    ["95 % interval", day => interval(day.survival_interval)],
  ], rows);
}

function bars(place, label, names, series, format) {
  const width = .8 / series.length;
  chart(place, label, {
    scales: { x: { time: false, range: [-.6, names.length - .4] }, y: { range: (_, low, high) => [0, format === percent ? 1 : high * 1.1] } },
    axes: [
      { splits: () => names.map((_, place) => place), values: () => names, rotate: names.length > 8 ? -40 : 0, size: names.length > 8 ? 54 : 34 },
      format === percent ? share : { size: 56 },
    ],
    series: [{ label: "at", value: (_, place) => names[Math.round(place)] ?? "–" }, ...series.map(({ name, stroke }, order) => ({
      label: name, stroke: colour(stroke), fill: colour(stroke), points: { show: false }, value: (_, value) => format(value),
      paths: globalThis.uPlot?.paths.bars({ size: [width, 60], align: 0, disp: undefined }),
    }))],
  }, [names.map((_, place) => place), ...series.map(each => each.values)]);
}

function retention(rows) {
  bars("retention", "Share of accepted text that is still there, by the time since; the table below has the figures.",
    rows.map(row => row.moment), [{ name: "kept", stroke: "three", values: rows.map(row => row.kept) }], percent);
  table("retention-table", "Retention by the time since", [
    ["after", row => row.moment], ["n", row => number(row.n)], ["kept", row => percent(row.kept)],
    ["survived", row => percent(row.survival_rate)], ["95 % interval", row => interval(row.interval)],
  ], rows);
}

function latency(rows, summary) {
  const buckets = [...new Set(rows.map(row => row.bucket_ms))].sort((a, b) => a - b);
  const total = buckets.map(bucket => rows.filter(row => row.bucket_ms === bucket).reduce((sum, row) => sum + row.n, 0));
  bars("latency", "Suggestions by how long they took; the table below has the figures by source.",
    buckets.map(bucket => `≤ ${bucket}`), [{ name: "suggestions", stroke: "four", values: total }], number);
  table("latency-table", "Latency by source", [
    ["source", row => row.source.replaceAll("_", " ")], ["n", row => number(row.n)],
    ["p50", row => milliseconds(row.p50_ms)], ["p95", row => milliseconds(row.p95_ms)],
  ], summary);
}

function tiles(data) {
  const kept = data.retention.find(row => row.moment === "300s");
  const cost = data.costs.reduce((sum, row) => sum + (row.cost ?? 0), 0);
  const writing = data.writing.typed_chars ? data.writing : null;
  const told = [
    ["accepted of what was shown", percent(data.acceptance_rate), `${number(data.accepted)} of ${number(data.shown)}, ${interval(data.acceptance_interval)}`],
    ["survived five minutes", percent(kept && kept.survival_rate), kept ? `${number(kept.survived)} of ${number(kept.n)}, ${interval(kept.interval)}` : "nothing was looked at yet"],
    ["of the code is from suggestions", percent(writing && writing.share), writing ? `${percent(writing.keystrokes_saved)} of the keys saved` : "nothing was counted yet"],
    ["spent", cost ? money(cost) : "–", cost ? "in the unit of your prices" : "no backend has a price"],
  ];
  at("tiles").replaceChildren(...told.map(([what, figure, note]) => {
    const tile = element("div", null, { class: "tile" });
    tile.append(element("strong", figure), element("span", `${what} · ${note}`));
    return tile;
  }));
}

const outcomes = [
  ["shown", row => number(row.shown)], ["accepted", row => number(row.accepted)],
  ["rate", row => percent(row.acceptance_rate)], ["95 % interval", row => interval(row.acceptance_interval)],
  ["survived 5 min", row => percent(row.survival_rate)], ["95 % interval", row => interval(row.survival_interval)],
];

function findings(found) {
  at("findings").hidden = !found.length;
  at("findings").querySelector("ul").replaceChildren(...found.map(({ text, advice }) => {
    const item = element("li", `${text} `);
    // What stands between ` and ` is to be typed.
    advice.split("`").forEach((part, place) => part && item.append(element(place % 2 ? "code" : "span", part)));
    return item;
  }));
}

function draw(data) {
  state.data = data;
  state.charts.forEach(([, made]) => made.destroy());
  state.charts = [];
  at("message").textContent = data.error ?? (data.empty || !data.offered
    ? "No suggestion has been recorded in this period. Statistics appear once an editor has shown ghost text." : "");
  if (data.error || data.empty) return;
  tiles(data);
  findings(data.findings);
  overTime(data.over_time);
  retention(data.retention);
  latency(data.distribution, data.latency);
  table("backends", "Backends side by side", [
    ["backend", row => row.group ?? "–"], ...outcomes, ["p50", row => milliseconds(row.p50_ms)],
    ["p95", row => milliseconds(row.p95_ms)], ["faults", row => `${number(row.faults)} of ${number(row.asked)}`],
    ["cost", row => money(row.cost)], ["per accepted", row => money(row.cost_per_accepted)],
  ], data.backends);
  table("languages", "Languages", [["language", row => row.group ?? "–"], ...outcomes], data.groups.language);
  table("places", "Where suggestions are not taken", [
    ["place", row => `${row.language}, ${row.lines} line, ${row.trigger_kind}, ${row.backend}`],
    ["shown", row => number(row.shown)], ["rate", row => percent(row.acceptance_rate)], ["95 % interval", row => interval(row.interval)],
    ["in vain", row => number(row.passed_chars)],
  ], data.places.slice(0, 12));
  table("fixes", "Fixes by rule", [
    ["rule", row => row.rule || "–"], ["language", row => row.language], ["backend", row => row.backend ?? "–"],
    ["asked for", row => number(row.opened)], ["verified", row => number(row.verified)], ["gave up", row => number(row.gave_up)],
    ["applied", row => number(row.applied)], ["resolved", row => number(row.resolved)], ["rate", row => percent(row.resolution_rate)],
    ["cost each", row => money(row.cost_per_resolved)],
  ], data.fixes);
}

async function load() {
  const period = state.period;
  at("message").textContent = "Reading …";
  try {
    const answer = await fetch(`data.json?period=${period}`);
    const data = await answer.json();
    if (period === state.period) draw(data);
  } catch {
    draw({ error: "The page's server has ended; start copilot-ls dashboard again." });
  }
}

async function follow() {
  try {
    const answer = await fetch(`tail.json?after=${state.after}`);
    const { events = [] } = await answer.json();
    const tail = at("tail"), atEnd = tail.scrollTop + tail.clientHeight >= tail.scrollHeight - 4;
    for (const event of events) {
      const { id, at: seconds, event: name, ...rest } = event;
      state.after = Math.max(state.after, id);
      const told = Object.entries(rest).map(([key, value]) => `${key}=${value}`).join(" ");
      tail.append(element("div", `${new Date(1000 * seconds).toLocaleTimeString(language)}  ${name.padEnd(20)} ${told}`));
    }
    while (tail.childElementCount > 500) tail.firstChild.remove();
    if (atEnd) tail.scrollTop = tail.scrollHeight;
  } catch {
    toggle();
  }
}

function toggle() {
  const button = at("live");
  if (state.following) {
    clearInterval(state.following);
    state.following = null;
  } else {
    follow();
    state.following = setInterval(follow, 2000);
  }
  button.setAttribute("aria-pressed", String(Boolean(state.following)));
  button.textContent = state.following ? "Stop" : "Follow";
}

at("periods").addEventListener("click", event => {
  if (!event.target.dataset.period) return;
  state.period = event.target.dataset.period;
  for (const button of at("periods").children) button.setAttribute("aria-pressed", String(button === event.target));
  load();
});
at("live").addEventListener("click", toggle);
addEventListener("resize", () => state.charts.forEach(([target, made]) => made.setSize({ width: target.clientWidth, height: 220 })));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => state.data && draw(state.data));
load();
