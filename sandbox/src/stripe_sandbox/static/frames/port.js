// The frame's side of the connection to the page around it. Only that page can connect: it sends a port, and from
// then on the frame accepts messages only from that port.

const waiting = new Map();
let port = null;

/** Call `start(options)` once the page around this frame has connected. */
export function whenConnected(start) {
  addEventListener("message", (event) => {
    const wanted = event.source === window.parent && window.parent !== window;
    if (!wanted || port !== null || event.data?.stripeSandbox !== "connect" || event.ports.length !== 1) {
      return;
    }
    [port] = event.ports;
    port.onmessage = ({data}) => receive(data);
    start(event.data.options ?? {});
    reportHeight();
  });
}

/** Register a handler for the page's request `what`; its return value is the answer. */
export function handle(what, handler) {
  waiting.set(what, handler);
}

async function receive({id, what, data}) {
  const answer = await waiting.get(what)?.(data ?? {});
  if (id !== undefined) {
    port.postMessage({reply: id, data: answer ?? {}});
  }
}

/** Notify the page of an event. */
export function tell(event, data = {}) {
  port?.postMessage({event, data});
}

function reportHeight() {
  const body = document.body;
  new ResizeObserver(() => tell("height", Math.ceil(body.getBoundingClientRect().height))).observe(body);
}

const UNREACHABLE = "The payment service is unreachable. Please check your connection and try again.";

/** POST a form to the sandbox; `{error}` if the sandbox is unreachable. */
export async function ask(path, fields) {
  try {
    const answer = await fetch(path, {method: "POST", body: new URLSearchParams(fields), cache: "no-store"});
    return await answer.json();
  } catch (cause) {
    console.error(`POST ${path} failed:`, cause);
    return {error: {type: "api_connection_error", message: UNREACHABLE}};
  }
}

/** POST to the API with a publishable key, with nested parameters in Stripe's encoding. */
export async function callApi(key, path, params) {
  const fields = [["key", key]];
  const add = (name, value) => {
    if (value !== null && typeof value === "object") {
      Object.entries(value).forEach(([inner, item]) => add(`${name}[${inner}]`, item));
    } else if (value !== undefined) {
      fields.push([name, value === null ? "" : String(value)]);
    }
  };
  Object.entries(params).forEach(([name, value]) => add(name, value));
  return ask(path, fields);
}
