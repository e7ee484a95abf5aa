// Which colours does the reader want: the system's, or their own choice?

const KEY = "resynapse-theme";
const root = document.documentElement;
const wished = () => {
  try { return localStorage.getItem(KEY); } catch { return null; }
};
const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;

function paint(theme) {
  root.dataset.theme = theme;
  const button = document.getElementById("theme");
  if (!button) return;
  button.textContent = theme === "dark" ? "Light" : "Dark";
  button.setAttribute("aria-pressed", String(theme === "dark"));
}

paint(wished() ?? (dark() ? "dark" : "light"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (!wished()) paint(dark() ? "dark" : "light");
});
document.getElementById("theme").addEventListener("click", () => {
  const theme = root.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem(KEY, theme); } catch { /* private window: not remembered */ }
  paint(theme);
});
