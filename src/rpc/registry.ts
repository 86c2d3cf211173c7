import type { Awaitable } from "./awaitable.ts";
import type { RawJson } from "./raw_json.ts";
import {
  type CallContext,
  type Method,
  method,
  type NamespaceTable,
  type Parameter,
  required,
  type Subscription,
} from "./method.ts";
import { permits, type Rights } from "./principal.ts";
import { anything, string } from "./schema.ts";
import { record } from "./schema_object.ts";

/** The namespace that is on whatever the allow-list names, as in geth (rpc/server.go `MetadataApi`). */
const META_NAMESPACE = "rpc";

/** The version that geth gives to every namespace. */
const MODULE_VERSION = "1.0";

/** The name that the OpenRPC specification fixes; its key has no namespace. */
const DISCOVER = "rpc.discover";

/** Endings that the dispatcher serves by itself, for any namespace. */
const RESERVED = /_(subscribe|unsubscribe|subscription)$/;

/** One method, as the list of all methods shows it. */
export interface MethodRow {
  readonly namespace: string;
  readonly name: string;
  readonly method: Method;
}

/** One subscription kind, with its name prepended to the parameters, as clients send it. */
export interface SubscriptionRow {
  readonly namespace: string;
  readonly kind: string;
  readonly subscription: Subscription;
  readonly params: readonly Parameter<unknown>[];
}

/** The methods and subscriptions that can be called: the rows of the namespaces that are on. */
export interface Registry {
  method(name: string): Method | undefined;
  /** Returns the function that answers a method without a row; undefined if its namespace is off, or if there is none. */
  fallback(name: string): Fallback | undefined;
  subscription(namespace: string, kind: string): SubscriptionRow | undefined;
  /** The namespaces that are on, sorted; `rpc_modules` lists them. */
  readonly namespaces: readonly string[];
  /** Every method, sorted by name. */
  readonly methods: readonly MethodRow[];
  /** Every subscription kind, sorted by namespace and kind. */
  readonly subscriptions: readonly SubscriptionRow[];
}

/** Answers a method that has no row, with its parameters as the client sent them. */
export type Fallback = (request: FallbackRequest) => Awaitable<unknown>;

/** A call that no row describes. */
export interface FallbackRequest {
  readonly method: string;
  /** `params` encoded; undefined when there were none. */
  readonly params: RawJson | undefined;
  readonly context: CallContext;
}

export interface RegistryOptions {
  /** Answers methods without a row, in the namespaces that are on. */
  fallback?: Fallback | undefined;
  /** Makes the row of a subscription kind that has none, in the namespaces that are on. */
  subscriptionFallback?: ((namespace: string, kind: string) => Subscription) | undefined;
  /** The namespaces to serve; names without a table have no effect. */
  allow: readonly string[];
  /** The part of those namespaces that is served; the rest is answered as if it did not exist. */
  rights?: Rights | undefined;
  /** Makes the answer of `rpc.discover` and `rpc_discover`; without it, neither exists. */
  discover?: (registry: Registry) => unknown;
}

