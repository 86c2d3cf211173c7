// Command go_scenario plays a scenario with go-ethereum's own client against a WebSocket endpoint: what a program in Go does
// with geth. It prints one line for each step, and ends with 1 at the first that differs.
//
//	go_scenario ws://127.0.0.1:8546
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/ethclient/gethclient"
	"github.com/ethereum/go-ethereum/rpc"
)

// The key of geth --dev, which is public.
const devKey = "b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291"

// Init code that stores code which emits one log whenever it is called.
var loggerInit = common.FromHex("0x6460015f5fa15f526005601bf3")

var (
	// PUSH5 (PUSH1 1, PUSH0, PUSH0, LOG1), PUSH0, MSTORE, PUSH1 5, PUSH1 27, RETURN.
	deployed = common.FromHex("0x60015f5fa1")
	// PUSH0, PUSH0, REVERT with four bytes in memory: MSTORE of 0xdeadbeef, revert of its last four.
	reverting = common.FromHex("0x63deadbeef5f526004601cfd")
)

func check(step string, err error) {
	if err != nil {
		fmt.Printf("%s: %v\n", step, err)
		os.Exit(1)
	}
	fmt.Println(step)
}

func expect(holds bool, format string, values ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, values...)
}

type client struct {
	ctx     context.Context
	eth     *ethclient.Client
	chainID *big.Int
	from    common.Address
}

