import type { Node } from "../node/mod.ts";
import { optional, type Subscription, subscription } from "../rpc/method.ts";
import type { Fallback } from "../rpc/registry.ts";
import { anything } from "../rpc/schema.ts";

/** Returns what answers methods without a row: the node, where it answers by the name of the method. */
export function passThroughOf({ passThrough }: Pick<Node, "passThrough">): Fallback | undefined {
  if (passThrough === undefined) return undefined;
  return ({ method, params, context }) => passThrough({ method, params, signal: context.signal });
}

/** As many parameters as a kind without a row may have. */
const MAX_PARAMETERS = 8;

/** Returns what makes the rows of kinds that only the node knows, where it offers such subscriptions. */
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
