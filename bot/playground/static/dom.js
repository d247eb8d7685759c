// Builds nodes; text is only ever text.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

const ICONS = {
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12l16-8-6 16-3-6z",
  reply: "M4 5h16v10H10l-4 4v-4H4z",
  eye: "M2 12s4-6 10-6 10 6 10 6-4 6-10 6S2 12 2 12zM12 14.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8 8 0 119.5 4a6.5 6.5 0 0010.5 10.5z",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  out: "M9 5H5v14h14v-4M13 5h6v6M19 5l-9 9",
};

export const icon = (name, size = 18) =>
  svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));

// only these addresses ever become links
export function address(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:", "mailto:", "slack:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

export function link(url, ...children) {
  const href = address(url);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

// what a page from elsewhere can't know
export const token = document.querySelector("meta[name=playground-token]").content;

export const byId = (id) => document.getElementById(id);

// Rejects with an error that is `gone` when nobody answers, and `outdated` when another playground does.
export async function ask(path, options = {}) {
  let response, answer;
  try {
    response = await fetch(`/playground/${path}`, { ...options, headers: { "X-Playground-Token": token, ...options.headers } });
    answer = await response.json();
  } catch (error) {
    throw Object.assign(new Error("The playground isn't answering.", { cause: error }), { gone: true });
  }
  if (!response.ok) throw Object.assign(new Error(answer.error), { outdated: response.status === 403 });
  return answer;
}

export const post = (action, body) => ask(action, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
