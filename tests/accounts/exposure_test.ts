import { assertEquals } from "@std/assert";
import { widestExposure } from "../../src/accounts/mod.ts";

const LOCAL = { address: "localhost", origins: ["*"] };
const PUBLIC = { address: "0.0.0.0", origins: [] };
const OPEN = { address: "0.0.0.0", origins: ["*"] };

Deno.test("widestExposure lets the endpoint decide that lets in the most", () => {
  assertEquals(widestExposure([LOCAL, PUBLIC, OPEN]), { networkEndpoint: true, ...OPEN, authenticated: false });
  assertEquals(widestExposure([LOCAL, PUBLIC]), { networkEndpoint: true, ...PUBLIC, authenticated: false });
  assertEquals(widestExposure([{ address: "127.0.0.1", origins: [] }, LOCAL]), {
    networkEndpoint: true,
    ...LOCAL,
    authenticated: false,
  });
  assertEquals(widestExposure([]), { networkEndpoint: false, address: "", origins: [], authenticated: false });
});
