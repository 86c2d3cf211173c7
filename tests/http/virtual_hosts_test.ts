import { assertEquals } from "@std/assert";
import { hostPolicy } from "../../src/http/mod.ts";

/** The hosts that `--http.vhosts` admits. */
function admitted(rules: readonly string[], hosts: readonly (string | null)[]): (string | null)[] {
  const policy = hostPolicy(rules);
  return hosts.filter((host) => policy.allows(host));
}

Deno.test("hostPolicy admits the named hosts on any port, whatever their case", () => {
  const hosts = ["localhost", "localhost:8545", "LOCALHOST", "node.example", "evil.example", "localhost.evil.example"];
  assertEquals(admitted(["localhost"], hosts), ["localhost", "localhost:8545", "LOCALHOST"]);
  assertEquals(admitted([" Node.Example ", ""], hosts), ["node.example"]);
});

Deno.test("hostPolicy admits addresses, which no name server can point elsewhere", () => {
  const addresses = ["127.0.0.1", "10.0.0.7:8545", "[::1]", "[::1]:8545", "::1", "[fe80::1]:1"];
  assertEquals(admitted([], addresses), addresses);
  assertEquals(admitted([], ["127.0.0.1.evil.example", "1.2.3", "1.2.3.4.", "256.1.1.1", "[evil]", "a:b:c"]), []);
});

Deno.test("hostPolicy admits every host by *, and a request without one", () => {
  assertEquals(admitted(["*"], ["evil.example", "a:b:c"]), ["evil.example", "a:b:c"]);
  assertEquals(admitted([], [null, ""]), [null, ""]);
});
