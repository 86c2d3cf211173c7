import { assertEquals } from "@std/assert";
import { Sessions, WARN_BEFORE_MS } from "../../src/access/sessions.ts";
import type { Connection, Principal } from "../../src/rpc/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";

const START = Date.UTC(2026, 10, 25);

function setUp() {
  const clock = new FakeClock();
  const sessions = new Sessions({ clock, now: () => START + clock.now() });
  const told: string[] = [];
  const connection = {
    peer: { address: "memory", origin: null, principal: null },
    send: (text) => void told.push(text),
    isBehind: () => false,
    drained: () => Promise.resolve(),
    close: (code, reason) => void told.push(`${code} ${reason}`),
  } satisfies Connection;
  return { clock, sessions, told, connection };
}

const EXPIRED = "4401 the credential of a has expired";

Deno.test("A connection ends with its credential, and is warned a minute before", async () => {
  const { clock, sessions, told, connection } = setUp();
  sessions.open(connection, { name: "a", expiresAt: START + 100_000 });
  await clock.advance(100_000 - WARN_BEFORE_MS - 1);
  assertEquals(told, []);
  await clock.advance(1);
  const warning = '{"jsonrpc":"2.0","method":"sallyport_expiring",' +
    '"params":{"expiresAt":"2026-11-25T00:01:40.000Z","inMs":60000}}';
  assertEquals(told, [warning]);
  await clock.advance(WARN_BEFORE_MS);
  assertEquals(told, [warning, EXPIRED]);
});

Deno.test("A credential that ends within a minute warns at once; a connection that is gone is not touched", async () => {
  const { clock, sessions, told, connection } = setUp();
  const end = sessions.open(connection, { name: "a", expiresAt: START + 5000 });
  assertEquals(told.length, 1);
  end();
  assertEquals(clock.timers, 0);
  await clock.advance(10_000);
  assertEquals(told.length, 1);
});

Deno.test("recheck closes the connections of principals that are revoked, and no others", () => {
  const { sessions, told, connection } = setUp();
  const [kept, gone]: Principal[] = [{ name: "kept" }, { name: "gone" }];
  for (const principal of [kept, gone]) if (principal !== undefined) sessions.open(connection, principal);
  sessions.recheck((principal) => principal !== kept);
  assertEquals(told, ["4403 the credential of gone was removed or changed"]);
});
