// Buttons, menus and inputs. Each tells `use(action_id, block_id, value, element)` what a person did.

import { address, h, icon } from "/static/dom.js";
import { plain, textOf } from "/static/mrkdwn.js";

let serial = 0;
const optionsOf = (element) => element.options || (element.option_groups || []).flatMap((group) => group.options);

export function control(element, block, place) {
  const make = { button, overflow, static_select: select, external_select: combobox, checkboxes: boxes, radio_buttons: boxes, multi_static_select: boxes, multi_external_select: combobox };
  if (make[element.type]) return make[element.type](element, block, place);
  if (/^(multi_)?(users|channels|conversations)_select$/.test(element.type)) return chooser(element, block, place);
  return input(element, block, place);
}

async function confirmed(element, opener) {
  if (!element.confirm) return true;
  const { title, text, confirm, deny, style } = element.confirm;
  return new Promise((resolve) => {
    const id = `confirm-${++serial}`;
    const done = (answer) => { dialog.close(); dialog.remove(); opener?.focus(); resolve(answer); };
    const dialog = h("dialog", { class: "modal small-modal", "aria-labelledby": id, oncancel: (event) => { event.preventDefault(); done(false); } },
      h("header", {}, h("h2", { id }, plain(title.text))), h("div", { class: "modal-body" }, textOf(text, { people: new Map(), channels: new Map() })),
      h("footer", {}, h("button", { type: "button", onclick: () => done(false) }, plain(deny.text)),
        h("button", { type: "button", class: style === "danger" ? "danger" : "primary", onclick: () => done(true) }, plain(confirm.text))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

function button(element, block, place) {
  const label = element.accessibility_label || null;
  const key = `${block.block_id}/${element.action_id}`;
  const style = element.style || "";
  if (element.url && address(element.url)) {
    return h("a", { class: `button ${style}`, href: address(element.url), target: "_blank", rel: "noopener noreferrer", "aria-label": label, "data-key": key,
      onclick: () => place.use(element, block, null) }, plain(element.text.text), icon("out", 13), h("span", { class: "hidden" }, " (opens a new tab)"));
  }
  const node = h("button", { type: "button", class: style, "aria-label": label, "data-key": key, onclick: async () => {
    if (!(await confirmed(element, node))) return;
    node.classList.add("waiting");
    node.setAttribute("aria-busy", "true");
    try { await place.use(element, block, null); } finally { node.classList.remove("waiting"); node.removeAttribute("aria-busy"); }
  } }, plain(element.text.text));
  return node;
}

function overflow(element, block, place) {
  const id = `menu-${++serial}`;
  const toggle = (open) => { menu.hidden = !open; opener.setAttribute("aria-expanded", String(open)); if (open) menu.firstChild.focus(); };
  const opener = h("button", { type: "button", class: "icon-only", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id,
    "data-key": `${block.block_id}/${element.action_id}`, onclick: () => toggle(menu.hidden) }, icon("more"));
  const items = element.options.map((option) => {
    const props = { role: "menuitem", tabindex: "-1", onclick: async () => { toggle(false); opener.focus(); if (await confirmed(element, opener)) place.use(element, block, option.value); } };
    const inside = [plain(option.text.text), option.description ? h("small", {}, plain(option.description.text)) : null];
    return option.url && address(option.url) ? h("a", { ...props, href: address(option.url), target: "_blank", rel: "noopener noreferrer" }, inside) : h("button", { type: "button", ...props }, inside);
  });
  const menu = h("div", { id, role: "menu", class: "menu", hidden: true, onkeydown: (event) => {
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); items[(at + step + items.length) % items.length].focus(); }
    if (event.key === "Escape") { event.stopPropagation(); toggle(false); opener.focus(); }
  } }, items);
  return h("span", { class: "overflow", onfocusout: (event) => { if (!event.currentTarget.contains(event.relatedTarget)) toggle(false); } }, opener, menu);
}

const held = (element, block, place) => place.chosen(block.block_id, element.action_id);

function select(element, block, place) {
  const now = held(element, block, place)?.selected_option || element.initial_option;
  const choice = (option) => h("option", { value: option.value, selected: now && now.value === option.value }, plain(option.text.text));
  const listed = element.options ? element.options.map(choice) : element.option_groups.map((group) => h("optgroup", { label: plain(group.label.text) }, group.options.map(choice)));
  return h("select", { id: place.id, "aria-label": place.label || plain(element.placeholder?.text || "Choose"), "aria-describedby": place.described, "aria-invalid": place.invalid, "aria-required": place.required, "data-key": `${block.block_id}/${element.action_id}`,
    onchange: async (event) => { const node = event.currentTarget; if (node.value && (await confirmed(element, node))) place.use(element, block, node.value); } },
    h("option", { value: "", selected: !now }, plain(element.placeholder?.text || "Choose…")), listed);
}

function combobox(element, block, place) {
  const id = `list-${++serial}`;
  const now = held(element, block, place)?.selected_option || element.initial_option;
  let found = [], at = -1, timer;
  const list = h("ul", { id, role: "listbox", class: "menu", hidden: true });
  const field = h("input", { id: place.id, type: "text", role: "combobox", "aria-label": place.label || plain(element.placeholder?.text || "Search"), "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false",
    "aria-describedby": place.described, "aria-invalid": place.invalid, "aria-required": place.required, "data-key": `${block.block_id}/${element.action_id}`, placeholder: plain(element.placeholder?.text || "Type to search"), value: now ? plain(now.text.text) : "",
    oninput: () => { clearTimeout(timer); timer = setTimeout(look, 200); },
    onblur: () => setTimeout(() => show(false), 150),
    onkeydown: (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && found.length) { event.preventDefault(); mark((at + step + found.length) % found.length); }
      if (event.key === "Enter" && !list.hidden && at >= 0) { event.preventDefault(); choose(found[at]); }
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); show(false); }
    } });
  function show(open) { list.hidden = !open; field.setAttribute("aria-expanded", String(open)); }
  function mark(index) {
    at = index;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    field.setAttribute("aria-activedescendant", `${id}-${at}`);
  }
  function choose(option) { field.value = plain(option.text.text); show(false); place.use(element, block, option); }
  async function look() {
    const least = element.min_query_length ?? 3;
    if (field.value.length < least) return show(false);
    const answer = await place.suggest(element, field.value);
    found = answer.flatMap((one) => one.options || [one]);
    at = -1;
    list.replaceChildren(...(found.length ? found.map((option, index) => h("li", { id: `${id}-${index}`, role: "option", "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); choose(option); } }, plain(option.text.text)))
      : [h("li", { class: "muted" }, "No results")]));
    show(true);
  }
  return h("span", { class: "combobox" }, field, list);
}

function boxes(element, block, place) {
  const one = element.type === "radio_buttons";
  const now = held(element, block, place);
  const chosen = new Set((now ? (one ? [now.selected_option] : now.selected_options) : element.initial_options || [element.initial_option]).filter(Boolean).map((option) => option.value));
  const name = `boxes-${++serial}`;
  const group = h("span", { class: "boxes", role: one ? "radiogroup" : "group", "aria-label": place.label || "Choices", "aria-describedby": place.described });
  group.append(...optionsOf(element).map((option) => h("label", {}, h("input", { type: one ? "radio" : "checkbox", name, value: option.value, checked: chosen.has(option.value), "data-key": `${block.block_id}/${element.action_id}/${option.value}`,
    onchange: () => { const values = [...group.querySelectorAll("input:checked")].map((node) => node.value); place.use(element, block, one ? values[0] : values); } }),
    h("span", {}, textOf(option.text, place.world), option.description ? h("small", {}, textOf(option.description, place.world)) : null))));
  return group;
}

function chooser(element, block, place) {
  const kind = element.type.replace("multi_", "").split("s_")[0];
  const world = place.world;
  const people = [...world.people.values()].map((person) => [person.id, person.real_name]);
  const channels = [...world.channels.values()].map((channel) => [channel.id, channel.kind === "im" ? "Figshare" : `#${channel.name}`]);
  const listed = kind === "user" ? people : channels;
  const now = held(element, block, place)?.[`selected_${kind}`] || element[`initial_${kind}`] || (element.default_to_current_conversation ? world.channel : "");
  return h("select", { id: place.id, "aria-label": place.label || "Choose", "data-key": `${block.block_id}/${element.action_id}`, onchange: (event) => place.use(element, block, element.type.startsWith("multi_") ? [event.currentTarget.value] : event.currentTarget.value) },
    h("option", { value: "" }, "Choose…"), listed.map(([id, name]) => h("option", { value: id, selected: id === now }, name)));
}

function input(element, block, place) {
  const now = held(element, block, place) || {};
  const given = now.value ?? now.selected_date ?? now.selected_time ?? element.initial_value ?? element.initial_date ?? element.initial_time ?? "";
  const type = { datepicker: "date", timepicker: "time", number_input: "number", email_text_input: "email", url_text_input: "url", datetimepicker: "datetime-local" }[element.type] || "text";
  const tell = (event) => place.use(element, block, event.currentTarget.value);
  const props = { id: place.id, "aria-label": place.label, "aria-describedby": place.described, "aria-invalid": place.invalid, "aria-required": place.required, "data-key": `${block.block_id}/${element.action_id}`,
    placeholder: element.placeholder ? plain(element.placeholder.text) : null, maxlength: element.max_length, value: given, ...(type === "text" || place.inForm ? { oninput: tell } : { onchange: tell }) };
  if (element.multiline) return h("textarea", { rows: 4, ...props });
  return h("input", { type, min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : null, ...props });
}
