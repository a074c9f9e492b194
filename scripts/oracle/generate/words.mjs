// Names, sentences and numbers of the kind that people extract with models.

export const FIELDS = [
  "name", "title", "email", "age", "price", "tags", "items", "address", "city", "status", "kind", "summary",
  "description", "created_at", "score", "confidence", "notes", "quantity", "currency", "total", "company", "skills",
  "education", "experience", "start_date", "end_date", "author", "url", "language", "category", "priority", "reason",
  "answer", "steps", "id", "userId", "firstName", "last_name", "phone", "is_active", "enabled", "count", "metadata",
  "content", "code", "question", "options", "parent", "children", "location", "rating", "review", "sentiment", "topic",
  "thoughts", "action", "tool_name", "arguments", "result", "amount", "due_date", "line_items", "vendor", "type",
];

export const CLASSES = [
  "Person", "Resume", "Invoice", "LineItem", "Address", "Receipt", "Recipe", "Ingredient", "Ticket", "Message", "Task",
  "Plan", "Step", "ToolCall", "SearchQuery", "Document", "Section", "Event", "Order", "Product", "Review", "Answer",
  "Question", "Education", "Experience", "Contact", "Company", "Movie", "Book", "Flight", "Hotel", "Weather", "Quote",
];

export const ENUMS = {
  Priority: ["LOW", "MEDIUM", "HIGH", "URGENT"],
  Status: ["OPEN", "IN_PROGRESS", "DONE", "CANCELLED"],
  Sentiment: ["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"],
  Color: ["RED", "GREEN", "BLUE"],
  Topic: ["Billing", "TechSupport", "Sales", "AccountAccess", "Other"],
  Level: ["Junior", "Mid", "Senior"],
  Currency: ["USD", "EUR", "GBP", "JPY"],
  Weekday: ["Monday", "Tuesday", "Friday", "Sunday"],
};

export const DESCRIPTIONS = [
  "the thing asked about", "something that was returned, or sent back", "when nothing else fits",
  "money: refunds and payments", "a person's full name", "as an ISO date", "in the customer's words",
];

export const LITERALS = [
  ["low", "high"], ["yes", "no"], ["draft", "published", "archived"], ["USD", "EUR"], ["north", "south", "east", "west"],
  ["create_file", "run_command", "stop"], ["in progress", "done"],
];

const SHORT = [
  "Ann Lee", "Oslo", "Acme Ltd", "blue", "New York", "ann@x.org", "2024-05-01", "12 Elm Street", "Senior Engineer",
  "https://x.org/a?b=c&d=1", "Dr. Strange", "São Paulo", "Zoë", "N/A", "none", "5", "3.14", "true", "USD 20", "C++",
  "a, b, c", "key: value", "50%", "#1", "well-known", "don't", "Mother's Day", "R&D", "x", "+47 555 01 23", "東京", "😀 yes",
];

const SENTENCES = [
  "The quick brown fox jumps over the lazy dog.", "She said it was fine, but it wasn't.",
  "Refund the customer; then close the ticket.", "Uses Python, Go (1.22) and Rust.",
  "First, open the door. Second, walk in.", "It costs $1,234.50 (about 10% less).",
  "Note: this is only a draft.", "Results: 3 of 5 passed.", "He asked: what now?",
  "Call the function with x = [1, 2, 3].", "A set like {a, b} has two members.",
  "See the docs at https://x.org/docs.", "Line one\nline two", "Tabs\tand slashes / and \\ here",
  "In Zürich it's 5°C — cold!", "The answer is 42.", "He said \"hello\" and left.", "Use `npm install` first.",
  "1. boil water\n2. add salt\n3. wait", "**Important:** read this first.", "if (a < b) { return a; }",
];

const CODE = [
  "def f(x):\n    return x + 1\n", "const a = { b: [1, 2], c: \"d\" };\nconsole.log(a.b[0]);",
  "SELECT * FROM users WHERE name = 'Ann';", "<div class=\"a\">text</div>", "fn main() {\n    println!(\"{}\", 1);\n}",
  "for i in range(3):\n    print(f\"{i}: {names[i]}\")", "{\"a\": 1}", "echo \"$HOME\" | grep -c '/'",
];

export const PROSE_BEFORE = [
  "Sure! Here is the result:\n\n", "Here's the JSON:\n", "I found the following information in the text.\n\n",
  "Let me think about it. The text names one person, so the answer is short.\n\n",
  "Based on the input (which was long), I'd say:\n", "Answer: ", "**Result**\n\n",
  "<thinking>\nThe user wants JSON. There are two options, a and b.\n</thinking>\n\n",
  "To answer, I looked at:\n- the name\n- the date, \"as given\"\n\nOutput:\n", "Okay, so [1] says that, and the rest follows.\n\n",
  "The schema wants {name, age}. Here it is:\n\n",
];

export const PROSE_AFTER = [
  "\n\nLet me know if you need anything else!", "\n\nHope this helps.", "\n\nNote: some fields were not given.",
  "\n\nI left out the email, as it wasn't in the text (see above).", "\n\n**Confidence:** high", "\n\n[1] from the first line.",
];

/** A text as a field might hold it. */
export function someText(random) {
  return random.weighted([
    [6, () => random.pick(SHORT)],
    [4, () => random.pick(SENTENCES)],
    [1, () => random.pick(SENTENCES) + " " + random.pick(SENTENCES)],
    [1, () => random.pick(CODE)],
    [0.3, () => ""],
  ])();
}

export function someInt(random) {
  return random.weighted([
    [5, () => random.int(0, 12)], [3, () => random.int(10, 999)], [1, () => random.int(1000, 2000000)],
    [1, () => -random.int(1, 50)],
  ])();
}

export function someFloat(random) {
  return random.weighted([
    [4, () => random.int(0, 1000) / 100], [3, () => random.int(0, 100) / 100], [1, () => random.int(1, 9)],
    [1, () => -random.int(1, 500) / 10], [0.5, () => 1.5e10],
  ])();
}
