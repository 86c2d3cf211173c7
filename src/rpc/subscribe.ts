import { positional, readArguments } from "./arguments.ts";
import { CODE, invalidParams, RpcError } from "./error.ts";
import type { Request } from "./message.ts";
import { required } from "./method.ts";
import { checkNameLength } from "./name_length.ts";
import type { Registry, SubscriptionRow } from "./registry.ts";
import { isObject, kindOf, type Schema, TypeMismatch } from "./schema.ts";

/** Reads a subscription id; the error names the type as geth does. */
const subscriptionId: Schema<string> = {
  read(value) {
    if (typeof value !== "string") throw new TypeMismatch(kindOf(value), "rpc.ID");
    return value;
  },
  json: { type: "string" },
};

const UNSUBSCRIBE_PARAMS = [required("id", subscriptionId)];

/** Finds the kind that `<namespace>_subscribe` asks for and reads its arguments; the kind itself is argument 0. */
export function readSubscribe(
  request: Request,
  registry: Registry,
): { row: SubscriptionRow; args: readonly unknown[] } {
  const { method, params } = request;
  // Unlike elsewhere, absent params are an error here (geth's rpc/json.go `parseSubscriptionName`).
  if (!Array.isArray(params)) throw invalidParams("non-array args");
  const kind: unknown = params[0];
  if (typeof kind !== "string") throw invalidParams("expected subscription name as first argument");
  const namespace = method.slice(0, method.indexOf("_"));
  const row = registry.subscription(namespace, kind);
  if (row === undefined) {
    checkNameLength("subscription", kind);
    throw new RpcError(CODE.methodNotFound, `no "${kind}" subscription in ${namespace} namespace`);
  }
  const [, ...args] = readArguments(withoutEmptySurplus(params, row), row.params);
  return { row, args };
}

/** Returns the id that `<namespace>_unsubscribe` names. */
export function readUnsubscribe(params: unknown): string {
  const [id] = readArguments(positional(params), UNSUBSCRIBE_PARAMS);
  return String(id);
}

/** Removes an empty object after the kind: some clients send an empty filter with every kind, and geth refuses it. */
function withoutEmptySurplus(params: readonly unknown[], row: SubscriptionRow): readonly unknown[] {
  const [, surplus] = params;
  const empty = isObject(surplus) && Object.keys(surplus).length === 0;
  return row.params.length === 1 && params.length === 2 && empty ? params.slice(0, 1) : params;
}
