import { Pacer } from "../../../concurrency/pacer.ts";
import type { BlockRef, Data, Hash } from "../../../eth/types.ts";
import type { AccountPage, BlockSpan, Inspector, SlotPage } from "../../../node/inspect.ts";
import { hexToBytes } from "../../../primitives/hex.ts";
import { serverError } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import { bytesString } from "../../../state/binary_string.ts";
import type { World } from "../../../state/world.ts";
import type { ChainCore } from "../../core/core.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import type { Blocks } from "../read/blocks.ts";
import { stateBefore } from "../trace/replay.ts";
import { dumpAccounts } from "./account_dump.ts";

/** geth's AccountRangeMaxResults. */
const MAX_ACCOUNTS = 256;
const HASH_BYTES = 32;

/** Reads whole states of the embedded chain, with the errors of geth's eth/api_debug.go. */
export class EmbeddedInspector implements Inspector {
  readonly #core: ChainCore;
  readonly #blocks: Blocks;

  constructor(core: ChainCore, blocks: Blocks) {
    this.#core = core;
    this.#blocks = blocks;
  }

  async accounts(at: BlockRef, { start, max, ...page }: AccountPage): Promise<RawJson> {
    const record = await this.#blocks.find(at);
    if (record === null) throw serverError(`block ${"hash" in at ? at.hash : numberOf(at)} not found`);
    const world = await this.#blocks.inState(at, (state) => state);
    return await dumpAccounts(world, {
      start: bytesString(hashBytes(start)),
      max: max > MAX_ACCOUNTS || max <= 0 ? MAX_ACCOUNTS : max,
      ...page,
    });
  }

  async storage(at: BlockRef, { index, address, start, max, signal }: SlotPage): Promise<RawJson> {
    const record = await this.#blocks.required(at);
    if (record.number === 0n) throw serverError("no transaction in genesis");
    if (index < 0 || (index >= record.hashes.length && index > 0)) {
      throw serverError(`transaction index ${index} out of range for block ${record.hash}`);
    }
    const world = await stateBefore(this.#core, record, { index, signal });
    const pacer = new Pacer({ signal });
    const slots: string[] = [];
    let nextKey: Hash | null = null;
    for (const { hashedKey, slot, value } of world.slotsFrom(address, bytesString(hexToBytes(start)))) {
      if (slots.length >= max) {
        nextKey = hashedKey;
        break;
      }
      slots.push(`"${hashedKey}":{"key":"${slot}","value":"${value}"}`);
      await pacer.breathe();
    }
    const isEmpty = slots.length === 0 && nextKey === null && world.slotsFrom(address, "").next().done === true;
    return new RawJson(`{"storage":${isEmpty ? "null" : `{${slots.join(",")}}`},"nextKey":${JSON.stringify(nextKey)}}`);
  }

  async modifiedByNumber({ start, end, signal }: BlockSpan<bigint>): Promise<RawJson> {
    const first = this.#core.blocks.at(start);
    if (first === null) throw serverError(`start block ${start.toString(16)} not found`);
    if (end === undefined) return await this.#modifiedIn(first, signal);
    const last = this.#core.blocks.at(end);
    if (last === null) throw serverError(`end block ${end} not found`);
    return await this.#modified(first, last, signal);
  }

  async modifiedByHash({ start, end, signal }: BlockSpan<Hash>): Promise<RawJson> {
    const first = this.#core.blocks.of(start);
    if (first === null) throw serverError(`start block ${start.slice(2)} not found`);
    if (end === undefined) return await this.#modifiedIn(first, signal);
    const last = this.#core.blocks.of(end);
    if (last === null) throw serverError(`end block ${end.slice(2)} not found`);
    return await this.#modified(first, last, signal);
  }

  async #modifiedIn(record: BlockRecord, signal: AbortSignal): Promise<RawJson> {
    const parent = this.#core.blocks.of(record.header.parentHash);
    if (parent === null) throw serverError(`block ${record.number.toString(16)} has no parent`);
    return await this.#modified(parent, record, signal);
  }

  /** Returns the accounts of the later state that differ from the earlier one; as in geth, without the removed ones. */
  async #modified(first: BlockRecord, last: BlockRecord, signal: AbortSignal): Promise<RawJson> {
    if (first.number >= last.number) {
      throw serverError(
        `start block height (${first.number}) must be less than end block height (${last.number})`,
      );
    }
    const [before, after] = [this.#core.worldOf(first), this.#core.worldOf(last)];
    const pacer = new Pacer({ signal });
    const modified: string[] = [];
    for (const { address } of after.accountsFrom("")) {
      if (isModified(before, after, address)) modified.push(address);
      await pacer.breathe();
    }
    return RawJson.of(modified);
  }

  async accessibleState(from: BlockRef, to: BlockRef): Promise<RawJson> {
    const [start, end] = [this.#numberOrHead(from), this.#numberOrHead(to)];
    if (start === end) throw serverError("from and to needs to be different");
    const step = start < end ? 1n : -1n;
    const pacer = new Pacer();
    for (let number = start; number !== end; number += step) {
      const record = this.#core.blocks.at(number);
      if (record === null) throw serverError(`missing header ${number}`);
      if (this.#core.stateAfter(record) !== undefined) return new RawJson(number.toString());
      await pacer.breathe();
    }
    throw serverError("no state found");
  }

  /** Every tag is the head here, also in geth's GetAccessibleState. */
  #numberOrHead(at: BlockRef): bigint {
    return "number" in at ? at.number : this.#core.head().record.number;
  }
}

function isModified(before: World, after: World, address: Data): boolean {
  const [old, now] = [before.leaf(address), after.leaf(address)];
  // Both states share the parts that did not change.
  if (old === now) return false;
  return old === undefined || now === undefined || old.nonce !== now.nonce || old.balance !== now.balance ||
    old.code !== now.code || before.storageRoot(address) !== after.storageRoot(address);
}

/** Returns geth's common.BytesToHash: the last 32 bytes, with zeros in front. */
function hashBytes(data: Data): Uint8Array {
  return hexToBytes(`0x${data.slice(2).padStart(HASH_BYTES * 2, "0").slice(-HASH_BYTES * 2)}`);
}

function numberOf(at: BlockRef): string {
  return "number" in at ? `#${at.number}` : JSON.stringify(at);
}
