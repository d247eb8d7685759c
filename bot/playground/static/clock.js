// The playground's clock: shows what time it is for the bot, and moves it forward.

import { h, post } from "/static/dom.js";

const HOUR = 3600, DAY = 24 * HOUR;
const MOVES = [["+1 hour", "one hour", HOUR], ["+1 day", "one day", DAY], ["+1 week", "one week", 7 * DAY], ["Next digest", "", "digest"]];
const at = (id) => document.getElementById(id);
// milliseconds between the playground's clock and the browser's
let offset = 0, moved = null, ticking = null;

export function drawClock(state, world, complain) {
  offset = state.now * 1000 - Date.now();
  if (!at("clock-moves").childElementCount) at("clock-moves").append(...MOVES.map((move) => button(move, world, complain)));
  tick();
  at("clock-ahead").textContent = ahead(state.moved);
  if (moved !== null && moved !== state.moved) at("clock-told").textContent = `It is now ${at("clock-time").textContent}`;
  moved = state.moved;
}

function button([label, name, seconds], world, complain) {
  const move = () => {
    if (at("clock").ariaBusy === "true") return;
    at("clock").ariaBusy = "true";
    post("clock", { user: world.me, forward: seconds }).catch(complain).finally(() => { at("clock").ariaBusy = "false"; });
  };
  const told = name ? `Move the clock forward by ${name} (${label})` : "Move the clock forward to the next digest";
  return h("button", { type: "button", "aria-label": told, onclick: move }, label);
}

function tick() {
  const now = new Date(Date.now() + offset);
  at("clock-time").textContent = written(now);
  at("clock-time").dateTime = now.toISOString();
  clearTimeout(ticking);
  ticking = setTimeout(tick, 60_000 - (now.getTime() % 60_000));
}

function written(now) {
  // always such as "Wed, 25 Nov 2026 22:13:05 GMT"
  const [weekday, day, month, year, time] = now.toUTCString().replace(",", "").split(" ");
  const other = now.getUTCFullYear() === new Date().getUTCFullYear() ? "" : ` ${year}`;
  return `${weekday} ${Number(day)} ${month}${other}, ${time.slice(0, 5)} UTC`;
}

function ahead(seconds) {
  if (!seconds) return "";
  const days = Math.floor(seconds / DAY), hours = Math.floor((seconds % DAY) / HOUR);
  const parts = [days ? `${days} ${days === 1 ? "day" : "days"}` : "", hours ? `${hours} h` : ""].filter(Boolean);
  return parts.length ? `${parts.join(" ")} ahead` : "moved";
}
