import type { Config, FlagName } from "./flags.ts";

/** The flags by which an endpoint may ask who is there. */
const GUARDS = ["auth.keys", "auth.jwks", "tls.client-ca"] as const satisfies readonly FlagName[];

/** Returns the given flags that keep strangers from an endpoint; none where everybody may come in. */
export function guardsOf(config: Config, endpoint: "ws" | "http"): readonly FlagName[] {
  return [...GUARDS, `${endpoint}.jwtsecret` as const].filter((flag) => config[flag] !== undefined);
}
