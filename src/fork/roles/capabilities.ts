import { RawJson } from "../../rpc/raw_json.ts";
import type { Sides } from "../sides.ts";

/** What a node may say of a kind of data in its answer to eth_capabilities. */
interface Kept {
  readonly oldestBlock?: string;
}

/** The kinds that have an oldest block. */
const KINDS: readonly string[] = ["state", "tx", "logs", "receipts", "blocks", "stateproofs"];

/** Answers eth_capabilities: the head is the local one, and how far the data reach back is as the other chain's node says. */
export async function capabilities({ local, past }: Sides): Promise<RawJson> {
  const own = await local.blocks.capabilities();
  if (past === null) return own;
  const answer = own.decode() as Record<string, Kept>;
  const theirs = await kept(past.remote.blocks.capabilities());
  return RawJson.of(Object.fromEntries(
    Object.entries(answer).map(([kind, value]) =>
      // A node without the method may have everything.
      KINDS.includes(kind) ? [kind, { ...value, oldestBlock: theirs?.[kind]?.oldestBlock ?? "0x0" }] : [kind, value]
    ),
  ));
}

async function kept(answer: RawJson | Promise<RawJson>): Promise<Readonly<Record<string, Kept | undefined>> | null> {
  try {
    return (await answer).decode() as Record<string, Kept> | null;
  } catch {
    return null;
  }
}
