import { CODE, RpcError } from "../rpc/error.ts";
import { RawJson } from "../rpc/raw_json.ts";
import { itemsOf, MalformedJson, membersOf } from "./json_spans.ts";

/** A message that an upstream may send. */
export type UpstreamMessage =
  | { readonly kind: "answer"; readonly id: number; readonly result: RawJson }
  | { readonly kind: "refusal"; readonly id: number | null; readonly error: RpcError }
  | { readonly kind: "notification"; readonly subscription: string; readonly result: RawJson };

/** The longest answer that is parsed to check that it is JSON; of a longer one, only the structure is checked. */
const CHECKED_UNITS = 65_536;

/** Encodes one call; `params` is the JSON text of its list. */
export function encodeCall(id: number, method: string, params: string): string {
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`;
}

/** Reads one message. Throws MalformedJson. */
export function readMessage(text: string): UpstreamMessage {
  const members = membersOf(text);
  const params = members.get("params");
  if (params !== undefined && members.has("method")) return readNotification(params);
  const id = idOf(members.get("id"));
  const error = members.get("error");
  if (error !== undefined && error !== "null") return { kind: "refusal", id, error: readError(error) };
  const result = members.get("result");
  if (id === null || result === undefined) throw new MalformedJson("neither an answer nor a notification");
  return { kind: "answer", id, result: checked(result) };
}

/** Reads the answers to a batch; a single object is the refusal of the whole batch. */
export function readBatch(text: string): UpstreamMessage[] {
  return text.trimStart().startsWith("[") ? itemsOf(text).map(readMessage) : [readMessage(text)];
}

function readNotification(params: string): UpstreamMessage {
  const members = membersOf(params);
  const subscription: unknown = JSON.parse(members.get("subscription") ?? "null");
  const result = members.get("result");
  if (result === undefined) throw new MalformedJson("a notification without a result");
  return { kind: "notification", subscription: String(subscription), result: checked(result) };
}

function idOf(text: string | undefined): number | null {
  const id = Number(text ?? "null");
  return text !== undefined && text !== "null" && Number.isSafeInteger(id) ? id : null;
}

function checked(text: string): RawJson {
  if (text.length <= CHECKED_UNITS) parse(text);
  return new RawJson(text);
}

function readError(text: string): RpcError {
  const error = parse(text);
  const { code, message, data } = typeof error === "object" && error !== null ? error as Record<string, unknown> : {};
  return new RpcError(
    typeof code === "number" ? code : CODE.server,
    typeof message === "string" ? message : "the upstream failed without saying why",
    data === undefined ? {} : { data },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MalformedJson("the answer is no JSON", { cause: error });
  }
}
