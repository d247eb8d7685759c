// The playground's page: keeps what the server says in sight, and sends what a person does.

import { drawClock } from "/static/clock.js";
import { CommandMenu, Composer } from "/static/composer.js";
import { ask, byId, h, icon, post, token } from "/static/dom.js";
import { Log } from "/static/log.js";
import { avatar, message } from "/static/message.js";
import { showView } from "/static/modal.js";
import { back, complain, gone, notify } from "/static/notice.js";
import { drawSidebar, drawer, forgetRead } from "/static/sidebar.js";

const query = new URLSearchParams(location.search);
const world = { me: query.get("user") || "U0MAYA", channel: query.get("channel"), thread: query.get("thread"), people: new Map(), channels: new Map(), messages: [], bot: "" };
const channelLog = new Log(byId("messages")), threadLog = new Log(byId("thread-messages"));
const composer = new Composer(byId("composer"), byId("composer-text"), (text) => send(text, null));
const reply = new Composer(byId("thread-composer"), byId("thread-text"), (text) => send(text, world.thread));
const commands = new CommandMenu(composer);
const narrow = matchMedia("(max-width: 760px)");
// what was sent without a mention: its timestamp and its text
const unheard = new Map();
// the first mention opens its thread when the answer comes: undefined before it, then its timestamp, then null
let firstMention;
let waiting = null, asking = null, again = false;

const isDirect = () => world.channels.get(world.channel).kind === "im";
const nameOf = (channel) => (channel.kind === "im" ? "Figshare" : `#${channel.name}`);
const isAnswer = (one) => [world.bot, "USLACKBOT"].includes(one.user);

