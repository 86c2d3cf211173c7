import { RawJson } from "../../src/rpc/raw_json.ts";
import { type CallOutcome, Router } from "../../src/upstream/router.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** The part of an upstream that a router sees. */
export interface Scripted {
  readonly name: string;
  readonly priority?: number;
  readonly allows?: (method: string) => boolean;
  readonly named?: ReadonlySet<string>;
  readonly has?: boolean;
  state?: string;
  answer: () => unknown;
}

/** A router over scripted upstreams, with what they were asked. */
export function routerOf(scripted: readonly Scripted[], waitMs = 0) {
  const clock = new FakeClock();
  const calls: [string, CallOutcome][] = [];
  const asked: string[] = [];
  const upstreams = scripted.map((one) => ({
    spec: { name: one.name, priority: one.priority ?? 0, timeoutMs: 1, allows: one.allows, named: one.named },
    get state() {
      return one.state ?? "ready";
    },
    reason: "",
    has: () => one.has ?? true,
    call(_method: string, params: string) {
      asked.push(`${one.name} ${params}`);
      const answer = one.answer();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(RawJson.of(answer));
    },
  })) as unknown as Upstream[];
  const router = new Router({
    upstreams,
    clock,
    isAside: () => false,
    waitMs,
    onCall: (upstream, _method, outcome) => calls.push([upstream.spec.name, outcome]),
  });
  return { router, clock, calls, asked };
}
