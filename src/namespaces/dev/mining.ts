import { hexOrDecimal } from "../../eth/input/scalar.ts";
import { wireBlock } from "../../eth/output/block.ts";
import { wireQuantity } from "../../eth/output/wire.ts";
import type { MiningControl } from "../../node/mod.ts";
import { method, optional, required } from "../../rpc/method.ts";
import { array, boolean, integer } from "../../rpc/schema.ts";
import { nullable } from "../../rpc/schema_object.ts";
import { count, mineOptions } from "./arguments.ts";
import { type DevRow, named, nothing } from "./row.ts";

/** Makes the rows that seal blocks: at once, for each transaction, or on a timer. */
export function miningRows(dev: MiningControl): readonly DevRow[] {
  return [
    named(
      "anvil_mine hardhat_mine",
      method({
        summary: "Seals a number of blocks, 1 when absent, so many seconds apart.",
        params: [optional("blocks", hexOrDecimal), optional("interval", hexOrDecimal, "Seconds between two blocks.")],
        result: nothing,
        async handler([blocks = 1n, interval], { signal }) {
          await dev.mine(blocks, { interval, signal });
          return null;
        },
      }),
    ),
    named(
      "evm_mine",
      method({
        summary: "Seals one block, or as many as the options say, at a timestamp if one is given; answers 0x0.",
        params: [optional("options", mineOptions, "A timestamp, or an object with timestamp and blocks.")],
        result: wireQuantity,
        async handler([options = {}], { signal }) {
          await dev.mineWith(options, signal);
          return "0x0" as const;
        },
      }),
    ),
    named(
      "anvil_mine_detailed evm_mine_detailed",
      method({
        summary: "Seals as evm_mine does and returns the blocks with their transactions.",
        params: [optional("options", mineOptions, "A timestamp, or an object with timestamp and blocks.")],
        result: array(wireBlock),
        handler: ([options = {}], { signal }) => dev.mineDetailed(options, signal),
      }),
    ),
    named(
      "anvil_getAutomine hardhat_getAutomine",
      method({
        summary: "Tells whether each transaction is sealed at once.",
        params: [],
        result: boolean,
        handler: () => dev.automine(),
      }),
    ),
    named(
      "anvil_setAutomine evm_setAutomine",
      method({
        summary: "Seals each transaction at once, or keeps them in the pool until told otherwise.",
        params: [required("enabled", boolean)],
        result: nothing,
        async handler([enabled]) {
          await dev.setAutomine(enabled);
          return null;
        },
      }),
    ),
    named(
      "anvil_getIntervalMining",
      method({
        summary: "Returns the seconds between two blocks of the timer, or null without one.",
        params: [],
        result: nullable(integer({ minimum: 1 })),
        handler: () => dev.intervalMining(),
      }),
    ),
    named(
      "anvil_setIntervalMining evm_setIntervalMining",
      method({
        summary: "Seals a block every so many seconds instead of for each transaction; 0 stops that.",
        params: [required("seconds", count, "anvil's unit; hardhat counts in milliseconds.")],
        result: nothing,
        async handler([seconds]) {
          await dev.setIntervalMining(seconds);
          return null;
        },
      }),
    ),
  ];
}
