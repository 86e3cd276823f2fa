import type { ForgeAnswer } from './types.ts';

const documentation_url = 'https://docs.github.com/rest';

/** GitHub's refusal: one message, sometimes with a list of errors. */
export function refuse(status: number, message: string, errors?: readonly object[]): ForgeAnswer {
  return {
    status,
    body: { message, documentation_url, status: String(status), ...(errors && { errors }) },
  };
}

export const notFound = (): ForgeAnswer => refuse(404, 'Not Found');
export const forbidden = (): ForgeAnswer => refuse(403, 'Resource not accessible by integration');

/** 422 with GitHub's form for one field, or for a rule that is no field's. */
export function invalid(
  resource: string,
  problem: { readonly field?: string; readonly message?: string },
): ForgeAnswer {
  const code = problem.message === undefined ? 'invalid' : 'custom';
  return refuse(422, 'Validation Failed', [{ resource, code, ...problem }]);
}
