import type { KindCount } from "../rpc/mod.ts";
import type { TransportCounters } from "../transport/mod.ts";
import { exposition, EXPOSITION_TYPE, type Family } from "./exposition.ts";
import type { RpcMetrics } from "./rpc_metrics.ts";

/** Where geth shows its page (metrics/exp). */
export const METRICS_PATH = "/debug/metrics/prometheus";

/** The sources of the page; everything is read when the page is asked for. */
export interface MetricsSource {
  readonly rpc: RpcMetrics;
  /** The WebSocket endpoint; undefined when it is off. */
  readonly ws: {
    readonly connections: number;
    readonly queuedBytes: number;
    readonly lagMs: number;
    readonly counters: TransportCounters;
  } | undefined;
  /** The HTTP endpoint; undefined when it is off. */
  readonly http: { readonly running: number } | undefined;
  readonly subscriptions: readonly KindCount[];
  /** Subscriptions to which past events are being replayed. */
  readonly replaying: number;
  /** Since the newest chain event; null before the first. */
  readonly lastEventAgeMs: number | null;
  /** The number of the newest block. */
  head(): Promise<number>;
  /** Families that the node counts by itself. */
  readonly node: readonly Family[];
}

/** Answers one scrape. */
export async function metricsPage(source: MetricsSource): Promise<Response> {
  const families = [
    ...source.rpc.families,
    ...webSocketFamilies(source),
    ...httpFamilies(source),
    ...subscriptionFamilies(source),
    gauge("chain_head_block", { help: "The number of the newest block.", value: await source.head() }),
    ...eventFamilies(source),
    ...source.node,
  ];
  return new Response(exposition(families), { headers: { "content-type": EXPOSITION_TYPE } });
}

function webSocketFamilies({ ws }: MetricsSource): readonly Family[] {
  if (ws === undefined) return [];
  const { counters } = ws;
  return [
    gauge("ws_connections", { help: "Sockets that are open or being closed.", value: ws.connections }),
    counter("ws_connections_opened_total", {
      help: "Upgrades that were accepted.",
      samples: [{ value: counters.opened }],
    }),
    counter("ws_connections_closed_total", {
      help: "Connections that ended, by close code and who or what ended them.",
      samples: counters.closes.map(({ code, reason, count }) => ({ labels: { code, reason }, value: count })),
    }),
    counter("ws_upgrades_refused_total", {
      help: "Upgrades that were refused, by reason.",
      samples: Object.entries(counters.refused).map(([reason, value]) => ({ labels: { reason }, value })),
    }),
    gauge("ws_queued_bytes", { help: "Bytes that wait for clients to read them.", value: ws.queuedBytes }),
    gauge("ws_event_lag_seconds", {
      help: "How long the message that waits the longest for its client has waited.",
      value: ws.lagMs / 1000,
    }),
  ];
}

function httpFamilies({ http }: MetricsSource): readonly Family[] {
  if (http === undefined) return [];
  return [gauge("http_requests_running", { help: "HTTP requests that are being served.", value: http.running })];
}

function subscriptionFamilies({ subscriptions, replaying }: MetricsSource): readonly Family[] {
  const labelled = subscriptions.map((tally) => ({
    labels: { namespace: tally.namespace, kind: tally.kind },
    tally,
  }));
  return [
    {
      name: "ws_subscriptions",
      type: "gauge",
      help: "Live subscriptions, by kind.",
      samples: labelled.map(({ labels, tally }) => ({ labels, value: tally.live })),
    },
    counter("ws_notifications_total", {
      help: "Notifications written to subscriptions, by kind.",
      samples: labelled.map(({ labels, tally }) => ({ labels, value: tally.notifications })),
    }),
    gauge("ws_subscriptions_replaying", { help: "Subscriptions that are led through the past.", value: replaying }),
  ];
}

/** Absent before the first event, when there is no age to show. */
function eventFamilies({ lastEventAgeMs }: MetricsSource): readonly Family[] {
  if (lastEventAgeMs === null) return [];
  return [gauge("chain_last_event_age_seconds", {
    help: "Time since the chain last told of a block or a transaction.",
    value: lastEventAgeMs / 1000,
  })];
}

function gauge(name: string, { help, value }: { help: string; value: number }): Family {
  return { name, type: "gauge", help, samples: [{ value }] };
}

function counter(name: string, { help, samples }: Pick<Family, "help" | "samples">): Family {
  return { name, type: "counter", help, samples };
}