// send signs a transaction, sends it and waits for its receipt.
func (c *client) send(to *common.Address, data []byte) (*types.Receipt, error) {
	key, err := crypto.HexToECDSA(devKey)
	if err != nil {
		return nil, err
	}
	nonce, err := c.eth.PendingNonceAt(c.ctx, c.from)
	if err != nil {
		return nil, err
	}
	tip, err := c.eth.SuggestGasTipCap(c.ctx)
	if err != nil {
		return nil, err
	}
	head, err := c.eth.HeaderByNumber(c.ctx, nil)
	if err != nil {
		return nil, err
	}
	gas, err := c.eth.EstimateGas(c.ctx, ethereum.CallMsg{From: c.from, To: to, Data: data})
	if err != nil {
		return nil, err
	}
	cap := new(big.Int).Add(tip, new(big.Int).Mul(head.BaseFee, big.NewInt(2)))
	tx, err := types.SignNewTx(key, types.LatestSignerForChainID(c.chainID), &types.DynamicFeeTx{
		ChainID: c.chainID, Nonce: nonce, GasTipCap: tip, GasFeeCap: cap, Gas: gas, To: to, Data: data,
	})
	if err != nil {
		return nil, err
	}
	if err := c.eth.SendTransaction(c.ctx, tx); err != nil {
		return nil, err
	}
	for {
		receipt, err := c.eth.TransactionReceipt(c.ctx, tx.Hash())
		// geth says for a moment after its start that it indexes.
		if err == nil || !(errors.Is(err, ethereum.NotFound) || strings.Contains(err.Error(), "indexing is in progress")) {
			return receipt, err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// play runs the scenario on an open connection.
func play(ctx context.Context, connection *rpc.Client) {
	c := &client{ctx: ctx, eth: ethclient.NewClient(connection)}
	key, err := crypto.HexToECDSA(devKey)
	check("the key is read", err)
	c.from = crypto.PubkeyToAddress(key.PublicKey)
	c.chainID, err = c.eth.ChainID(ctx)
	check("the chain is known", err)

	heads := make(chan *types.Header, 16)
	headSub, err := c.eth.SubscribeNewHead(ctx, heads)
	check("heads are subscribed to", err)
	logs := make(chan types.Log, 16)
	logSub, err := c.eth.SubscribeFilterLogs(ctx, ethereum.FilterQuery{}, logs)
	check("logs are subscribed to", err)
	pending := make(chan *types.Transaction, 16)
	pendingSub, err := gethclient.New(connection).SubscribeFullPendingTransactions(ctx, pending)
	check("pending transactions are subscribed to", err)

	receipt, err := c.send(nil, loggerInit)
	check("a contract is deployed", err)
	logger := receipt.ContractAddress
	code, err := c.eth.CodeAt(ctx, logger, nil)
	check("its code is read", errors.Join(err, expect(bytes.Equal(code, deployed), "the code is %x", code)))
	receipt, err = c.send(&logger, nil)
	check("it is called", errors.Join(err, expect(len(receipt.Logs) == 1, "%d logs", len(receipt.Logs))))

	for range 2 {
		select {
		case head := <-heads:
			// The client hashes what it was told: every field must be there.
			block, err := c.eth.BlockByHash(ctx, head.Hash())
			check("a head is a block that can be read", errors.Join(err, expect(block.Hash() == head.Hash(), "another block")))
		case err := <-headSub.Err():
			check("a head comes", err)
		}
		select {
		case transaction := <-pending:
			check("a transaction was pending", expect(transaction.ChainId().Cmp(c.chainID) == 0, "of chain %v", transaction.ChainId()))
		case err := <-pendingSub.Err():
			check("a transaction is pending", err)
		}
	}
	select {
	case log := <-logs:
		check("a log comes", expect(log.Address == logger && log.BlockHash == receipt.BlockHash, "log %+v", log))
	case err := <-logSub.Err():
		check("a log comes", err)
	}

	found, err := c.eth.FilterLogs(ctx, ethereum.FilterQuery{Addresses: []common.Address{logger}, FromBlock: new(big.Int)})
	check("logs are found", errors.Join(err, expect(len(found) == 1, "%d logs", len(found))))
	balance, err := c.eth.BalanceAt(ctx, c.from, receipt.BlockNumber)
	check("a balance is read", errors.Join(err, expect(balance.Sign() > 0, "it is %v", balance)))
	history, err := c.eth.FeeHistory(ctx, 2, nil, []float64{10, 90})
	check("fees are read", errors.Join(err, expect(len(history.BaseFee) == 3, "%d base fees", len(history.BaseFee))))
	receipts, err := c.eth.BlockReceipts(ctx, rpc.BlockNumberOrHashWithHash(receipt.BlockHash, false))
	check("receipts of a block are read", errors.Join(err, expect(len(receipts) == 1, "%d receipts", len(receipts))))
	proof, err := gethclient.New(connection).GetProof(ctx, logger, nil, nil)
	check("a proof is read", errors.Join(err, expect(proof.CodeHash == crypto.Keccak256Hash(deployed), "of %v", proof.CodeHash)))

	_, err = c.eth.CallContract(ctx, ethereum.CallMsg{Data: reverting}, nil)
	var reverted rpc.DataError
	isReverted := errors.As(err, &reverted) && reverted.ErrorData() == "0xdeadbeef"
	check("a revert carries its data", expect(isReverted, "%v", err))
	_, err = c.eth.HeaderByHash(ctx, common.Hash{1})
	check("an unknown block is not found", expect(errors.Is(err, ethereum.NotFound), "%v", err))

	batch := make([]rpc.BatchElem, 50)
	for i := range batch {
		batch[i] = rpc.BatchElem{Method: "eth_getBlockByNumber", Args: []any{hexutil.Uint64(i % 2), false}, Result: new(types.Header)}
	}
	check("a batch is answered", connection.BatchCallContext(ctx, batch))
	for i, element := range batch {
		number := element.Result.(*types.Header).Number
		check("a call of a batch", errors.Join(element.Error, expect(number.Uint64() == uint64(i%2), "block %v", number)))
	}
	headSub.Unsubscribe()
	logSub.Unsubscribe()
	pendingSub.Unsubscribe()
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	connection, err := rpc.DialContext(ctx, os.Args[1])
	check("the connection is open", err)
	defer connection.Close()
	play(ctx, connection)
	fmt.Println("everything held")
}
