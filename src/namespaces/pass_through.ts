import type { Node } from "../node/mod.ts";
import { optional, type Subscription, subscription } from "../rpc/method.ts";
import type { Fallback } from "../rpc/registry.ts";
import { anything } from "../rpc/schema.ts";

/** Returns the function that answers methods without a row; undefined where the node answers no methods by name. */
export function passThroughOf({ passThrough }: Pick<Node, "passThrough">): Fallback | undefined {
  if (passThrough === undefined) return undefined;
  return ({ method, params, context }) => passThrough({ method, params, signal: context.signal });
}

/** The most parameters of a subscription kind without a row. */
const MAX_PARAMETERS = 8;

/** Returns the function that makes rows for the node's other kinds of subscription; undefined where it offers none. */
export function passThroughSubscriptionOf(
  { passThroughSubscription: subscribe }: Pick<Node, "passThroughSubscription">,
): ((namespace: string, kind: string) => Subscription) | undefined {
  if (subscribe === undefined) return undefined;
  return (namespace, kind) =>
    subscription({
      summary: "Sends what the node behind this server sends.",
      params: Array.from({ length: MAX_PARAMETERS }, (_, index) => optional(`parameter${index + 1}`, anything)),
      result: anything,
      start(values, sink) {
        const last = values.findLastIndex((value) => value !== undefined);
        return subscribe({
          namespace,
          kind,
          params: values.slice(0, last + 1).map((value) => value ?? null),
          onNotification: (result) => sink.notify(result),
          onEnd: (reason) => sink.fail(reason),
        });
      },
    });
}
