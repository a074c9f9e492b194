// What the options of a runtime become, without a library.

package baml

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConfigHoldsWhatTheOptionsSay(t *testing.T) {
	made := func(options ...RuntimeOption) string {
		all := &runtimeOptions{}
		for _, option := range options {
			option(all)
		}
		config, err := configFor(map[string]string{"a.baml": ""}, all, nil)
		require.NoError(t, err)
		return string(config)
	}
	assert.JSONEq(t, `{"files": {"a.baml": ""}}`, made())
	assert.JSONEq(t, `{"files": {"a.baml": ""}, "worker_threads": 3, "in_flight_max": 8,
		"queue_timeout_ms": 1500, "media_hosts": ["a.example", "*.b.example"]}`,
		made(WithWorkers(3), WithInFlightMax(8, 1500*time.Millisecond),
			WithMediaHosts("a.example", "*.b.example")))
	assert.JSONEq(t, `{"files": {"a.baml": ""}, "record_events_max": 0, "record_bytes_max": 9}`,
		made(WithRecordLimits(0, 9)), "nothing may be wanted")
	assert.JSONEq(t, `{"files": {"a.baml": ""}, "media_hosts": []}`, made(WithMediaHosts()),
		"an empty list allows nobody")
}
