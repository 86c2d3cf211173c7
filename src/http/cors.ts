/** The rules by which pages of other origins may read the answers. */
export interface CorsPolicy {
  /** The origins as given; empty when no page may. */
  readonly origins: readonly string[];
  /** Returns the answer to a preflight; null for any other request, or when no origin was named. */
  preflight(request: Request): Response | null;
  /** Returns the headers for the answer to this request. */
  headersFor(request: Request): Record<string, string>;
}

const ANY = "*";
/** The methods that geth lets a page use (node/rpcstack.go `newCorsHandler`). */
const METHODS = ["POST", "GET"];
const MAX_AGE_SECONDS = 600;
/** A header name (RFC 9110 section 5.6.2): nothing else is echoed. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Builds the policy for `--http.corsdomain`: whole origins, `*`, or one `*` inside (`https://*.example.org`). */
export function corsPolicy(domains: readonly string[]): CorsPolicy {
  const origins = domains.map((domain) => domain.trim().toLowerCase()).filter((domain) => domain !== "");
  const any = origins.includes(ANY);

  function allows(origin: string): boolean {
    const lower = origin.toLowerCase();
    return any || origins.some((rule) => matches(rule, lower));
  }

  function allowOrigin(request: Request, method: string | null): Record<string, string> | null {
    const origin = request.headers.get("origin");
    if (origin === null || !allows(origin) || !METHODS.includes((method ?? "").toUpperCase())) return null;
    return { "access-control-allow-origin": any ? ANY : origin };
  }

  return {
    origins,
    preflight(request) {
      const method = request.headers.get("access-control-request-method");
      if (origins.length === 0 || request.method !== "OPTIONS" || method === null) return null;
      const vary = { vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" };
      const allowed = allowOrigin(request, method);
      if (allowed === null) return new Response(null, { headers: vary });
      const names = (request.headers.get("access-control-request-headers") ?? "").split(",").map((name) => name.trim());
      const asked = names.filter((name) => TOKEN.test(name));
      return new Response(null, {
        headers: {
          ...vary,
          ...allowed,
          "access-control-allow-methods": method.toUpperCase(),
          ...(asked.length === 0 ? {} : { "access-control-allow-headers": asked.join(", ") }),
          "access-control-max-age": `${MAX_AGE_SECONDS}`,
        },
      });
    },
    headersFor(request) {
      if (origins.length === 0) return {};
      return { vary: "Origin", ...allowOrigin(request, request.method) };
    },
  };
}

function matches(rule: string, origin: string): boolean {
  const star = rule.indexOf(ANY);
  if (star < 0) return rule === origin;
  const [before, after] = [rule.slice(0, star), rule.slice(star + 1)];
  return origin.length >= before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
}
