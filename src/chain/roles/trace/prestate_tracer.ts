import { create2Address, createdAddress } from "../../../primitives/created_address.ts";
import { signerOf } from "../../../evm/authorization.ts";
import { OP } from "../../../evm/opcodes.ts";
import type { Hooks, Step } from "../../../evm/hooks.ts";
import { delegateOf } from "../../../primitives/delegation.ts";
import { NO_CODE } from "../../../state/code.ts";
import { type ActiveTracer, TraceSize, type TraceSubject } from "./active_tracer.ts";
import { bytesToHex, quantity, wordHex, ZERO_HASH } from "../../../primitives/hex.ts";
import type { Address, Hash } from "../../../primitives/types.ts";
import { sortedJson } from "./small_tracers.ts";
import { opcodeMemory } from "./step_memory.ts";

export interface PrestateOptions {
  readonly diffMode?: boolean;
  readonly disableCode?: boolean;
  readonly disableStorage?: boolean;
  readonly includeEmpty?: boolean;
}

/** The shown fields of an account; absent ones are left out. */
interface ShownAccount {
  balance?: bigint;
  nonce?: bigint;
  code?: Uint8Array;
  codeHash?: Hash;
  readonly storage: Map<Hash, Hash>;
}

interface PreAccount extends ShownAccount {
  balance: bigint;
  nonce: bigint;
  /** True when the account was empty or absent before the transaction. */
  readonly isEmpty: boolean;
}

/** The approximate text length of an account's fixed fields. */
const ACCOUNT_CHARACTERS = 250;
const SLOT_CHARACTERS = 140;

const STORAGE = [OP.sload, OP.sstore];
const ACCOUNTS = [OP.balance, OP.extCodeSize, OP.extCodeCopy, OP.extCodeHash, OP.selfDestruct];
const CALLS = [OP.call, OP.callCode, OP.delegateCall, OP.staticCall];

/** Traces the accounts and slots that a transaction touches, as they were before, or its changes (geth's native/prestate.go). */
export class PrestateTracer implements ActiveTracer {
  readonly #options: PrestateOptions;
  readonly #pre = new Map<Address, PreAccount>();
  readonly #created = new Set<Address>();
  readonly #deleted = new Set<Address>();
  readonly #size = new TraceSize();
  readonly hooks: Hooks = {
    opcodes: [...STORAGE, ...ACCOUNTS, ...CALLS, OP.create, OP.create2],
    onStep: (step) => this.#step(step),
  };
  #traced: TraceSubject | undefined;

  constructor(options: PrestateOptions) {
    this.#options = options;
  }

  start(subject: TraceSubject): void {
    const { from, coinbase, state } = subject;
    this.#traced = subject;
    let { to } = subject;
    if (to === null) {
      to = createdAddress(from, state.account(from)?.nonce ?? 0n);
      this.#created.add(to);
    } else {
      this.#lookUpDelegate(to);
    }
    for (const address of [from, to, coinbase]) this.#lookUp(address);
    // Authorizations are read before they are applied, also those that will not be.
    for (const authorization of subject.authorizations) {
      const authority = signerOf(authorization);
      if (authority !== undefined) this.#lookUp(authority);
    }
  }

  finish(): string {
    const post = this.#options.diffMode === true ? this.#changes() : undefined;
    if (this.#options.includeEmpty !== true) {
      for (const [address, { isEmpty }] of this.#pre) if (isEmpty) this.#pre.delete(address);
    }
    const pre = sortedJson(this.#pre, accountJson);
    return post === undefined ? pre : `{"post":${sortedJson(post, accountJson)},"pre":${pre}}`;
  }

  #step(step: Step): void {
    if (step.error !== undefined) return;
    const { op, stackSize } = step;
    const self = step.address;
    if (STORAGE.some((each) => each === op)) {
      if (stackSize >= 1) this.#lookUpSlot(self, step.peek(0));
    } else if (ACCOUNTS.some((each) => each === op)) {
      if (stackSize < 1) return;
      this.#lookUp(step.addressAt(0));
      // EIP-6780: only contracts that the same transaction has created are destroyed.
      const goes = this.#subject.rules.has("cancun") ? this.#created.has(self) : true;
      if (op === OP.selfDestruct && goes) this.#deleted.add(self);
    } else if (CALLS.some((each) => each === op)) {
      if (stackSize < 5) return;
      this.#lookUp(step.addressAt(1));
      this.#lookUpDelegate(step.addressAt(1));
    } else if (op === OP.create) {
      this.#willCreate(createdAddress(self, this.#subject.state.account(self)?.nonce ?? 0n));
    } else if (op === OP.create2 && stackSize >= 4) {
      const initCode = opcodeMemory(step, { offset: step.peek(1), size: step.peek(2) });
      if (initCode === undefined) return;
      this.#willCreate(create2Address(self, { salt: step.peek(3), initCode }));
    }
  }

  get #subject(): TraceSubject {
    if (this.#traced === undefined) throw new Error("the tracer was not started");
    return this.#traced;
  }

  #willCreate(address: Address): void {
    this.#lookUp(address);
    this.#created.add(address);
  }

