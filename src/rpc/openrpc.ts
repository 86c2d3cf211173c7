import type { Parameter } from "./method.ts";
import type { MethodRow, Registry, SubscriptionRow } from "./registry.ts";
import type { JsonSchema } from "./schema.ts";

/** The version of the OpenRPC specification that the document follows. */
const OPENRPC_VERSION = "1.3.2";

export interface ServiceInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

export interface ContentDescriptor {
  readonly name: string;
  readonly summary?: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

export interface OpenRpcMethod {
  readonly name: string;
  readonly summary: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paramStructure: "by-position";
  readonly params: readonly ContentDescriptor[];
  readonly result: ContentDescriptor;
  /** On `<namespace>_subscribe`: one entry per kind, with the shape of its notifications. */
  readonly "x-subscriptions"?: readonly OpenRpcSubscription[];
}

export interface OpenRpcSubscription {
  readonly name: string;
  readonly summary: string;
  readonly params: readonly ContentDescriptor[];
  readonly notification: { readonly method: string; readonly result: JsonSchema };
}

export interface OpenRpcDocument {
  readonly openrpc: string;
  readonly info: ServiceInfo;
  readonly methods: readonly OpenRpcMethod[];
}

/** Describes all methods and subscriptions. Subscriptions are an extension: OpenRPC has no notifications. */
export function openRpcDocument(registry: Registry, info: ServiceInfo): OpenRpcDocument {
  const methods = registry.methods.map(describeMethod);
  for (const namespace of registry.namespaces) {
    const kinds = registry.subscriptions.filter((row) => row.namespace === namespace);
    if (kinds.length > 0) methods.push(describeSubscribe(namespace, kinds), describeUnsubscribe(namespace));
  }
  return { openrpc: OPENRPC_VERSION, info, methods };
}

function describeMethod({ namespace, name, method }: MethodRow): OpenRpcMethod {
  return {
    name,
    summary: method.summary,
    tags: [{ name: namespace }],
    paramStructure: "by-position",
    params: method.params.map(describeParameter),
    result: { name: "result", required: true, schema: method.result.json },
  };
}

function describeSubscribe(namespace: string, kinds: readonly SubscriptionRow[]): OpenRpcMethod {
  const names = kinds.map((row) => row.kind);
  const mostParams = Math.max(...kinds.map((row) => row.subscription.params.length));
  return {
    name: `${namespace}_subscribe`,
    summary: "Starts a subscription; its notifications follow the answer.",
    tags: [{ name: namespace }],
    paramStructure: "by-position",
    params: [
      { name: "subscription", required: true, schema: { type: "string", enum: names } },
      ...Array.from({ length: mostParams }, (_, index) => describeSubscriptionArgument(kinds, index)),
    ],
    result: { name: "id", required: true, schema: { type: "string" } },
    "x-subscriptions": kinds.map(({ kind, subscription }) => ({
      name: kind,
      summary: subscription.summary,
      params: subscription.params.map(describeParameter),
      notification: { method: `${namespace}_subscription`, result: subscription.result.json },
    })),
  };
}

/** Describes the parameter at one position, over all kinds that have one there. */
function describeSubscriptionArgument(kinds: readonly SubscriptionRow[], index: number): ContentDescriptor {
  const here = kinds.flatMap(({ subscription }) => subscription.params[index] ?? []);
  return {
    name: [...new Set(here.map((parameter) => parameter.name))].join("_or_"),
    required: false,
    schema: { oneOf: here.map((parameter) => parameter.schema.json) },
  };
}

function describeUnsubscribe(namespace: string): OpenRpcMethod {
  return {
    name: `${namespace}_unsubscribe`,
    summary: "Ends a subscription of this connection.",
    tags: [{ name: namespace }],
    paramStructure: "by-position",
    params: [{ name: "id", required: true, schema: { type: "string" } }],
    result: { name: "ended", required: true, schema: { type: "boolean" } },
  };
}

function describeParameter({ name, summary, optional, schema }: Parameter<unknown>): ContentDescriptor {
  return { name, ...(summary === undefined ? {} : { summary }), required: !optional, schema: schema.json };
}
