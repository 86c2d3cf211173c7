/** The certificate of all ports, and how another one takes its place while the server runs. */
import type { Config } from "../cli/mod.ts";
import { CLOSE, type TlsPort } from "../transport/mod.ts";
import type { Endpoints } from "./endpoints.ts";
import type { OpenPort } from "./launch.ts";
import type { Logger } from "./log.ts";
import type { Reloadable } from "./reload.ts";
import { readTls, type Tls } from "./startup/mod.ts";
import { STOP_GRACE_MS } from "./stop.ts";

const DAY_MS = 86_400_000;
/** Let's Encrypt's own advice is to renew when a third of 90 days is left; two weeks are late. */
const WARN_DAYS = 14;
const RENEWED = "the server has a new certificate: connect again";

/** Warns of a certificate that is not valid now, or not for long. */
export function warnOfDates({ facts }: Tls, { log, now = Date.now() }: { log: Logger; now?: number }): void {
  const { names, from, until } = facts;
  const daysLeft = Math.floor((until.getTime() - now) / DAY_MS);
  const fields = { names, from: from.toISOString(), until: until.toISOString() };
  if (now < from.getTime()) log.warn("The certificate is not valid yet", fields);
  else if (daysLeft < 0) log.warn("The certificate has expired: clients refuse it", fields);
  else if (daysLeft < WARN_DAYS) log.warn("The certificate expires soon", { ...fields, days: daysLeft });
}

/** Returns what SIGHUP reads again of `--tls.*`. */
export function certificateReload(
  config: Config,
  { ports, endpoints, log }: { ports: readonly OpenPort[]; endpoints: Endpoints; log: Logger },
): Reloadable[] {
  const encrypted: TlsPort[] = ports.flatMap(({ bound }) => bound.tls ?? []);
  if (!config["tls.reload"] || encrypted.length === 0) return [];
  return [{
    what: "--tls.cert,--tls.key",
    async reload() {
      const tls = await readTls(config);
      const isDropped = encrypted.some(({ keepsConnections }) => !keepsConnections);
      // Deno.serve drops its connections without a close frame, so they are closed before, and clients know why.
      const resume = isDropped
        ? await endpoints.pause({ graceMs: STOP_GRACE_MS, code: CLOSE.serviceRestart, reason: RENEWED })
        : undefined;
      try {
        for (const port of encrypted) await port.renew(tls.material);
      } finally {
        resume?.();
      }
      warnOfDates(tls, { log });
      return `${tls.facts.names} until ${tls.facts.until.toISOString()}`;
    },
  }];
}
