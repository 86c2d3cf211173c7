import { CODE, RpcError } from "./error.ts";
import { encodeExactly, parseExactly } from "./exact_json.ts";
import { RawJson } from "./raw_json.ts";
import { isObject } from "./schema.ts";
import { scan } from "./scanner.ts";
import { excessOf, MESSAGE_LIMITS, type TextLimits } from "./text_limits.ts";

/** The JSON text of an id, exactly as the client wrote it. */
export type IdText = string;

/** A request that asks for an answer. */
export interface Call {
  readonly kind: "call";
  readonly id: IdText;
  readonly method: string;
  readonly params: unknown;
}

/** A request that runs a method and is never answered. */
export interface Notification {
  readonly kind: "notification";
  readonly method: string;
  readonly params: unknown;
}

/** The client's answer to a call that this server made. */
export interface Response {
  readonly kind: "response";
  readonly id: IdText;
  readonly result: unknown;
  readonly error: unknown;
}

/** A JSON value that is no request; its id is kept if it is valid. */
export interface Invalid {
  readonly kind: "invalid";
  readonly id: IdText;
}

/** A call or a notification: it runs a method. */
export type Request = Call | Notification;

export type Item = Request | Response | Invalid;

/** One whole message. */
export type Message =
  | Item
  | { readonly kind: "batch"; readonly items: readonly Item[] }
  /** A batch with too many items; the id is that of its first call. */
  | { readonly kind: "oversized"; readonly id: IdText }
  /** JSON that exceeds a limit and is not parsed; the id is null when none was found. */
  | { readonly kind: "refused"; readonly id: IdText; readonly error: RpcError }
  | { readonly kind: "malformed"; readonly error: RpcError };

const NULL_ID = "null";

// A byte order mark is no JSON (RFC 8259 section 8.1), so it is left in place for JSON.parse to refuse.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface ParseOptions {
  /** 0 is no limit. */
  readonly maxBatchItems: number;
}

/**
 * Reads one message; never throws. A text that is not one JSON value is `malformed`. geth reads the first value and ignores
 * the text after it; here such text is an error, so that no call goes without an answer.
 */
export function parseMessage(data: string | Uint8Array, options: ParseOptions): Message {
  const steps = parseInSteps(data, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Reads one message as {@link parseMessage} does, and stops after each step that takes long for a large one. */
export function* parseInSteps(data: string | Uint8Array, { maxBatchItems }: ParseOptions): Generator<void, Message> {
  let text: string;
  try {
    text = typeof data === "string" ? data : utf8.decode(data);
  } catch {
    return malformed("message is not valid UTF-8");
  }
  yield;
  const { exceeded, isBatch, ids, longIntegers } = scan(text);
  if (exceeded === "depth") return malformed(`message is nested deeper than ${MESSAGE_LIMITS.depth} levels`);
  if (exceeded !== undefined) {
    return { kind: "refused", id: isBatch ? NULL_ID : ids[0] ?? idAtEnd(text), error: tooMuch(exceeded) };
  }
  yield;
  let value: unknown;
  try {
    value = parseExactly(text, longIntegers);
  } catch {
    return malformed("message is not valid JSON");
  }
  if (!Array.isArray(value)) return classify(value, ids[0]);
  if (maxBatchItems === 0 || value.length <= maxBatchItems) {
    return { kind: "batch", items: value.map((item, index) => classify(item, ids[index])) };
  }
  // Not one record per item: a message can hold millions of them.
  for (const [index, element] of value.entries()) {
    const item = classify(element, ids[index]);
    if (item.kind === "call") return { kind: "oversized", id: item.id };
  }
  return { kind: "oversized", id: NULL_ID };
}

function malformed(reason: string): Message {
  return { kind: "malformed", error: new RpcError(CODE.parse, `parse error: ${reason}`) };
}

function tooMuch(exceeded: keyof TextLimits): RpcError {
  const limit = MESSAGE_LIMITS[exceeded];
  return new RpcError(CODE.invalidRequest, `message has ${excessOf(exceeded)}`, { data: { limit, value: limit + 1 } });
}

/** Matches the end of a request that has its id behind its parameters, as ethers writes them. No string matches it. */
const ID_AT_END = /(?<!\\)"id"\s*:\s*(-?\d+|"[^"\\]*"|null)\s*(?:,\s*"jsonrpc"\s*:\s*"2.0"\s*)?\}\s*$/;
const ID_AT_END_UNITS = 200;

function idAtEnd(text: string): IdText {
  return ID_AT_END.exec(text.slice(-ID_AT_END_UNITS))?.[1] ?? NULL_ID;
}

/** Classifies a value by the decision table of geth's rpc/json.go (`isNotification`, `isCall`, `isResponse`). */
function classify(value: unknown, idText: string | undefined): Item {
  if (!isObject(value)) return { kind: "invalid", id: NULL_ID };
  const { id, method, params } = value;
  const hasId = id !== undefined;
  // An id may be any scalar; null is one, and is answered as null (viem's keepalive sends it).
  const validId = hasId && (id === null || typeof id !== "object");
  const answerId = validId && idText !== undefined ? idText : NULL_ID;
  if (value["jsonrpc"] === "2.0") {
    if (typeof method === "string" && method !== "") {
      if (!hasId) return { kind: "notification", method, params };
      if (validId) return { kind: "call", id: answerId, method, params };
    } else if (validId && params === undefined) {
      const { result, error } = value;
      if (result !== undefined || (error !== undefined && error !== null)) {
        return { kind: "response", id: answerId, result, error };
      }
    }
  }
  return { kind: "invalid", id: answerId };
}

/** The outcome of a call: the encoded result, or the encoded error object. */
export interface Outcome {
  readonly ok: boolean;
  readonly json: string;
}

/** Encodes a result; undefined becomes null, like the result of a Go method without return values. */
export function encode(value: unknown): string {
  return value instanceof RawJson ? value.text : encodeExactly(value);
}

export function success(result: unknown): Outcome {
  return { ok: true, json: encode(result) };
}

export function failure(error: RpcError): Outcome {
  const { code, message, data } = error;
  return { ok: false, json: encode({ code, message, ...(data === undefined ? {} : { data }) }) };
}

/** Returns the answer to one call, with geth's order of keys. */
export function answerText(id: IdText, outcome: Outcome): string {
  return `{"jsonrpc":"2.0","id":${id},"${outcome.ok ? "result" : "error"}":${outcome.json}}`;
}

/** Returns the error answer to a message that has no id to echo. */
export function errorText(error: RpcError, id: IdText = NULL_ID): string {
  return answerText(id, failure(error));
}

/** Returns the text of a call from the server to the client. */
export function callText(id: number, call: { method: string; params: readonly unknown[] }): string {
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(call.method)},"params":${encode(call.params)}}`;
}
