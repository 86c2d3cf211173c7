import { assertEquals } from "@std/assert";
import { verifyMerkleProof } from "npm:@ethereumjs/mpt@10.1.3";
import { RLP } from "npm:@ethereumjs/rlp@10.1.3";
import { keccak256 } from "../../src/crypto/keccak.ts";
import { Random } from "../support/random.ts";
import { toolTest } from "../support/tools.ts";
import { EngineGeth, SENDER } from "./engine_geth.ts";
import { randomContracts } from "./random_contracts.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

interface Proof {
  readonly balance: string;
  readonly nonce: string;
  readonly storageHash: string;
  readonly codeHash: string;
  readonly accountProof: readonly string[];
  readonly storageProof: readonly { readonly key: string; readonly value: string; readonly proof: readonly string[] }[];
}

/** Follows a proof by another implementation than the program's own, from the root; null when it proves an absence. */
async function follow(root: string, key: string, proof: readonly string[]): Promise<Uint8Array | null> {
  const nodes = proof.map(bytesOf);
  const [first] = nodes;
  if (first === undefined) throw new Error("an empty proof");
  assertEquals(hexOf(keccak256(first)), root, "the proof begins at the root");
  return await verifyMerkleProof(keccak256(bytesOf(key)), nodes);
}

function bytesOf(hex: string): Uint8Array {
  const digits = hex.slice(2);
  return Uint8Array.fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
}

function hexOf(bytes: Uint8Array): string {
  return `0x${bytes.toHex()}`;
}

function numberOf(bytes: unknown): bigint {
  const digits = (bytes as Uint8Array).toHex();
  return digits === "" ? 0n : BigInt(`0x${digits}`);
}

const SLOTS = Array.from({ length: 8 }, (_, slot) => `0x${slot.toString(16).padStart(64, "0")}`);

toolTest("geth", {
  name: "The header of a block above a fork of a real geth has the root to which the proofs of all accounts lead",
  async fn(program) {
    const contracts = randomContracts(new Random(7), 20);
    const alloc = Object.fromEntries(contracts.map(({ address, ...account }) => [address.slice(2), account]));
    await using geth = await EngineGeth.start(program, { alloc });
    await geth.choose(await geth.build(null, { tag: 1, transactions: 0 }));
    await using server = await ServerProcess.start({
      flags: ["--fork.url", geth.url, "--ws.api", "eth,net,web3,debug,anvil,evm"],
    });
    await using fork = await RpcSocket.open(server.url);
    for (const { address } of contracts.slice(0, 8)) {
      await fork.call("eth_sendTransaction", { from: SENDER, to: address, gas: "0x1e8480" });
    }
    const [changed] = contracts;
    await fork.call("anvil_setStorageAt", changed?.address, SLOTS[1], SLOTS[0]);
    await fork.call("eth_sendTransaction", { from: SENDER, to: contracts[9]?.address, value: "0x5", gas: "0x1e8480" });
    const { stateRoot, number } = await fork.call("eth_getBlockByNumber", "latest", false) as Record<string, string>;
    assertEquals(number, "0xa");
    const absent = `0x${"78".repeat(20)}`;
    for (const address of [...contracts.map(({ address }) => address), SENDER, absent]) {
      const proof = await fork.call("eth_getProof", address, SLOTS, "latest") as Proof;
      const account = await follow(stateRoot ?? "", address, proof.accountProof);
      if (address === absent) {
        assertEquals(account, null);
        continue;
      }
      const [nonce, balance, storageHash, codeHash] = RLP.decode(account ?? new Uint8Array()) as unknown[];
      assertEquals(
        [numberOf(nonce), numberOf(balance), hexOf(storageHash as Uint8Array), hexOf(codeHash as Uint8Array)],
        [BigInt(proof.nonce), BigInt(proof.balance), proof.storageHash, proof.codeHash],
      );
      assertEquals(await fork.call("eth_getBalance", address, "latest"), proof.balance);
      for (const { key, value, proof: nodes } of proof.storageProof) {
        const proven = nodes.length === 0 ? null : await follow(proof.storageHash, key, nodes);
        assertEquals(BigInt(value), proven === null ? 0n : numberOf(RLP.decode(proven)));
        assertEquals(BigInt(value), BigInt(String(await fork.call("eth_getStorageAt", address, key, "latest"))));
      }
    }
  },
});
