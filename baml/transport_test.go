// Tests of HTTP/2 over TLS. The certificates that a process trusts are read from its environment,
// so each test runs this program again with an authority of its own.

package baml_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
)

// secureURL tells the program that runs again where the server is.
const secureURL = "BAMLWIRE_TEST_SECURE_URL"

// secureServer speaks HTTP/2 over TLS and counts.
type secureServer struct {
	*httptest.Server
	authority   string
	connections atomic.Int32
	versions    sync.Map
	held, gone  chan struct{}
}

func newSecureServer(t *testing.T) *secureServer {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the system's own store decides whom a process trusts")
	}
	s := &secureServer{held: make(chan struct{}, 1), gone: make(chan struct{}, 1)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	certificate, authority := certificates(t)
	s.authority = authority
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *secureServer) serve(w http.ResponseWriter, request *http.Request) {
	s.versions.Store(request.ProtoMajor, true)
	body, _ := io.ReadAll(request.Body)
	if strings.Contains(string(body), "headers") {
		for at := range 10_000 {
			w.Header().Set(fmt.Sprintf("X-Header-%d", at), "value")
		}
	}
	_, _ = io.WriteString(w, event("fine", ""))
	if strings.Contains(string(body), "hold") {
		_ = http.NewResponseController(w).Flush()
		s.held <- struct{}{}
		<-request.Context().Done()
		s.gone <- struct{}{}
		return
	}
	_, _ = io.WriteString(w, "data: [DONE]\n\n")
}

// runAgain runs the test named in a process that trusts the server's authority, or does not, with
// more variables in its environment.
func (s *secureServer) runAgain(t *testing.T, trusted bool, more ...string) (string, error) {
	t.Helper()
	program := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	authority := s.authority
	if !trusted {
		authority = filepath.Join(t.TempDir(), "none.pem")
		_, other := certificates(t)
		require.NoError(t, os.Rename(other, authority))
	}
	program.Env = append(os.Environ(), secureURL+"="+s.URL, "SSL_CERT_FILE="+authority, "SSL_CERT_DIR=")
	program.Env = append(program.Env, more...)
	output, err := program.CombinedOutput()
	return string(output), err
}

func TestTransport_http2_streams_share_a_connection(t *testing.T) {
	if url := os.Getenv(secureURL); url != "" {
		callMany(t, url)
		return
	}
	s := newSecureServer(t)
	output, err := s.runAgain(t, true)
	require.NoError(t, err, output)
	_, second := s.versions.Load(2)
	_, first := s.versions.Load(1)
	assert.True(t, second && !first, "HTTP/2 alone was spoken")
	assert.EqualValues(t, 1, s.connections.Load(), "one connection for all")
	select {
	case <-s.gone:
	case <-time.After(patience):
		require.Fail(t, "the aborted stream was not reset")
	}
}

// callMany calls one after the other, then many at once, and aborts one in the middle.
func callMany(t *testing.T, url string) {
	clean(t)
	r := load(t, url+"/v1")
	var answers sync.WaitGroup
	say := func() {
		stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"})
		if !assert.NoError(t, err) {
			return
		}
		final, err := stream.Final(soon(t))
		if assert.NoError(t, err) {
			var text string
			assert.NoError(t, final.Decode(&text))
			assert.Equal(t, "fine", text)
		}
	}
	say()
	for range 20 {
		answers.Go(say)
	}
	answers.Wait()
	stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hold"})
	require.NoError(t, err)
	awaitPartial(t, stream, "fine")
	assert.True(t, stream.Cancel())
	_, err = stream.Final(soon(t))
	require.ErrorIs(t, err, baml.ErrAborted)
	say()
}

func TestTransport_http2_headers_too_many_are_refused(t *testing.T) {
	if url := os.Getenv(secureURL); url != "" {
		clean(t)
		r := load(t, url+"/v1")
		for range 3 {
			_, err := r.Call(soon(t), "Say", baml.Args{"text": "headers"})
			var failure *baml.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, baml.ErrorTransport, failure.Kind, failure.Message)
			assert.Less(t, len(failure.Message), 1000)
			stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"})
			require.NoError(t, err)
			_, err = stream.Final(soon(t))
			require.NoError(t, err, "others go on")
		}
		return
	}
	s := newSecureServer(t)
	output, err := s.runAgain(t, true)
	require.NoError(t, err, output)
	_, second := s.versions.Load(2)
	assert.True(t, second, "HTTP/2 was spoken")
}

func TestTransport_https_goes_through_the_proxy(t *testing.T) {
	if url := os.Getenv(secureURL); url != "" {
		callMany(t, url)
		return
	}
	s := newSecureServer(t)
	var asked sync.Map
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"), true)
		server, err := net.Dial("tcp", r.Host)
		if !assert.NoError(t, err) {
			return
		}
		defer func() { _ = server.Close() }()
		client, sent, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer func() { _ = client.Close() }()
		_, err = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		assert.NoError(t, err)
		// The server may have read the first byte behind the request already.
		go func() { _, _ = io.Copy(server, sent) }()
		_, _ = io.Copy(client, server)
	}))
	defer proxy.Close()
	through := strings.Replace(proxy.URL, "http://", "http://me:word@", 1)
	output, err := s.runAgain(t, true,
		"HTTPS_PROXY="+through, "https_proxy="+through, "NO_PROXY=", "no_proxy=")
	require.NoError(t, err, output)
	secret := base64.StdEncoding.EncodeToString([]byte("me:word"))
	_, found := asked.Load("CONNECT " + s.Listener.Addr().String() + " Basic " + secret)
	assert.True(t, found, "the way led through the proxy")
	assert.EqualValues(t, 1, s.connections.Load(), "one connection for all")
}

func TestTransport_unknown_authority_is_refused(t *testing.T) {
	if url := os.Getenv(secureURL); url != "" {
		clean(t)
		_, err := load(t, url+"/v1").Call(soon(t), "Say", baml.Args{"text": "hi"})
		var failure *baml.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, baml.ErrorTransport, failure.Kind)
		return
	}
	s := newSecureServer(t)
	output, err := s.runAgain(t, false)
	require.NoError(t, err, output)
	_, spoken := s.versions.Load(2)
	assert.False(t, spoken, "no request went to a stranger")
}

// certificates makes an authority, as a file, and a certificate of it for this machine.
func certificates(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bamlwire test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	own, err := x509.CreateCertificate(
		rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	require.NoError(t, err)
	signed, err := x509.CreateCertificate(
		rand.Reader, server, authority, &serverKey.PublicKey, authorityKey)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "authority.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own})
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: serverKey}, file
}
