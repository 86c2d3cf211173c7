import { address, data, hash, hexOrDecimal, hexOrDecimal256 } from "../../eth/input/scalar.ts";
import type { Hash } from "../../eth/types.ts";
import { hashOrNull } from "../../eth/output/wire.ts";
import type { AccountControl, BlockReader, PoolControl } from "../../node/mod.ts";
import { serverError } from "../../rpc/error.ts";
import { method, required } from "../../rpc/method.ts";
import { boolean } from "../../rpc/schema.ts";
import { type DevRow, named, nothing } from "./row.ts";

function wordOf(value: bigint): Hash {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** Makes the rows that change any account of the head. */
export function accountRows(dev: AccountControl): readonly DevRow[] {
  return [...stateRows(dev), ...impersonationRows(dev)];
}

function stateRows(dev: AccountControl): readonly DevRow[] {
  return [
    named(
      "anvil_setBalance hardhat_setBalance evm_setAccountBalance",
      method({
        summary: "Sets an account's balance, in wei.",
        params: [required("address", address), required("balance", hexOrDecimal256)],
        result: nothing,
        async handler([account, balance]) {
          await dev.setBalance(account, balance);
          return null;
        },
      }),
    ),
    named(
      "anvil_addBalance hardhat_addBalance",
      method({
        summary: "Adds to an account's balance, in wei.",
        params: [required("address", address), required("amount", hexOrDecimal256)],
        result: nothing,
        async handler([account, amount]) {
          await dev.addBalance(account, amount);
          return null;
        },
      }),
    ),
    named(
      "anvil_setNonce hardhat_setNonce evm_setAccountNonce",
      method({
        summary: "Sets an account's nonce, lower ones too.",
        params: [required("address", address), required("nonce", hexOrDecimal)],
        result: nothing,
        async handler([account, nonce]) {
          await dev.setNonce(account, nonce);
          return null;
        },
      }),
    ),
    named(
      "anvil_setCode hardhat_setCode evm_setAccountCode",
      method({
        summary: "Sets an account's code.",
        params: [required("address", address), required("code", data)],
        result: nothing,
        async handler([account, code]) {
          await dev.setCode(account, code);
          return null;
        },
      }),
    ),
    named(
      "anvil_setStorageAt hardhat_setStorageAt evm_setAccountStorageAt",
      method({
        summary: "Writes one slot of an account's storage; answers true.",
        params: [required("address", address), required("slot", hexOrDecimal256), required("value", hash)],
        result: boolean,
        async handler([account, slot, value]) {
          await dev.setStorageAt(account, wordOf(slot), value);
          return true;
        },
      }),
    ),
  ];
}

function impersonationRows(dev: AccountControl): readonly DevRow[] {
  return [
    named(
      "anvil_impersonateAccount hardhat_impersonateAccount",
      method({
        summary: "Lets eth_sendTransaction send as an account whose key nobody has here.",
        params: [required("address", address)],
        result: nothing,
        async handler([account]) {
          await dev.impersonate(account);
          return null;
        },
      }),
    ),
    named(
      "anvil_stopImpersonatingAccount",
      method({
        summary: "Ends the impersonation of one account.",
        params: [required("address", address)],
        result: nothing,
        async handler([account]) {
          await dev.stopImpersonating(account);
          return null;
        },
      }),
    ),
    named(
      "hardhat_stopImpersonatingAccount",
      method({
        summary: "Ends the impersonation of one account; false when it was not impersonated.",
        params: [required("address", address)],
        result: boolean,
        handler: ([account]) => dev.stopImpersonating(account),
      }),
    ),
    named(
      "anvil_autoImpersonateAccount hardhat_autoImpersonateAccount",
      method({
        summary: "Impersonates every account, or only those that were named.",
        params: [required("enabled", boolean)],
        result: nothing,
        async handler([enabled]) {
          await dev.setAutoImpersonate(enabled);
          return null;
        },
      }),
    ),
  ];
}

/** Makes the rows that take transactions out of the pool. */
export function poolRows(dev: PoolControl, blocks: BlockReader): readonly DevRow[] {
  return [
    named(
      "anvil_dropTransaction",
      method({
        summary: "Takes a transaction out of the pool; answers its hash, or null when it was not there.",
        params: [required("transactionHash", hash)],
        result: hashOrNull,
        handler: ([transaction]) => dev.dropTransaction(transaction),
      }),
    ),
    named(
      "hardhat_dropTransaction",
      method({
        summary: "Takes a transaction out of the pool; false when it was not there, an error when it is mined.",
        params: [required("transactionHash", hash)],
        result: boolean,
        async handler([transaction]) {
          if (await dev.dropTransaction(transaction) !== null) return true;
          if (await blocks.receipt(transaction) === null) return false;
          throw serverError(`Transaction ${transaction} cannot be dropped because it's already mined`);
        },
      }),
    ),
    named(
      "anvil_dropAllTransactions hardhat_dropAllTransactions",
      method({
        summary: "Empties the pool.",
        params: [],
        result: nothing,
        async handler() {
          await dev.dropAllTransactions();
          return null;
        },
      }),
    ),
    named(
      "anvil_removePoolTransactions",
      method({
        summary: "Takes all transactions of one sender out of the pool.",
        params: [required("address", address)],
        result: nothing,
        async handler([account]) {
          await dev.removePoolTransactions(account);
          return null;
        },
      }),
    ),
  ];
}
