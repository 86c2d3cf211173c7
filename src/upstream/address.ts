/** The transport to an upstream. */
export type UpstreamKind = "ws" | "http" | "ipc";

/** The address of one upstream, and the part of it that may be shown. */
export interface UpstreamAddress {
  readonly kind: UpstreamKind;
  /** With path and query, without user and password; the path of a socket for `ipc`. It may hold a key: it is never shown. */
  readonly url: string;
  /** Sent with each handshake or request. Their values are secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Scheme, host and port, for log lines, pages and errors. */
  readonly shown: string;
  /** `host:port`, or `unix:PATH`, as a net permission names it. */
  readonly grant: string;
}

/** An invalid address of an upstream; the message names the fault and shows no secret. */
export class UpstreamAddressError extends Error {
  override readonly name = "UpstreamAddressError";
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "ws:": "80", "http:": "80", "wss:": "443", "https:": "443" };

/** Reads `ws://`, `wss://`, `http://` and `https://` URLs, and the path of a geth.ipc. Throws UpstreamAddressError. */
export function readAddress(text: string, headers: Readonly<Record<string, string>> = {}): UpstreamAddress {
  if (text.startsWith("/") || text.startsWith("./")) {
    return { kind: "ipc", url: text, headers: {}, shown: text, grant: `unix:${text}` };
  }
  const url = URL.parse(text);
  const port = DEFAULT_PORTS[url?.protocol ?? ""];
  if (url === null || port === undefined || url.hostname === "") {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
    throw new UpstreamAddressError(
      `${scheme === undefined ? "this is no URL" : `the scheme ${scheme}:// is not served`}: expected ws://, wss://, ` +
        "http:// or https:// with a host, or the path of a geth.ipc",
    );
  }
  const { username, password, hostname, protocol } = url;
  const grant = `${hostname}:${url.port || port}`;
  const authorization = username === "" && password === "" ? {} : { authorization: basic(username, password) };
  url.username = "";
  url.password = "";
  url.hash = "";
  return {
    kind: protocol.startsWith("ws") ? "ws" : "http",
    url: url.href,
    headers: { ...authorization, ...headers },
    shown: `${protocol}//${hostname}${url.port === "" ? "" : `:${url.port}`}`,
    grant,
  };
}

/** Returns the Authorization header of RFC 7617, in UTF-8. */
function basic(username: string, password: string): string {
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${new TextEncoder().encode(text).toBase64()}`;
}
