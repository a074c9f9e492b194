// Rules on functions: length, nesting, parameters. Go by its own parser, Rust by braces.

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
)

const (
	functionLinesMax = 70
	nestingMax       = 4
	parametersMax    = 6
)

func checkGoFunctions(tree []source, report func(string, int, string, ...any)) {
	for _, s := range tree {
		if !s.isGo() || s.isExempt() || isTest(s.path) {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, s.path, strings.Join(s.lines, "\n"), 0)
		if err != nil {
			report(s.path, 1, "does not parse: %v", err)
			continue
		}
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok || function.Body == nil {
				continue
			}
			name, line := function.Name.Name, files.Position(function.Pos()).Line
			length := files.Position(function.End()).Line - line + 1
			if length > functionLinesMax {
				report(s.path, line, "%s: %d lines; at most %d", name, length, functionLinesMax)
			}
			if depth := goNesting(function.Body, 0); depth > nestingMax {
				report(s.path, line, "%s: nested %d deep; at most %d", name, depth, nestingMax)
			}
			if count := function.Type.Params.NumFields(); count > parametersMax {
				report(s.path, line, "%s: %d parameters; at most %d", name, count, parametersMax)
			}
		}
	}
}

// goNesting is the depth of control blocks inside a node; `else if` counts as one level.
func goNesting(node ast.Node, depth int) int {
	deepest := depth
	ast.Inspect(node, func(inner ast.Node) bool {
		if inner == node || inner == nil {
			return true
		}
		switch block := inner.(type) {
		case *ast.IfStmt:
			level := goNesting(block.Body, depth+1)
			if elseIf, ok := block.Else.(*ast.IfStmt); ok {
				level = max(level, goNesting(&ast.BlockStmt{List: []ast.Stmt{elseIf}}, depth))
			} else if block.Else != nil {
				level = max(level, goNesting(block.Else, depth+1))
			}
			deepest = max(deepest, level)
			return false
		case *ast.ForStmt:
			deepest = max(deepest, goNesting(block.Body, depth+1))
			return false
		case *ast.RangeStmt:
			deepest = max(deepest, goNesting(block.Body, depth+1))
			return false
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			deepest = max(deepest, goNesting(inner, depth+1))
			return false
		}
		return true
	})
	return deepest
}

var (
	rustFunction = regexp.MustCompile(`^(\s*)(?:pub(?:\([a-z ]+\))? )?(?:const )?(?:async )?` +
		`(?:unsafe )?(?:extern "C" )?fn ([a-z_0-9A-Z]+)`)
	rustControl = regexp.MustCompile(`^\s*(?:\} else |let .*= |[a-z_]+ = |'[a-z]+: )?` +
		`(?:if|for|while|loop|match|else)\b.*\{$`)
)

// checkRustFunctions relies on rustfmt: a function ends at the first `}` of its own indentation,
// and a control block is a line that begins with its keyword and ends with `{`.
func checkRustFunctions(tree []source, report func(string, int, string, ...any)) {
	for _, s := range tree {
		if !s.isRust() || s.isExempt() || isTest(s.path) {
			continue
		}
		for at := 0; at < len(s.lines); at++ {
			if strings.HasPrefix(s.lines[at], "mod tests {") {
				break
			}
			match := rustFunction.FindStringSubmatch(s.lines[at])
			if match == nil || strings.HasSuffix(s.lines[at], ";") {
				continue
			}
			end := rustFunctionEnd(s.lines, at, match[1])
			if length := end - at + 1; length > functionLinesMax {
				report(s.path, at+1, "%s: %d lines; at most %d", match[2], length, functionLinesMax)
			}
			if depth := rustNesting(s.lines[at : end+1]); depth > nestingMax {
				report(s.path, at+1, "%s: nested %d deep; at most %d",
					match[2], depth, nestingMax)
			}
		}
	}
}

// rustFunctionEnd finds the line that closes the function which begins at a line.
func rustFunctionEnd(lines []string, start int, indent string) int {
	if strings.HasSuffix(lines[start], "}") {
		return start
	}
	for at := start + 1; at < len(lines); at++ {
		if lines[at] == indent+"}" {
			return at
		}
		if strings.HasPrefix(lines[at], indent+")") && strings.HasSuffix(lines[at], ";") {
			return at
		}
	}
	return len(lines) - 1
}

// rustNesting counts how many control blocks are open at the deepest line.
func rustNesting(lines []string) int {
	var open []int
	deepest := 0
	for _, line := range lines {
		trimmed := strings.TrimLeft(line, " ")
		indent := len(line) - len(trimmed)
		if trimmed == "" {
			continue
		}
		for len(open) > 0 && indent <= open[len(open)-1] {
			open = open[:len(open)-1]
		}
		if rustControl.MatchString(line) {
			open = append(open, indent)
			deepest = max(deepest, len(open))
		}
	}
	return deepest
}
