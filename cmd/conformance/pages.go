// The pages that records ask for, at the address they were recorded with, and the account whose
// tokens it grants.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	pagesAddress       = "127.0.0.1:18765"
	serviceAccountName = "$service_account"
	keyBits            = 2048
	// The port is fixed by the records; another run of this program may hold it for a while.
	portPatience = 30 * time.Second
	portPause    = 50 * time.Millisecond
)

// page is one recorded page.
type page struct {
	ContentType string `json:"content_type"`
	Base64      string `json:"base64"`
}

// pages is the server of a record; the zero value serves nothing.
type pages struct {
	account string
	server  *http.Server
	served  chan struct{}
}

func (p *pages) close() {
	if p.server != nil {
		_ = p.server.Close()
		<-p.served
	}
}

// servePages starts the server that the record needs, if it needs one.
func servePages(ctx context.Context, r *record, env map[string]string) (*pages, error) {
	wanted := map[string]page{}
	if err := r.into("serves", &wanted); err != nil {
		return nil, err
	}
	hasAccount := false
	for _, value := range env {
		hasAccount = hasAccount || value == serviceAccountName
	}
	if !r.has("serves") && !hasAccount {
		return &pages{}, nil
	}
	account, err := serviceAccount()
	if err != nil {
		return nil, err
	}
	listener, err := listenPatiently(ctx)
	if err != nil {
		return nil, err
	}
	made := &pages{account: account, served: make(chan struct{})}
	made.server = &http.Server{Handler: pageHandler(wanted), ReadHeaderTimeout: portPatience}
	go func() {
		defer close(made.served)
		_ = made.server.Serve(listener)
	}()
	return made, nil
}

func listenPatiently(ctx context.Context) (net.Listener, error) {
	ctx, cancel := context.WithTimeout(ctx, portPatience)
	defer cancel()
	for {
		listener, err := net.Listen("tcp4", pagesAddress)
		if err == nil {
			return listener, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the records need this address: %w", err)
		case <-time.After(portPause):
		}
	}
}

func pageHandler(wanted map[string]page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/token" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(
				`{"access_token":"oracle-token","token_type":"Bearer","expires_in":3600}`))
			return
		}
		found, ok := wanted[request.RequestURI]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		// An absent type stays absent: net/http would guess one.
		w.Header()["Content-Type"] = nil
		if found.ContentType != "" {
			w.Header().Set("Content-Type", found.ContentType)
		}
		body, err := base64.StdEncoding.DecodeString(found.Base64)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(body)
	})
}

// serviceAccount is the account that records call "$service_account", made once a run.
var serviceAccount = sync.OnceValues(func() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "oracle-project", "private_key_id": "1",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email": "oracle@oracle-project.iam.gserviceaccount.com", "client_id": "1",
		"token_uri": "http://" + pagesAddress + "/token",
	})
	return string(text), err
})
