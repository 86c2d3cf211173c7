import { readAddress, type UpstreamAddress, UpstreamAddressError } from "./address.ts";
import type { UpstreamSpec } from "./upstream.ts";

/** A fault in the description of the upstreams; the message names the place, and no secret. */
export class UpstreamConfigError extends Error {
  override readonly name = "UpstreamConfigError";
}

/** The default time for one call, milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** The members of one upstream in `--upstream.config`. */
const MEMBERS = ["url", "name", "priority", "headers", "methods", "rateLimit", "timeout", "archive"];
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export interface UpstreamInput {
  /** The values of --upstream. */
  readonly urls: readonly string[];
  /** The values of --upstream.header: `Name: value`, sent to each upstream of --upstream. */
  readonly headers: readonly string[];
  /** The text of --upstream.config. */
  readonly config?: string | undefined;
  /** The flag that names the URLs; `upstream` when absent. */
  readonly flag?: "upstream" | "fork.url";
}

/** The flag of the headers for each flag of URLs. */
const HEADER_FLAGS = { "upstream": "upstream.header", "fork.url": "fork.header" } as const;

/** Reads every upstream that the flags and the file describe. Throws UpstreamConfigError. */
export function readUpstreams({ urls, headers, config, flag = "upstream" }: UpstreamInput): UpstreamSpec[] {
  const common = Object.fromEntries(
    headers.map((header, index) => headerOf(header, `--${HEADER_FLAGS[flag]} ${index + 1}`)),
  );
  const named = urls.map((url, index): Described => ({
    address: addressAt(url, common, `--${flag} ${index + 1}`),
    priority: 0,
    timeoutMs: DEFAULT_TIMEOUT_MS,
  }));
  const described = [...named, ...config === undefined ? [] : readConfig(config)];
  const names = new Set<string>();
  return described.map(({ name, ...rest }, index) => {
    // Two keys at one provider have the same host: a number distinguishes them.
    const free = name ?? (names.has(rest.address.grant) ? `${rest.address.grant}#${index + 1}` : rest.address.grant);
    if (names.has(free)) throw new UpstreamConfigError(`two upstreams have the name ${JSON.stringify(free)}`);
    names.add(free);
    return { ...rest, name: free };
  });
}

type Described = Omit<UpstreamSpec, "name"> & { readonly name?: string };

function readConfig(text: string): Described[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser's message quotes the text around the fault, which may be a key.
    throw new UpstreamConfigError("the file is no JSON", { cause: error });
  }
  const list = isObject(value) ? value["upstreams"] : value;
  if (!Array.isArray(list)) throw new UpstreamConfigError('expected a list, or {"upstreams": [...]}');
  return list.map((item, index) => readOne(item, `upstreams[${index}]`));
}

function readOne(value: unknown, at: string): Described {
  if (!isObject(value)) throw new UpstreamConfigError(`${at}: expected an object`);
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    throw new UpstreamConfigError(`${at}: unknown member ${JSON.stringify(unknown)}; known are ${MEMBERS.join(", ")}`);
  }
  const { url, name, priority = 0, headers = {}, methods, rateLimit, timeout, archive } = value;
  if (typeof url !== "string") throw new UpstreamConfigError(`${at}.url: expected the URL of the upstream`);
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw new UpstreamConfigError(`${at}.name: expected a text that is not empty`);
  }
  if (!Number.isSafeInteger(priority) || Number(priority) < 0) {
    throw new UpstreamConfigError(`${at}.priority: expected a whole number from 0, the lowest is asked first`);
  }
  if (rateLimit !== undefined && !(typeof rateLimit === "number" && rateLimit > 0)) {
    throw new UpstreamConfigError(`${at}.rateLimit: expected requests per second, above 0`);
  }
  if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0)) {
    throw new UpstreamConfigError(`${at}.timeout: expected seconds, above 0`);
  }
  if (archive !== undefined && typeof archive !== "boolean") {
    throw new UpstreamConfigError(`${at}.archive: expected true or false`);
  }
  if (!isObject(headers)) throw new UpstreamConfigError(`${at}.headers: expected an object of texts`);
  const pairs = Object.entries(headers).map(([name, value]) => headerOf(`${name}: ${String(value)}`, `${at}.headers`));
  return {
    address: addressAt(url, Object.fromEntries(pairs), `${at}.url`),
    priority: Number(priority),
    timeoutMs: timeout === undefined ? DEFAULT_TIMEOUT_MS : timeout * 1000,
    ...(name === undefined ? {} : { name }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(archive === undefined ? {} : { archive }),
    ...(methods === undefined ? {} : allowance(methods, `${at}.methods`)),
  };
}

/** Reads the methods that an upstream may and may not serve: `["eth_*", "debug_traceCall", "!eth_getLogs"]`. */
function allowance(value: unknown, at: string): Required<Pick<UpstreamSpec, "allows" | "named">> {
  const patterns = Array.isArray(value) ? value : [];
  if (
    patterns.length === 0 || patterns.some((pattern) => !/^!?[A-Za-z0-9]+(_([A-Za-z0-9]+|\*))$/.test(String(pattern)))
  ) {
    throw new UpstreamConfigError(`${at}: expected a list such as ["eth_*", "!eth_getLogs"]`);
  }
  const denied = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const allowed = patterns.filter((pattern) => !pattern.startsWith("!"));
  const matches = (method: string) => (pattern: string) =>
    pattern.endsWith("*") ? method.startsWith(pattern.slice(0, -1)) : method === pattern;
  return {
    allows: (method) => !denied.some(matches(method)) && (allowed.length === 0 || allowed.some(matches(method))),
    named: new Set(allowed.filter((pattern) => !pattern.endsWith("*"))),
  };
}

function addressAt(url: string, headers: Readonly<Record<string, string>>, at: string): UpstreamAddress {
  try {
    return readAddress(url, headers);
  } catch (error) {
    if (!(error instanceof UpstreamAddressError)) throw error;
    throw new UpstreamConfigError(`${at}: ${error.message}`, { cause: error });
  }
}

function headerOf(text: string, at: string): [name: string, value: string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  const value = text.slice(colon + 1).trim();
  if (!HEADER_NAME.test(name) || /[\r\n\0]/.test(value)) {
    throw new UpstreamConfigError(`${at}: expected "Name: value" on one line`);
  }
  return [name.toLowerCase(), value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
