// The frames and the API are at the origin of this script. If a test intercepts Stripe's own address, they are at
// the sandbox's public URL.
const SCRIPT = document.currentScript;
const LOADED_FROM = SCRIPT && SCRIPT.src ? new URL(SCRIPT.src).origin : HOME;
const ORIGIN = LOADED_FROM === "https://js.stripe.com" ? HOME : LOADED_FROM;

/** A programming error in the page, thrown as in Stripe.js. */
class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Warn once in the console about an option that the sandbox ignores. */
const warned = new Set();
function warnOnce(what) {
  if (!warned.has(what)) {
    warned.add(what);
    console.warn(`[Stripe sandbox] ${what}`);
  }
}

/** The error for something that the sandbox does not model; it is also logged to the console. */
function notModelled(what) {
  const message = `The sandbox does not model ${what} (Stripe itself does).`;
  console.error(`[Stripe sandbox] ${message}`);
  return new IntegrationError(message);
}

/** The element of a selector, or the given element; throws if it does not exist. */
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

/** Navigate to a page of the shop. The promise never resolves. */
function leaveFor(url, query = {}) {
  const target = new URL(url, location.href);
  for (const [name, value] of Object.entries(query)) {
    target.searchParams.set(name, value);
  }
  location.assign(target.href);
  return new Promise(() => {});
}

/** Event handlers by event name; if one throws, the others are still called. */
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
