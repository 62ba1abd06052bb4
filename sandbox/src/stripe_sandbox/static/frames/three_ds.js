// The bank's question in a dialog of the shop's page.

import {ask, callApi, tell, whenConnected} from "./port.js";

const main = document.getElementById("page");

whenConnected(async ({key, clientSecret}) => {
  const [id] = clientSecret.split("_secret_");
  const shown = await ask(`/js/three-ds/${encodeURIComponent(id)}`, {client_secret: clientSecret});
  if (shown.error) {
    tell("done", {error: shown.error});
    return;
  }
  main.innerHTML = shown.html;
  document.getElementById("complete").focus();
  main.addEventListener("submit", async (event) => {
    event.preventDefault();
    const params = {client_secret: clientSecret, outcome: event.submitter.value};
    main.querySelectorAll("button").forEach((button) => (button.disabled = true));
    const intent = await callApi(key, `/v1/payment_pages/${id}/authenticate`, params);
    tell("done", intent.error ? {error: intent.error} : {intent});
  });
});
