// The playground's page: keeps what the server says in sight, and sends what a person does.

import { drawClock } from "/static/clock.js";
import { h, icon, post, token } from "/static/dom.js";
import { avatar, message } from "/static/message.js";
import { showView } from "/static/modal.js";

const at = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const world = { me: query.get("user") || "U0MAYA", channel: query.get("channel"), thread: query.get("thread"), people: new Map(), channels: new Map(), messages: [], bot: "" };
const nodes = { messages: new Map(), thread: new Map() };
const read = new Map();
const sent = [];
let pinned = true, waiting = null, asking = null, again = false;

function complain(error) {
  at("toast").textContent = error.message;
  at("toast").classList.add("shown");
  clearTimeout(complain.timer);
  complain.timer = setTimeout(() => at("toast").classList.remove("shown"), 6000);
}

async function refresh() {
  if (asking) { again = true; return asking; }
  asking = (async () => {
    do {
      again = false;
      const user = world.me;
      const response = await fetch(`/playground/state?user=${encodeURIComponent(user)}`, { headers: { "X-Playground-Token": token } });
      if (response.status === 403) throw new Error((await response.json()).error);
      if (!response.ok) throw new Error("the playground is not answering");
      const state = await response.json();
      if (user === world.me) take(state);
      else again = true;
    } while (again);
  })();
  try { await asking; } catch (error) { complain(error); } finally { asking = null; }
}

function take(state) {
  world.people = new Map(state.people.map((person) => [person.id, person]));
  world.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
  world.messages = state.messages.sort((one, other) => Number(one.id) - Number(other.id));
  world.bot = state.bot;
  if (!world.channels.has(world.channel)) { world.channel = state.channels[0].id; world.thread = null; }
  at("banner").textContent = state.banner;
  at("banner").hidden = !state.banner;
  drawClock(state, world, complain);
  drawSidebar();
  drawExamples(state.examples);
  drawChannel();
  drawThread();
  if (waiting && world.messages.some((one) => one.changed > waiting.changes && [world.bot, "USLACKBOT"].includes(one.user))) busy(null);
  world.changes = state.changes;
  if (state.view) busy(null);
  showView(state.view, world, complain);
}

// --- sidebar

function drawSidebar() {
  const focus = document.activeElement?.dataset?.key;
  const item = (channel) => {
    const newest = world.messages.findLast((one) => one.channel === channel.id)?.changed || 0;
    const here = channel.id === world.channel;
    // what was there at the first look counts as read
    if (here || !read.has(channel.id)) read.set(channel.id, newest);
    const unread = newest > read.get(channel.id);
    const name = channel.kind === "im" ? "Figshare" : channel.name;
    return h("li", {}, h("button", { type: "button", class: `${here ? "here" : ""} ${unread ? "unread" : ""}`, "aria-current": here ? "page" : null, "data-key": `channel-${channel.id}`, onclick: () => go(channel.id) },
      channel.kind === "im" ? avatar(world.people.get(world.bot)) : h("span", { class: "hash", "aria-hidden": "true" }, "#"), name,
      channel.shared ? h("span", { class: "tag", title: "shared with another workspace" }, "shared") : null, unread ? h("span", { class: "hidden" }, " (unread)") : null));
  };
  const all = [...world.channels.values()];
  renew(at("channels"), all.filter((channel) => channel.kind !== "im").map(item));
  const directs = all.filter((channel) => channel.kind === "im");
  renew(at("directs"), directs.length ? directs.map(item) : [h("li", { class: "none" }, "none from another workspace")]);
  renew(at("persons"), [...world.people.values()].filter((person) => !person.is_bot && person.title).map((person) =>
    h("button", { type: "button", "aria-pressed": String(person.id === world.me), "data-key": `person-${person.id}`, onclick: () => become(person.id) },
      avatar(person), h("span", {}, h("b", {}, person.real_name), h("small", {}, person.title)))));
  if (focus) document.querySelector(`#sidebar [data-key="${focus}"]`)?.focus();
}

// a button that is exchanged while it's pressed is never clicked
function renew(list, items) {
  const fresh = h(list.tagName, {}, items);
  if (fresh.innerHTML !== list.innerHTML) list.replaceChildren(...fresh.childNodes);
}

