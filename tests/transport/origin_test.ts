import { assert, assertEquals } from "@std/assert";
import { originPolicy, ruleFor } from "../../src/transport/origin.ts";

interface Claim {
  readonly rule: string;
  readonly accepts: readonly string[];
  readonly refuses: readonly string[];
}

/** What geth's node/rpcstack_test.go (TestWebsocketOrigins) claims, in this server's words. */
const GETH: readonly Claim[] = [
  { rule: "*", accepts: ["", "null", "http://any", "https://any:1", "chrome-extension://abc"], refuses: [] },
  {
    rule: "app",
    accepts: ["http://app", "https://app", "http://app:8540", "https://app:8540"],
    refuses: ["http://app.com", "https://foo.app", "http://appa", "https://aapp:8540"],
  },
  {
    rule: "https://app",
    accepts: ["https://app", "https://app:9999"],
    refuses: ["app", "http://app", "https://a.app.x", "http://appx:8540"],
  },
  {
    rule: "https://12.34.56.78",
    accepts: ["https://12.34.56.78", "https://12.34.56.78:8540"],
    refuses: ["http://12.34.56.78", "http://12.34.56.78:443", "http://1.12.34.56.78", "https://12.34.56.78.a"],
  },
  {
    rule: "app:8540",
    accepts: ["http://app:8540", "https://app:8540"],
    refuses: ["http://app", "https://app", "http://app:8541", "http://bad:8540"],
  },
  {
    rule: "https://app:8540",
    accepts: ["https://app:8540"],
    refuses: ["https://app", "http://app", "http://app:8540", "https://app:8541"],
  },
  {
    rule: "localhost,http://127.0.0.1",
    accepts: ["localhost", "https://localhost:8443", "http://127.0.0.1:8080"],
    refuses: ["https://127.0.0.1", "http://bad", "https://bad:8540"],
  },
];

/** Where this server differs from geth: rules that geth reads wrongly. */
const MENDED: readonly Claim[] = [
  {
    rule: "127.0.0.1:3000",
    accepts: ["http://127.0.0.1:3000"],
    refuses: ["http://127.0.0.1:3001", "http://127.0.0.1"],
  },
  {
    rule: "[::1]:3000",
    accepts: ["http://[::1]:3000", "https://[::1]:3000"],
    refuses: ["http://[::1]", "http://[::2]:3000"],
  },
  { rule: "::1", accepts: ["http://[::1]", "http://[::1]:3000"], refuses: ["http://[::11]"] },
  { rule: "LocalHost", accepts: ["http://localhost", "http://LOCALHOST:1"], refuses: ["http://localhost.evil.com"] },
  { rule: "HTTPS://App.Example:443", accepts: ["https://app.example:443"], refuses: ["https://app.example"] },
  { rule: "my_host:3000", accepts: ["http://my_host:3000"], refuses: ["http://my_host"] },
  { rule: "http://app:3000/", accepts: ["http://app:3000"], refuses: ["http://app:3001"] },
];

function check({ rule, accepts, refuses }: Claim): void {
  const policy = originPolicy(rule.split(","));
  for (const origin of accepts) assert(policy.allows(origin), `${rule} must accept "${origin}"`);
  for (const origin of refuses) assert(!policy.allows(origin), `${rule} must refuse "${origin}"`);
}

for (const claim of GETH) Deno.test(`originPolicy reads the rule ${claim.rule} as geth does`, () => check(claim));
for (const claim of MENDED) {
  Deno.test(`originPolicy reads the rule ${claim.rule}, which geth cannot`, () => check(claim));
}

Deno.test("originPolicy admits loopback pages of http and https by default, and nothing else", () => {
  check({
    rule: "",
    accepts: ["http://localhost", "https://localhost:3000", "http://127.0.0.1:5173", "https://[::1]:3000"],
    refuses: [
      ...["", "null", "localhost", "http://localhost.evil.com", "http://127.0.0.1.evil.com", "http://127.0.0.2"],
      ...["chrome-extension://localhost", "file://", "http://evil.com", "http://evil.com#localhost"],
      ...["http://localhost@evil.com", "http://evil.com/localhost", "http://evil.com?localhost"],
    ],
  });
});

Deno.test("originPolicy refuses what is no origin, two folded headers included", () => {
  const policy = originPolicy(["app", "evil"]);
  for (const origin of ["http://app, http://evil", "http://app http://evil", "://app", "1http://app", "http://app:x"]) {
    assert(!policy.allows(origin), JSON.stringify(origin));
  }
});

Deno.test("originPolicy admits a request without an Origin header under any rule", () => {
  for (const rules of [[], ["*"], ["https://app:8540"]]) assert(originPolicy(rules).allows(null));
});

Deno.test("originPolicy names the rules that can match nothing", () => {
  const { unusable } = originPolicy(["*.example.com", "localhost:*", "http://app", "a b", "http://[bad"]);
  assertEquals(unusable.map(({ rule }) => rule), ["*.example.com", "localhost:*", "a b", "http://[bad"]);
});

Deno.test("originPolicy with nothing but unusable rules admits no page", () => {
  const policy = originPolicy(["*.example.com"]);
  for (const origin of ["http://localhost", "http://a.example.com", "null"]) assert(!policy.allows(origin));
});

Deno.test("ruleFor gives a rule that admits the origin, and never the one that admits every page", () => {
  for (const origin of ["http://app:3000", "HTTPS://App", "null", "chrome-extension://abc", "file://"]) {
    const rule = ruleFor(origin) ?? "";
    assert(originPolicy([rule]).allows(origin), origin);
    assert(!originPolicy([rule]).allows("http://other"), origin);
  }
  for (const origin of ["", "http://", "*", "http://a b", `http://"`, "http://'", "http://\x1b[31m", "a,b"]) {
    assertEquals(ruleFor(origin), null);
  }
});

const shared = new URL("../../../shared/conformance/ws-origins.json", import.meta.url);
Deno.test({
  name: "originPolicy agrees with every rule and origin of the shared table",
  ignore: !exists(shared),
  fn: async () => {
    const claims: Claim[] = JSON.parse(await Deno.readTextFile(shared));
    assert(claims.length > 0);
    for (const claim of claims) check(claim);
  },
});

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
