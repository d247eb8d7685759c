// A data_visualization block as a drawing, with the same numbers as a table for who can't see it.

import { h, svg } from "/static/dom.js";

const HEIGHT = 240, LEFT = 52, RIGHT = 12, TOP = 12, BOTTOM = 44;
const brief = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
const full = new Intl.NumberFormat("en-GB");
let serial = 0;

let WIDTH = 560;

export function chart(block, narrow) {
  // lettering keeps its size where there is little room
  WIDTH = narrow ? 340 : 560;
  const { chart: inner, title } = block;
  const id = `chart-${++serial}`;
  const names = inner.series.map((one) => one.name);
  return h("figure", { class: "chart", "aria-labelledby": id },
    h("figcaption", { id }, title),
    drawAxes(inner, title),
    names.length > 1 ? legend(names) : null,
    h("div", { class: "hidden" }, axesTable(inner, title)));
}

const legend = (names) => h("ul", { class: "legend", "aria-hidden": "true" }, names.map((name, index) => h("li", {}, h("span", { class: `swatch fill-${index}` }), name)));

// steps of 1, 2 or 5 times a power of ten
function ticks(low, high) {
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const first = Math.floor(low / step) * step;
  const found = [];
  for (let at = first; at < high + step * 0.999; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

function drawAxes(inner, title) {
  const categories = inner.axis_config.categories;
  const values = inner.series.map((series) => {
    const held = new Map(series.data.map((point) => [point.label, point.value]));
    return categories.map((name) => held.get(name));
  });
  const known = values.flat().filter((value) => value !== undefined);
  const marks = ticks(Math.min(0, ...known), Math.max(0, ...known));
  const low = marks[0], high = marks.at(-1);
  const bottom = BOTTOM + (inner.axis_config.x_label ? 14 : 0);
  const y = (value) => TOP + (HEIGHT - TOP - bottom) * (1 - (value - low) / (high - low));
  const slot = (WIDTH - LEFT - RIGHT) / categories.length;
  const x = (index) => LEFT + slot * (index + 0.5);
  const frame = { categories, values, series: inner.series, x, y, slot, zero: y(Math.max(low, 0)) };
  const shape = inner.type === "bar" ? bars(frame) : lines(frame, inner.type === "area");
  const label = `${title}: ${inner.type} chart, ${inner.series.map((one) => one.name).join(", ")}. The numbers follow as a table.`;
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label }, svg("title", {}, title), axes(frame, marks, inner.axis_config, bottom), shape);
}

function axes({ categories, x, y, slot }, marks, config, bottom) {
  const longest = Math.max(...categories.map((name) => name.length));
  const every = Math.max(1, Math.ceil(Math.min(longest, 12) * 6.6 / slot));
  const base = HEIGHT - bottom;
  return svg("g", {},
    marks.map((mark) => [
      svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(mark), y2: y(mark), class: mark === 0 ? "zero" : "grid" }),
      svg("text", { x: LEFT - 8, y: y(mark) + 4, "text-anchor": "end" }, brief.format(mark)),
    ]),
    categories.map((name, index) => index % every ? null :
      svg("text", { x: x(index), y: base + 18, "text-anchor": "middle" }, name.length > 12 && every > 1 ? `${name.slice(0, 11)}…` : name)),
    config.x_label ? svg("text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 8, "text-anchor": "middle", class: "axis-label" }, config.x_label) : null,
    config.y_label ? svg("text", { x: 12, y: (TOP + base) / 2, "text-anchor": "middle", class: "axis-label", transform: `rotate(-90 12 ${(TOP + base) / 2})` }, config.y_label) : null);
}

const said = (series, category, value) => svg("title", {}, `${series.name}, ${category}: ${full.format(value)}`);

function bars({ categories, values, series, x, y, slot, zero }) {
  const room = Math.min(slot * 0.76, 64 * series.length);
  const width = room / series.length;
  return svg("g", {}, values.map((row, number) => row.map((value, index) => {
    if (value === undefined) return null;
    const top = Math.min(y(value), zero), tall = Math.max(Math.abs(zero - y(value)), value ? 1 : 0);
    const left = x(index) - room / 2 + number * width + 1;
    return svg("rect", { x: left, y: top, width: Math.max(width - 2, 1), height: tall, rx: Math.min(3, width / 4), class: `fill-${number}` }, said(series[number], categories[index], value));
  })));
}

function lines({ categories, values, series, x, y, zero }, filled) {
  return svg("g", {}, values.map((row, number) => {
    const points = row.map((value, index) => (value === undefined ? null : [x(index), y(value), value, index])).filter(Boolean);
    const path = points.map(([left, top], index) => `${index ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`).join("");
    const area = points.length ? `${path}L${points.at(-1)[0].toFixed(1)} ${zero}L${points[0][0].toFixed(1)} ${zero}Z` : "";
    return [
      filled ? svg("path", { d: area, class: `area fill-${number}` }) : null,
      svg("path", { d: path, class: `line stroke-${number}` }),
      points.map(([left, top, value, index]) => svg("circle", { cx: left, cy: top, r: 3.5, class: `dot stroke-${number}` }, said(series[number], categories[index], value))),
    ];
  }));
}

function axesTable(inner, title) {
  const held = inner.series.map((series) => new Map(series.data.map((point) => [point.label, point.value])));
  return h("table", {}, h("caption", {}, title),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, inner.axis_config.x_label || "Category"), inner.series.map((one) => h("th", { scope: "col" }, one.name)))),
    h("tbody", {}, inner.axis_config.categories.map((name) => h("tr", {}, h("th", { scope: "row" }, name), held.map((one) => h("td", {}, one.has(name) ? full.format(one.get(name)) : "no value"))))));
}
