import { createHash } from "node:crypto";
import type { Principal } from "../rpc/principal.ts";
import { isPlainName } from "../text/plain_name.ts";
import { readRights } from "./key_file.ts";

/** The claim that narrows what a token may do: `allow`, `deny` and `limits`, as an entry of the file of keys has them. */
const CLAIM = "sallyport";
const PREFIX = "jwt";
const MAX_SUBJECT_CHARACTERS = 60;
const HASH_DIGITS = 16;

/** Returns the principal of claims that are verified. Throws {@link KeyFileError} for a claim of ours that is wrong. */
export function principalOfClaims(
  claims: Readonly<Record<string, unknown>>,
  { expiresAt }: { readonly expiresAt: number | undefined },
): Principal {
  const own = claims[CLAIM];
  return { name: nameOf(claims["sub"]), expiresAt, ...own === undefined ? {} : readRights(own, `claim ${CLAIM}`) };
}

/** Names the subject; one that could not stand in a label or a log line is named by its hash. */
function nameOf(subject: unknown): string {
  if (typeof subject !== "string" || subject === "") return PREFIX;
  if (subject.length <= MAX_SUBJECT_CHARACTERS && isPlainName(subject)) return `${PREFIX}:${subject}`;
  return `${PREFIX}:${createHash("sha256").update(subject).digest("hex").slice(0, HASH_DIGITS)}`;
}
