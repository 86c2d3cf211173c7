import { STATUS_CODE } from "@std/http/status";

/** The answer of `/health`: the public state of the server. */
export interface HealthReport {
  readonly version: string;
  readonly chainId: number;
  /** The number of the newest block. */
  readonly head: number;
  readonly uptimeSeconds: number;
  readonly connections: number;
  readonly subscriptions: number;
  /** The time since the newest chain event; null before the first. */
  readonly lastEventAgeSeconds: number | null;
  /** The nodes behind a gateway; absent with an embedded chain. */
  readonly upstreams?: readonly UpstreamHealth[];
}

/** One node behind a gateway. */
export interface UpstreamHealth {
  readonly name: string;
  readonly state: string;
  readonly isLeader: boolean;
  /** The number of the block that it announced last; null before the first. */
  readonly head: number | null;
}

/** The source of the facts on the pages. */
export interface HealthSource {
  /** Resolves with the report; rejects when the chain does not answer. */
  report(): Promise<HealthReport>;
  /** Returns the reason why calls cannot be served; undefined while they can. */
  unready(): string | undefined;
}

/** Serves `/health` and `/ready`, for load balancers and operators. */
export class HealthPages {
  readonly #source: HealthSource;

  constructor(source: HealthSource) {
    this.#source = source;
  }

  /** Answers 200 with the report, or 503 when the chain does not answer. */
  async health(): Promise<Response> {
    try {
      return page(STATUS_CODE.OK, { status: "ok", ...await this.#source.report() });
    } catch {
      // The cause may hold more than is public.
      return page(STATUS_CODE.ServiceUnavailable, { status: "the chain does not answer" });
    }
  }

  /** Answers 200 while calls are taken, 503 before and after. */
  ready(): Response {
    const reason = this.#source.unready();
    return reason === undefined
      ? page(STATUS_CODE.OK, { status: "ready" })
      : page(STATUS_CODE.ServiceUnavailable, { status: reason });
  }
}

function page(status: number, body: Record<string, unknown>): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
