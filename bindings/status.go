// The statuses of the C ABI.

package bindings

import "strconv"

// Status is what nearly every function of the C ABI returns.
type Status int32

// The statuses, with the numbers of bamlwire.h.
const (
	StatusOK          Status = 0
	StatusPending     Status = 1
	StatusPartial     Status = 2
	StatusDone        Status = 3
	StatusAborted     Status = 4
	StatusFailed      Status = 5
	StatusAlready     Status = 6
	StatusBadHandle   Status = 7
	StatusBadArgument Status = 8
	StatusPanic       Status = 9
)

var statusNames = [...]string{
	"ok", "pending", "partial", "done", "aborted",
	"failed", "already", "bad handle", "bad argument", "panic",
}

// String names the status as the header does.
func (s Status) String() string {
	if s >= 0 && int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "status " + strconv.Itoa(int(s))
}
