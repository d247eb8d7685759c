// Slack's mrkdwn, dates, mentions and rich text as nodes.

import { h, link } from "/static/dom.js";

const EMOJI = {
  white_check_mark: "✅", warning: "⚠️", x: "❌", tada: "🎉", chart_with_upwards_trend: "📈", bar_chart: "📊", eyes: "👀",
  page_facing_up: "📄", file_folder: "📁", mag: "🔍", bell: "🔔", hourglass: "⌛", hourglass_flowing_sand: "⏳", link: "🔗",
  information_source: "ℹ️", lock: "🔒", pencil2: "✏️", wastebasket: "🗑️", calendar: "📅", globe_with_meridians: "🌐", bulb: "💡",
  wave: "👋", rocket: "🚀", books: "📚", arrow_right: "➡️", arrow_left: "⬅️", heavy_check_mark: "✔️", star: "⭐", fire: "🔥",
};
const STYLES = { "*": "strong", _: "em", "~": "s" };
const INLINE = /<([^<>\n]+)>|`([^`\n]+)`|(?<![\p{L}\p{N}])([*_~])(?=\S)(.+?)(?<=\S)\3(?![\p{L}\p{N}])|:([a-z0-9_+-]+):/gu;

const entities = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function plain(text, emoji = true) {
  const read = entities(text);
  return emoji ? read.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] || whole) : read;
}

export function mrkdwn(text, world) {
  const parts = text.split(/```\n?([\s\S]*?)\n?```/g);
  return parts.flatMap((part, index) => (index % 2 ? [h("pre", { tabindex: "0" }, entities(part.replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (_, to, label) => label || to)))] : lines(part, world)));
}

function lines(text, world) {
  const nodes = [];
  let quote = null;
  const all = text.split("\n");
  all.forEach((line, index) => {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(line.slice(quoted[0].length), world));
      return;
    }
    if (index && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line, world));
  });
  return nodes;
}

function inline(text, world) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(entities(text.slice(end, match.index)));
    const [whole, token, code, mark, inner, emoji] = match;
    if (token) nodes.push(special(token, world));
    else if (code) nodes.push(h("code", {}, entities(code)));
    else if (mark) nodes.push(h(STYLES[mark], {}, ...inline(inner, world)));
    else nodes.push(EMOJI[emoji] || whole);
    end = match.index + whole.length;
  }
  nodes.push(entities(text.slice(end)));
  return nodes.filter((node) => node !== "");
}

function special(token, world) {
  const [target, label] = token.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(target.slice(1), world);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label || channelName(target.slice(1), world)}`);
  if (target.startsWith("!date^")) {
    const [, seconds, format] = target.split("^");
    return date(Number(seconds), format, label);
  }
  if (target.startsWith("!")) return h("span", { class: "mention mention-all" }, `@${(label || target.slice(1)).replace(/^@/, "")}`);
  return link(entities(target), label ? entities(label) : entities(target).replace(/^mailto:/, ""));
}

export function mention(id, world) {
  const person = world.people.get(id);
  return h("span", { class: id === world.me ? "mention mention-me" : "mention" }, `@${person ? person.real_name : id}`);
}

function channelName(id, world) {
  const channel = world.channels.get(id);
  return channel ? channel.name : id;
}

// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
export function date(seconds, format, fallback) {
  const when = new Date(seconds * 1000);
  if (Number.isNaN(when.getTime())) return document.createTextNode(fallback || "");
  const say = (options) => new Intl.DateTimeFormat("en-GB", options).format(when);
  const long = { year: "numeric", month: "long", day: "numeric" };
  const short = { year: "numeric", month: "short", day: "numeric" };
  const days = Math.round((new Date(when).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 864e5);
  const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  const words = {
    date_num: () => when.toLocaleDateString("sv-SE"),
    date: () => say(long), date_long: () => say({ weekday: "long", ...long }), date_short: () => say(short),
    date_pretty: () => near || say(long), date_long_pretty: () => near || say({ weekday: "long", ...long }), date_short_pretty: () => near || say(short),
    day_divider_pretty: () => near || say({ weekday: "long", day: "numeric", month: "long" }),
    time: () => say({ hour: "2-digit", minute: "2-digit" }), time_secs: () => say({ timeStyle: "medium" }), ago: () => say(short),
  };
  const text = format.replace(/\{(\w+)\}/g, (whole, name) => (words[name] ? words[name]() : whole));
  return h("time", { datetime: when.toISOString(), title: fallback }, text);
}

export function richText(block, world) {
  return h("div", { class: "rich" }, block.elements.map((part) => richPart(part, world)));
}

function richPart(part, world) {
  const leaves = () => part.elements.map((leaf) => richLeaf(leaf, world));
  if (part.type === "rich_text_preformatted") return h("pre", { tabindex: "0" }, leaves());
  if (part.type === "rich_text_quote") return h("blockquote", {}, leaves());
  return h("div", { class: "rich-section" }, leaves());
}

function richLeaf(leaf, world) {
  let node;
  if (leaf.type === "text") node = document.createTextNode(leaf.text);
  else if (leaf.type === "link") node = link(leaf.url, leaf.text || leaf.url);
  else if (leaf.type === "user") node = mention(leaf.user_id, world);
  else if (leaf.type === "channel") node = h("span", { class: "mention" }, `#${channelName(leaf.channel_id, world)}`);
  else if (leaf.type === "date") node = date(leaf.timestamp, leaf.format, leaf.fallback);
  else if (leaf.type === "emoji") node = document.createTextNode(EMOJI[leaf.name] || `:${leaf.name}:`);
  else if (leaf.type === "broadcast") node = h("span", { class: "mention mention-all" }, `@${leaf.range}`);
  else node = document.createTextNode(leaf.value || leaf.usergroup_id || "");
  const style = leaf.style || {};
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]]) {
    if (style[name]) node = h(tag, {}, node);
  }
  return node;
}

export const textOf = (object, world) =>
  !object ? [] : object.type === "mrkdwn" ? mrkdwn(object.text, world) : [plain(object.text, object.emoji !== false)];
