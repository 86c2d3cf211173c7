import { STATUS_CODE } from "@std/http/status";
import type { HostGuard } from "./virtual_hosts.ts";
import { isUpgrade, pathOf, type RequestInfo } from "../transport/mod.ts";

type Handler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

/** Answers GET and HEAD on one path. */
export type Page = () => Response | Promise<Response>;

export interface SiteOptions {
  /** The pages by their path, as clients send it. */
  readonly pages: Readonly<Record<string, Page>>;
  /** Who may read the pages. */
  readonly hosts: HostGuard;
  /** Answers WebSocket upgrades; without it they are handled as any other request. */
  readonly upgrade?: Handler | undefined;
  /** Answers every request that is neither for a page nor an upgrade. */
  readonly rest: Handler;
}

/** Joins the handlers of one port into one, in the order of geth's node/rpcstack.go: upgrades, then pages, then the rest. */
export function createSite({ pages, hosts, upgrade, rest }: SiteOptions): Handler {
  return (request, info) => {
    if (upgrade !== undefined && isUpgrade(request)) return upgrade(request, info);
    const page = pages[pathOf(request.url)];
    if (page === undefined) return rest(request, info);
    const refusal = hosts.check(request, info);
    if (refusal !== null) return refusal;
    if (request.method === "GET" || request.method === "HEAD") return page();
    return new Response("method not allowed\n", {
      status: STATUS_CODE.MethodNotAllowed,
      headers: { allow: "GET, HEAD" },
    });
  };
}