function go(channel) {
  world.channel = channel;
  world.thread = null;
  forget();
  drawer(false);
  refresh().then(() => at("composer-text").focus());
}

function become(user) {
  world.me = user;
  world.thread = null;
  forget();
  read.clear();
  refresh();
}

function forget() {
  nodes.messages.clear();
  nodes.thread.clear();
  at("messages").replaceChildren();
  at("thread-messages").replaceChildren();
  pinned = true;
  // a whole channel at once is not news
  at("messages").setAttribute("aria-live", "off");
  clearTimeout(forget.timer);
  forget.timer = setTimeout(() => at("messages").setAttribute("aria-live", "polite"), 1000);
  busy(null);
}

function drawer(open) {
  document.body.classList.toggle("drawer", open);
  at("shade").hidden = !open;
  at("menu").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#sidebar [aria-current]")?.focus();
}

// --- messages

function reconcile(list, known, wanted, make) {
  const stuck = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const focus = list.contains(document.activeElement) ? document.activeElement.dataset?.key : null;
  const keys = new Set(wanted.map((one) => one.key));
  for (const [key, held] of known) if (!keys.has(key)) { held.node.remove(); known.delete(key); }
  let before = list.firstChild, fresh = false;
  for (const one of wanted) {
    const held = known.get(one.key);
    if (held && held.state === one.state) { before = held.node.nextSibling; continue; }
    const node = make(one);
    if (held) { held.node.replaceWith(node); before = node.nextSibling; } else { list.insertBefore(node, before); fresh = true; }
    known.set(one.key, { node, state: one.state });
    if (focus && !list.contains(document.activeElement)) node.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  }
  if (stuck || (fresh && pinned)) list.scrollTop = list.scrollHeight;
  if (fresh && [world.bot, "USLACKBOT"].includes(wanted.at(-1)?.item?.user)) pinned = false;
}

function dayOf(one) {
  const day = new Date(Number(one.id) * 1000);
  const year = day.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year }).replace(",", "");
}

function drawChannel() {
  const channel = world.channels.get(world.channel);
  const direct = channel.kind === "im";
  at("channel-name").textContent = direct ? "Figshare" : `# ${channel.name}`;
  at("channel-topic").textContent = direct ? "Direct message with the app" : `${channel.topic} · ${channel.members} members${channel.has_bot ? "" : " · @figshare is not here"}`;
  at("messages").setAttribute("aria-label", `Messages in ${direct ? "the direct message" : channel.name}`);
  at("composer-text").placeholder = direct ? "Message Figshare, or /figshare help" : `Message #${channel.name}: /figshare … or @figshare …`;
  const here = world.messages.filter((one) => one.channel === channel.id);
  const roots = here.filter((one) => !one.thread || one.thread === one.id);
  const wanted = roots.length ? [] : [{ key: "empty", state: channel.id }];
  let previous = null;
  for (const one of roots) {
    if (!previous || dayOf(previous) !== dayOf(one)) wanted.push({ key: `day-${dayOf(one)}`, state: "", day: dayOf(one) });
    const replies = here.filter((other) => other.thread === one.id && other.id !== one.id);
    const follows = previous && previous.user === one.user && !one.command && !one.ephemeral && !previous.ephemeral && one.user !== world.bot && Number(one.id) - Number(previous.id) < 300;
    wanted.push({ key: one.id, state: `${one.changed}/${replies.length}/${follows}`, item: one, replies, follows });
    previous = one;
  }
  reconcile(at("messages"), nodes.messages, wanted, (one) => {
    if (one.key === "empty") return welcome(channel);
    if (one.day) return h("div", { class: "day", role: "separator" }, h("span", {}, one.day));
    return message(one.item, world, { replies: one.replies, openThread, complain, follows: one.follows });
  });
}

function welcome(channel) {
  const direct = channel.kind === "im";
  return h("section", { class: "welcome" }, h("div", { class: "welcome-mark", "aria-hidden": "true" }, avatar(world.people.get(world.bot))),
    h("h2", {}, direct ? "Ask Figshare, just between the two of you" : `This is #${channel.name}`),
    h("p", {}, "Ask for the views of an item, its citation, what is new, what is most viewed. Type ", h("code", {}, "/figshare help"), direct ? ", or simply what you want to know." : ", or mention ", direct ? null : h("b", {}, "@figshare"), direct ? null : " to be answered in a thread."),
    h("p", { class: "muted" }, "This is the real bot; only Slack is simulated."));
}

