// The playground's clock: shows what time it is for the bot, and moves it forward.

import { byId, h, post } from "/static/dom.js";
import { complain } from "/static/notice.js";

const HOUR = 3600, DAY = 24 * HOUR;
const MOVES = [["+1 hour", "one hour", HOUR], ["+1 day", "one day", DAY], ["+1 week", "one week", 7 * DAY], ["Next digest", "", "digest"]];
// milliseconds between the playground's clock and the browser's
let offset = 0, moved = null, ticking = null;

// `digestCame` is called with where the next digest came after a move to it
export function drawClock(state, world, digestCame) {
  offset = state.now * 1000 - Date.now();
  if (!byId("clock-moves").childElementCount) byId("clock-moves").append(...MOVES.map((move) => button(move, world, digestCame)));
  tick();
  byId("clock-ahead").textContent = ahead(state.moved);
  if (moved !== null && moved !== state.moved) byId("clock-told").textContent = `It is now ${byId("clock-time").textContent}`;
  moved = state.moved;
}

function button([label, name, seconds], world, digestCame) {
  const move = () => {
    if (byId("clock").ariaBusy === "true") return;
    byId("clock").ariaBusy = "true";
    post("clock", { user: world.me, forward: seconds }).then((answer) => answer.digest && digestCame(answer.digest)).catch(complain).finally(() => { byId("clock").ariaBusy = "false"; });
  };
  const full = name ? `${label}: move the clock forward by ${name}` : `${label}: move the clock forward to it`;
  return h("button", { type: "button", "aria-label": full, onclick: move }, label);
}

function tick() {
  const now = new Date(Date.now() + offset);
  byId("clock-time").textContent = written(now);
  byId("clock-time").dateTime = now.toISOString();
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
