import type { PrincipalLimits, Rights } from "../rpc/principal.ts";
import { isPlainName, PLAIN_NAME_RULE } from "../text/plain_name.ts";
import { printable } from "../text/printable.ts";
import { type OriginPolicy, originPolicy } from "../transport/mod.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import { parseHash } from "./key.ts";

/** A fault in the file of keys; the message names the place, and no secret. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

/** One key of the file. */
export interface KeyEntry {
  readonly name: string;
  readonly hash: Uint8Array;
  readonly rights: Rights;
  readonly limits: PrincipalLimits;
  /** The origins of pages that may use the key; undefined for pages and programs alike. */
  readonly origins: OriginPolicy | undefined;
  /** The addresses from which the key may be used; undefined for all. */
  readonly addresses: readonly Cidr[] | undefined;
  /** The Unix time of its end, milliseconds. */
  readonly expiresAt: number | undefined;
  readonly disabled: boolean;
  /** The entry as text: two entries with equal texts are the same to a connection. */
  readonly text: string;
}

/** The members of an entry, and of its limits, with what each means; the page of this folder is made from them. */
export const MEMBERS = {
  name: "names the key in metrics, in the log and in the audit log; letters, digits and `. _ -`, at most 64",
  hash: "`sha256:` and 64 hex digits, as `--auth.newkey` prints it",
  allow: "namespaces (`eth`), methods (`eth_call`) or beginnings (`debug_trace*`) that may be called; all when absent",
  deny: "the same, for what may not be called whatever `allow` says",
  origins:
    "origins of pages that may use the key, written as for `--ws.origins`; a request without Origin is refused then",
  addresses: "addresses and ranges (`10.0.0.0/8`, `2001:db8::/32`) from which the key may be used",
  limits: "the limits of the key over all its connections, see below",
  expires: "a time (`2027-01-31T00:00:00Z`) at which the key ends, and its connections with it",
  disabled: "`true` to refuse the key",
} as const;

export const LIMIT_MEMBERS = {
  connections: "open WebSocket connections; a further one is answered 429",
  subscriptions: "live subscriptions",
  inFlight: "calls that run at a time",
  requestsPerSecond: "weight of the calls that are admitted each second, in the long run",
  burst: "weight that is admitted at once after a quiet time; that of one second when absent",
  bytesPerSecond: "bytes of messages in both directions; calls are refused while more was used",
  weights: 'weights in place of the default ones: `{"eth_getLogs": 5, "debug_*": 200}`',
} as const satisfies Record<keyof PrincipalLimits, string>;

const MAX_KEYS = 10_000;
const WORD = /^[A-Za-z][A-Za-z0-9]*([_.][A-Za-z0-9_]*)?\*?$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
/** A subscription, a connection or a call: whole numbers. */
const WHOLE: readonly string[] = ["connections", "subscriptions", "inFlight"];

/** Reads the text of --auth.keys. Throws {@link KeyFileError}. */
export function parseKeyFile(text: string): readonly KeyEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The parser's message quotes the text around the fault, which may be a key.
    throw new KeyFileError("the file is no JSON", { cause });
  }
  const list = isObject(value) ? value["keys"] : value;
  if (!Array.isArray(list)) throw new KeyFileError('expected a list, or {"keys": [...]}');
  if (list.length > MAX_KEYS) throw new KeyFileError(`${list.length} keys, the limit is ${MAX_KEYS}`);
  const entries = list.map((item, index) => readEntry(item, `keys[${index}]`));
  requireUnique(entries);
  return entries;
}

function requireUnique(entries: readonly KeyEntry[]): void {
  const [names, hashes] = [new Map<string, number>(), new Map<string, number>()];
  for (const [index, { name, hash }] of entries.entries()) {
    const [sameName, sameHash] = [names.get(name), hashes.get(hash.join())];
    if (sameName !== undefined) throw new KeyFileError(`keys[${index}].name: keys[${sameName}] has the same name`);
    if (sameHash !== undefined) throw new KeyFileError(`keys[${index}].hash: keys[${sameHash}] has the same hash`);
    names.set(name, index);
    hashes.set(hash.join(), index);
  }
}