/** Joins namespace tables into one look-up. Throws when two rows have one name or a row is in the wrong table. */
export function createRegistry(tables: readonly NamespaceTable[], options: RegistryOptions): Registry {
  const methods = new Map<string, MethodRow>();
  const subscriptions = new Map<string, SubscriptionRow>();
  const { rights = {} } = options;
  // A namespace without a permitted method does not exist, and what needs it does not exist either.
  const allowed = new Set([...options.allow.filter((name) => mayEnter(rights, name)), META_NAMESPACE]);
  const served = new Set<string>([META_NAMESPACE]);

  function addMethod(row: MethodRow): void {
    checkParameters(row.name, row.method.params);
    if (methods.has(row.name)) throw new Error(`method ${row.name} is defined twice`);
    methods.set(row.name, row);
  }

  function addSubscription(row: SubscriptionRow): void {
    const key = `${row.namespace}_${row.kind}`;
    checkParameters(`subscription ${key}`, row.params);
    if (subscriptions.has(key)) throw new Error(`subscription ${key} is defined twice`);
    subscriptions.set(key, row);
  }

  for (const { namespace, ...table } of tables) {
    if (!/^[a-z][a-z0-9]*$/i.test(namespace)) throw new Error(`${JSON.stringify(namespace)} cannot name a namespace`);
    for (const name of Object.keys(table.methods)) {
      if (!name.startsWith(`${namespace}_`)) throw new Error(`method ${name} is outside its namespace ${namespace}`);
      if (RESERVED.test(name)) throw new Error(`method ${name} has an ending that belongs to subscriptions`);
    }
    if (!allowed.has(namespace) || table.requiresOneOf?.some((other) => allowed.has(other)) === false) continue;
    const methods = Object.entries(table.methods).filter(([name]) => permits(rights, name));
    const subscriptions = Object.entries(permits(rights, `${namespace}_subscribe`) ? table.subscriptions ?? {} : {});
    served.add(namespace);
    for (const [name, row] of methods) addMethod({ namespace, name, method: row });
    for (const [kind, row] of subscriptions) {
      addSubscription(subscriptionRow(namespace, kind, row));
    }
  }

  const namespaces = [...served].sort();
  addMethod({ namespace: META_NAMESPACE, name: "rpc_modules", method: modules(namespaces) });
  const { discover } = options;
  if (discover !== undefined) {
    const row = method({
      summary: "Describes every method and subscription of this endpoint as an OpenRPC document.",
      params: [],
      result: anything,
      handler: () => discover(registry),
    });
    addMethod({ namespace: META_NAMESPACE, name: DISCOVER, method: row });
    addMethod({ namespace: META_NAMESPACE, name: "rpc_discover", method: row });
  }

  const registry = {
    method: (name) => methods.get(name)?.method,
    fallback(name) {
      const namespace = name.slice(0, Math.max(name.indexOf("_"), 0));
      if (namespace === META_NAMESPACE || !allowed.has(namespace) || !permits(rights, name)) return undefined;
      return options.fallback;
    },
    subscription(namespace, kind) {
      const row = subscriptions.get(`${namespace}_${kind}`);
      const { subscriptionFallback } = options;
      if (row !== undefined || subscriptionFallback === undefined || !allowed.has(namespace)) return row;
      if (!permits(rights, `${namespace}_subscribe`)) return undefined;
      return subscriptionRow(namespace, kind, subscriptionFallback(namespace, kind));
    },
    namespaces,
    methods: sorted(methods),
    subscriptions: sorted(subscriptions),
  } satisfies Registry;
  return registry;
}

/** Returns true when the rights may cover a method of the namespace. */
function mayEnter({ allow, deny = [] }: Rights, namespace: string): boolean {
  if (deny.some((word) => word === namespace || word === `${namespace}_*` || word === "*")) return false;
  if (allow === undefined) return true;
  return allow.some((word) => {
    const end = word.indexOf("_");
    const stem = word.replace(/\*$/, "");
    if (end < 0) return word.endsWith("*") ? namespace.startsWith(stem) : word === namespace;
    return word.slice(0, end) === namespace;
  });
}

function subscriptionRow(namespace: string, kind: string, subscription: Subscription): SubscriptionRow {
  const params = [required("subscription", string, "The kind of subscription."), ...subscription.params];
  return { namespace, kind, subscription, params };
}

function modules(namespaces: readonly string[]): Method {
  return method({
    summary: "Lists the namespaces of this endpoint with their versions.",
    params: [],
    result: record(string, { value: string }),
    handler: () => Object.fromEntries(namespaces.map((namespace) => [namespace, MODULE_VERSION])),
  });
}

function checkParameters(owner: string, params: readonly Parameter<unknown>[]): void {
  const firstOptional = params.findIndex((parameter) => parameter.optional);
  const late = firstOptional === -1 ? undefined : params.slice(firstOptional).find((parameter) => !parameter.optional);
  if (late !== undefined) throw new Error(`${owner}: required parameter ${late.name} follows an optional one`);
}

function sorted<T>(rows: ReadonlyMap<string, T>): readonly T[] {
  return [...rows.keys()].sort().flatMap((name) => rows.get(name) ?? []);
}
