// A certified OpenID provider (npm's oidc-provider) on loopback; tests/real_provider.py starts it and says what it knows.
// argv: the folder of its package, and a JSON of {port, keys, people, client}.
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, text] = process.argv.slice(2);
const { port, keys, people, client } = JSON.parse(text);
const { default: Provider } = await import(pathToFileURL(join(folder, "lib", "index.js")));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  jwks: { keys },
  pkce: { required: () => true },
  scopes: ["openid", "email", "profile", "groups"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  cookies: { keys: ["a key for tests"] },
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
