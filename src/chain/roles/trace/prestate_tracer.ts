import type { Address, Hash } from "../../../eth/types.ts";
import { createdAddress } from "../../../primitives/created_address.ts";
import { authorityOf } from "../../../evm/authorization.ts";
import type { Execution } from "../../../evm/machine.ts";
import { OP } from "../../../evm/opcodes.ts";
import { delegateOf } from "../../../primitives/delegation.ts";
import type { Step } from "../../../evm/step.ts";
import { NO_CODE } from "../../../state/code.ts";
import { NO_ACCOUNT } from "../../../state/manager.ts";
import { type ActiveTracer, TraceSize, type TraceSubject } from "./active_tracer.ts";
import { addressAt, creationAddressOf, item } from "../../../evm/call_frames.ts";
import { bytesToHex, quantity, wordHex } from "../../../primitives/hex.ts";

export interface PrestateOptions {
  readonly diffMode?: boolean;
  readonly disableCode?: boolean;
  readonly disableStorage?: boolean;
}

/** What is shown of an account; what is absent is left out. */
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
  readonly isEmpty: boolean;
}

const ZERO_WORD = wordHex(0n);
/** What an account's fixed fields come to in text, about. */
const ACCOUNT_CHARACTERS = 250;
const SLOT_CHARACTERS = 140;

/** The accounts and slots that a transaction touches as they were before, or what it changed (geth's native/prestate.go). */
export class PrestateTracer implements ActiveTracer {
  readonly #options: PrestateOptions;
  readonly #pre = new Map<Address, PreAccount>();
  readonly #created = new Set<Address>();
  readonly #deleted = new Set<Address>();
  readonly #size = new TraceSize();
  #execution: Execution | undefined;

  constructor(options: PrestateOptions) {
    this.#options = options;
  }

  start(subject: TraceSubject): void {
    const { execution, from } = subject;
    this.#execution = execution;
    let { to } = subject;
    if (to === null) {
      to = createdAddress(from, execution.state.account(from)?.nonce ?? 0n);
      this.#created.add(to);
    }
    for (const address of [from, to, execution.env.coinbase]) this.#account(address);
    // Before they are applied, and those that will not be as well.
    for (const authorization of subject.authorizations) {
      const authority = authorityOf(authorization, execution.common.chainId());
      if (authority !== undefined) this.#account(authority);
    }
    this.#delegate(to);
  }

