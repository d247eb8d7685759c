// Block Kit as nodes.

import { h, icon, link } from "/static/dom.js";
import { chart } from "/static/chart.js";
import { control } from "/static/controls.js";
import { plain, richText, textOf } from "/static/mrkdwn.js";
import { dataTable, table } from "/static/table.js";

const DRAW = {
  section, context, actions, input, image, data_table: dataTable, table, rich_text: richText,
  header: (block) => h("h3", { class: "block-header" }, plain(block.text.text)),
  divider: () => h("hr"),
  data_visualization: (block, world, place) => chart(block, place.narrow),
  markdown: (block) => h("div", { class: "section-text" }, block.text),
  alert: (block, world) => h("div", { class: `alert ${block.level || "default"}`, role: "note" }, textOf(block.text, world)),
};

export function blocks(list, world, place) {
  return list.map((block) => h("div", { class: `block block-${block.type}` }, DRAW[block.type] ? DRAW[block.type](block, world, place) : h("p", { class: "muted" }, `(${block.type} is not drawn here)`)));
}

function section(block, world, place) {
  const fields = block.fields ? h("div", { class: "fields" }, block.fields.map((one) => h("div", {}, textOf(one, world)))) : null;
  const text = block.text ? h("div", { class: "section-text" }, textOf(block.text, world)) : null;
  if (!block.accessory) return [text, fields];
  const side = block.accessory.type === "image" ? placeholder(block.accessory) : control(block.accessory, block, place);
  return h("div", { class: "with-accessory" }, h("div", { class: "grow" }, text, fields), h("div", { class: "accessory" }, side));
}

function context(block, world) {
  return h("div", { class: "context" }, block.elements.map((one) => (one.type === "image" ? placeholder(one) : h("span", {}, textOf(one, world)))));
}

function actions(block, world, place) {
  return h("div", { class: "actions" }, block.elements.map((one) => control(one, block, place)));
}

let serial = 0;

function input(block, world, place) {
  const id = `field-${++serial}`;
  const error = place.errors?.[block.block_id];
  const described = [block.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || null;
  const grouped = ["checkboxes", "radio_buttons", "multi_static_select"].includes(block.element.type);
  const label = plain(block.label.text);
  const node = control(block.element, block, { ...place, id, label: grouped ? label : null, described, invalid: error ? "true" : null, required: block.optional ? null : "true" });
  return h("div", { class: error ? "field has-error" : "field" },
    h(grouped ? "span" : "label", { class: "field-label", for: grouped ? null : id }, label, block.optional ? h("span", { class: "muted" }, " (optional)") : null),
    node,
    error ? h("p", { class: "field-error", id: `${id}-error` }, error) : null,
    block.hint ? h("p", { class: "muted hint", id: `${id}-hint` }, plain(block.hint.text)) : null);
}

const placeholder = (one) => h("span", { class: "image-placeholder", role: "img", "aria-label": one.alt_text, title: one.alt_text }, icon("file", 16));

function image(block) {
  return h("figure", { class: "picture" }, block.title ? h("figcaption", {}, plain(block.title.text)) : null, h("div", { class: "picture-frame" }, icon("file", 20), h("span", {}, block.alt_text)),
    block.image_url ? link(block.image_url, "Open the picture") : null);
}
