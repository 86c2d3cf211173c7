import { timingSafeEqual } from "node:crypto";
import type { Principal } from "../rpc/principal.ts";
import { hostOf } from "../text/host_port.ts";
import type { Refusal } from "../transport/mod.ts";
import { forbidden, unauthorized } from "./authorizer.ts";
import { inRanges, parseIp } from "./cidr.ts";
import type { Asked, Credential } from "./credential.ts";
import { HASH_BYTES, hashOf, isKey } from "./key.ts";
import type { KeyEntry } from "./key_file.ts";
import type { Presented } from "./presented.ts";

/** Compares two hashes in a time that does not depend on where they differ. */
export type Equal = (one: Uint8Array, other: Uint8Array) => boolean;

interface Known {
  readonly entry: KeyEntry;
  readonly principal: Principal;
}

/**
 * The keys of --auth.keys. A key is hashed, candidates are looked up by the first four bytes of the hash, and every candidate
 * is compared in constant time over the whole hash. Where there is none, the comparison is made with a hash of nothing, so that
 * the look-up takes the same steps. The time of a look-up can thus tell at most something about four bytes of a SHA-256, which
 * nobody can choose, and which says nothing about the other 28.
 */
export class Keys implements Credential {
  readonly noun = "a key";
  readonly #equal: Equal;
  readonly #now: () => number;
  #byPrefix = new Map<number, readonly Known[]>();
  #current = new Set<Principal>();
  /** The principals of all files that were read. */
  readonly #given = new WeakSet<Principal>();

  constructor(
    entries: readonly KeyEntry[],
    { equal = timingSafeEqual, now = Date.now }: { equal?: Equal; now?: () => number } = {},
  ) {
    this.#equal = equal;
    this.#now = now;
    this.replace(entries);
  }

  /** Puts other keys in the place of the present ones; a key whose entry is unchanged keeps its principal. */
  replace(entries: readonly KeyEntry[]): void {
    const before = new Map([...this.#byPrefix.values()].flat().map((known) => [known.entry.text, known]));
    const known = entries.map((entry) => before.get(entry.text) ?? { entry, principal: principalOf(entry) });
    this.#byPrefix = Map.groupBy(known, ({ entry }) => prefixOf(entry.hash));
    this.#current = new Set(known.filter(({ entry }) => !entry.disabled).map(({ principal }) => principal));
    for (const principal of this.#current) this.#given.add(principal);
  }

  hasRevoked(principal: Principal): boolean {
    return this.#given.has(principal) && !this.#current.has(principal);
  }

  check({ token }: Presented, asked: Asked): Principal | Refusal | undefined {
    if (!isKey(token)) return undefined;
    const known = this.#find(hashOf(token));
    return known === undefined ? unauthorized("no such key") : this.#admit(known, asked);
  }

  #find(hash: Uint8Array): Known | undefined {
    let found: Known | undefined;
    for (const known of this.#byPrefix.get(prefixOf(hash)) ?? NOBODY) {
      const isEqual = this.#equal(known.entry.hash, hash);
      if (isEqual && known.principal !== NO_PRINCIPAL) found = known;
    }
    return found;
  }

  #admit({ entry, principal }: Known, { request, address }: Asked): Principal | Refusal {
    const { name, disabled, expiresAt, addresses, origins } = entry;
    if (disabled) return unauthorized(`the key ${name} is disabled`);
    if (expiresAt !== undefined && expiresAt <= this.#now()) return unauthorized(`the key ${name} has expired`);
    if (addresses !== undefined) {
      const host = hostOf(address);
      const bytes = parseIp(host);
      if (bytes === undefined || !inRanges(bytes, addresses)) {
        return forbidden(`the key ${name} may not be used from ${host}`);
      }
    }
    if (origins !== undefined) {
      const origin = request.headers.get("origin");
      if (origin === null) return forbidden(`the key ${name} is for pages only: the Origin header is missing`);
      if (!origins.allows(origin)) return forbidden(`the key ${name} may not be used by pages of this origin`);
    }
    return principal;
  }
}

const NO_PRINCIPAL: Principal = { name: "" };
const NOBODY: readonly Known[] = [{
  entry: {
    name: "",
    hash: new Uint8Array(HASH_BYTES),
    rights: {},
    limits: {},
    origins: undefined,
    addresses: undefined,
    expiresAt: undefined,
    disabled: true,
    text: "",
  },
  principal: NO_PRINCIPAL,
}];

function principalOf({ name, rights, limits, expiresAt }: KeyEntry): Principal {
  return { name, rights, limits, expiresAt };
}

function prefixOf(hash: Uint8Array): number {
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}
