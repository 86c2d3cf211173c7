/**
 * Who may come in, as the flags say: the credentials of each endpoint, the limits, and what happens when a file of credentials
 * changes. Without one of these flags nothing of it is loaded.
 */
import type { Cidr, Credential, Gate, KeyEntry, Keys, LimitRules } from "../access/mod.ts";
import { type Config, UsageError } from "../cli/mod.ts";
import type { Family } from "../metrics/mod.ts";
import { SYSTEM_CLOCK } from "../concurrency/clock.ts";
import type { Reloadable } from "./reload.ts";
import type { GuardedEndpoint } from "./token_access.ts";
import { type ByteSink, LineWriter } from "./line_writer.ts";
import { logger } from "./log.ts";
import { type AuditFile, fileFault, type InputFiles, readTextFile } from "./startup/mod.ts";

/** The decisions about clients that the endpoints of one service share. */
export interface Access {
  readonly gate: Gate;
  /** The files of credentials that are read again; connections whose credential is gone by then are closed. */
  readonly reloadables: readonly Reloadable[];
  /** Writes the last lines of the audit log. */
  close(): Promise<void>;
}

/** The time that the last lines of the audit log have, milliseconds. */
const AUDIT_FLUSH_MS = 2_000;
/** About 100,000 lines that wait for a slow disk or pipe; further ones are counted and the log says so. */
const AUDIT_WAITING_BYTES = 32 * 2 ** 20;

type AccessLayer = typeof import("../access/mod.ts");

/** Opens what the flags name; undefined when none is given. Throws {@link StartError} for a file that cannot be used. */
export async function openAccess(
  config: Config,
  { inputs, audit: file }: {
    readonly inputs: Pick<InputFiles, "keys" | "jwtSecrets" | "jwks">;
    readonly audit: AuditFile | undefined;
  },
): Promise<Access | undefined> {
  const limits = limitsOf(config);
  const hasTokens = config["auth.jwks"] !== undefined || inputs.jwtSecrets !== undefined;
  const hasLimits = limits.connection !== undefined || limits.address !== undefined;
  const isAsked = inputs.keys !== undefined || hasTokens || hasLimits || file !== undefined;
  if (!isAsked && config["trusted-proxies"].length === 0) return undefined;
  const layer = await import("../access/mod.ts");
  const entries = inputs.keys === undefined
    ? undefined
    : readKeys(layer, { text: inputs.keys, path: config["auth.keys"] });
  const keys = entries === undefined ? undefined : new layer.Keys(entries);
  const tokens = hasTokens ? await (await import("./token_access.ts")).openTokens(config, inputs) : undefined;
  const credentials = (endpoint: GuardedEndpoint): readonly Credential[] => [
    ...keys === undefined ? [] : [keys],
    ...tokens?.credentials(endpoint) ?? [],
  ];
  warnOfIdleKeys(config, entries);
  const lines = file === undefined ? undefined : new LineWriter(reportingFailures(file), {
    maxWaitingBytes: AUDIT_WAITING_BYTES,
    droppedLine: (count) => layer.auditLine({ event: "dropped", lines: count }, Date.now()),
  });
  const gate = new layer.Gate({
    credentials: { ws: credentials("ws"), http: credentials("http") },
    limits,
    trustedProxies: trustedProxies(layer, config["trusted-proxies"]),
    audit: lines === undefined ? undefined : new layer.Audit((line) => lines.write(line)),
    clock: SYSTEM_CLOCK,
  });
  return {
    gate,
    reloadables: [
      ...keys === undefined ? [] : [keysReload(config, { layer, keys, gate })],
      ...tokens?.reloadables ?? [],
    ],
    async close() {
      await lines?.flush({ withinMs: AUDIT_FLUSH_MS });
      file?.close();
    },
  };
}

/** Returns a sink that logs the first of several failures in a row: an audit log with a gap must not look whole. */
function reportingFailures(file: ByteSink): ByteSink {
  let isFailing = false;
  return {
    async write(bytes) {
      try {
        const written = await file.write(bytes);
        isFailing = false;
        return written;
      } catch (cause) {
        if (!isFailing) logger("access").error("The audit log cannot be written; lines are lost", { cause });
        isFailing = true;
        throw cause;
      }
    },
  };
}

/** Returns the numbers of each principal for Prometheus. */
export function accessFamilies({ gate }: Access): readonly Family[] {
  const { samples } = gate;
  const of = (read: (sample: typeof samples[number]) => number) =>
    samples.map((sample) => ({ labels: { principal: sample.principal }, value: read(sample) }));
  return [
    {
      name: "access_calls_total",
      type: "counter",
      help: "Calls that the limits admitted, by principal.",
      samples: of(({ admitted }) => admitted),
    },
    {
      name: "access_calls_refused_total",
      type: "counter",
      help: "Calls that a limit refused, by principal.",
      samples: of(({ refused }) => refused),
    },
    {
      name: "access_connections",
      type: "gauge",
      help: "Open WebSocket connections, by principal.",
      samples: of(({ connections }) => connections),
    },
  ];
}

function limitsOf(config: Config): LimitRules {
  const rate = (perSecond: number, burst: number | undefined) =>
    perSecond === 0 ? undefined : { perSecond, burst: burst ?? perSecond };
  return {
    connection: rate(config["limit.rps"], config["limit.burst"]),
    address: rate(config["limit.address-rps"], config["limit.address-burst"]),
  };
}

function trustedProxies({ parseCidr }: AccessLayer, texts: readonly string[]): readonly Cidr[] {
  return texts.map((text) => {
    const range = parseCidr(text);
    if (range !== undefined) return range;
    throw new UsageError(
      `--trusted-proxies: expected addresses and ranges such as 10.0.0.0/8, got ${JSON.stringify(text)}`,
    );
  });
}

/** Reads the text of the file of keys. Throws {@link StartError} that names the file and the place in it. */
function readKeys(
  { parseKeyFile, KeyFileError }: AccessLayer,
  { text, path }: { readonly text: string; readonly path: string | undefined },
): readonly KeyEntry[] {
  try {
    return parseKeyFile(text);
  } catch (cause) {
    throw cause instanceof KeyFileError ? fileFault({ flag: "auth.keys", path, cause }) : cause;
  }
}

/** Warns of keys that name only namespaces that no endpoint offers: nothing exists for them. */
function warnOfIdleKeys(config: Config, entries: readonly KeyEntry[] = []): void {
  const offered = [...config.ws ? config["ws.api"] : [], ...config.http ? config["http.api"] : []];
  for (const { name, rights: { allow } } of entries) {
    const namespaces = allow?.map((word) => word.replace(/[_*].*$/, "")) ?? offered;
    if (namespaces.some((one) => offered.some((namespace) => namespace.startsWith(one)))) continue;
    logger("access").warn("A key allows nothing that an endpoint offers", { key: name, allow, offered });
  }
}

function keysReload(
  config: Config,
  { layer, keys, gate }: { layer: AccessLayer; keys: Keys; gate: Gate },
): Reloadable {
  return {
    what: "--auth.keys",
    async reload() {
      const path = config["auth.keys"] ?? "";
      const entries = readKeys(layer, { text: await readTextFile("auth.keys", path), path });
      warnOfIdleKeys(config, entries);
      keys.replace(entries);
      gate.recheck();
      return `${entries.length} keys`;
    },
  };
}
