// A host of go-libp2p that meets a node of ours.
//
//	gohost dial ADDRESS GENESIS      it dials: identify, ping, Kademlia, a request, announcements both ways
//	gohost listen tcp|ws GENESIS     the node dials it: prints LISTENING <address>, then the same the other way
//
// ADDRESS is a multiaddress with /p2p, GENESIS the hash in hex without 0x. Prints OK at the end.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
	"github.com/multiformats/go-multiaddr"
	"github.com/multiformats/go-multihash"
)

const patience = 60 * time.Second

func name(genesis, suffix string) protocol.ID {
	return protocol.ID("/" + genesis + suffix)
}

func newHost(listen string) host.Host {
	options := []libp2p.Option{
		libp2p.Transport(tcp.NewTCPTransport), libp2p.Transport(websocket.New),
		libp2p.DisableRelay(), libp2p.UserAgent("gohost"),
	}
	if listen == "" {
		options = append(options, libp2p.NoListenAddrs)
	} else {
		options = append(options, libp2p.ListenAddrStrings(listen))
	}
	made, err := libp2p.New(options...)
	check("a host", err)
	return made
}

func check(what string, err error) {
	if err != nil {
		fmt.Printf("FAIL %s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect(what string, condition bool, detail any) {
	if !condition {
		check(what, fmt.Errorf("%v", detail))
	}
}

// ---- messages with their length before them ----

func write(stream network.Stream, message []byte) error {
	framed := binary.AppendUvarint(nil, uint64(len(message)))
	_, err := stream.Write(append(framed, message...))
	return err
}

func read(reader *bufio.Reader) ([]byte, error) {
	size, err := binary.ReadUvarint(reader)
	if err != nil {
		return nil, err
	}
	if size > 16<<20 {
		return nil, errors.New("too long")
	}
	message := make([]byte, size)
	_, err = io.ReadFull(reader, message)
	return message, err
}

// Role full, best block: the genesis.
func handshake(genesis string) []byte {
	hash, _ := hex.DecodeString(genesis)
	out := []byte{1, 0, 0, 0, 0}
	return append(append(out, hash...), hash...)
}

// ---- what is tried ----

func identifies(ctx context.Context, h host.Host, node peer.ID, genesis string) {
	for {
		known, _ := h.Peerstore().SupportsProtocols(node, name(genesis, "/sync/2"), name(genesis, "/kad"))
		if len(known) == 2 {
			break
		}
		expect("identify", ctx.Err() == nil, "no protocols of the node")
		time.Sleep(50 * time.Millisecond)
	}
	agent, err := h.Peerstore().Get(node, "AgentVersion")
	check("the node's agent", err)
	expect("the node's agent", strings.HasPrefix(agent.(string), "stipple/"), agent)
	fmt.Println("identified", agent)
}

func pings(ctx context.Context, h host.Host, node peer.ID) {
	answers := ping.Ping(ctx, h, node)
	for range 3 {
		answer := <-answers
		check("ping", answer.Error)
	}
	fmt.Println("pinged")
}

// The header and body of the genesis or a block, by number (protobuf of the sync protocol).
func requests(ctx context.Context, h host.Host, node peer.ID, genesis string, number byte) {
	stream, err := h.NewStream(ctx, node, name(genesis, "/sync/2"))
	check("a request's stream", err)
	request := []byte{0x08, 0x80, 0x80, 0x80, 0x98, 0x01, // fields: header, body, justification
		0x1a, 4, number, 0, 0, 0, 0x28, 0, 0x30, 1}
	check("a request", write(stream, request))
	check("a request's end", stream.CloseWrite())
	answer, err := read(bufio.NewReader(stream))
	check("an answer", err)
	expect("an answer with a block", len(answer) > 100 && answer[0] == 0x0a, len(answer))
	rest, err := io.ReadAll(stream)
	expect("nothing behind the answer", err == nil && len(rest) == 0, err)
	fmt.Println("a block of", len(answer), "bytes")
}

// Takes the node's announcements: answers its handshake, gives the first message.
func takeAnnouncements(h host.Host, genesis string) <-chan []byte {
	first := make(chan []byte, 1)
	h.SetStreamHandler(name(genesis, "/block-announces/1"), func(stream network.Stream) {
		reader := bufio.NewReader(stream)
		theirs, err := read(reader)
		if err != nil || len(theirs) != 69 || write(stream, handshake(genesis)) != nil {
			_ = stream.Reset()
			return
		}
		if hash, _ := hex.DecodeString(genesis); !bytes.Equal(theirs[37:], hash) {
			fmt.Println("FAIL another genesis in the handshake")
			os.Exit(1)
		}
		message, err := read(reader)
		if err == nil {
			select {
			case first <- message:
			default:
			}
		}
	})
	return first
}

func announces(ctx context.Context, h host.Host, node peer.ID, genesis string, first <-chan []byte) {
	stream, err := h.NewStream(ctx, node, name(genesis, "/block-announces/1"))
	check("a stream of announcements", err)
	check("a handshake", write(stream, handshake(genesis)))
	theirs, err := read(bufio.NewReader(stream))
	check("the node's handshake", err)
	expect("the node's handshake", len(theirs) == 69, len(theirs))
	select {
	case message := <-first:
		expect("an announced block", len(message) > 100, len(message))
		fmt.Println("announced: a header of", len(message), "bytes")
	case <-ctx.Done():
		check("an announced block", ctx.Err())
	}
}

type anyRecord struct{}

func (anyRecord) Validate(string, []byte) error        { return nil }
func (anyRecord) Select(string, [][]byte) (int, error) { return 0, nil }

func newTable(ctx context.Context, h host.Host, genesis string, mode dht.ModeOpt) *dht.IpfsDHT {
	table, err := dht.New(ctx, h, dht.Mode(mode),
		// Not /ipfs, which has rules for records; the protocol's whole name is the next option's.
		dht.ProtocolPrefix("/stipple"), dht.V1ProtocolOverride(name(genesis, "/kad")),
		dht.NamespacedValidator("stipple", anyRecord{}), dht.DisableAutoRefresh(),
		dht.AddressFilter(func(all []multiaddr.Multiaddr) []multiaddr.Multiaddr { return all }))
	check("a table", err)
	return table
}

// One host puts and provides, another, which knows only the node, finds.
// The node keeps no records it cannot judge, but leads to the peer that has one; it keeps providers.
func kademlia(ctx context.Context, node peer.AddrInfo, writer host.Host, puts *dht.IpfsDHT, genesis string) {
	reader := newHost("")
	defer reader.Close()
	check("the second host's dial", reader.Connect(ctx, node))
	gets := newTable(ctx, reader, genesis, dht.ModeClient)
	for puts.RoutingTable().Size() == 0 || gets.RoutingTable().Size() == 0 {
		expect("the node in the tables", ctx.Err() == nil, "it speaks no Kademlia")
		time.Sleep(50 * time.Millisecond)
	}
	value := []byte(fmt.Sprintf("a value of %s", writer.ID()))
	key := "/stipple/" + writer.ID().String()
	check("put", puts.PutValue(ctx, key, value))
	got, err := gets.GetValue(ctx, key)
	check("get", err)
	expect("the value", bytes.Equal(got, value), got)
	hash, err := multihash.Sum(value, multihash.SHA2_256, -1)
	check("a hash", err)
	thing := cid.NewCidV1(cid.Raw, hash)
	check("provide", puts.Provide(ctx, thing, true))
	// Telling has no answer; the node may still be reading.
	for {
		found, err := gets.FindProviders(ctx, thing)
		check("providers", err)
		if len(found) == 1 && found[0].ID == writer.ID() {
			break
		}
		expect("the provider", ctx.Err() == nil, found)
		time.Sleep(100 * time.Millisecond)
	}
	found, err := gets.GetClosestPeers(ctx, key)
	check("closest peers", err)
	expect("the node among the closest", len(found) >= 1, found)
	fmt.Println("Kademlia: put, get, provide, providers, closest peers")
}

func dial(address, genesis string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	target, err := multiaddr.NewMultiaddr(address)
	check("an address", err)
	node, err := peer.AddrInfoFromP2pAddr(target)
	check("an address", err)
	listen := "/ip4/127.0.0.1/tcp/0" // a provider without an address would be none
	h := newHost(listen)
	first := takeAnnouncements(h, genesis)
	puts := newTable(ctx, h, genesis, dht.ModeServer)
	check("dial", h.Connect(ctx, *node))
	fmt.Println("connected to", h.Network().ConnsToPeer(node.ID)[0].RemoteMultiaddr())
	identifies(ctx, h, node.ID, genesis)
	pings(ctx, h, node.ID)
	requests(ctx, h, node.ID, genesis, 0)
	kademlia(ctx, *node, h, puts, genesis)
	announces(ctx, h, node.ID, genesis, first)
}

func listen(transport, genesis string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	address := "/ip4/127.0.0.1/tcp/0"
	if transport == "ws" {
		address += "/ws"
	}
	h := newHost(address)
	first := takeAnnouncements(h, genesis)
	arrived := make(chan network.Conn, 8)
	h.Network().Notify(&network.NotifyBundle{ConnectedF: func(_ network.Network, conn network.Conn) {
		select {
		case arrived <- conn:
		default:
		}
	}})
	fmt.Printf("LISTENING %s/p2p/%s\n", h.Addrs()[0], h.ID())
	var node peer.ID
	select {
	case conn := <-arrived:
		expect("the direction", conn.Stat().Direction == network.DirInbound, conn.Stat().Direction)
		node = conn.RemotePeer()
	case <-ctx.Done():
		check("the node's dial", ctx.Err())
	}
	identifies(ctx, h, node, genesis)
	pings(ctx, h, node)
	announces(ctx, h, node, genesis, first)
	requests(ctx, h, node, genesis, 1)
}

func main() {
	if len(os.Args) != 4 {
		fmt.Println("gohost dial ADDRESS GENESIS | gohost listen tcp|ws GENESIS")
		os.Exit(2)
	}
	if os.Args[1] == "dial" {
		dial(os.Args[2], os.Args[3])
	} else {
		listen(os.Args[2], os.Args[3])
	}
	fmt.Println("OK")
}
