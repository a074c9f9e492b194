// Subcommand `record-apart`: `record-parse` in child processes, for cases on which the official runtime may abort or take
// very long. Such cases are left out and named.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const usage = `
record-apart IN.jsonl OUT.jsonl [JOBS]
    As record-parse, some cases at a time, each time in a process of its own, JOBS (default 2) of them at once.
    Cases that end that process, or take longer than ten seconds, are left out of OUT and named.
`;

const BATCH_CASES = 25;
const CASE_MS_MAX = 10_000;
const PROGRAM = join(import.meta.dirname, "baml-oracle.mjs");

/** Cases that are left out, by the reason. */
const leftOut = new Map();

/** Records some cases; nothing where the process did not live to tell, or took too long. */
function recordBatch(lines, schemas) {
  const dir = mkdtempSync(join(tmpdir(), "record-"));
  const [from, to] = [join(dir, "in.jsonl"), join(dir, "out.jsonl")];
  writeFileSync(from, lines.join("\n") + "\n");
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, "record-parse", from, to, "--baml-dir", schemas], { stdio: ["ignore", "ignore", "pipe"] });
    let problems = "";
    child.stderr.on("data", (piece) => (problems += piece));
    const timer = setTimeout(() => child.kill("SIGKILL"), CASE_MS_MAX * Math.min(lines.length, 6));
    child.on("close", (code) => {
      clearTimeout(timer);
      const made = code === 0 ? readFileSync(to, "utf8").trimEnd().split("\n") : null;
      rmSync(dir, { recursive: true });
      resolve({ made, problems: problems.trim() });
    });
  });
}

/** Records a batch, one by one where all together did not go well. */
async function record(lines, schemas) {
  const { made, problems } = await recordBatch(lines, schemas);
  if (made) return made;
  if (lines.length === 1) {
    const why = problems.split("\n")[0] || "the process ended or took too long";
    leftOut.set(why, [...(leftOut.get(why) ?? []), JSON.parse(lines[0]).id]);
    return [];
  }
  const half = Math.ceil(lines.length / 2);
  return [...(await record(lines.slice(0, half), schemas)), ...(await record(lines.slice(half), schemas))];
}

export async function main([from, to, jobs]) {
  if (!from || !to) {
    process.stderr.write(usage);
    return 2;
  }
  const lines = readFileSync(from, "utf8").split("\n").filter(Boolean);
  const batches = [];
  for (let at = 0; at < lines.length; at += BATCH_CASES) batches.push(lines.slice(at, at + BATCH_CASES));
  const done = new Array(batches.length);
  let next = 0;
  const worker = async () => {
    while (next < batches.length) {
      const at = next++;
      done[at] = await record(batches[at], dirname(from));
    }
  };
  await Promise.all(Array.from({ length: Number(jobs ?? 2) }, worker));
  const made = done.flat();
  writeFileSync(to, made.map((line) => line + "\n").join(""));
  for (const [why, ids] of leftOut) process.stderr.write(`left out ${ids.slice(0, 3).join(", ")}${ids.length > 3 ? ` and ${ids.length - 3} more` : ""}: ${why}\n`);
  process.stderr.write(`${to}: ${made.length} of ${lines.length} cases\n`);
  return 0;
}
