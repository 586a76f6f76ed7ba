// Speaks to a security key or passkey, and sends what it answered with the form that stands in the page.
const form = document.getElementById("key");
const button = form.querySelector("button");
const words = form.querySelector("[data-words]");

const toBytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
};

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

const make = async (options) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  return { credential: made, response: { attestationObject: toText(made.response.attestationObject) } };
};

const use = async (options) => {
  const used = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  const { authenticatorData, signature } = used.response;
  return { credential: used, response: { authenticatorData: toText(authenticatorData), signature: toText(signature) } };
};

const ask = async () => {
  const speak = form.dataset.key === "make" ? make : use;
  const { credential, response } = await speak(JSON.parse(form.dataset.options));
  const clientDataJSON = toText(credential.response.clientDataJSON);
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: { ...response, clientDataJSON } };
};

form.addEventListener("submit", async (event) => {
  if (form.elements[form.dataset.field].value) return;
  event.preventDefault();
  button.disabled = true;
  words.textContent = "Touch your key, and follow what your browser asks.";
  try {
    form.elements[form.dataset.field].value = JSON.stringify(await ask());
    form.submit();
  } catch {
    words.textContent = "The key did not answer, or was not the right one. Try again.";
    button.disabled = false;
  }
});

if (window.PublicKeyCredential) button.disabled = false;
else words.textContent = "This browser cannot speak to security keys.";
