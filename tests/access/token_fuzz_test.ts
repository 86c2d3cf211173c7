import { assert, assertEquals } from "@std/assert";
import { JwtSecret } from "../../src/access/jwt_secret.ts";
import { readToken, type Token, TokenError } from "../../src/access/token.ts";
import { Random } from "../support/random.ts";
import { hs256, nowSeconds } from "./token_maker.ts";

const SECRET = new Uint8Array(32).fill(3);
const ROUNDS = 3_000;
/** Base64url, what other alphabets have, and what may hurt. */
const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.. \0\n\u00e9\ud800";

function read(text: string): Token | null {
  try {
    return readToken(text);
  } catch (cause) {
    assert(cause instanceof TokenError, String(cause));
    return null;
  }
}

Deno.test(`A token that was changed at random in ${ROUNDS} ways is refused, unless it still is the same`, async () => {
  const random = new Random(1);
  const credential = await JwtSecret.create(SECRET);
  const good = await hs256(SECRET, { claims: { iat: nowSeconds(), sub: "alice" } });
  const original = readToken(good);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const at = random.below(good.length);
    const character = CHARACTERS.charAt(random.below(CHARACTERS.length));
    const changed = [
      good.slice(0, at) + character + good.slice(at + 1),
      good.slice(0, at) + character + good.slice(at),
      good.slice(0, at) + good.slice(at + 1 + random.below(3)),
    ][random.below(3)] ?? "";
    const decision = await credential.check({ token: changed, via: "header" });
    assert(decision !== undefined);
    if ("status" in decision) {
      assertEquals(decision.status, 401);
      refused += 1;
      continue;
    }
    // The last character of a signature has two bits that stand for nothing.
    const token = read(changed);
    assertEquals(token?.signed, original.signed);
    assertEquals(token?.signature, original.signature);
  }
  assert(refused > ROUNDS * 0.9, `${refused} refused`);
});
