// Block Kit as nodes.

import { h } from "/static/dom.js";
import { chart } from "/static/chart.js";
import { control } from "/static/controls.js";
import { plain, richText, textOf } from "/static/mrkdwn.js";
import { table } from "/static/table.js";

// what the emulated Slack takes
const DRAW = {
  section, context, actions, input, table, rich_text: richText,
  data_visualization: (block, world, place) => chart(block, place.narrow),
};

export function blocks(list, world, place) {
  const title = list[0]?.type === "rich_text" ? richText(list[0], world).textContent : "";
  place = { ...place, title };
  return list.map((block) => h("div", { class: "block" }, DRAW[block.type] ? DRAW[block.type](block, world, place) : h("p", { class: "muted" }, `(${block.type} is not drawn here)`)));
}

function section(block, world) {
  return h("div", { class: "section-text" }, textOf(block.text, world));
}

function context(block, world) {
  return h("div", { class: "context" }, block.elements.map((one) => h("span", {}, textOf(one, world))));
}

function actions(block, world, place) {
  return h("div", { class: "actions" }, block.elements.map((one) => control(one, block, place)));
}

let serial = 0;

function input(block, world, place) {
  const id = `field-${++serial}`;
  const error = place.errors?.[block.block_id];
  const described = [block.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || null;
  const grouped = block.element.type === "multi_static_select";
  const label = plain(block.label.text);
  const node = control(block.element, block, { ...place, id, label: grouped ? label : null, described, invalid: error ? "true" : null, required: block.optional ? null : "true" });
  return h("div", { class: error ? "field has-error" : "field" },
    h(grouped ? "span" : "label", { class: "field-label", for: grouped ? null : id }, label, block.optional ? h("span", { class: "muted" }, " (optional)") : null),
    node,
    error ? h("p", { class: "field-error", id: `${id}-error` }, error) : null,
    block.hint ? h("p", { class: "muted hint", id: `${id}-hint` }, plain(block.hint.text)) : null);
}
