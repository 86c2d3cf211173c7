import { assertEquals } from "@std/assert";
import { bindHostname, bracketed, hostOf, hostPort, isLoopback } from "../../src/text/host_port.ts";

Deno.test("An IPv6 address stands in brackets before its port, other hosts as they are", () => {
  assertEquals([bracketed("::1"), bracketed("127.0.0.1"), bracketed("example.org")], [
    "[::1]",
    "127.0.0.1",
    "example.org",
  ]);
  assertEquals([hostPort("::1", 8546), hostPort("127.0.0.1", 80)], ["[::1]:8546", "127.0.0.1:80"]);
});

Deno.test("The host of an address is its text without port and brackets", () => {
  for (const host of ["::1", "fe80::1:2", "127.0.0.1", "example.org"]) {
    assertEquals(hostOf(hostPort(host, 65_535)), host);
  }
  assertEquals(hostOf("memory"), "memory");
});

Deno.test("localhost is bound as 127.0.0.1, and brackets are left out", () => {
  assertEquals(["localhost", "[::1]", "::1", "0.0.0.0"].map(bindHostname), ["127.0.0.1", "::1", "::1", "0.0.0.0"]);
});

Deno.test("Only addresses of this machine are loopback", () => {
  for (const address of ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"]) {
    assertEquals(isLoopback(address), true, address);
  }
  for (const address of ["0.0.0.0", "::", "[::]", "192.168.1.2", "127.0.0.1.example.com", "localhost.example", ""]) {
    assertEquals(isLoopback(address), false, address);
  }
});