// --- threads

function openThread(root) {
  world.thread = root.thread || root.id;
  nodes.thread.clear();
  at("thread-messages").replaceChildren();
  drawThread();
  const text = at("thread-text");
  if (world.channels.get(world.channel).kind !== "im" && !text.value) text.value = "@figshare ";
  grow(text);
  text.focus();
  at("thread-messages").scrollTop = at("thread-messages").scrollHeight;
}

function closeThread() {
  const key = `thread-${world.thread}`;
  world.thread = null;
  drawThread();
  (document.querySelector(`[data-key="${CSS.escape(key)}"]`) || at("composer-text")).focus();
}

function drawThread() {
  const root = world.messages.find((one) => one.id === world.thread && one.channel === world.channel);
  at("thread").hidden = !root;
  document.body.classList.toggle("threaded", Boolean(root));
  if (!root) return;
  at("thread-where").textContent = world.channels.get(world.channel).kind === "im" ? "Figshare" : `#${world.channels.get(world.channel).name}`;
  const replies = world.messages.filter((one) => one.channel === world.channel && one.thread === root.id && one.id !== root.id);
  const wanted = [root, ...replies].map((one) => ({ key: one.id, state: String(one.changed), item: one }));
  wanted.splice(1, 0, { key: "count", state: String(replies.length), count: replies.length });
  reconcile(at("thread-messages"), nodes.thread, wanted, (one) =>
    one.item ? message(one.item, world, { complain }) : h("div", { class: "day", role: "separator" }, h("span", {}, one.count ? `${one.count} ${one.count === 1 ? "reply" : "replies"}` : "No replies yet")));
}

// --- sending

function busy(what) {
  clearTimeout(waiting?.timer);
  waiting = what ? { changes: world.changes, timer: setTimeout(() => busy(null), 25000) } : null;
  at("busy").textContent = what || "";
}

async function send(text, thread) {
  if (!text.trim()) return;
  sent.push(text);
  pinned = true;
  if (text.startsWith("/figshare") || text.includes("@figshare") || world.channels.get(world.channel).kind === "im") busy("Figshare is looking that up…");
  try {
    const answer = await post("send", { user: world.me, channel: world.channel, text, thread: thread || null });
    if (answer.heard === false) busy(null);
  } catch (error) { busy(null); complain(error); }
}

function grow(text) {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 180)}px`;
}

function composer(form, text, threadOf) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = text.value;
    text.value = "";
    grow(text);
    send(typed, threadOf());
  });
  text.addEventListener("input", () => grow(text));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    if (event.key === "ArrowUp" && !text.value && sent.length) { event.preventDefault(); text.value = sent.at(-1); grow(text); }
  });
}

function drawExamples(examples) {
  const box = at("examples");
  if (box.childElementCount) return;
  box.append(h("span", { class: "muted", "aria-hidden": "true" }, "Try"), ...examples.map((example) =>
    h("button", { type: "button", class: "chip", "aria-label": `Run /figshare ${example}`, onclick: () => send(`/figshare ${example}`) }, example)));
}

function theme() {
  const dark = document.documentElement.dataset.theme === "dark";
  at("theme").replaceChildren(icon(dark ? "sun" : "moon"));
}

function start() {
  at("menu").append(icon("menu"));
  at("thread-close").append(icon("close"));
  for (const button of document.querySelectorAll(".send")) button.append(icon("send"));
  theme();
  at("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* storage may be forbidden */ }
    theme();
  });
  at("menu").addEventListener("click", () => drawer(!document.body.classList.contains("drawer")));
  at("shade").addEventListener("click", () => drawer(false));
  at("thread-close").addEventListener("click", closeThread);
  composer(at("composer"), at("composer-text"), () => null);
  composer(at("thread-composer"), at("thread-text"), () => world.thread);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    if (document.body.classList.contains("drawer")) { drawer(false); at("menu").focus(); } else if (world.thread) closeThread();
  });
  refresh().then(() => at("composer-text").focus());
  const stream = new EventSource(`/playground/changes?token=${token}`);
  stream.addEventListener("message", refresh);
}

start();
