/**
 * Who may come in, and how much they may ask for: credentials become a `Principal`, a principal has rights, limits and an
 * end, and what changes something is written into the audit log. Nothing here is loaded while no flag asks for it.
 *
 * `gate.ts` is the one object that the endpoints ask. `authorizer.ts` asks one `Credential` after the other (`keys.ts` is one)
 * for the token that `presented.ts` found in the request. `key_file.ts` reads `--auth.keys`, `key.ts` says what a key is,
 * `cidr.ts` what a range of addresses is, `client_address.ts` who is behind a proxy. `sessions.ts` closes connections whose
 * credential has ended. `limiter.ts` makes the `connection_limits.ts` of each connection, with the buckets that it shares
 * with its principal (`meters.ts`) and its address (`address_buckets.ts`); `weights.ts` has the weight of each method.
 * `audit.ts` writes what `audited.ts` lists. `open_ports.ts` decides which ports may be open to everybody.
 *
 * May import: `rpc` for principals and layers, `transport` for handshakes and refusals, `concurrency` and `text`. It reads
 * no file and no flag: `app/access.ts` gives it both.
 *
 * You are in the wrong place if you are about to write a rule for one method (`namespaces/`), for bytes and sockets
 * (`transport/`), for a password of an account (`accounts/`), or for what the process may do (`sandbox/`).
 */
export { Audit, auditLine } from "./audit.ts";
export { type Cidr, parseCidr } from "./cidr.ts";
export type { Credential } from "./credential.ts";
export { type Around, type EndpointName, Gate, type GateOptions } from "./gate.ts";
export { type KeyEntry, KeyFileError, parseKeyFile } from "./key_file.ts";
export { Keys } from "./keys.ts";
export type { LimitRules } from "./limiter.ts";
export { type MeterSample } from "./meters.ts";
