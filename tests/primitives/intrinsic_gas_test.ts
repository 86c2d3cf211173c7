import { assertEquals } from "@std/assert";
import { ZERO_ADDRESS, ZERO_HASH } from "../../src/primitives/hex.ts";
import { floorDataGas, intrinsicGas } from "../../src/primitives/intrinsic_gas.ts";

const FRONTIER = { homestead: false, istanbul: false, shanghai: false };
const HOMESTEAD = { homestead: true, istanbul: false, shanghai: false };
const ISTANBUL = { homestead: true, istanbul: true, shanghai: false };
const SHANGHAI = { homestead: true, istanbul: true, shanghai: true };
const TRANSFER = { to: ZERO_ADDRESS, data: new Uint8Array(0), accessList: [] };
const CREATION = { ...TRANSFER, to: null };
/** 32 zero bytes and one that is not. */
const DATA = new Uint8Array(33).fill(7, 32);

Deno.test("A transfer costs 21,000 in every fork, a creation 53,000 from Homestead on (EIP-2)", () => {
  for (const rules of [FRONTIER, HOMESTEAD, ISTANBUL, SHANGHAI]) assertEquals(intrinsicGas(TRANSFER, rules), 21_000n);
  assertEquals(intrinsicGas(CREATION, FRONTIER), 21_000n);
  assertEquals(intrinsicGas(CREATION, HOMESTEAD), 53_000n);
});

Deno.test("A zero byte costs 4, another 68, or 16 from Istanbul on (EIP-2028)", () => {
  assertEquals(intrinsicGas({ ...TRANSFER, data: DATA }, HOMESTEAD), 21_000n + 32n * 4n + 68n);
  assertEquals(intrinsicGas({ ...TRANSFER, data: DATA }, ISTANBUL), 21_000n + 32n * 4n + 16n);
});

Deno.test("Each word of init code costs 2 from Shanghai on, a started one counts whole (EIP-3860)", () => {
  const base = 53_000n + 32n * 4n + 16n;
  assertEquals(intrinsicGas({ ...CREATION, data: DATA }, ISTANBUL), base);
  assertEquals(intrinsicGas({ ...CREATION, data: DATA }, SHANGHAI), base + 2n * 2n);
  assertEquals(intrinsicGas({ ...TRANSFER, data: DATA }, SHANGHAI), 21_000n + 32n * 4n + 16n);
});

Deno.test("Access lists cost 2,400 an address and 1,900 a slot (EIP-2930), authorizations 25,000 (EIP-7702)", () => {
  const accessList = [{ address: ZERO_ADDRESS, storageKeys: [ZERO_HASH, ZERO_HASH] }, {
    address: ZERO_ADDRESS,
    storageKeys: [],
  }];
  assertEquals(intrinsicGas({ ...TRANSFER, accessList }, SHANGHAI), 21_000n + 2n * 2_400n + 2n * 1_900n);
  assertEquals(intrinsicGas({ ...TRANSFER, authorizations: [{}, {}] }, SHANGHAI), 21_000n + 2n * 25_000n);
});

Deno.test("The floor is 10 for a zero byte and 40 for another (EIP-7623)", () => {
  assertEquals(floorDataGas(new Uint8Array(0)), 21_000n);
  assertEquals(floorDataGas(DATA), 21_000n + 32n * 10n + 40n);
});
