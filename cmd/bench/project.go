// The project that is measured: a text, a list that grows, one long string; and a large project for
// the cold start.
package main

import (
	"fmt"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
)

const clients = `client<llm> Main {
  provider openai-generic
  options {
    base_url env.BENCH_BASE_URL
    model "m"
    api_key "k"
  }
}
`

const source = `
class Row {
  name string
  score float
  tags string[]
  note string?
}
` + clients + `function Rows(x: string) -> Row[] {
  client Main
  prompt #"List rows for {{ x }}. {{ ctx.output_format }}"#
}
function Text(x: string) -> string {
  client Main
  prompt #"Write about {{ x }}."#
}
function Note(x: string) -> Row {
  client Main
  prompt #"One row for {{ x }}. {{ ctx.output_format }}"#
}
`

func loadProject() (*baml.Runtime, error) {
	return baml.LoadFiles(map[string]string{"main.baml": source})
}

// reaching points the project's client to a server.
func reaching(url string) baml.Option { return reachingRoute(url, "a") }

// reachingRoute points the project's client to a route of a server.
func reachingRoute(url, route string) baml.Option {
	return baml.WithEnv(map[string]string{"BENCH_BASE_URL": url + "/" + route})
}

var callArguments = baml.Args{"x": "y"}

// rowsText is a list of rows of about so many characters, written as JSON.
func rowsText(length int) string {
	const rowLength = 90
	var text strings.Builder
	text.WriteByte('[')
	for i := 0; text.Len() < length-rowLength; i++ {
		if i > 0 {
			text.WriteString(",\n ")
		}
		fmt.Fprintf(&text, `{"name": "row number %d", "score": %g, "tags": ["a%d", "b%d"],`+
			` "note": "some words here"}`, i, float64(i*7%1000)/10, i%13, i%7)
	}
	text.WriteByte(']')
	return text.String()
}

// noteText is one row whose note is about so many characters long.
func noteText(length int) string {
	const around = 60
	note := plainText(max(length-around, 1))
	return `{"name": "one", "score": 1.5, "tags": [], "note": "` + note + `"}`
}

// plainText is about nothing, for so many characters.
func plainText(length int) string {
	const words = "lorem ipsum dolor sit amet "
	return strings.Repeat(words, length/len(words)+1)[:length]
}

// largeProject has so many files of about 100 lines each.
func largeProject(files int) map[string]string {
	const classes, functions = 8, 4
	made := map[string]string{"clients.baml": clients}
	for i := range files {
		var text strings.Builder
		for k := range classes {
			fmt.Fprintf(&text,
				"class C%d_%d {\n  a string @description(\"field a of %d\")\n  b int?\n"+
					"  c float[]\n  d map<string, string>\n  e (\"x\" | \"y\")\n", i, k, i)
			if k > 0 {
				fmt.Fprintf(&text, "  p C%d_%d?\n", i, k-1)
			}
			text.WriteString("}\n")
		}
		fmt.Fprintf(&text, "enum E%d {\n  ONE @alias(\"one\")\n  TWO\n  THREE\n}\n", i)
		for k := range functions {
			fmt.Fprintf(&text, "function F%d_%d(x: string, y: int?) -> C%d_%d {\n  client Main\n"+
				"  prompt #\"\n    {{ _.role(\"system\") }}\n    Extract from {{ x }} {%% if y %%}"+
				"with {{ y }}{%% endif %%}.\n    {{ ctx.output_format }}\n  \"#\n}\n", i, k, i, k)
		}
		fmt.Fprintf(&text, "template_string T%d(z: string) #\"\n  {{ z }}\n\"#\n", i)
		made[fmt.Sprintf("f%d.baml", i)] = text.String()
	}
	return made
}
