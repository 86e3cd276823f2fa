import { z } from 'zod';
import { checkedBy } from './checked-text.ts';

/** A step is a key, `[]` or `[*]` for each item, or `["…"]` for a key with dots or the beginning of an item. */
const fieldPath =
  /^\.?(?:[^.[\]"'\s$]+|\[(?:"[^"]+"|'[^']+')\])(?:\.[^.[\]"'\s]+|\[\*?\]|\[(?:"[^"]+"|'[^']+')\])*$/;

function findFieldProblem(text: string): string | null {
  if (text.startsWith('$')) return 'it starts at the object, without "$": spec.image';
  if (/\[-?\d/.test(text)) return 'one item of a list cannot be chosen by its number: write [] for each item';
  return fieldPath.test(text)
    ? null
    : 'it must be a path such as spec.image, spec.steps[].image or spec.images.*';
}

const rule = () =>
  z.strictObject({
    apiVersion: z
      .string()
      .regex(
        /^[a-z0-9.-]+(?:\/(?:[a-z0-9]+|\*))?$/,
        'it must be like example.com/v1, or example.com/* for each version',
      )
      .meta({
        description:
          'apiVersion of the custom resource, such as example.com/v1; example.com/* for each version.',
      }),
    kind: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9]*$/, 'it must be the name of one kind, such as Deployment')
      .meta({ description: 'Kind of the custom resource.' }),
    field: checkedBy(findFieldProblem).meta({
      description:
        'Path of the field, with [] for each item of a list and * for each value of a map: spec.steps[].image.',
    }),
    format: z.enum(['reference', 'repository', 'tag', 'map']).optional().meta({
      description:
        'What the field holds: a whole reference or text with references in it, a part of one, or a map with repository and tag.',
      default: 'reference',
    }),
  });

/** The image fields of custom resources that a user names. A tag is read beside a repository alone. */
export const rules = () =>
  z.array(rule()).check((context) => {
    const parent = (field: string): string => field.slice(0, Math.max(0, field.lastIndexOf('.')));
    context.value.forEach(({ kind, field, format }, index) => {
      const beside = context.value.some(
        (other) =>
          other.format === 'repository' && other.kind === kind && parent(other.field) === parent(field),
      );
      if (format === 'tag' && !beside)
        context.issues.push({
          code: 'custom',
          input: field,
          path: [index, 'format'],
          message: 'a tag is no image by itself: add a rule with format repository for the key beside it',
        });
    });
  });
