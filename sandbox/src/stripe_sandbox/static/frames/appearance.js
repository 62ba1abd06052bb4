// The appearance of Elements: the variables and rules of the Appearance API, and the older styles of card Elements.
// They come from a foreign page, so only plain declarations are accepted.

const VARIABLES = {
  colorPrimary: "--accent",
  colorBackground: "--field",
  colorText: "--ink",
  colorTextSecondary: "--soft",
  colorTextPlaceholder: "--placeholder",
  colorDanger: "--bad",
  borderRadius: "--radius",
  fontFamily: "--font",
  fontSizeBase: "--size",
  spacingUnit: "--unit",
};
const THEMES = {
  night: {"--field": "#30313d", "--ink": "#f2f2f7", "--soft": "#b8b9c4", "--placeholder": "#9a9ba8", "--line": "#4a4b57"},
  flat: {"--field": "#f1f1f1", "--line": "transparent"},
  stripe: {},
  none: {},
};
const SELECTOR = /^\.(Input|Label|Error|Tab|Block)(--(invalid|empty|complete))?(:(hover|focus|disabled)|::(placeholder|selection))?$/;
const CLASSES = {Input: ".field input, .field select", Label: ".field label", Error: ".error", Tab: ".tab", Block: "form"};
const STATES = {invalid: "[aria-invalid=true]", empty: ".empty", complete: ".complete"};

const safe = (value) => /^[^;{}<>\\]{1,200}$/.test(value) && !/url\(|@import|expression/i.test(value);

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function declarations(style) {
  return Object.entries(style)
    .filter(([name, value]) => /^[a-zA-Z]+$/.test(name) && ["string", "number"].includes(typeof value))
    .filter(([, value]) => safe(String(value)))
    .map(([name, value]) => `${kebab(name)}: ${value};`)
    .join(" ");
}

function ruleOf(selector, style) {
  const found = SELECTOR.exec(selector);
  if (!found || typeof style !== "object" || style === null) {
    return "";
  }
  const [, name, , state, pseudo = ""] = found;
  const places = CLASSES[name].split(", ").map((place) => `${place}${STATES[state] ?? ""}${pseudo}`);
  return `${places.join(", ")} { ${declarations(style)} }`;
}

/** The rules of a card Element's `style` option. */
function cardRules(style) {
  const variants = {base: "", complete: ".complete", empty: ".empty", invalid: "[aria-invalid=true]"};
  return Object.entries(variants).flatMap(([variant, state]) => {
    const given = style[variant] ?? {};
    const plain = `.field input${state} { ${declarations(given)} }`;
    const pseudo = Object.entries(given)
      .filter(([name, value]) => /^::?[a-z-]+$/.test(name) && typeof value === "object" && value !== null)
      .map(([name, value]) => `.field input${state}${name} { ${declarations(value)} }`);
    return [plain, ...pseudo];
  });
}

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [sheet];

/** Apply the appearance to the frame, replacing an earlier one. */
export function dress({theme = "stripe", variables = {}, rules = {}} = {}, style = {}) {
  const chosen = {...(THEMES[theme] ?? {})};
  for (const [name, property] of Object.entries(VARIABLES)) {
    if (typeof variables[name] === "string" && safe(variables[name])) {
      chosen[property] = variables[name];
    }
  }
  const root = Object.entries(chosen).map(([name, value]) => `${name}: ${value};`).join(" ");
  const more = Object.entries(rules).map(([selector, given]) => ruleOf(selector, given));
  sheet.replaceSync([`:root { ${root} }`, ...more, ...cardRules(style)].join("\n"));
}
