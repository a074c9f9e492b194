// The scripted model server in a process of its own: this program again, driven by JSON lines. A
// scenario on its input replaces the one before and is answered by {"ok":true}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/bamlwire/bamlwire/internal/modelserver"
	"github.com/spf13/cobra"
)

const scenarioBytesMax = 16 << 20

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			server, err := modelserver.Start(modelserver.Scenario{},
				modelserver.Options{Discard: true})
			if err != nil {
				return err
			}
			defer server.Close()
			fmt.Println(server.URL)
			lines := bufio.NewScanner(os.Stdin)
			lines.Buffer(nil, scenarioBytesMax)
			for lines.Scan() {
				var scenario modelserver.Scenario
				if err := json.Unmarshal(lines.Bytes(), &scenario); err != nil {
					return err
				}
				server.SetScenario(scenario)
				fmt.Println(`{"ok":true}`)
			}
			return lines.Err()
		},
	}
}

// remoteServer is a server process.
type remoteServer struct {
	url     string
	process *exec.Cmd
	input   io.WriteCloser
	answers *bufio.Scanner
}

func startServer(ctx context.Context) (*remoteServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	process := exec.CommandContext(ctx, self, "serve")
	process.Stderr = os.Stderr
	input, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	made := &remoteServer{process: process, input: input, answers: bufio.NewScanner(output)}
	if !made.answers.Scan() {
		made.stop()
		return nil, errors.New("the server process did not start")
	}
	made.url = made.answers.Text()
	return made, nil
}

func (r *remoteServer) set(scenario modelserver.Scenario) error {
	text, err := json.Marshal(scenario)
	if err != nil {
		return err
	}
	if _, err := r.input.Write(append(text, '\n')); err != nil {
		return err
	}
	if !r.answers.Scan() {
		return errors.New("the server process ended")
	}
	return nil
}

// stop ends the process: it reads the end of its input.
func (r *remoteServer) stop() {
	_ = r.input.Close()
	_ = r.process.Wait()
}
