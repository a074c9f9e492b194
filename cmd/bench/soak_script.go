// The script of a soak: what the server sends to whom, and so what each stream has to yield. No
// two streams of a round are sent the same, and none what the one of its number was sent before: a
// value that came out of another's reply, whole or in part, is a wrong one.
package main

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

const (
	soakPiece   = 20
	soakDelayMS = 100
	soakRows    = 4
	// soakCut is how many pieces come before an answer is cut: the name and the score of the first
	// row lie before, the end of the row after.
	soakCut = 3
	// soakStride is how far the scripts move on from round to round.
	soakStride = 7_919
	// scriptsMax bounds the scenario; beyond it streams share scripts.
	scriptsMax = 10_000
)

// fault is what happens to an answer.
type fault int

// Of ten answers six are well, and each fault happens to one.
const (
	faultReset fault = iota
	faultFin
	faultBroken
	faultStatus
	faultNone
	faultTurns = 10
)

// script is one answer: what it says, and what goes wrong with it.
type script struct {
	number int
	rows   []row
	text   string
	fault  fault
}

// newScript makes an answer whose every value holds its number.
func newScript(number int) script {
	made := script{number: number, fault: min(fault(number%faultTurns), faultNone)}
	var lines []string
	for i := range soakRows {
		note := fmt.Sprintf("words of %d", number)
		one := row{
			Name:  fmt.Sprintf("script %d row %d", number, i),
			Score: float64(number) + float64(i+1)/8,
			Tags:  []string{fmt.Sprintf("a%d", number), fmt.Sprintf("b%d-%d", number, i)},
			Note:  &note,
		}
		made.rows = append(made.rows, one)
		lines = append(lines, fmt.Sprintf(
			`{"name": "%s", "score": %g, "tags": ["%s", "%s"], "note": "%s"}`,
			one.Name, one.Score, one.Tags[0], one.Tags[1], note))
	}
	made.text = "[" + strings.Join(lines, ",\n ") + "]"
	return made
}

// step is how the server plays the script.
func (s *script) step() modelserver.Step {
	step := modelserver.Step{Text: &s.text, Chunk: soakPiece, Delay: soakDelayMS}
	switch s.fault {
	case faultReset:
		step.Disconnect = &modelserver.Disconnect{After: soakCut, How: "reset"}
	case faultFin:
		step.Disconnect = &modelserver.Disconnect{After: soakCut, How: "fin"}
	case faultBroken:
		step.Inject = []modelserver.Inject{{At: 2, Raw: "data: {\n\n"}}
	case faultStatus:
		step.Status = 503
	}
	return step
}

// route is where the server plays it.
func (s *script) route() string { return "s" + strconv.Itoa(s.number) }

// soakScenario is all scripts, each with a route of its own.
func soakScenario(scripts []script) modelserver.Scenario {
	routes := map[string][]modelserver.Step{}
	for i := range scripts {
		routes[scripts[i].route()] = []modelserver.Step{scripts[i].step()}
	}
	return modelserver.Scenario{Routes: routes}
}

// checkFinal demands the values that the answer said, or those of its part before a clean cut.
func (s *script) checkFinal(final *baml.Final) error {
	if s.fault == faultReset || s.fault == faultStatus {
		return errors.New("an answer although the server failed")
	}
	sent := s.text
	if s.fault == faultFin {
		sent = sent[:soakCut*soakPiece]
	}
	if raw := final.Info().RawReply; raw != sent {
		return fmt.Errorf("a wrong reply: %q instead of %q", raw, sent)
	}
	var rows []row
	if err := final.Decode(&rows); err != nil {
		return err
	}
	if s.fault == faultFin {
		if len(rows) != 1 || rows[0].Name != s.rows[0].Name || rows[0].Score != s.rows[0].Score {
			return fmt.Errorf("a wrong value of a cut answer: %s", shown(rows))
		}
		return s.checkPart(rows)
	}
	if !reflect.DeepEqual(rows, s.rows) {
		return fmt.Errorf("a wrong value: %s instead of %s", shown(rows), shown(s.rows))
	}
	return nil
}

// checkPartial demands a beginning of what the answer says.
func (s *script) checkPartial(partial *baml.Partial) error {
	var rows []row
	if err := partial.Decode(&rows); err != nil {
		return err
	}
	return s.checkPart(rows)
}

func (s *script) checkPart(rows []row) error {
	for i := range rows {
		isLast := i == len(rows)-1
		if i >= len(s.rows) || isLast && !isPartOf(&rows[i], &s.rows[i]) ||
			!isLast && !reflect.DeepEqual(rows[i], s.rows[i]) {
			return fmt.Errorf("a wrong partial: %s of %s", shown(rows), shown(s.rows))
		}
	}
	return nil
}

// isPartOf tells whether a row may be the beginning of another: texts grow, numbers come whole.
func isPartOf(part, whole *row) bool {
	for i, tag := range part.Tags {
		if i >= len(whole.Tags) || !strings.HasPrefix(whole.Tags[i], tag) ||
			i < len(part.Tags)-1 && tag != whole.Tags[i] {
			return false
		}
	}
	return strings.HasPrefix(whole.Name, part.Name) &&
		(part.Score == 0 || part.Score == whole.Score) &&
		(part.Note == nil || strings.HasPrefix(*whole.Note, *part.Note))
}

// shown is rows to be read by people.
func shown(rows []row) string {
	var text strings.Builder
	for _, one := range rows {
		note := "none"
		if one.Note != nil {
			note = strconv.Quote(*one.Note)
		}
		fmt.Fprintf(&text, "{%q %g %q %s}", one.Name, one.Score, one.Tags, note)
	}
	return "[" + text.String() + "]"
}