  readonly onStep = (step: Step): void => {
    if (step.error !== undefined) return;
    const self = bytesToHex(step.frame._env.address.bytes);
    switch (step.op) {
      case OP.sload:
      case OP.sstore:
        this.#slot(self, item(step, 0));
        break;
      case OP.balance:
      case OP.extCodeSize:
      case OP.extCodeCopy:
      case OP.extCodeHash:
        this.#account(addressAt(step, 0));
        break;
      case OP.selfDestruct:
        this.#account(addressAt(step, 0));
        // EIP-6780: only what the same transaction has made goes.
        if (this.#execution?.has(6780) !== true || this.#created.has(self)) this.#deleted.add(self);
        break;
      case OP.call:
      case OP.callCode:
      case OP.delegateCall:
      case OP.staticCall:
        this.#account(addressAt(step, 1));
        this.#delegate(addressAt(step, 1));
        break;
      case OP.create:
      case OP.create2: {
        const nonce = this.#execution?.state.account(self)?.nonce ?? 0n;
        const created = creationAddressOf(step, { from: self, nonce });
        this.#account(created);
        this.#created.add(created);
      }
    }
  };

  finish(): string {
    const post = this.#options.diffMode === true ? this.#changes() : undefined;
    for (const address of this.#created) {
      if (this.#pre.get(address)?.isEmpty === true) this.#pre.delete(address);
    }
    return post === undefined ? stateJson(this.#pre) : `{"post":${stateJson(post)},"pre":${stateJson(this.#pre)}}`;
  }

  #account(address: Address): void {
    if (this.#pre.has(address)) return;
    const { balance, nonce, code } = this.#execution?.state.account(address) ?? NO_ACCOUNT;
    const isEmpty = balance === 0n && nonce === 0n && code === NO_CODE;
    const shown: PreAccount = { balance, nonce, storage: new Map(), isEmpty };
    if (code !== NO_CODE) shown.codeHash = code.hash;
    if (code !== NO_CODE && this.#options.disableCode !== true) shown.code = code.bytes;
    this.#size.add(ACCOUNT_CHARACTERS + (shown.code?.length ?? 0) * 2);
    this.#pre.set(address, shown);
  }

  /** EIP-7702: an account that delegates is as good as a call to whom it delegates to. */
  #delegate(address: Address): void {
    const target = delegateOf(this.#execution?.state.code(address) ?? NO_CODE.bytes);
    if (target !== undefined && this.#execution?.has(7702) === true) this.#account(target);
  }

  #slot(address: Address, slot: bigint): void {
    if (this.#options.disableStorage === true) return;
    this.#account(address);
    const storage = this.#pre.get(address)?.storage;
    const key = wordHex(slot);
    if (storage === undefined || storage.has(key)) return;
    this.#size.add(SLOT_CHARACTERS);
    storage.set(key, wordHex(this.#execution?.state.slot(address, slot) ?? 0n));
  }

  /** The changed fields of the changed accounts; what did not change is taken out of the state before. */
  #changes(): Map<Address, ShownAccount> {
    const post = new Map<Address, ShownAccount>();
    for (const [address, before] of this.#pre) {
      // What is gone is in the state before only.
      if (this.#deleted.has(address)) continue;
      const after = this.#changeOf(address, before);
      if (after === undefined) this.#pre.delete(address);
      else post.set(address, after);
    }
    return post;
  }

  #changeOf(address: Address, before: PreAccount): ShownAccount | undefined {
    const { balance, nonce, code } = this.#execution?.state.account(address) ?? NO_ACCOUNT;
    const after: ShownAccount = { storage: new Map() };
    let isChanged = false;
    if (balance !== before.balance) after.balance = balance;
    if (nonce !== before.nonce) after.nonce = nonce;
    if (code.hash !== (before.codeHash ?? NO_CODE.hash)) {
      after.codeHash = code.hash;
      if (this.#options.disableCode !== true) after.code = code.bytes;
    }
    for (const [slot, value] of before.storage) {
      const now = wordHex(this.#execution?.state.slot(address, BigInt(slot)) ?? 0n);
      if (value === ZERO_WORD || value === now) before.storage.delete(slot);
      if (value === now) continue;
      isChanged = true;
      if (now !== ZERO_WORD) after.storage.set(slot, now);
    }
    isChanged ||= after.balance !== undefined || after.nonce !== undefined || after.codeHash !== undefined;
    return isChanged ? after : undefined;
  }
}

/** In the order of geth's generated encoder, accounts and slots sorted as Go sorts maps. */
function stateJson(state: ReadonlyMap<Address, ShownAccount>): string {
  const entries = [...state].sort(([a], [b]) => a < b ? -1 : 1);
  return `{${entries.map(([address, account]) => `"${address}":${accountJson(account)}`).join(",")}}`;
}

function accountJson({ balance, nonce, code, codeHash, storage }: ShownAccount): string {
  const fields: string[] = [];
  if (balance !== undefined) fields.push(`"balance":"${quantity(balance)}"`);
  if (code !== undefined && code.length !== 0) fields.push(`"code":"${bytesToHex(code)}"`);
  if (codeHash !== undefined) fields.push(`"codeHash":"${codeHash}"`);
  if (nonce !== undefined && nonce !== 0n) fields.push(`"nonce":${nonce}`);
  if (storage.size !== 0) {
    const slots = [...storage].sort(([a], [b]) => a < b ? -1 : 1).map(([slot, value]) => `"${slot}":"${value}"`);
    fields.push(`"storage":{${slots.join(",")}}`);
  }
  return `{${fields.join(",")}}`;
}
