// A passkey signs what the server asks: to come in, to prove it is still you, or to be added.
// A button says where its options come from and which field takes the answer:
//   data-passkey="get" | "create"   data-options="/address" or "#id of a JSON block"   data-into="#field"

const toBytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const toText = (bytes) => {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

async function optionsOf(button) {
  const from = button.dataset.options;
  if (from.startsWith("#")) return JSON.parse(document.querySelector(from).textContent);
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const method = button.dataset.method || "POST";
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const answer = await fetch(from, { method, headers, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the desk answered ${answer.status}`);
  return answer.json();
}

function readable(told) {
  const key = (told.request_options || told.creation_options || told).publicKey;
  const lists = ["allowCredentials", "excludeCredentials"];
  const opened = { ...key, challenge: toBytes(key.challenge) };
  for (const name of lists) if (key[name]) opened[name] = key[name].map((one) => ({ ...one, id: toBytes(one.id) }));
  if (key.user) opened.user = { ...key.user, id: toBytes(key.user.id) };
  return opened;
}

function written(credential) {
  const said = credential.response;
  const response = { clientDataJSON: toText(said.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (said[name]) response[name] = toText(said[name]);
  }
  if (said.getTransports) response.transports = said.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

async function ask(button) {
  const publicKey = readable(await optionsOf(button));
  if (button.dataset.passkey === "create") {
    publicKey.authenticatorSelection = {
      ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required",
    };
    return navigator.credentials.create({ publicKey });
  }
  return navigator.credentials.get({ publicKey });
}

function say(button, text) {
  const place = button.closest("form").querySelector("[data-passkey-said]");
  if (place) place.textContent = text;
}

async function press(button) {
  const field = document.getElementById(button.dataset.into.slice(1)); // a name in it may hold a dot
  try {
    field.value = written(await ask(button));
  } catch (wrong) {
    say(button, `The passkey was not used: ${wrong.message}. Nothing was sent.`);
    return;
  }
  field.form.noValidate = true;
  field.form.requestSubmit();
}

const isAddress = /^[0-9.]+$|^\[/.test(location.hostname);
const able = window.PublicKeyCredential && window.isSecureContext && !isAddress;

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey]");
    if (!button) return;
    event.preventDefault();
    if (able) press(button);
    else say(button, "Passkeys need https, or the name localhost instead of a number.");
  });
}

if (document.body.classList.contains("entrance")) start();
