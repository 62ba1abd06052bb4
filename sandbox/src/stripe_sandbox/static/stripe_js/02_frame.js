// A frame of the sandbox in the shop's page. Its entries stay inside. Page and frame communicate over a MessagePort
// that only the sandbox's origin can receive, so that no other window can impersonate either.
let frames = 0;

/** After this many milliseconds without an answer, the frame's page counts as not loaded. */
const LOADS_WITHIN = 15_000;

class Frame {
  #port = null;
  #late = null;
  #waiting = new Map();
  #sent = 0;
  #connected;

  /**
   * @param kind the name of the frame
   * @param options sent to the frame when it has loaded
   * @param on handlers of the frame's events, by name
   */
  constructor(kind, {title, name = "__privateStripeFrame", options = {}, on = {}}) {
    frames += 1;
    const iframe = document.createElement("iframe");
    iframe.name = `${name}${frames}`;
    iframe.title = title;
    iframe.allow = "payment *";
    iframe.referrerPolicy = "origin";
    iframe.src = `${ORIGIN}/js/frames/${kind}`;
    // By property, not as an attribute: the page's Content-Security-Policy may forbid inline styles.
    Object.assign(iframe.style, {
      border: "0",
      display: "block",
      width: "100%",
      height: "0",
      colorScheme: "normal",
      userSelect: "none",
    });
    this.iframe = iframe;
    this.on = on;
    this.#late = setTimeout(() => on.failed?.(), LOADS_WITHIN);
    this.#connected = new Promise((resolve) => {
      iframe.addEventListener("load", () => {
        this.#connect(options);
        resolve();
      });
    });
  }

  #connect(options) {
    const {port1, port2} = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({data}) => this.#receive(data);
    this.iframe.contentWindow.postMessage({stripeSandbox: "connect", options}, ORIGIN, [port2]);
  }

  #receive({reply, event, data}) {
    clearTimeout(this.#late);
    if (reply !== undefined) {
      const settle = this.#waiting.get(reply);
      this.#waiting.delete(reply);
      settle?.(data);
    } else if (event === "height") {
      this.iframe.style.height = `${data}px`;
    } else {
      this.on[event]?.(data);
    }
  }

  /** Send the frame a request; resolves with its answer. */
  async ask(what, data) {
    await this.#connected;
    this.#sent += 1;
    const id = this.#sent;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#port.postMessage({id, what, data});
    });
  }

  /** Send the frame a message without an answer. */
  async tell(what, data) {
    await this.#connected;
    this.#port.postMessage({what, data});
  }

  /** Remove the frame from the page; pending requests fail. */
  remove() {
    clearTimeout(this.#late);
    this.iframe.remove();
    this.#port?.close();
    const error = {type: "api_error", message: "The Element was unmounted before it answered."};
    for (const settle of this.#waiting.values()) {
      settle({error});
    }
    this.#waiting.clear();
  }
}
