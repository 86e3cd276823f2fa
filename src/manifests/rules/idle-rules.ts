import type { ImageRule, ImageUse } from '../types.ts';
import { isOfVersion, parseField } from './find-custom-images.ts';

/** Rules that found no image: what they are for is not there, or they lead nowhere. Those of tags go with others. */
export function findIdleRules(rules: readonly ImageRule[], uses: readonly ImageUse[]): readonly ImageRule[] {
  return rules.filter((rule) => {
    if (rule.format === 'tag') return false;
    const field = toPattern(rule);
    return !uses.some(
      ({ workload, ...use }) =>
        workload.kind === rule.kind &&
        isOfVersion(rule.apiVersion, workload.apiVersion) &&
        field.test(use.field),
    );
  });
}

/** The field of a use that the rule found; an object may stand in a List. */
function toPattern({ field, format }: ImageRule): RegExp {
  const steps = parseField(field).map((step, index) => {
    const dot = index === 0 ? '' : '\\.';
    if (step === null) return '\\[\\d+\\]';
    if (step === '*') return `(?:${dot}.+)`;
    // In a list it is how an item begins.
    return `(?:${dot}${step.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}|\\[\\d+\\])`;
  });
  return new RegExp(`^(?:items\\[\\d+\\]\\.)*${steps.join('')}${format === 'map' ? '\\.' : '$'}`);
}
