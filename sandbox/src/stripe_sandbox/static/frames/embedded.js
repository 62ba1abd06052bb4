// The payment page embedded in a page of the shop: the server renders each state of the form; this script sends
// the entries and shows the answer.

import {enhance, idle} from "../payment.js";
import {ask, tell, whenConnected} from "./port.js";

const main = document.getElementById("page");

function show(html) {
  main.innerHTML = html;
  enhance(main);
  main.querySelector("[autofocus], [role=alert]")?.scrollIntoView({block: "nearest"});
  main.querySelector("[autofocus]")?.focus();
}

function fail(message) {
  const place = document.createElement("p");
  place.className = "alert";
  place.setAttribute("role", "alert");
  place.textContent = message;
  main.querySelector(":scope > .alert")?.remove();
  main.prepend(place);
  idle(main);
}

whenConnected(async ({clientSecret}) => {
  const [id] = clientSecret.split("_secret_");
  const base = `/js/embedded/${encodeURIComponent(id)}`;

  const run = async (action, fields = {}) => {
    const answer = await ask(`${base}/${action}`, {...fields, client_secret: clientSecret});
    if (answer.error) {
      fail(answer.error.message);
      return;
    }
    show(answer.html);
    if (answer.complete) {
      tell("complete", {returnUrl: answer.return_url});
    }
  };

  main.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target, event.submitter));
    run(event.target.dataset.action, fields);
  });
  await run("show");
});
