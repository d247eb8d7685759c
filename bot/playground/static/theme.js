// Chooses light or dark before the first paint: ?theme=dark, else what was chosen last, else the system's.
(() => {
  let kept = null;
  try { kept = localStorage.getItem("theme"); } catch { /* storage may be forbidden */ }
  const asked = new URLSearchParams(location.search).get("theme") || kept;
  const dark = asked ? asked === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
