import {
  address,
  blockNumber,
  blockNumberOrHash,
  bool,
  data,
  goInt,
  hash,
  jsonUint64,
  uint64,
  wireAccountDump,
  wireAddress,
  wireStorageRange,
} from "../../eth/mod.ts";
import type { BlockReader, DevControl, Inspector } from "../../node/mod.ts";
import { serverError } from "../../rpc/error.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { array, integer, string } from "../../rpc/schema.ts";
import { nothing } from "../dev/row.ts";

const block = required("block", blockNumberOrHash);
/** The number of accounts is the highest that one answer holds. */
const WHOLE_PAGE = { start: "0x", max: 0, withCode: true, withStorage: true } as const;

/** Makes the rows that read whole states (geth's eth/api_debug.go). */
export function debugInspectRows(inspector: Inspector): { readonly [name: string]: Method } {
  return {
    debug_accountRange: method({
      summary: "Returns up to 256 accounts of a state, in the order of their hashed addresses.",
      params: [
        block,
        required("start", data, "The hashed address to begin with."),
        required("maxResults", goInt),
        required("nocode", bool),
        required("nostorage", bool),
        required("incompletes", bool, "No effect: the address of every account is known."),
      ],
      result: wireAccountDump,
      repeatable: true,
      handler: ([at, start, max, nocode, nostorage], { signal }) =>
        inspector.accounts(at, { start, max, withCode: !nocode, withStorage: !nostorage, signal }),
    }),
    debug_dumpBlock: method({
      summary: "Returns the first 256 accounts of a state with their code and storage.",
      params: [required("block", blockNumber)],
      result: wireAccountDump,
      repeatable: true,
      handler: ([at], { signal }) => inspector.accounts(at, { ...WHOLE_PAGE, signal }),
    }),
    debug_storageRangeAt: method({
      summary: "Returns slots of an account before a transaction of a block, in the order of their hashed keys.",
      params: [
        block,
        required("transactionIndex", goInt),
        required("address", address),
        required("keyStart", data, "The hashed key to begin with."),
        required("maxResult", goInt),
      ],
      result: wireStorageRange,
      repeatable: true,
      handler: ([at, index, owner, start, max], { signal }) =>
        inspector.storage(at, { index, address: owner, start, max, signal }),
    }),
    debug_getModifiedAccountsByNumber: method({
      summary: "Returns the accounts that one block, or the blocks above one up to another, have changed.",
      params: [required("startNumber", jsonUint64), optional("endNumber", jsonUint64)],
      result: array(wireAddress),
      repeatable: true,
      handler: ([start, end], { signal }) =>
        inspector.modifiedByNumber({ start: BigInt(start), end: end === undefined ? undefined : BigInt(end), signal }),
    }),
    debug_getModifiedAccountsByHash: method({
      summary: "Returns the accounts that one block, or the blocks above one up to another, have changed.",
      params: [required("startHash", hash), optional("endHash", hash)],
      result: array(wireAddress),
      repeatable: true,
      handler: ([start, end], { signal }) => inspector.modifiedByHash({ start, end, signal }),
    }),
    debug_getAccessibleState: method({
      summary: "Returns the number of the first block of a range whose state is kept.",
      params: [required("from", blockNumber), required("to", blockNumber, "Not looked at itself.")],
      result: integer({ minimum: 0 }),
      repeatable: true,
      handler: ([from, to]) => inspector.accessibleState(from, to),
    }),
  };
}

/** Makes the row that returns a block as text for people. */
export function debugPrintRows(blocks: BlockReader): { readonly [name: string]: Method } {
  return {
    debug_printBlock: method({
      summary: "Returns a block as indented text for people to read.",
      params: [required("number", jsonUint64)],
      result: string,
      async handler([number]) {
        const found = await blocks.block({ number: BigInt(number) }, true);
        if (found === null) throw serverError(`block #${number} not found`);
        return JSON.stringify(found.decode(), null, 2);
      },
    }),
  };
}

/** Makes the row that takes blocks off the chain. */
export function debugSetHeadRows(
  { blocks, dev }: { readonly blocks: BlockReader; readonly dev: DevControl },
): { readonly [name: string]: Method } {
  return {
    debug_setHead: method({
      summary: "Goes back to a block: those above it are taken off the chain.",
      params: [required("number", uint64)],
      result: nothing,
      async handler([number]) {
        const depth = BigInt(await blocks.headNumber()) - number;
        if (depth <= 0n) throw serverError("not allowed to rewind to a future block");
        await dev.rollback(Number(depth));
        return null;
      },
    }),
  };
}
