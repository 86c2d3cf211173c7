import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { StartRefused } from "../../src/accounts/errors.ts";
import {
  type AccountKind,
  admitStartUnlock,
  admitUnlock,
  type Exposure,
  policyTable,
  unlockVerdict,
  widestExposure,
} from "../../src/accounts/unlock_policy.ts";
import { RpcError } from "../../src/rpc/error.ts";

/** The whole matrix, written out: flag, address, origins, then the verdict for a dev and for a keystore account. */
const MATRIX = [
  ["off", "127.0.0.1", "", "forbidden", "forbidden"],
  ["off", "127.0.0.1", "*", "forbidden", "forbidden"],
  ["off", "0.0.0.0", "", "forbidden", "forbidden"],
  ["off", "0.0.0.0", "*", "forbidden", "forbidden"],
  ["on", "127.0.0.1", "", "allowed", "allowed"],
  ["on", "127.0.0.1", "*", "allowed", "allowed"],
  ["on", "0.0.0.0", "", "allowed", "allowed"],
  ["on", "0.0.0.0", "*", "allowed", "public"],
  ["public", "127.0.0.1", "", "allowed", "allowed"],
  ["public", "127.0.0.1", "*", "allowed", "allowed"],
  ["public", "0.0.0.0", "", "allowed", "allowed"],
  ["public", "0.0.0.0", "*", "allowed", "allowed"],
] as const;

function exposureOf([insecureUnlock, address, origins]: (typeof MATRIX)[number]): Exposure {
  return { networkEndpoint: true, insecureUnlock, address, origins: origins === "" ? [] : [origins] };
}

Deno.test("The unlock policy gives the expected verdict in the whole matrix", () => {
  for (const row of MATRIX) {
    assertEquals([...row.slice(0, 3), unlockVerdict(exposureOf(row), "dev"), row[4]], [...row], row.join());
    assertEquals(unlockVerdict(exposureOf(row), "keystore"), row[4], row.join());
  }
});

Deno.test("Credentials make no difference but for who is everyone, and take no flag's place", () => {
  for (const row of MATRIX) {
    for (const kind of ["dev", "keystore"] satisfies AccountKind[]) {
      const strangers = unlockVerdict(exposureOf(row), kind);
      const known = unlockVerdict({ ...exposureOf(row), authenticated: true }, kind);
      assertEquals(known, strangers === "public" ? "allowed" : strangers, row.join());
    }
  }
});

Deno.test("An endpoint without credentials decides for all, whatever the others ask for", () => {
  const open = { address: "0.0.0.0", origins: ["*"] };
  const guarded = { ...open, authenticated: true };
  assertEquals(widestExposure([guarded, open]), { networkEndpoint: true, ...open, authenticated: false });
  assertEquals(widestExposure([guarded, guarded]), { networkEndpoint: true, ...guarded });
});

Deno.test("The unlock policy allows everything where no network endpoint is on", () => {
  for (const row of MATRIX) {
    for (const kind of ["dev", "keystore"] satisfies AccountKind[]) {
      assertEquals(unlockVerdict({ ...exposureOf(row), networkEndpoint: false }, kind), "allowed");
    }
  }
});

Deno.test("One star among other origins is as open as a star alone", () => {
  const exposure = exposureOf(["on", "0.0.0.0", "*", "allowed", "public"]);
  assertEquals(unlockVerdict({ ...exposure, origins: ["https://a.example", "*"] }, "keystore"), "public");
  assertEquals(unlockVerdict({ ...exposure, origins: ["https://*.example"] }, "keystore"), "allowed");
});

Deno.test("A star that is not confined to a domain is as open as a star alone", () => {
  const exposure = exposureOf(["on", "0.0.0.0", "*", "allowed", "public"]);
  for (const rule of ["http*", "https://*", "*://*", "https://app*", "*:8080", "https://*com", " HTTP* "]) {
    assertEquals(unlockVerdict({ ...exposure, origins: [rule] }, "keystore"), "public", rule);
  }
  for (const rule of ["https://*.example.org", "*.example.org:8080", "https://example.org"]) {
    assertEquals(unlockVerdict({ ...exposure, origins: [rule] }, "keystore"), "allowed", rule);
  }
  const widest = widestExposure([
    { address: "0.0.0.0", origins: [] },
    { address: "127.0.0.1", origins: ["*"] },
    { address: "0.0.0.0", origins: ["http*"] },
  ]);
  assertEquals([widest.address, widest.origins], ["0.0.0.0", ["http*"]]);
});

Deno.test("The guard speaks with geth's texts, to a client and to the one who starts", () => {
  const forbidden = exposureOf(MATRIX[0]);
  const call = assertThrows(() => admitUnlock(forbidden, "keystore"), RpcError);
  assertEquals([call.code, call.message], [-32000, "account unlock with HTTP access is forbidden"]);
  const start = assertThrows(() => admitStartUnlock(forbidden, "keystore"), StartRefused);
  assertEquals(start.message, "Account unlock with HTTP access is forbidden!");
});

Deno.test("The refusal of an account that is open to everyone says what to change", () => {
  const everyone = exposureOf(MATRIX[7]);
  const text = "an unlocked account on 0.0.0.0 with origins * is open to everyone; bind a loopback address, " +
    "name the origins, or say --allow-insecure-unlock=public";
  assertEquals(assertThrows(() => admitUnlock(everyone, "keystore"), RpcError).message, text);
  assertEquals(assertThrows(() => admitStartUnlock(everyone, "keystore"), StartRefused).message, text);
});

Deno.test("The README's table has a row for each cell of the matrix", () => {
  const lines = policyTable().split("\n");
  assertEquals(lines.length, 2 + 2 * MATRIX.length);
  const everyone = "\n| `--allow-insecure-unlock` | none | 0.0.0.0 | `*` | yes | yes | **no**: open to everyone |\n";
  assertStringIncludes(policyTable(), everyone);
  const authenticated = "\n| `--allow-insecure-unlock` | asked for | 0.0.0.0 | `*` | yes | yes | yes |\n";
  assertStringIncludes(policyTable(), authenticated);
});
