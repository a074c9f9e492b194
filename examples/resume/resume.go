// Package resume is the example that `bamlwire demo` runs: a BAML project that reads a résumé, the
// Go types of its answer, a text to read, and a reply for the scripted model.
package resume

import (
	"embed"
	"io/fs"
)

// Function is the function of the project that the demo calls.
const Function = "ExtractResume"

// The variables that the project's client reads.
const (
	EnvBaseURL = "DEMO_BASE_URL"
	EnvModel   = "DEMO_MODEL"
	EnvAPIKey  = "DEMO_API_KEY"
)

//go:embed baml_src/*.baml
var embedded embed.FS

// Files is the project's folder.
func Files() (fs.FS, error) { return fs.Sub(embedded, "baml_src") }

// Text is a résumé to read.
//
//go:embed resume.txt
var Text string

// Reply is what a model may well answer to Text: prose, a fence, and JSON with liberties.
//
//go:embed reply.txt
var Reply string

// Resume is the answer of ExtractResume.
type Resume struct {
	Name      string      `json:"name"`
	Email     *string     `json:"email"`
	Summary   string      `json:"summary"`
	Jobs      []Job       `json:"jobs"`
	Education []Education `json:"education"`
	Skills    []string    `json:"skills"`
}

// Job is one place of work.
type Job struct {
	Company    string   `json:"company"`
	Title      string   `json:"title"`
	Period     Period   `json:"period"`
	Seniority  string   `json:"seniority"`
	Highlights []string `json:"highlights"`
}

// Period is open while End is nil.
type Period struct {
	Start string  `json:"start"`
	End   *string `json:"end"`
}

// Education is one degree.
type Education struct {
	School string `json:"school"`
	Degree string `json:"degree"`
	Year   *int   `json:"year"`
}
