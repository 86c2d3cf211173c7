import type { Config } from "./flags.ts";
import { UsageError } from "./usage_error.ts";
import { bindHostname } from "../text/host_port.ts";

/** Returns the server of all ports. */
export function listenerOf(config: Config): "deno" | "bounded" {
  return config.listener ?? (config["tls.cert"] === undefined ? "deno" : "bounded");
}

/** The role of an endpoint, which is also the family of flags that gives its address. */
export type Role = "ws" | "http" | "metrics";

/** A port to bind, and the roles that are served there. */
export interface EndpointPlace {
  readonly hostname: string;
  readonly port: number;
  readonly roles: readonly Role[];
}

const ROLES = ["ws", "http", "metrics"] as const satisfies readonly Role[];

/**
 * Lists the ports to bind; roles with equal ports share one, as in geth (node/node.go `wsServerForPort`). Throws
 * {@link UsageError} when they share a port and not an address.
 */
export function endpointsOf(config: Config): readonly EndpointPlace[] {
  const on = ROLES.filter((role) => config[role]);
  return [...Map.groupBy(on, (role) => config[`${role}.port`])].map(([port, roles]) => {
    const [first, ...others] = roles.map((role) => ({ role, hostname: bindHostname(config[`${role}.addr`]) }));
    const other = others.find(({ hostname }) => hostname !== first?.hostname);
    if (first === undefined || other !== undefined) {
      throw new UsageError(
        `--${other?.role}.addr and --${first?.role}.addr differ although both are to listen on port ${port}`,
      );
    }
    return { hostname: first.hostname, port, roles };
  });
}
