import { RpcRequestError, type Transport, webSocket } from "../clients/viem.ts";

/** One request that a client made, and the answer on the wire. */
export interface Exchange {
  readonly method: string;
  readonly answer: unknown;
}

/** viem's WebSocket transport; each answer is handed to `keep` as it came over the wire. */
export function recordingTransport(url: string, keep: (exchange: Exchange) => void) {
  const open = webSocket(url, { reconnect: false, keepAlive: false, retryCount: 0 });
  return ((options) => {
    const transport = open(options);
    const request: typeof transport.request = async (args) => {
      const { method } = args as { method: string };
      try {
        const result = await transport.request(args);
        keep({ method, answer: result });
        return result as never;
      } catch (error) {
        keep({ method, answer: { error: wireError(error) } });
        throw error;
      }
    };
    return { ...transport, request };
  }) satisfies Transport<"webSocket">;
}

/** The error object under viem's own. */
function wireError(error: unknown): unknown {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof RpcRequestError) {
      return { code: at.code, message: at.details, ...(at.data === undefined ? {} : { data: at.data }) };
    }
  }
  return { message: String(error) };
}

/** One place where two answers are not the same; `path` has no indices, so that a rule can name all items of a list. */
export interface Difference {
  readonly path: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Compares two JSON values field by field. */
export function differences(path: string, ours: unknown, theirs: unknown): Difference[] {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    if (ours.length !== theirs.length) return [{ path, ours, theirs }];
    return ours.flatMap((item, index) => differences(`${path}[]`, item, theirs[index]));
  }
  if (isRecord(ours) && isRecord(theirs) && "error" in ours === "error" in theirs) {
    const [mine, others] = [bySpelling(ours), bySpelling(theirs)];
    return [...new Set([...mine.keys(), ...others.keys()])].sort().flatMap((key) => {
      const [own, other] = [mine.get(key), others.get(key)];
      const spelling = own !== undefined && other !== undefined && own.key !== other.key
        ? [{ path: `${path} keys`, ours: own.key, theirs: other.key }]
        : [];
      return [...spelling, ...differences(`${path}.${key}`, own?.value, other?.value)];
    });
  }
  return ours === theirs ? [] : [{ path, ours, theirs }];
}

/** The members by name; an address is one key in whatever case it is written. */
function bySpelling(record: Record<string, unknown>): Map<string, { key: string; value: unknown }> {
  const spelling = (key: string) => /^0x[0-9a-f]{40}$/i.test(key) ? key.toLowerCase() : key;
  return new Map(Object.entries(record).map(([key, value]) => [spelling(key), { key, value }]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const WORD_LENGTH = 66;

/** Tells whether two values look alike: same type, and for hex text up to 32 bytes the same length. */
export function alike(ours: unknown, theirs: unknown): boolean {
  if (typeof ours === "string" && typeof theirs === "string") {
    const long = ours.length > WORD_LENGTH && theirs.length > WORD_LENGTH;
    return ours.startsWith("0x") && theirs.startsWith("0x") && (long || ours.length === theirs.length);
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) return [...ours, ...theirs].every((item) => alike(item, ours[0]));
  return typeof ours === typeof theirs;
}
