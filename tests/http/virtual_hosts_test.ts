import { assertEquals } from "@std/assert";
import { hostPolicy } from "../../src/http/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { hostGuard, type LoggedLine, PEER } from "./fixture.ts";

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

Deno.test("HostGuard reads the authority of HTTP/2, which has no Host header, from the URL", () => {
  const hosts = hostGuard();
  assertEquals(hosts.check(new Request("http://localhost:8545/"), PEER), null);
  assertEquals(hosts.check(new Request("http://evil.example/"), PEER)?.status, 403);
  hosts.close();
});

Deno.test("HostGuard warns of a refused host once, and then of how many more there were", async () => {
  const [lines, clock]: [LoggedLine[], FakeClock] = [[], new FakeClock()];
  const hosts = hostGuard({ lines, clock });
  const visit = (host: string) => hosts.check(new Request("http://127.0.0.1/", { headers: { host } }), PEER);
  for (let count = 0; count < 20_000; count++) visit("evil.example");
  for (let count = 0; count < 20_000; count++) visit(`${count}.example`);
  const fields = { host: "evil.example", peer: "127.0.0.1:1", hint: "--http.vhosts" };
  assertEquals(lines[0], { message: "Rejected HTTP request", fields });
  assertEquals(lines.length, 100);
  await clock.advance(10_000);
  const again = lines.slice(100).reduce((sum, { fields }) => sum + Number(fields["again"]), 0);
  assertEquals(lines.length - 100, 2);
  assertEquals(again, 40_000 - 100);
  hosts.close();
});
