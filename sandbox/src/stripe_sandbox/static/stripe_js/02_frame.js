// A frame of the sandbox in the shop's page. What is typed into it stays there: page and frame talk over a
// MessagePort that only the sandbox's origin can receive, so that no other window can speak for either.
let frames = 0;

/** A frame that has not answered after so many milliseconds will not: its page could not be loaded. */
const LOADS_WITHIN = 15_000;

class Frame {
  #port = null;
  #late = null;
  #waiting = new Map();
  #sent = 0;
  #connected;

  /**
   * @param kind which frame the sandbox is asked for
   * @param options what the frame is told when it has loaded
   * @param on what to call for its events, by their names
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

  /** Ask the frame for something; resolves with its answer. */
  async ask(what, data) {
    await this.#connected;
    this.#sent += 1;
    const id = this.#sent;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#port.postMessage({id, what, data});
    });
  }

  /** Tell the frame something that it does not answer. */
  async tell(what, data) {
    await this.#connected;
    this.#port.postMessage({what, data});
  }

  /** Take the frame off the page; what still waits for it fails. */
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
