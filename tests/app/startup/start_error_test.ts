import { assertEquals, assertThrows } from "@std/assert";
import { bindFailure, requireListenPermission, StartError } from "../../../src/app/startup/mod.ts";

const TARGET = { hostname: "127.0.0.1", port: 80, flags: "ws" };

Deno.test("bindFailure says what to change for each reason, and keeps the cause", () => {
  const cases: [cause: unknown, text: string][] = [
    [new Deno.errors.AddrInUse("x"), "the port is in use; choose another one with --ws.port"],
    [new Deno.errors.AddrNotAvailable("x"), "this machine has no such address; see --ws.addr"],
    [new Deno.errors.PermissionDenied("x"), "the system does not allow it; choose a port above 1023"],
    [new Deno.errors.NotCapable("x"), "Deno's permissions do not allow it; see --allow-net"],
    [new Error("failed to lookup\nsecond line"), "failed to lookup; see --ws.addr and --ws.port"],
    ["odd", "odd; see --ws.addr and --ws.port"],
  ];
  for (const [cause, text] of cases) {
    const error = bindFailure(TARGET, cause);
    assertEquals([error.message, error.cause], [`Cannot listen on 127.0.0.1:80: ${text}`, cause]);
  }
});

Deno.test("bindFailure puts an IPv6 address into brackets", () => {
  const { message } = bindFailure({ hostname: "::1", port: 8546, flags: "ws" }, new Deno.errors.AddrInUse("x"));
  assertEquals(message, "Cannot listen on [::1]:8546: the port is in use; choose another one with --ws.port");
});

Deno.test({
  name: "requireListenPermission fails with the line to use where Deno would ask",
  permissions: { net: ["127.0.0.1:8546"] },
  fn() {
    requireListenPermission({ hostname: "127.0.0.1", port: 8546 });
    const error = assertThrows(() => requireListenPermission({ hostname: "::1", port: 8546 }), StartError);
    assertEquals(
      error.message,
      "Listening on [::1]:8546 is not permitted: start with deno run --allow-net=[::1]:8546",
    );
  },
});
