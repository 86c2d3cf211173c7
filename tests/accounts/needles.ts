import { KEY, PASSWORD } from "./capture.ts";

/** The first key of the test mnemonic: public knowledge, and still nothing to print. */
const DEV_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
export const NEW_PASSWORD = "Tr0ub4dor&3 of the new account";
export const WRONG_PASSWORD = "a wrong guess is a secret too";

/** The forms in which a key or a password could slip out. */
function formsOf(secret: string, bytes: Uint8Array): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toHex(),
    bytes.toBase64(),
    bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
    [...bytes].join(","),
    BigInt(`0x${bytes.toHex()}`).toString(),
  ];
}

const text = new TextEncoder();
const NEEDLES = [
  ...formsOf(KEY, Uint8Array.fromHex(KEY)),
  ...formsOf(DEV_KEY, Uint8Array.fromHex(DEV_KEY.slice(2))),
  ...[PASSWORD, NEW_PASSWORD, WRONG_PASSWORD].flatMap((password) => formsOf(password, text.encode(password))),
];

/** Without white space, since Deno prints an array of bytes in columns, and without case. */
function squeezed(text: string): string {
  return text.replaceAll(/\s/g, "").toLowerCase();
}

/** The secrets of the tests that are in `haystack`, in whatever form. */
export function leaks(haystack: string): string[] {
  const searched = squeezed(haystack);
  return NEEDLES.filter((needle) => searched.includes(squeezed(needle)));
}