function readEntry(value: unknown, at: string): KeyEntry {
  const entry = membersOf(value, { at, known: Object.keys(MEMBERS) });
  const { name, hash, allow, deny, origins, addresses, limits, expires, disabled = false } = entry;
  if (typeof name !== "string" || !isPlainName(name)) {
    throw new KeyFileError(`${at}.name: expected ${PLAIN_NAME_RULE}`);
  }
  const bytes = typeof hash === "string" ? parseHash(hash) : undefined;
  if (bytes === undefined) {
    // What stands here may be the key itself.
    throw new KeyFileError(`${at}.hash: expected sha256: and 64 hex digits; --auth.newkey makes a key and its hash`);
  }
  if (typeof disabled !== "boolean") throw new KeyFileError(`${at}.disabled: expected true or false`);
  return {
    name,
    hash: bytes,
    ...readRights({ allow, deny, limits }, at),
    origins: readOrigins(origins, `${at}.origins`),
    addresses: readAddresses(addresses, `${at}.addresses`),
    expiresAt: readTime(expires, `${at}.expires`),
    disabled,
    text: JSON.stringify(entry),
  };
}

function readWords(value: unknown, at: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return listOf(value, `${at}: expected a list of namespaces and methods, such as ["eth", "net_version"]`)
    .map((word, index) => {
      if (WORD.test(word)) return word;
      throw new KeyFileError(
        `${at}[${index}]: expected a namespace, a method, or the beginning of one and *, got ${shown(word)}`,
      );
    });
}

function readOrigins(value: unknown, at: string): OriginPolicy | undefined {
  if (value === undefined) return undefined;
  const policy = originPolicy(listOf(value, `${at}: expected a list such as ["https://app.example.org"]`));
  const [unusable] = policy.unusable;
  if (unusable !== undefined) {
    throw new KeyFileError(`${at}: ${shown(unusable.rule)} matches nothing: ${unusable.reason}`);
  }
  return policy;
}

function readAddresses(value: unknown, at: string): readonly Cidr[] | undefined {
  if (value === undefined) return undefined;
  return listOf(value, `${at}: expected a list such as ["10.0.0.0/8", "2001:db8::1"]`).map((text, index) => {
    const range = parseCidr(text);
    if (range !== undefined) return range;
    throw new KeyFileError(
      `${at}[${index}]: expected an address or a range without bits behind its length, got ${shown(text)}`,
    );
  });
}

function readTime(value: unknown, at: string): number | undefined {
  if (value === undefined) return undefined;
  const time = typeof value === "string" && TIME.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) throw new KeyFileError(`${at}: expected a time with its zone, such as 2027-01-31T00:00:00Z`);
  return time;
}

/** Reads the members of an entry, or of a token's claim, that narrow what may be done. Throws {@link KeyFileError}. */
export function readRights(value: unknown, at: string): { readonly rights: Rights; readonly limits: PrincipalLimits } {
  const { allow, deny, limits } = membersOf(value, { at, known: ["allow", "deny", "limits"] });
  return {
    rights: { allow: readWords(allow, `${at}.allow`), deny: readWords(deny, `${at}.deny`) },
    limits: limits === undefined ? {} : readLimits(limits, `${at}.limits`),
  };
}

/** Reads limits as the file has them. Throws {@link KeyFileError} that begins with `at`. */
export function readLimits(value: unknown, at: string): PrincipalLimits {
  const { weights, ...numbers } = membersOf(value, { at, known: Object.keys(LIMIT_MEMBERS) });
  for (const [name, number] of Object.entries(numbers)) {
    const isWhole = WHOLE.includes(name);
    if (typeof number === "number" && number > 0 && (isWhole ? Number.isSafeInteger(number) : number <= 1e12)) continue;
    throw new KeyFileError(`${at}.${name}: expected a ${isWhole ? "whole " : ""}number above 0`);
  }
  if (numbers["burst"] !== undefined && numbers["requestsPerSecond"] === undefined) {
    throw new KeyFileError(`${at}.burst: has no meaning without requestsPerSecond`);
  }
  if (weights !== undefined) readWeights(weights, `${at}.weights`);
  return value as PrincipalLimits;
}

function readWeights(value: unknown, at: string): void {
  if (!isObject(value)) throw new KeyFileError(`${at}: expected an object such as {"eth_getLogs": 5}`);
  for (const [word, weight] of Object.entries(value)) {
    if (!WORD.test(word)) throw new KeyFileError(`${at}: ${shown(word)} is no method and no beginning of one`);
    if (typeof weight === "number" && weight >= 0 && weight <= 1e9) continue;
    throw new KeyFileError(`${at}.${word}: expected a number from 0`);
  }
}

function membersOf(value: unknown, { at, known }: { at: string; known: readonly string[] }): Record<string, unknown> {
  if (!isObject(value)) throw new KeyFileError(`${at}: expected an object`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return value;
  throw new KeyFileError(`${at}: unknown member ${shown(unknown)}; known are ${known.join(", ")}`);
}

function listOf(value: unknown, expected: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.some((item) => typeof item !== "string")) {
    throw new KeyFileError(expected);
  }
  return value;
}

function shown(text: string): string {
  return printable(JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
