import { serverError } from "../rpc/error.ts";
import { isLoopback } from "../text/host_port.ts";
import { StartRefused } from "./errors.ts";

/** The values of --allow-insecure-unlock. */
export type InsecureUnlock = "off" | "on" | "public";

/** A `dev` account belongs to the embedded chain and its key is public; a `keystore` account may own something of value. */
export type AccountKind = "dev" | "keystore";

/** The ways in which others can reach the accounts. */
export interface Exposure {
  /** An endpoint that other processes can reach is on. */
  readonly networkEndpoint: boolean;
  readonly insecureUnlock: InsecureUnlock;
  /** The bound host: an IP address, `localhost` or a name. */
  readonly address: string;
  /** --ws.origins or --http.corsdomain as given. */
  readonly origins: readonly string[];
  /** Every client has shown a credential; false when absent. */
  readonly authenticated?: boolean;
}

/** `forbidden` is geth's rule; `public` is a rule of this server, for dangerous cases that geth allows. */
export type UnlockVerdict = "allowed" | "forbidden" | "public";

/** Decides whether an account of this kind may be unlocked. */
export function unlockVerdict(exposure: Exposure, kind: AccountKind): UnlockVerdict {
  if (!exposure.networkEndpoint) return "allowed";
  if (exposure.insecureUnlock === "off") return "forbidden";
  if (kind === "dev" || exposure.insecureUnlock === "public") return "allowed";
  return openToEveryone(exposure) ? "public" : "allowed";
}

/** Returns true when nothing excludes anybody: no credential, no address and no origin rule. */
export function openToEveryone({ authenticated = false, address, origins }: EndpointExposure): boolean {
  return !authenticated && !isLoopback(address) && admitsEveryPage(origins);
}

/**
 * Returns true when the rules admit pages of hosts that no rule names: by `*`, or by a rule whose `*` is not confined to a
 * domain, such as `http*`, `https://*` or `https://app*`. The rule `https://*.example.org` is confined.
 */
export function admitsEveryPage(origins: readonly string[]): boolean {
  return origins.some((rule) => {
    const end = rule.trim().split("*").at(-1) ?? "";
    return rule.includes("*") && !/^\.[^.:/]/.test(end);
  });
}

/** Throws the error of personal_unlockAccount if unlocking is not allowed (geth's internal/ethapi, UnlockAccount). */
export function admitUnlock(exposure: Exposure, kind: AccountKind): void {
  const verdict = unlockVerdict(exposure, kind);
  if (verdict === "forbidden") throw serverError("account unlock with HTTP access is forbidden");
  if (verdict === "public") throw serverError(publicRefusal(exposure));
}

/** Throws the error of a start with --unlock if unlocking is not allowed (geth's cmd/geth, unlockAccounts). */
export function admitStartUnlock(exposure: Exposure, kind: AccountKind): void {
  const verdict = unlockVerdict(exposure, kind);
  if (verdict === "forbidden") throw new StartRefused("Account unlock with HTTP access is forbidden!");
  if (verdict === "public") throw new StartRefused(publicRefusal(exposure));
}

/** The address of one endpoint, its rules for origins, and whether it asks for credentials. */
export type EndpointExposure = Pick<Exposure, "address" | "origins" | "authenticated">;

/** Returns the exposure of the endpoint that admits the most; it decides for all, because they lead to the same accounts. */
export function widestExposure(endpoints: readonly EndpointExposure[]): Omit<Exposure, "insecureUnlock"> {
  const [first] = endpoints;
  const widest = endpoints.find(openToEveryone) ?? endpoints.find(({ address }) => !isLoopback(address)) ??
    endpoints.find(({ origins }) => admitsEveryPage(origins)) ?? first;
  const { address = "", origins = [], authenticated = false } = widest ?? {};
  return { networkEndpoint: widest !== undefined, address, origins, authenticated };
}

function publicRefusal({ address, origins }: Exposure): string {
  return `an unlocked account on ${address} with origins ${origins.join(",")} is open to everyone; ` +
    "bind a loopback address, name the origins, or say --allow-insecure-unlock=public";
}

/** One row of the matrix of flag, credentials, address, origins and kind of account. */
export interface PolicyRow {
  readonly flag: string;
  readonly authenticated: boolean;
  readonly address: string;
  readonly origins: string;
  readonly dev: UnlockVerdict;
  readonly keystore: UnlockVerdict;
}

/** Computes the whole matrix from the policy. */
export function policyMatrix(): PolicyRow[] {
  const rows: PolicyRow[] = [];
  for (const insecureUnlock of ["off", "on", "public"] as const) {
    for (const authenticated of [false, true]) {
      for (const address of ["127.0.0.1", "0.0.0.0"]) {
        for (const origins of [[], ["*"]]) {
          const exposure = { networkEndpoint: true, insecureUnlock, address, origins, authenticated };
          rows.push({
            flag: FLAG_TEXT[insecureUnlock],
            authenticated,
            address,
            origins: origins.length === 0 ? "default" : "`*`",
            dev: unlockVerdict(exposure, "dev"),
            keystore: unlockVerdict(exposure, "keystore"),
          });
        }
      }
    }
  }
  return rows;
}

const FLAG_TEXT = {
  off: "none",
  on: "`--allow-insecure-unlock`",
  public: "`--allow-insecure-unlock=public`",
} satisfies Record<InsecureUnlock, string>;

const VERDICT_TEXT = {
  allowed: "yes",
  forbidden: "no",
  public: "**no**: open to everyone",
} satisfies Record<UnlockVerdict, string>;

/** Writes the matrix as the Markdown table of README.md, without a trailing line feed. */
export function policyTable(): string {
  const lines = policyMatrix().map((row) => {
    const credentials = row.authenticated ? "asked for" : "none";
    const cells = [
      row.flag,
      credentials,
      row.address,
      row.origins,
      "yes",
      VERDICT_TEXT[row.dev],
      VERDICT_TEXT[row.keystore],
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| flag | credentials | address | origins | dev account signs | dev account may be unlocked | keystore account may be unlocked |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}
