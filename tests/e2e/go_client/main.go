// Connects as any program with go-ethereum's client does: over wss, with the certificate of an authority of its own and
// a token of the secret. Prints the chain id and the first two heads that it is told of.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/gorilla/websocket"
)

func token(secret []byte) string {
	segment := func(value any) string {
		text, _ := json.Marshal(value)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := segment(map[string]string{"alg": "HS256"}) + "." + segment(map[string]int64{"iat": time.Now().Unix(), "exp": time.Now().Unix() + 58})
	sum := hmac.New(sha256.New, secret)
	sum.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

func run(url, authority, secretHex string) error {
	pem, err := os.ReadFile(authority)
	if err != nil {
		return err
	}
	secret, err := hex.DecodeString(secretHex)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: roots}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	raw, err := rpc.DialOptions(ctx, url, rpc.WithWebsocketDialer(dialer), rpc.WithHeader("Authorization", "Bearer "+token(secret)))
	if err != nil {
		return err
	}
	client := ethclient.NewClient(raw)
	id, err := client.ChainID(ctx)
	if err != nil {
		return err
	}
	heads := make(chan *types.Header)
	subscription, err := client.SubscribeNewHead(ctx, heads)
	if err != nil {
		return err
	}
	for range 2 {
		var accounts []string
		if err := raw.CallContext(ctx, &accounts, "eth_accounts"); err != nil {
			return err
		}
		call := map[string]string{"from": accounts[0], "to": accounts[0]}
		if err := raw.CallContext(ctx, nil, "eth_sendTransaction", call); err != nil {
			return err
		}
		select {
		case head := <-heads:
			fmt.Println("head", head.Number)
		case err := <-subscription.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	fmt.Println("chain", id)
	client.Close()
	return nil
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}
