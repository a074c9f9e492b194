// The records: one JSON object a line, read from folders and .jsonl files.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// recordBytesMax bounds one line of a .jsonl file.
const recordBytesMax = 64 << 20

// record is one recorded case. Its keys are read by the kind that it belongs to.
type record struct {
	ID   string
	File string
	// keys holds every key of the line.
	keys map[string]json.RawMessage
}

// has tells whether the line has the key, be its value null.
func (r *record) has(key string) bool {
	_, ok := r.keys[key]
	return ok
}

// value is the value of a key, nil when absent.
func (r *record) value(key string) any { return decoded(r.keys[key]) }

// into reads a key; an absent key leaves the target alone.
func (r *record) into(key string, target any) error {
	if !r.has(key) {
		return nil
	}
	if err := json.Unmarshal(r.keys[key], target); err != nil {
		return fmt.Errorf("%s: record %s: key %s: %w", r.File, r.ID, key, err)
	}
	return nil
}

// names reads a key that is one name or a list of names.
func (r *record) names(key string) ([]string, error) {
	var one string
	if json.Unmarshal(r.keys[key], &one) == nil {
		return []string{one}, nil
	}
	var many []string
	return many, r.into(key, &many)
}

// sources reads the .baml files that the record names, by base name.
func (r *record) sources() (map[string]string, error) {
	names, err := r.names("baml")
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(r.File), name))
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", r.ID, err)
		}
		files[filepath.Base(name)] = string(text)
	}
	return files, nil
}

// readRecords reads the records of files and of the .jsonl files in folders.
func readRecords(paths []string) ([]*record, error) {
	var records []*record
	for _, path := range paths {
		files, err := recordFiles(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			read, err := readFile(file)
			if err != nil {
				return nil, err
			}
			records = append(records, read...)
		}
	}
	if len(records) == 0 {
		return nil, errors.New("no records found")
	}
	return records, nil
}

func recordFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	files, err := filepath.Glob(filepath.Join(path, "*.jsonl"))
	sort.Strings(files)
	return files, err
}

func readFile(path string) ([]*record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var records []*record
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, recordBytesMax)
	for number := 1; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		read := &record{File: path}
		if err := json.Unmarshal(lines.Bytes(), &read.keys); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, number, err)
		}
		if err := read.into("id", &read.ID); err != nil || read.ID == "" {
			return nil, fmt.Errorf("%s:%d: record without id", path, number)
		}
		records = append(records, read)
	}
	return records, lines.Err()
}

// difference is a chosen difference: what we answer instead of the recorded answer.
type difference struct {
	Kind   string          `json:"kind"`
	ID     string          `json:"id"`
	Reason string          `json:"reason"`
	Ours   json.RawMessage `json:"ours"`
}

// readDifferences reads the list of one kind, by record id. A missing list is empty.
func readDifferences(path, kind string) (map[string]difference, error) {
	found := map[string]difference{}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, recordBytesMax)
	for number := 1; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var read difference
		if err := json.Unmarshal(lines.Bytes(), &read); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, number, err)
		}
		if read.Kind == kind {
			found[read.ID] = read
		}
	}
	return found, lines.Err()
}

// defaultDifferences looks for the list beside the records' folder.
func defaultDifferences(paths []string) string {
	folder := paths[0]
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		folder = filepath.Dir(folder)
	}
	return filepath.Join(folder, "..", "differs.jsonl")
}
