import { logger } from "../log.ts";

/** The contents of the first screen. */
export interface FirstScreen {
  readonly version: string;
  readonly chain: {
    readonly chainId: bigint;
    readonly networkId: bigint;
    readonly head: bigint;
    /** The rule by which blocks are sealed; undefined for a gateway. */
    readonly sealing: string | undefined;
    /** The folder that it is kept in; undefined in memory. */
    readonly datadir: string | undefined;
  };
  /** The nodes behind a gateway or a fork. */
  readonly upstreams: readonly UpstreamLine[];
  /** The block that is forked; null where none is. */
  readonly fork: ForkLine | null;
  /** The accounts that the node signs for; addresses only. */
  readonly accounts: readonly string[];
  /** The origin of their keys: it warns users against sending money to them. */
  readonly keysOf: string;
  /** The namespaces that can be called. */
  readonly namespaces: readonly string[];
  /** Namespaces that exist but that no endpoint offers. */
  readonly namespacesOff: readonly string[];
  /** The sandbox's report. */
  readonly sandbox: readonly {
    readonly level: "info" | "warn";
    readonly message: string;
    readonly fields: Record<string, unknown>;
  }[];
  /** The certificate of the ports, where they are encrypted. */
  readonly certificate?: { readonly names: string; readonly until: string } | undefined;
  /** The WebSocket endpoint, when it is on. */
  readonly ws: { readonly url: string; readonly origins: readonly string[] } | undefined;
  /** The HTTP endpoint, when it is on. */
  readonly http: HttpEndpoint | undefined;
  /** The flags that keep strangers from each endpoint that has some. */
  readonly guards: Readonly<Record<string, readonly string[]>>;
  /** The URL of the page for Prometheus, when it is on. */
  readonly metrics: string | undefined;
}

/** The block on which a local chain stands. */
export interface ForkLine {
  readonly block: { readonly hash: string; readonly header: { readonly number: bigint; readonly timestamp: bigint } };
  readonly chainId: bigint;
  /** The origin of the rules that hold above the block. */
  readonly rules: { readonly origin: string };
  /** The funded accounts whose code was cleared. */
  readonly cleared: readonly { readonly address: string }[];
}

/** One node behind a gateway or a fork. */
export interface UpstreamLine {
  readonly name: string;
  readonly shown: string;
  readonly state: string;
  readonly head: bigint | null;
  readonly latencyMs: number | null;
}

export interface HttpEndpoint {
  /** `127.0.0.1:8545`. */
  readonly endpoint: string;
  readonly secure: boolean;
  readonly prefix: string;
  readonly cors: readonly string[];
  readonly vhosts: readonly string[];
  /** The namespaces that can be called over HTTP, where they differ. */
  readonly namespaces: readonly string[] | undefined;
}

/** The most accounts that are listed; with the other lines they fill a terminal of 24 lines. */
const MAX_ACCOUNTS_SHOWN = 11;

/** Prints the first screen as log lines, the endpoint last: users look for it, and scripts wait for it. */
export function printFirstScreen(screen: FirstScreen): void {
  const log = logger("server");
  const { chainId, networkId, head, sealing, datadir } = screen.chain;
  log.info("Sallyport", { version: screen.version, deno: Deno.version.deno });
  const chain = { chainid: String(chainId), networkid: String(networkId), head };
  if (sealing === undefined) log.info("Gateway", { ...chain, upstreams: screen.upstreams.length });
  else log.info("Embedded chain", { ...chain, sealing, ...(datadir === undefined ? {} : { datadir }) });
  if (screen.fork !== null) forkLines(screen.fork);
  for (const { name, shown, state, head, latencyMs } of screen.upstreams) {
    log.info("Upstream", { name, at: shown, state, head: head ?? "none", ms: latencyMs?.toFixed(1) ?? "none" });
  }
  for (const address of screen.accounts.slice(0, MAX_ACCOUNTS_SHOWN)) log.info("Account", { address });
  const hidden = screen.accounts.length - MAX_ACCOUNTS_SHOWN;
  if (hidden > 0) log.info("More accounts", { count: hidden, list: "eth_accounts" });
  if (screen.accounts.length > 0) log.info("Account keys", { of: screen.keysOf });
  log.info("Namespaces", { on: screen.namespaces });
  if (screen.namespacesOff.length > 0) log.info("Namespaces off", { off: screen.namespacesOff });
  const { ws, http, guards, metrics } = screen;
  if (http?.namespaces !== undefined) log.info("Namespaces over HTTP", { on: http.namespaces });
  if (ws !== undefined) log.info("Origins allowed", { origins: ws.origins });
  if (Object.keys(guards).length > 0) log.info("Credentials asked for", { ...guards });
  for (const { level, message, fields } of screen.sandbox) log[level](message, fields);
  if (screen.certificate !== undefined) log.info("TLS certificate", screen.certificate);
  if (metrics !== undefined) log.info("Metrics enabled", { url: metrics });
  if (http !== undefined) {
    const { endpoint, secure, prefix, cors, vhosts } = http;
    // geth's line (node/rpcstack.go `start`).
    log.info("HTTP server started", {
      endpoint,
      ...secure ? { tls: true } : {},
      auth: guards["http"] !== undefined,
      prefix,
      cors,
      vhosts,
    });
  }
  if (ws !== undefined) log.info("WebSocket enabled", { url: ws.url });
}

function forkLines({ block: { hash, header }, chainId, rules, cleared }: ForkLine): void {
  const log = logger("server");
  const time = new Date(Number(header.timestamp) * 1000).toISOString();
  log.info("Forked", { chainid: String(chainId), block: header.number, hash, time, rules: rules.origin });
  if (cleared.length === 0) return;
  // On public networks the accounts of a well-known mnemonic are delegated to programs that take what comes in (EIP-7702).
  log.warn("Code of funded accounts cleared", { accounts: cleared.map(({ address }) => address) });
}
