/**
 * The part of SARIF 2.1.0 (OASIS, §§ 3.13–3.52) that holdfast writes, with what GitHub's upload asks for on top: a
 * result has a rule, a message and a place, a place is a relative URI with a line from 1. Nothing else may stand there.
 */
const object = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const text = { type: 'string', minLength: 1 };
const message = object({ text });
const level = { enum: ['none', 'note', 'warning', 'error'] };
const place = { type: 'integer', minimum: 1 };

const rule = object({
  id: text,
  shortDescription: message,
  defaultConfiguration: object({ level }),
});

const result = object({
  ruleId: text,
  ruleIndex: { type: 'integer', minimum: 0 },
  level,
  message,
  locations: {
    type: 'array',
    minItems: 1,
    maxItems: 1,
    items: object({
      physicalLocation: object({
        // RFC 3986: neither a scheme nor a leading slash, and nothing that has to be escaped.
        artifactLocation: object({
          uri: { type: 'string', pattern: "^(?!/)(?:[\\w.~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$" },
        }),
        region: object({ startLine: place, startColumn: place }, ['startColumn']),
      }),
    }),
  },
  partialFingerprints: {
    type: 'object',
    minProperties: 1,
    additionalProperties: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
});

export const sarifSchema = object({
  $schema: { const: 'https://json.schemastore.org/sarif-2.1.0.json' },
  version: { const: '2.1.0' },
  runs: {
    type: 'array',
    minItems: 1,
    maxItems: 20,
    items: object({
      tool: object({
        driver: object({
          name: text,
          semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
          rules: { type: 'array', uniqueItems: true, items: rule },
        }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      results: { type: 'array', maxItems: 5000, items: result },
    }),
  },
});
