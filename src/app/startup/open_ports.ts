import { openPortVerdict } from "../../access/open_ports.ts";
import { type Config, guardsOf, UsageError } from "../../cli/mod.ts";

/**
 * Returns the warnings about endpoints that others can reach; `host` is the address that a host program has bound, which also
 * decides about encryption. Throws {@link UsageError} for an endpoint that must not be open to everybody.
 */
export function openPortWarnings(config: Config, { host }: { readonly host?: string } = {}): readonly string[] {
  const verdicts = (["ws", "http"] as const).filter((endpoint) => config[endpoint]).map((endpoint) =>
    openPortVerdict({
      flag: host === undefined ? `--${endpoint}.addr` : "--host",
      address: host ?? config[`${endpoint}.addr`],
      namespaces: config[`${endpoint}.api`],
      isGuarded: guardsOf(config, endpoint).length > 0,
      isEncrypted: host !== undefined || config["tls.cert"] !== undefined,
      isAllowed: config["allow-insecure-open"],
    })
  );
  for (const verdict of verdicts) if (verdict.kind === "refused") throw new UsageError(verdict.sentence);
  const sentences = verdicts.flatMap((verdict) => verdict.kind === "warned" ? [verdict.sentence] : []);
  return [...new Set(sentences)];
}
