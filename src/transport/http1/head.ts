import { STATUS_CODE } from "@std/http/status";

/** The head of a request: its first line and its fields, as they were sent. */
export interface RequestHead {
  readonly method: string;
  /** The path and query, as they were sent. */
  readonly target: string;
  readonly host: string;
  /** False for HTTP/1.0. */
  readonly isHttp11: boolean;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** A request that cannot be served, with the status of its answer. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** The most that a request line and its fields may take. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([01])$/;
/** Matches a character that would end the host in a URL. */
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=%]+|\[[0-9A-Fa-f:.]+\])?(?::[0-9]*)?$/;
const NOT_IN_VALUE = /[\0\r\n]/;

const CR = 13;
const LF = 10;

/** Returns the length of the head at the start of `bytes`, its empty line included; -1 when that has not come. */
export function headLength(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(LF, Math.max(0, from - 2)); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

/**
 * Reads the head of a request (RFC 9112 sections 2 to 5), its empty line included. Throws an {@link HttpError} for anything
 * that two readers could understand differently: folded fields, blanks before a colon, two hosts.
 */
export function parseHead(text: string): RequestHead {
  const [first = "", ...lines] = text.split("\n").map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  const [, method, sent, minor] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || sent === undefined) {
    if (/ HTTP\/[02-9]/.test(first)) {
      throw new HttpError(STATUS_CODE.HTTPVersionNotSupported, "this server speaks HTTP/1.1");
    }
    throw badRequest("the request line must be: METHOD TARGET HTTP/1.1");
  }
  const fields: [string, string][] = [];
  for (const line of lines) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (colon < 1 || !TOKEN.test(name)) throw badRequest("a header line must be: NAME: VALUE");
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    if (NOT_IN_VALUE.test(value)) throw badRequest(`the header ${name} has a character that must not be sent`);
    fields.push([name.toLowerCase(), value]);
  }
  const isHttp11 = minor === "1";
  const { target, authority } = splitTarget(sent);
  const hosts = fields.filter(([name]) => name === "host").map(([, value]) => value);
  if (hosts.length > 1 || isHttp11 && hosts.length === 0) throw badRequest("exactly one Host header must be sent");
  const host = authority ?? hosts[0] ?? "";
  if (!HOST.test(host)) throw badRequest("the Host header must be: HOST or HOST:PORT");
  return { method, target, host, isHttp11, fields };
}

/** RFC 9112 section 3.2: a path, a whole URL, or `*`. */
function splitTarget(sent: string): { target: string; authority?: string } {
  if (sent.startsWith("/")) return { target: sent };
  if (sent === "*") return { target: "/" };
  const [, authority, target] = /^http:\/\/([^/?#]+)(.*)$/i.exec(sent) ?? [];
  if (authority === undefined || target === undefined) throw badRequest("the request target must be a path");
  return { target: target.startsWith("/") ? target : `/${target}`, authority };
}

/** Returns the values of a field, each of its lines split at commas. */
export function listOf({ fields }: RequestHead, wanted: string): string[] {
  return fields.filter(([name]) => name === wanted).flatMap(([, value]) =>
    value.split(",").map((item) => item.trim().toLowerCase())
  );
}

export function badRequest(sentence: string): HttpError {
  return new HttpError(STATUS_CODE.BadRequest, sentence);
}
