// The rule on Cargo.lock, which works without any tool or network: no banned crate, no crate twice
// in incompatible versions, no source but the registry. deny.toml says what is banned or excused.

package main

import (
	"regexp"
	"strings"
)

const (
	lockPath     = "Cargo.lock"
	denyPath     = "deny.toml"
	registryLine = "registry+https://github.com/rust-lang/crates.io-index"
)

var (
	lockEntry = regexp.MustCompile(`(?s)name = "([^"]+)"\nversion = "([^"]+)"` +
		`(?:\nsource = "([^"]+)")?`)
	denyEntry = regexp.MustCompile(`crate = "([^"@]+)(?:@([^"]+))?"`)
	numbers   = regexp.MustCompile(`^(\d+)\.(\d+)`)
)

// A bans is what deny.toml says about single crates.
type bans struct {
	denied  map[string]bool
	skipped map[string]bool
}

func checkLock(tree []source, report func(string, int, string, ...any)) {
	lock := find(tree, lockPath)
	if lock == nil {
		report(lockPath, 1, "missing")
		return
	}
	listed := readBans(find(tree, denyPath))
	first := map[string]string{}
	for _, match := range lockEntry.FindAllStringSubmatch(strings.Join(lock.lines, "\n"), -1) {
		name, version, origin := match[1], match[2], match[3]
		line := lineOf(lock, name, version)
		if listed.denied[name] {
			report(lockPath, line, "%s is banned by %s", name, denyPath)
		}
		if origin != "" && origin != registryLine {
			report(lockPath, line, "%s comes from %s", name, origin)
		}
		key, _, _ := strings.Cut(name+"@"+version, "+")
		if listed.skipped[key] {
			delete(listed.skipped, key)
			continue
		}
		if other, twice := first[name]; twice && compatible(other) != compatible(version) {
			report(lockPath, line, "%s stands here as %s and as %s", name, other, version)
		}
		first[name] = version
	}
	for key := range listed.skipped {
		report(denyPath, 1, "%s is excused and not in %s", key, lockPath)
	}
}

// readBans reads the lists `deny` and `skip` of the section [bans].
func readBans(page *source) bans {
	found := bans{denied: map[string]bool{}, skipped: map[string]bool{}}
	if page == nil {
		return found
	}
	section, list := "", ""
	for _, line := range page.lines {
		switch {
		case strings.HasPrefix(line, "["):
			section, list = line, ""
		case strings.HasSuffix(line, "= ["):
			list = strings.Fields(line)[0]
		case strings.HasPrefix(line, "]"):
			list = ""
		}
		match := denyEntry.FindStringSubmatch(line)
		if match == nil || section != "[bans]" {
			continue
		}
		switch list {
		case "deny":
			found.denied[match[1]] = true
		case "skip":
			found.skipped[match[1]+"@"+match[2]] = true
		}
	}
	return found
}

// compatible is what two versions share that cargo would join: the first number that is not zero.
func compatible(version string) string {
	match := numbers.FindStringSubmatch(version)
	if match == nil {
		return version
	}
	if match[1] != "0" {
		return match[1]
	}
	return "0." + match[2]
}

func lineOf(lock *source, name, version string) int {
	for at := range len(lock.lines) - 1 {
		if lock.lines[at] == `name = "`+name+`"` && lock.lines[at+1] == `version = "`+version+`"` {
			return at + 1
		}
	}
	return 1
}
