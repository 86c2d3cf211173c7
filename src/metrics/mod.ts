/**
 * Counters, and the page on which Prometheus reads them: under geth's names where geth counts the same, and under names of
 * this server's own for connections, subscriptions and queues, which geth does not count.
 *
 * May import: the types of `rpc` and `transport`. Numbers that a layer keeps already are read when the page is asked for;
 * only the times of calls are collected here, and only while `--metrics` is on.
 *
 * You are in the wrong place if you are about to decide something by a number, or to bind a port: this layer only reports.
 */
export { METRICS_PATH, metricsPage, type MetricsSource } from "./page.ts";
export type { Family } from "./exposition.ts";
export { RpcMetrics } from "./rpc_metrics.ts";