async function refresh() {
  if (asking) { again = true; return asking; }
  asking = (async () => {
    do {
      again = false;
      const user = world.me;
      const state = await ask(`state?user=${encodeURIComponent(user)}`);
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
  commands.learn(state.commands);
  if (!world.channels.has(world.channel)) { world.channel = state.channels[0].id; world.thread = null; }
  byId("banner").textContent = state.banner;
  byId("banner").hidden = !state.banner;
  drawClock(state, world, digestCame);
  drawSidebar(world, go, become);
  drawExamples(state.examples);
  drawChannel();
  drawThread();
  if (waiting && world.messages.some((one) => one.changed > waiting.changes && isAnswer(one))) busy(null);
  world.changes = state.changes;
  if (state.view) busy(null);
  showView(state.view, world);
  followFirstMention();
}

function go(channel) {
  world.channel = channel;
  world.thread = null;
  forget();
  drawer(false);
  return refresh().then(() => composer.focus());
}

function become(user) {
  world.me = user;
  world.thread = null;
  forget();
  forgetRead();
  refresh();
}

function forget() {
  channelLog.forget();
  threadLog.forget();
  // a whole channel at once is not news
  byId("messages").setAttribute("aria-live", "off");
  clearTimeout(forget.timer);
  forget.timer = setTimeout(() => byId("messages").setAttribute("aria-live", "polite"), 1000);
  busy(null);
}

// --- messages

function dayOf(one) {
  const day = new Date(Number(one.id) * 1000);
  const year = day.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year }).replace(",", "");
}

function drawChannel() {
  const channel = world.channels.get(world.channel);
  const direct = isDirect();
  byId("channel-name").textContent = direct ? "Figshare" : `# ${channel.name}`;
  byId("channel-topic").textContent = direct ? "Direct message with the app" : `${channel.topic} · ${channel.members} members${channel.has_bot ? "" : " · @figshare is not here"}`;
  byId("messages").setAttribute("aria-label", `Messages in ${direct ? "the direct message" : channel.name}`);
  composer.placeholder = direct ? "Message Figshare, or type /" : `Message #${channel.name}: type / or @figshare …`;
  const here = world.messages.filter((one) => one.channel === channel.id);
  const roots = here.filter((one) => !one.thread || one.thread === one.id);
  const wanted = roots.length ? [] : [{ key: "empty", state: channel.id }];
  let previous = null;
  for (const one of roots) {
    if (!previous || dayOf(previous) !== dayOf(one)) wanted.push({ key: `day-${dayOf(one)}`, state: "", day: dayOf(one) });
    const replies = here.filter((other) => other.thread === one.id && other.id !== one.id);
    const follows = previous && previous.user === one.user && !one.command && !one.ephemeral && !previous.ephemeral && one.user !== world.bot && Number(one.id) - Number(previous.id) < 300;
    wanted.push({ key: one.id, state: `${one.changed}/${replies.length}/${follows}/${unheard.has(one.id)}`, item: one, replies, follows, isAnswer: isAnswer(one) });
    previous = one;
  }
  channelLog.draw(wanted, (one) => {
    if (one.key === "empty") return welcome(channel);
    if (one.day) return divider(one.day);
    return message(one.item, world, { replies: one.replies, openThread, follows: one.follows, sendAgain: sendAgain(one.item, null) });
  });
}

const divider = (words) => h("div", { class: "day", role: "separator" }, h("span", {}, words));

function welcome(channel) {
  const direct = channel.kind === "im";
  return h("section", { class: "welcome" }, h("div", { "aria-hidden": "true" }, avatar(world.people.get(world.bot))),
    h("h2", {}, direct ? "Ask Figshare, just between the two of you" : `This is #${channel.name}`),
    h("p", {}, "Ask for the views of an item, its citation, what is new, what is most viewed. Type ", h("code", {}, "/"), " for the commands", direct ? ", or simply what you want to know." : ", or mention ", direct ? null : h("b", {}, "@figshare"), direct ? null : " to be answered in a thread."),
    h("p", { class: "muted" }, "This is the real bot; only Slack is simulated."));
}

// --- threads

function openThread(root) {
  showThread(root.thread || root.id);
  reply.focus();
}

function showThread(root) {
  world.thread = root;
  threadLog.forget();
  if (!isDirect() && !reply.text) reply.text = "@figshare ";
  drawThread();
}

function followFirstMention() {
  if (!firstMention || !world.messages.some((one) => one.thread === firstMention && isAnswer(one))) return;
  const root = firstMention;
  firstMention = null;
  if (world.thread || !channelLog.nodes.has(root)) return;
  showThread(root);
  // there the thread takes the place of the channel
  if (narrow.matches) reply.focus();
  notify("A mention is answered in its thread, which is open now.");
}

function closeThread() {
  const key = `thread-${world.thread}`;
  world.thread = null;
  drawThread();
  const opener = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (opener) opener.focus();
  else composer.focus();
}

function drawThread() {
  const root = world.messages.find((one) => one.id === world.thread && one.channel === world.channel);
  byId("thread").hidden = !root;
  document.body.classList.toggle("threaded", Boolean(root));
  if (!root) return;
  byId("thread-where").textContent = nameOf(world.channels.get(world.channel));
  const replies = world.messages.filter((one) => one.channel === world.channel && one.thread === root.id && one.id !== root.id);
  const wanted = [root, ...replies].map((one) => ({ key: one.id, state: `${one.changed}/${unheard.has(one.id)}`, item: one, isAnswer: isAnswer(one) }));
  wanted.splice(1, 0, { key: "count", state: String(replies.length), count: replies.length });
  threadLog.draw(wanted, (one) =>
    one.item ? message(one.item, world, { sendAgain: sendAgain(one.item, root.id) }) : divider(one.count ? `${one.count} ${one.count === 1 ? "reply" : "replies"}` : "No replies yet"));
}

// --- sending

function busy(what) {
  clearTimeout(waiting?.timer);
  waiting = what ? { changes: world.changes, timer: setTimeout(() => busy(null), 25000) } : null;
  byId("busy").textContent = what || "";
}

async function send(text, thread) {
  channelLog.pinned = threadLog.pinned = true;
  const mentions = text.includes("@figshare");
  if (text.startsWith("/figshare") || mentions || isDirect()) busy("Figshare is looking that up…");
  try {
    const answer = await post("send", { user: world.me, channel: world.channel, text, thread });
    if (answer.heard === false) busy(null);
    if (answer.heard === false && answer.said && !mentions) unheard.set(answer.said, text);
    if (answer.heard && mentions && !thread && !isDirect() && firstMention === undefined) firstMention = answer.said;
  } catch (error) { busy(null); complain(error); throw error; }
  await refresh();
}

const run = (text, thread = null) => send(text, thread).catch(() => {});

function sendAgain(one, thread) {
  if (!unheard.has(one.id)) return null;
  return () => {
    const text = unheard.get(one.id);
    unheard.delete(one.id);
    (thread ? reply : composer).focus();
    return run(`@figshare ${text}`, thread);
  };
}

function digestCame(digest) {
  if (digest === "unscheduled") return notify("No digest is scheduled yet: /figshare subscribe 5616445 daily schedules one.");
  if (digest === "none") return notify("The time of the next digest has come, but no message did: /figshare subscriptions says why.");
  if (digest === "elsewhere") return notify(`The digest came in a conversation that ${world.people.get(world.me).real_name} isn't in.`);
  const channel = world.channels.get(digest.channel);
  const where = channel.kind === "im" ? "in your direct messages with Figshare" : `in #${channel.name}`;
  if (digest.channel !== world.channel) return notify(`The digest came ${where}.`, { button: "Show it", press: () => go(digest.channel).then(() => channelLog.reveal(digest.message)) });
  notify(`The digest came here, ${where}.`, { button: "Show it", press: () => channelLog.reveal(digest.message) });
  return refresh().then(() => channelLog.reveal(digest.message));
}

function drawExamples(examples) {
  const box = byId("examples");
  if (box.childElementCount) return;
  box.append(h("span", { class: "muted", "aria-hidden": "true" }, "Try"), ...examples.map((example) =>
    h("button", { type: "button", class: "chip", "aria-label": `Run /figshare ${example}`, onclick: () => { if (box.classList.contains("open")) byId("examples-fold").click(); run(`/figshare ${example}`); } }, example)));
}

// --- the frame

function theme() {
  const dark = document.documentElement.dataset.theme === "dark";
  byId("theme").replaceChildren(icon(dark ? "sun" : "moon"));
}

// where there is little room, the clock and the examples open on demand
function fold(button, box) {
  button.addEventListener("click", () => button.setAttribute("aria-expanded", String(box.classList.toggle("open"))));
}

function keepTyped() {
  const fields = { composer, reply };
  for (const [name, field] of Object.entries(fields)) {
    try { field.text = sessionStorage.getItem(name) || ""; } catch { /* storage may be forbidden */ }
  }
  addEventListener("pagehide", () => {
    for (const [name, field] of Object.entries(fields)) {
      try { sessionStorage.setItem(name, field.text); } catch { /* storage may be forbidden */ }
    }
  });
}

function listen() {
  const stream = new EventSource(`/playground/changes?token=${token}`);
  stream.addEventListener("message", refresh);
  stream.addEventListener("open", back);
  // a stream that was refused isn't tried again: asking for the state says why
  stream.addEventListener("error", () => (stream.readyState === EventSource.CLOSED ? refresh() : gone()));
}

function start() {
  byId("menu").append(icon("menu"));
  byId("thread-close").append(icon("close"));
  for (const button of document.querySelectorAll(".send")) button.append(icon("send"));
  theme();
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* storage may be forbidden */ }
    theme();
  });
  fold(byId("clock-fold"), byId("clock-moves"));
  fold(byId("examples-fold"), byId("examples"));
  byId("menu").addEventListener("click", () => drawer(!document.body.classList.contains("drawer")));
  byId("shade").addEventListener("click", () => drawer(false));
  byId("thread-close").addEventListener("click", closeThread);
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); (narrow.matches && world.thread ? reply : composer).focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    if (document.body.classList.contains("drawer")) { drawer(false); byId("menu").focus(); } else if (world.thread) closeThread();
  });
  keepTyped();
  refresh().then(() => composer.focus());
  listen();
}

start();