  #lookUp(address: Address): void {
    if (this.#pre.has(address)) return;
    const { balance, nonce, code } = this.#subject.state.account(address) ?? NO_ACCOUNT;
    const isEmpty = balance === 0n && nonce === 0n && code === NO_CODE;
    const shown: PreAccount = { balance, nonce, storage: new Map(), isEmpty };
    if (code !== NO_CODE) shown.codeHash = code.hash;
    if (code !== NO_CODE && this.#options.disableCode !== true) shown.code = code.bytes;
    this.#size.add(ACCOUNT_CHARACTERS + (shown.code?.length ?? 0) * 2);
    this.#pre.set(address, shown);
  }

  /** Adds the account to which another delegates, because a call of one runs the code of the other (EIP-7702). */
  #lookUpDelegate(address: Address): void {
    const { rules, state } = this.#subject;
    if (!rules.has("prague")) return;
    const target = delegateOf(state.account(address)?.code.bytes ?? NO_CODE.bytes);
    if (target !== undefined) this.#lookUp(target);
  }

  #lookUpSlot(address: Address, slot: bigint): void {
    if (this.#options.disableStorage === true) return;
    this.#lookUp(address);
    const storage = this.#pre.get(address)?.storage;
    const key = wordHex(slot);
    if (storage === undefined || storage.has(key)) return;
    this.#size.add(SLOT_CHARACTERS);
    storage.set(key, wordHex(this.#subject.state.slot(address, slot)));
  }

  /** Returns the changed fields of the changed accounts; removes unchanged ones from the state before. */
  #changes(): Map<Address, ShownAccount> {
    const post = new Map<Address, ShownAccount>();
    for (const [address, before] of this.#pre) {
      // An account that is gone is in the state before only.
      if (this.#deleted.has(address)) continue;
      const after = this.#changeOf(address, before);
      if (after === undefined) this.#pre.delete(address);
      else post.set(address, after);
    }
    return post;
  }

  #changeOf(address: Address, before: PreAccount): ShownAccount | undefined {
    const { state } = this.#subject;
    const account = state.account(address);
    const { balance, nonce, code } = account ?? NO_ACCOUNT;
    // To geth an account that does not exist has another code hash than one without code.
    const codeHash = account === undefined ? ZERO_HASH : code.hash;
    const after: ShownAccount = { storage: new Map() };
    if (balance !== before.balance) after.balance = balance;
    if (nonce !== before.nonce) after.nonce = nonce;
    if (codeHash !== (before.codeHash ?? NO_CODE.hash)) after.codeHash = codeHash;
    if (code.hash !== (before.codeHash ?? NO_CODE.hash) && this.#options.disableCode !== true) after.code = code.bytes;
    let isChanged = Object.keys(after).length > 1;
    for (const [slot, value] of before.storage) {
      const now = wordHex(state.slot(address, BigInt(slot)));
      if (value === ZERO_HASH || value === now) before.storage.delete(slot);
      if (value === now) continue;
      isChanged = true;
      if (now !== ZERO_HASH) after.storage.set(slot, now);
    }
    return isChanged ? after : undefined;
  }
}

const NO_ACCOUNT = { balance: 0n, nonce: 0n, code: NO_CODE };

/** Encodes an account in the order of geth's generated encoder, slots sorted as Go sorts maps. */
function accountJson({ balance, nonce, code, codeHash, storage }: ShownAccount): string {
  const fields: string[] = [];
  if (balance !== undefined) fields.push(`"balance":"${quantity(balance)}"`);
  // Empty where a delegation was taken back.
  if (code !== undefined) fields.push(`"code":"${bytesToHex(code)}"`);
  if (codeHash !== undefined) fields.push(`"codeHash":"${codeHash}"`);
  if (nonce !== undefined && nonce !== 0n) fields.push(`"nonce":${nonce}`);
  if (storage.size !== 0) fields.push(`"storage":${sortedJson(storage, (value) => `"${value}"`)}`);
  return `{${fields.join(",")}}`;
}
