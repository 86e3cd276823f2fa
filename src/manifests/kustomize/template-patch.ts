import { type InnerDocument, openInnerText } from '../inner-text.ts';
import type { ScalarNode } from '../yaml/tree.ts';

/**
 * The `templatePatch` of an ApplicationSet as YAML; none where it is no YAML, even without the lines that are templates
 * alone (`{{- if .prod }}`).
 */
export function openTemplatePatch(source: string, node: ScalarNode): readonly InnerDocument[] {
  const whole = openInnerText(source, node);
  if (whole.length > 0) return whole;
  const blank = (line: string) => ' '.repeat(line.length);
  return openInnerText(source, node, (text) => text.replaceAll(/^[ \t]*\{\{.*\}\}[ \t]*$/gm, blank));
}
