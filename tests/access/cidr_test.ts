import { assertEquals } from "@std/assert";
import { inRanges, parseCidr, parseIp } from "../../src/access/cidr.ts";

/** range, addresses inside, addresses outside */
const RANGES = [
  ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3", "::ffff:a01:203"], [
    "11.0.0.0",
    "9.255.255.255",
    "::a01:203",
  ]],
  ["192.168.1.7", ["192.168.1.7"], ["192.168.1.6", "::1"]],
  ["172.16.0.0/12", ["172.31.255.255"], ["172.32.0.0"]],
  ["0.0.0.0/0", ["1.2.3.4"], ["::1", "2001:db8::1"]],
  ["::/0", ["1.2.3.4", "::1"], []],
  ["2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::"]],
  ["fe80::1", ["fe80::1%eth0", "FE80:0:0:0:0:0:0:1"], ["fe80::2"]],
] as const;

Deno.test("A range has exactly its addresses, an IPv4 address also in its IPv6 form", () => {
  for (const [text, inside, outside] of RANGES) {
    const range = parseCidr(text);
    if (range === undefined) throw new Error(text);
    const has = (address: string) => inRanges(parseIp(address) ?? new Uint8Array(0), [range]);
    assertEquals(inside.filter((address) => !has(address)), [], text);
    assertEquals(outside.filter((address) => has(address)), [], text);
  }
});

Deno.test("Text that is no range is refused, and a range with bits behind its length too", () => {
  const texts = [
    "",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "256.0.0.0",
    "10.0.0",
    "2001:db8::/129",
    "2001:db8::1/32",
    "::1::",
    "1:2:3:4:5:6:7",
  ];
  const others = [
    "1:2:3:4:5:6:7:8:9",
    "localhost",
    "10.0.0.0/",
    "/8",
    "10.0.0.0/8/8",
    "1:2:3:4:5:6:7::8",
    "12345::",
    ":1",
    "1:",
    "::1.2.3",
  ];
  assertEquals([...texts, ...others].filter((text) => parseCidr(text) !== undefined), []);
});
