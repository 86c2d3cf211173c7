"""web3.py against a server: reads, sends, deploys, calls, finds logs and subscribes. Prints what it saw, one line each.

    python web3_scenario.py URL ABI BYTECODE
"""

import asyncio
import json
import sys

from web3 import AsyncWeb3, WebSocketProvider
from web3.exceptions import ContractLogicError

ALICE_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
BOB = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


async def main(url: str, abi: str, bytecode: str) -> None:
    async with AsyncWeb3(WebSocketProvider(url)) as w3:
        eth = w3.eth
        alice = eth.account.from_key(ALICE_KEY)
        print("chain", await eth.chain_id, "block", await eth.block_number)

        async def send(transaction: dict) -> dict:
            filled = {"from": alice.address, "nonce": await eth.get_transaction_count(alice.address), "chainId": 1337}
            filled |= {"maxFeePerGas": 10**10, "maxPriorityFeePerGas": 10**9} | transaction
            filled.setdefault("gas", await eth.estimate_gas(filled))
            raw = alice.sign_transaction(filled).raw_transaction
            return await eth.wait_for_transaction_receipt(await eth.send_raw_transaction(raw), timeout=30)

        receipt = await send({"to": BOB, "value": w3.to_wei(3, "ether")})
        print("sent", receipt["status"], receipt["gasUsed"], w3.from_wei(await eth.get_balance(BOB), "ether"))

        contract = eth.contract(abi=json.loads(abi), bytecode=bytecode)
        deployed = await send({"data": contract.constructor(1000).data_in_transaction, "to": ""})
        token = eth.contract(address=deployed["contractAddress"], abi=json.loads(abi))
        heads = await eth.subscribe("newHeads")
        logs = await eth.subscribe("logs", {"address": token.address})
        transfer = token.functions.transfer(BOB, 5)
        moved = await send({"to": token.address, "data": transfer._encode_transaction_data()})
        print("moved", moved["status"], await token.functions.balanceOf(BOB).call())

        told = {}
        async for message in w3.socket.process_subscriptions():
            told[message["subscription"]] = message["result"]
            if len(told) == 2:
                break
        print("head", told[heads]["number"], "log", token.events.Transfer().process_log(told[logs])["args"]["value"])
        for subscription in (heads, logs):
            print("ended", await eth.unsubscribe(subscription))
        found = await token.events.Transfer().get_logs(from_block=0)
        print("logs", [event["args"]["value"] for event in found])
        try:
            await token.functions.transfer(BOB, 10**6).call({"from": alice.address})
        except ContractLogicError:
            print("reverted")


asyncio.run(main(*sys.argv[1:]))
