/** One rule of `--ws.origins`, or the origin of a page. An empty part was not named. */
interface OriginParts {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

/** Decides by geth's rule which pages may connect. */
export interface OriginPolicy {
  /** `null` is a request without an Origin header: no browser sent it. */
  allows(origin: string | null): boolean;
  /** The rules as given, or the default ones. */
  readonly rules: readonly string[];
  /** Rules that can match nothing, each with the reason; worth a warning at start. */
  readonly unusable: readonly { readonly rule: string; readonly reason: string }[];
}

/** The origin of a page that was loaded from a file; Electron and Cordova send it. */
const FILE_ORIGIN = "file://";

/** The rule that admits every page. */
export const ANY = "*";

/**
 * The rules without `--ws.origins`. geth admits http://localhost and http:// with its own host name; a page on 127.0.0.1, or
 * on https://localhost, is just as local.
 */
const DEFAULT_RULES = ["localhost", "127.0.0.1", "[::1]"] as const;
const DEFAULT_SCHEMES = ["http", "https"] as const;

/** Characters that no serialised host contains; an Origin header that was folded from two has a comma. */
const NOT_IN_HOST = /[\s,<>"'`\\^{}|*%[\]]|[^\x21-\x7e]/;

/**
 * Builds the policy for a list of rules, each compared by scheme, host and port as far as it names them (geth's
 * rpc/websocket.go `wsHandshakeValidator`). `127.0.0.1:3000`, `[::1]:3000` and `LocalHost` work, unlike there.
 */
export function originPolicy(rules: readonly string[]): OriginPolicy {
  const named = rules.map((rule) => rule.trim()).filter((rule) => rule !== "");
  if (named.includes(ANY)) return { allows: () => true, rules: named, unusable: [] };

  const byDefault = named.length === 0;
  const parsed: OriginParts[] = [];
  const unusable: { rule: string; reason: string }[] = [];
  for (const rule of byDefault ? DEFAULT_RULES : named) {
    const parts = parseOrigin(rule);
    if (parts === null) unusable.push({ rule, reason: unusableReason(rule) });
    else parsed.push(parts);
  }
  function allows(origin: string | null): boolean {
    if (origin === null) return true;
    const parts = parseOrigin(origin);
    if (parts === null) return false;
    if (byDefault && !DEFAULT_SCHEMES.some((scheme) => scheme === parts.scheme)) return false;
    return parsed.some((rule) => matches(rule, parts));
  }
  return { allows, rules: byDefault ? DEFAULT_RULES : named, unusable };
}

/** Returns the rule of `--ws.origins` that admits exactly this origin; null when only `*` does. */
export function ruleFor(origin: string): string | null {
  const rule = origin.trim().toLowerCase();
  // A comma would end a rule, and the rule is shown so that a user can paste it into a shell.
  return parseOrigin(rule) === null || /[^\x21-\x7e]|[,'"`\\]/.test(rule) ? null : rule;
}

function matches(rule: OriginParts, origin: OriginParts): boolean {
  return (rule.scheme === "" || rule.scheme === origin.scheme) &&
    (rule.host === "" || rule.host === origin.host) &&
    (rule.port === "" || rule.port === origin.port);
}

/** Reads `[scheme://]host[:port][/...]` or `file://`, in lower case; null for anything else. */
function parseOrigin(text: string): OriginParts | null {
  const lower = text.trim().toLowerCase();
  const mark = lower.indexOf("://");
  const scheme = mark < 0 ? "" : lower.slice(0, mark);
  if (mark >= 0 && !/^[a-z][a-z0-9+.-]*$/.test(scheme)) return null;

  const afterScheme = mark < 0 ? lower : lower.slice(mark + 3);
  const authority = afterScheme.split(/[/?#]/, 1)[0] ?? "";
  // No serialised origin names a user (RFC 6454 section 6.2), and a rule that does looks like the host before the @.
  if (authority.includes("@")) return null;
  if (lower === FILE_ORIGIN) return { scheme, host: "", port: "" };
  const bracketed = /^\[([0-9a-f:.]+)\](?::(\d*))?$/.exec(authority);
  if (bracketed !== null) return { scheme, host: bracketed[1] ?? "", port: bracketed[2] ?? "" };

  // More than one colon without brackets can only be an IPv6 address.
  const colon = authority.indexOf(":") === authority.lastIndexOf(":") ? authority.indexOf(":") : -1;
  const host = colon < 0 ? authority : authority.slice(0, colon);
  const port = colon < 0 ? "" : authority.slice(colon + 1);
  if (host === "" || NOT_IN_HOST.test(host) || !/^\d*$/.test(port)) return null;
  return { scheme, host, port };
}

function unusableReason(rule: string): string {
  return rule.includes("*")
    ? "a wildcard inside a rule matches nothing; use * alone, or name the host (any port and scheme match then)"
    : "not of the form [scheme://]host[:port]";
}
