// Where this script came from is where its frames and its API are. A test that intercepts Stripe's own address
// gets what the sandbox was told to call itself.
const SCRIPT = document.currentScript;
const LOADED_FROM = SCRIPT && SCRIPT.src ? new URL(SCRIPT.src).origin : HOME;
const ORIGIN = LOADED_FROM === "https://js.stripe.com" ? HOME : LOADED_FROM;

/** A mistake of the page, thrown as Stripe.js throws it. */
class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Say once in the console what the sandbox leaves out of something it does otherwise. */
const said = new Set();
function leftOut(what) {
  if (!said.has(what)) {
    said.add(what);
    console.warn(`[Stripe sandbox] ${what}`);
  }
}

/** Refuse what the sandbox does not model: in the console, and as an error of the page. */
function notModelled(what) {
  const message = `The sandbox does not model ${what} (Stripe itself does).`;
  console.error(`[Stripe sandbox] ${message}`);
  return new IntegrationError(message);
}

/** The element that a selector or an element names; throws when there is none. */
function placeOf(location, method) {
  const found = typeof location === "string" ? document.querySelector(location) : location;
  if (found instanceof Element) {
    return found;
  }
  throw new IntegrationError(
    typeof location === "string"
      ? `The selector you specified (${location}) applies to no DOM elements that are currently on the page. ` +
        `Make sure the element exists on the page before calling ${method}.`
      : `Invalid DOM element: pass a CSS selector or a DOM element to ${method}.`,
  );
}

/** Go to a page of the shop. Nothing that waits for it goes on. */
function leaveFor(url, query = {}) {
  const target = new URL(url, location.href);
  for (const [name, value] of Object.entries(query)) {
    target.searchParams.set(name, value);
  }
  location.assign(target.href);
  return new Promise(() => {});
}

/** Handlers by the name of their event; one that throws keeps no other from being called. */
class Handlers {
  #handlers = new Map();

  add(name, handler, once = false) {
    if (typeof handler !== "function") {
      throw new IntegrationError(`Invalid handler for "${name}": it must be a function.`);
    }
    this.#of(name).push({handler, once});
  }

  remove(name, handler) {
    this.#handlers.set(
      name,
      this.#of(name).filter((entry) => handler !== undefined && entry.handler !== handler),
    );
  }

  call(name, event) {
    for (const entry of [...this.#of(name)]) {
      if (entry.once) {
        this.remove(name, entry.handler);
      }
      try {
        entry.handler(event);
      } catch (error) {
        reportError(error);
      }
    }
  }

  #of(name) {
    if (!this.#handlers.has(name)) {
      this.#handlers.set(name, []);
    }
    return this.#handlers.get(name);
  }
}
